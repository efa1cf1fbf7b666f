"""The last check of runs before a kernel starts: everything that is wrong, at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from analysis.assumption import ScenarioError
from analysis.batch.run import Run
from analysis.notebook.parameters import ParameterError
from analysis.scenario import Scenario, load_scenario

_SHOWN = 20
"""So many problems are told; a sweep may have thousands of one kind."""


def check(runs: Iterable[Run]) -> None:
    """Check the parameters and scenarios of runs, before a kernel starts.

    Raises
    ------
    ParameterError, ScenarioError
        If a parameter, scenario, assumption or value is wrong; all that is wrong is named.
    """
    from analysis.money import check_convertible  # it imports pandas

    problems: dict[str, type[Exception]] = {}
    scenarios: dict[str, tuple[Scenario, Mapping[str, Any]]] = {}
    for run in runs:
        try:
            chosen: Any = run.validate()
            wanted = str([run.parameters.get(key) for key in ("scenario", "overrides")])
            if run.template.in_suite and wanted not in scenarios:
                scenarios[wanted] = load_scenario(chosen.scenario, chosen.overrides), chosen.overrides
                check_convertible(scenarios[wanted][0])
        except (ParameterError, ScenarioError) as error:
            problems[str(error)] = type(error)
    problems |= dict.fromkeys(_numbers_of_two_units(scenarios.values()), ParameterError)
    if problems:
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        raise next(iter(problems.values()))("; ".join([*problems][:_SHOWN]) + more)


def _numbers_of_two_units(scenarios: Iterable[tuple[Scenario, Mapping[str, Any]]]) -> list[str]:
    """Return what is wrong where a number alone would be yuan in one scenario and dollars in another."""
    units: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for scenario, overrides in scenarios:
        for name, given in overrides.items():
            assumption, _, part = name.partition(".")
            has_unit = isinstance(given, Mapping) and "unit" in given
            if part in {"value", "low", "high"} or (not part and not has_unit):
                units[assumption][getattr(scenario, assumption).unit] = scenario.name
    return [
        f"{name}: a number alone would be "
        f"{' and '.join(f'{unit} in {scenario}' for unit, scenario in found.items())}; "
        "run these scenarios one by one"
        for name, found in units.items()
        if len(found) > 1
    ]
