"""The runs that ``kwh2token run`` asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.inputs import paths
from analysis.inputs.errors import ParameterError, ScenarioError
from analysis.inputs.scenario import file_of, is_file_reference, load_scenario, scenario_names
from analysis.runs.parameters import names_of, sorted_out
from analysis.runs.run import Run
from analysis.runs.suite import SUITE
from analysis.runs.template import FOLDER, of_suite


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
        If a notebook or a scenario is unknown or wrong, or the folder has other uses.
    """
    names = sorted({*notebooks} or SUITE)
    templates = [of_suite(name) for name in names]
    given, problems = sorted_out(values or {}, names, {"scenario": "--scenario", FOLDER: "--out"})
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
            places = root / name, executed_root / name
            runs.append(Run(template, name, chosen, *places, values or {}, tuple(problems)))
    return runs


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
    root = out_folder(out or Path("results"))
    if not modified and (out is None or root == figures.resolve()):
        return figures, paths.project_root() / "build" / "executed"
    return root, outside_project(root)


def out_folder(out: Path) -> Path:
    """Return the folder that ``--out`` names, counted from the current one.

    Raises
    ------
    ParameterError
        If it cannot be one.
    """
    try:
        return (Path.cwd() / out.expanduser()).resolve()
    except (RuntimeError, ValueError) as error:  # no such home, or a zero byte
        raise ParameterError(f"--out {str(out)!r:.80}: {error}") from None


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
