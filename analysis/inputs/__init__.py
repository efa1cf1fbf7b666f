"""What enters: units and periods, money, rules of the tables, loaders, scenario."""
