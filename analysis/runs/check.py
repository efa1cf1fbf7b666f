"""The last check of runs before a kernel starts: everything that is wrong, at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from analysis.inputs.assumption import are_numbers
from analysis.inputs.errors import ParameterError, ScenarioError
from analysis.inputs.scenario import load_scenario
from analysis.runs.run import Run

_SHOWN = 20
"""So many problems are told; a sweep may have thousands of one kind."""


def check(runs: Sequence[Run], batch: Sequence[Run] = ()) -> None:
    """Check the parameters and scenarios of runs.

    Parameters
    ----------
    runs : sequence of Run
        The runs that wait.
    batch : sequence of Run, optional
        All runs of their batch, those that are current, too.

    Raises
    ------
    ParameterError, ScenarioError
        If a parameter, scenario, assumption or value is wrong; all that is wrong is named.
    """
    problems: dict[str, type[Exception]] = {}
    known: set[str] = set()
    for run in runs:
        problems |= dict.fromkeys(run.problems, ParameterError)
        looks: list[Callable[[], object]] = [run.validate]
        key = str([run.scenario, _overrides(run)])
        if run.template.in_suite and key not in known:  # each scenario, with the same overrides, once
            known.add(key)
            looks.append(partial(_check_scenario, run))
        for look in looks:
            try:
                look()
            except (ParameterError, ScenarioError) as error:
                problems[str(error)] = type(error)
    problems |= dict.fromkeys(_numbers_of_two_units(batch or runs), ParameterError)
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise next(iter(problems.values()))("; ".join([*problems][:_SHOWN]) + more)


def _overrides(run: Run) -> Mapping[str, Any]:
    """Return the assumptions that a run replaces, by name; none where they are no such thing."""
    given = run.parameters.get("overrides") if run.template.in_suite else None
    return given if isinstance(given, Mapping) and all(isinstance(name, str) for name in given) else {}


def _check_scenario(run: Run) -> None:
    from analysis.inputs.money import check_convertible  # it imports pandas

    check_convertible(load_scenario(run.scenario, _overrides(run)))


def _numbers_of_two_units(runs: Iterable[Run]) -> list[str]:
    """Return what is wrong where a number alone would be yuan in one scenario and dollars in another."""
    bare: defaultdict[str, set[str]] = defaultdict(set)  # names that are given numbers alone, by scenario
    for run in runs:
        for name, given in _overrides(run).items():
            if are_numbers(given) or (isinstance(given, Mapping) and "unit" not in given):
                bare[run.scenario].add(name.partition(".")[0])
    units: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for scenario, names in bare.items():
        for name in sorted(names):
            units[name][unit_of(scenario, name)] = scenario
    return [
        f"{name}: a number alone would be "
        f"{' and '.join(f'{unit} in {scenario}' for unit, scenario in found.items())}; "
        "run these scenarios one by one"
        for name, found in units.items()
        if len(found) > 1
    ]


def unit_of(scenario: str, assumption: str) -> str:
    """Return the unit that a scenario has an assumption in; empty where there is no such thing."""
    try:
        found = load_scenario(scenario).assumptions().get(assumption)
    except ScenarioError:  # which `check` tells of
        found = None
    return found.unit if found else ""
