"""What a run has changed, so that no result of a what-if passes for one of the project."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from analysis.inputs.as_of import dated
from analysis.inputs.assumption import Assumption, Range
from analysis.inputs.scenario import Scenario, is_file_reference, load_scenario
from analysis.runs.suite import Parameters, defaults_of

OF_ALL = frozenset({*Parameters.model_fields} - {"overrides"})
"""Parameters that change no result: where it goes, the scenario (which is named anyhow) and the currency."""

SUFFIX = "-modified"
"""What the folder of a modified scenario ends with."""


def group_of(scenario_name: str, names: Collection[str]) -> str:
    """Return the name of the folder for the results of a scenario, given the names of what is changed.

    Examples
    --------
    >>> group_of("audited", ["currency"]), group_of("audited", ["tariff_us"])
    ('audited', 'audited-modified')
    """
    return f"{scenario_name}{SUFFIX if set(names) - OF_ALL else ''}"


def changes(parameters: Parameters, scenario: Scenario) -> str:
    """Return in one line what differs from the project's own results; nothing where nothing does.

    Parameters
    ----------
    parameters : Parameters
        Checked parameters of a notebook.
    scenario : Scenario
        Theirs, overrides applied.

    Examples
    --------
    >>> parameters = Parameters(overrides={"offset_years": 8})
    >>> changes(parameters, load_scenario("article", parameters.overrides))
    'years of saving in the GPU claim: 8 years instead of 5'
    """
    own = is_file_reference(parameters.scenario)
    named = [f"scenario {scenario.name}: {scenario.title}"] if own else []
    if scenario.as_of:
        named.append(dated(scenario.renewed, scenario.as_of))
    given, defaults = parameters.model_dump(), defaults_of(type(parameters))
    settings = [
        f"{name.replace('_', ' ')}: {_told(given[name])} instead of {_told(default)}"
        for name, default in defaults.items()
        if name not in {*OF_ALL, "overrides"} and given[name] != default
    ]
    return "; ".join([*named, *_replaced(parameters.scenario, parameters.overrides, scenario), *settings])


def _replaced(reference: str, overrides: Mapping[str, Any], scenario: Scenario) -> Iterator[str]:
    """Yield what is said of each assumption that an override has moved."""
    if overrides:
        before = load_scenario(reference).assumptions()
        for name, entry in scenario.assumptions().items():
            # one that stands for another is told once, by the name that was given
            given = any(one.partition(".")[0] == name for one in overrides)
            if given and _ends(entry) != _ends(before[name]):
                unit = "" if before[name].unit == entry.unit else f" {before[name].unit}"
                meaning = scenario.definition(name).meaning
                yield f"{meaning}: {_range(entry)} {entry.unit} instead of {_range(before[name])}{unit}"


def _ends(entry: Assumption) -> tuple[Any, ...]:
    return entry.low, entry.value, entry.high, entry.unit


def _range(entry: Assumption) -> str:
    """Return a value with its ends, where it has some."""
    low, value, high = (f"{getattr(entry, end):.4g}" for end in Range._fields)
    return value if low == value == high else f"{value} ({low} to {high})"


def _told(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else repr(value)
