"""What a run has changed, so that no result of a what-if passes for one of the project."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.inputs.as_of import dated
from analysis.inputs.assumption import Assumption, Range
from analysis.inputs.scenario import Scenario, is_file_reference, load_scenario
from analysis.runs.outputs import TABLES
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

    A scenario of one's own is told with what differs from the one that it extends.
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
    return "; ".join([*named, *_replaced(parameters.scenario, scenario), *settings])


def _replaced(reference: str, scenario: Scenario) -> Iterator[str]:
    """Yield what is said of each assumption that differs from the scenario that was changed or extended."""
    extended = scenario.extends if is_file_reference(reference) else None
    before = load_scenario(extended or reference)
    for name, entry in scenario.assumptions().items():
        old = before.assumptions()[name]
        words = _choice(scenario, name), _choice(before, name)
        # one that stands for another is told once, by the name of the other
        if _ends(entry) != _ends(old) and (words[0] != words[1] or not words[0]):
            unit = "" if old.unit == entry.unit else f" {old.unit}"
            now, then = (f"{word}{_range(each)}" for word, each in zip(words, (entry, old), strict=True))
            yield f"{scenario.definition(name).meaning}: {now} {entry.unit} instead of {then}{unit}"


def _choice(scenario: Scenario, name: str) -> str:
    """Return which of its choices an assumption is, followed by a comma; nothing where it is none of them."""
    entries = scenario.assumptions()
    choices = scenario.definition(name).choices.items()
    same = (word for word, chosen in choices if _ends(entries[chosen]) == _ends(entries[name]))
    return next((f"{word.replace('_', ' ')}, " for word in same), "")


def _ends(entry: Assumption) -> tuple[Any, ...]:
    return entry.low, entry.value, entry.high, entry.unit


def _range(entry: Assumption) -> str:
    """Return a value with its ends, where it has some."""
    low, value, high = (f"{getattr(entry, end):.4g}" for end in Range._fields)
    return value if low == value == high else f"{value} ({low} to {high})"


def moved_tables(names: Collection[str], results: Path, original: Path) -> list[str]:
    """Return which tables of a modified run hold other figures than those of the project, or have no other.

    Parameters
    ----------
    names : collection of str
        Of the tables.
    results, original : Path
        Folders of the modified results and of the project's own.
    """
    found = []
    for name in names:
        tables = [folder / TABLES / f"{name}.csv" for folder in (results, original)]
        if not tables[1].is_file():
            found.append(name)
        else:
            new, old = (pd.read_csv(table, dtype=str, keep_default_na=False) for table in tables)
            found += [] if new.drop(columns="modified", errors="ignore").equals(old) else [name]
    return found


def _told(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else repr(value)
