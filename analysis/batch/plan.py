"""The runs that ``kwh2token run`` asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analysis import paths
from analysis.assumption import ScenarioError
from analysis.batch.run import Run
from analysis.notebook.parameters import ParameterError, names_of
from analysis.notebook.suite import SUITE
from analysis.notebook.template import FOLDER, Template, of_suite
from analysis.scenario import (
    assumption_names,
    file_of,
    is_file_reference,
    load_scenario,
    scenario_names,
)


def plan(
    *,
    scenarios: Sequence[str] = (),
    notebooks: Sequence[str] = (),
    values: Mapping[str, Any] | None = None,
    out: Path | None = None,
) -> list[Run]:
    """Return the runs that a command asks for; `check` has the last word on their values.

    Parameters
    ----------
    scenarios : sequence of str, optional
        Names or .yaml paths; all scenarios of the project by default.
    notebooks : sequence of str, optional
        Notebook names; the whole suite by default.
    values : mapping, optional
        Notebook parameters and assumptions by name.
    out : path, optional
        Folder for the results. By default an unmodified scenario writes into ``figures/``, anything
        else into ``results/`` below the current folder.

    Raises
    ------
    ParameterError, ScenarioError
        If a notebook, scenario, parameter, assumption or value is unknown or wrong.
    """
    templates = [of_suite(name) for name in sorted({*notebooks} or SUITE)]
    given = sorted_out(values or {}, templates, {"scenario": "--scenario", FOLDER: "--out"})
    root, executed_root = _folders(out, bool(values) or any(map(is_file_reference, scenarios)))
    runs: list[Run] = []
    for scenario in dict.fromkeys(scenarios or scenario_names()):
        reference, name = _reference_and_name(scenario)
        if any(run.group == name for run in runs):
            raise ScenarioError(f"{scenario}: name {name!r} is that of another scenario of this run")
        for template in templates:
            known = names_of(template.model)
            taken = {key: value for key, value in given.items() if key in known}
            chosen = {"scenario": reference, **taken}
            runs.append(Run(template, name, chosen, root / name, executed_root / name, values or {}))
    return runs


def sorted_out(
    values: Mapping[str, Any], templates: Sequence[Template], elsewhere: Mapping[str, str]
) -> dict[str, Any]:
    """Return values by parameter of notebooks of the suite, all assumptions among them as ``overrides``.

    Raises
    ------
    ParameterError
        If a name is neither a parameter nor an assumption, or is set elsewhere.
    """
    taken = {name for template in templates for name in names_of(template.model)}
    parameters: dict[str, Any] = {}
    overrides: dict[str, Any] = {}
    problems = []
    for name, value in values.items():
        if name in elsewhere:
            problems.append(f"{name} is set by {elsewhere[name]}, not here")
        elif name == "overrides" and isinstance(value, Mapping):
            overrides.update(value)
        elif name == "overrides":
            problems.append(f"overrides: {value!r:.60} is not a mapping of assumption names to values")
        elif name in taken:
            parameters[name] = value
        elif name.partition(".")[0] in assumption_names():
            overrides[name] = value
        else:
            problems.append(_unknown(name))
    if problems:
        raise ParameterError("; ".join(problems))
    return parameters | ({"overrides": overrides} if overrides else {})


def _unknown(name: str) -> str:
    owners = [notebook for notebook, spec in SUITE.items() if name in spec.parameters.model_fields]
    if owners:
        return f"{name} is a parameter of {', '.join(owners)}, which does not run here"
    known = [*assumption_names(), *(name for spec in SUITE.values() for name in spec.parameters.model_fields)]
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else "; see kwh2token list"
    return f"{name!r} is neither a notebook parameter nor an assumption{hint}"


def _reference_and_name(scenario: str) -> tuple[str, str]:
    """Return how notebooks shall refer to a scenario, and its name."""
    if is_file_reference(scenario):
        path = str(file_of(scenario).resolve())
        return path, load_scenario(path).name
    if scenario not in scenario_names():
        load_scenario(scenario)  # says what is wrong with it
    return scenario, scenario


def _folders(out: Path | None, modified: bool) -> tuple[Path, Path]:
    """Return the folder of results and that of executed notebooks, each to hold one folder a scenario."""
    figures = paths.figures_root()
    root = (Path.cwd() / (out or "results")).resolve()
    if not modified and (out is None or root == figures.resolve()):
        return figures, paths.project_root() / "build" / "executed"
    return root, outside_project(root)


def outside_project(folder: Path) -> Path:
    """Return a folder for results, unless it is one of the project itself.

    Raises
    ------
    ParameterError
        If it is.
    """
    if paths.is_in_project_room(folder) or paths.is_in_figures(folder):
        raise ParameterError(f"--out {folder}: a folder of the project itself; choose another --out")
    return folder
