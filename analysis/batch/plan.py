"""The runs that ``kwh2token run`` asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analysis import paths
from analysis.assumption import ScenarioError
from analysis.batch.parameters import ParameterError, names_of
from analysis.batch.run import Run
from analysis.batch.template import FOLDER, Template, of_suite
from analysis.scenario import assumption_names, file_of, is_file_reference, load_scenario, scenario_names
from analysis.suite import SUITE

_SET_ELSEWHERE = {"scenario": "--scenario", FOLDER: "--out"}


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
    wanted = {*notebooks} or {*SUITE}
    templates = [of_suite(name) for name in (*SUITE, *sorted(wanted - {*SUITE})) if name in wanted]
    parameters, overrides = sort_values(values or {}, templates)
    modified = bool(parameters or overrides) or any(map(is_file_reference, scenarios))
    root, executed_root = _folders(out, modified)
    runs: list[Run] = []
    for scenario in dict.fromkeys(scenarios or scenario_names()):
        reference, name = _named(scenario)
        if any(run.group == name for run in runs):
            raise ScenarioError(f"{scenario}: name {name!r} is that of another scenario of this run")
        for template in templates:
            given = {"scenario": reference, **_taken_by(template, parameters, overrides)}
            runs.append(Run(template, name, given, root / name, executed_root / name, values or {}))
    return runs


def check(runs: Iterable[Run]) -> None:
    """Check the parameters and scenarios of runs, before a kernel starts.

    Raises
    ------
    ParameterError, ScenarioError
        If a parameter, scenario, assumption or value is wrong; all that is wrong is named.
    """
    from analysis.money import check_convertible

    problems: dict[str, type[Exception]] = {}
    scenarios: set[str] = set()
    units: dict[str, dict[str, str]] = {}
    for run in runs:
        try:
            run.check()
            wanted = {key: run.parameters[key] for key in ("scenario", "overrides") if key in run.parameters}
            if run.template.in_suite and str(wanted) not in scenarios:
                scenarios.add(str(wanted))
                chosen: Any = run.template.model.model_validate(run.parameters)
                scenario = load_scenario(chosen.scenario, chosen.overrides)
                check_convertible(scenario)
                for name in _bare_numbers(chosen.overrides):
                    units.setdefault(name, {})[getattr(scenario, name).unit] = scenario.name
        except (ParameterError, ScenarioError) as error:
            problems[str(error)] = type(error)
    for name, found in units.items():
        if len(found) > 1:
            each = " and ".join(f"{unit} in {scenario}" for unit, scenario in found.items())
            problems[f"{name}: a number alone would be {each}; run these scenarios one by one"] = (
                ParameterError
            )
    if problems:
        raise next(iter(problems.values()))("; ".join(problems))


def _bare_numbers(overrides: Mapping[str, Any]) -> set[str]:
    """Return the assumptions that are given numbers without a unit."""
    return {
        name.partition(".")[0]
        for name, given in overrides.items()
        if name.endswith((".value", ".low", ".high"))
        or ("." not in name and not (isinstance(given, Mapping) and "unit" in given))
    }


def _named(scenario: str) -> tuple[str, str]:
    """Return how notebooks shall refer to a scenario, and its name."""
    if is_file_reference(scenario):
        path = str(file_of(scenario).resolve())
        return path, load_scenario(path).name
    if scenario not in scenario_names():
        load_scenario(scenario)  # says what is wrong with it
    return scenario, scenario


def _taken_by(
    template: Template, parameters: Mapping[str, Any], overrides: Mapping[str, Any]
) -> dict[str, Any]:
    own = {key: entry for key, entry in parameters.items() if key in names_of(template.model)}
    return {**own, **({"overrides": dict(overrides)} if overrides else {})}


def sort_values(
    values: Mapping[str, Any], templates: Sequence[Template], elsewhere: Mapping[str, str] = _SET_ELSEWHERE
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell parameters of notebooks of the suite from assumptions.

    Raises
    ------
    ParameterError
        If a name is neither, or is set elsewhere.
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
    return parameters, overrides


def _unknown(name: str) -> str:
    owners = [notebook for notebook, spec in SUITE.items() if name in spec.parameters.model_fields]
    if owners:
        return f"{name} is a parameter of {', '.join(owners)}, which does not run here"
    known = [*assumption_names(), *(name for spec in SUITE.values() for name in spec.parameters.model_fields)]
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else "; see kwh2token list"
    return f"{name!r} is neither a notebook parameter nor an assumption{hint}"


def _folders(out: Path | None, modified: bool) -> tuple[Path, Path]:
    """Return the folder of results and that of executed notebooks, each to hold one folder a scenario."""
    figures = paths.figures_root()
    root = (Path.cwd() / (out or "results")).resolve()
    if not modified and (out is None or root == figures.resolve()):
        return figures, paths.project_root() / "build" / "executed"
    if paths.is_in_project_room(root):
        raise ParameterError(f"--out {out}: a folder of the project itself; choose another one")
    if paths.is_in_figures(root):
        raise ParameterError("figures/ holds results of unmodified scenarios only: choose another --out")
    return root, root
