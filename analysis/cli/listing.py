"""``kwh2token list``: the notebooks with their parameters, the scenarios, a scenario's assumptions."""

from rich.table import Table

from analysis.cli import print_wide
from analysis.inputs.as_of import days_there_are
from analysis.inputs.scenario import load_scenario, scenario_names
from analysis.runs.plan import dated
from analysis.runs.suite import SUITE


def run(scenario: str, as_of: str) -> None:
    """Print what there is; the assumptions are those of a scenario, as of a day where one is told."""
    given = [scenario] if scenario else []
    chosen = load_scenario(dated(given, as_of)[0] if as_of else scenario or "article")
    notebooks = Table("notebook", "about", "parameters", title="Notebooks", title_justify="left")
    for notebook in SUITE.values():
        fields = notebook.parameters.model_fields
        own = [f"{name} = {field.default!r}  {field.description}" for name, field in fields.items()]
        notebooks.add_row(notebook.name, notebook.title, "\n".join(own))
    scenarios = Table("scenario", "about", title="Scenarios", title_justify="left")
    for name in scenario_names():
        scenarios.add_row(name, load_scenario(name).title)
    scenarios.add_row("audited@DATE", f"prices and tariffs as of a month or day; {days_there_are()}")
    table = Table("assumption", "low", "value", "high", "unit", "grade", "source", "meaning")
    table.title, table.title_justify = f"Assumptions of {chosen.name}", "left"
    for name, entry in chosen.assumptions().items():
        numbers = [f"{number:g}" for number in (entry.low, entry.value, entry.high)]
        source = entry.source if entry.paragraph is None else f"{entry.source}, paragraph {entry.paragraph}"
        meaning = chosen.definition(name).meaning
        table.add_row(name, *numbers, entry.unit, entry.grade, source, meaning)
    print_wide(notebooks, scenarios, table, width=150)
