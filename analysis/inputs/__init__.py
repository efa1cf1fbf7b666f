"""What enters: units, periods, money, rules of the tables, loaders, scenario."""
