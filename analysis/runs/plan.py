"""The runs that ``kwh2token run`` asks for, and the check of any runs before a kernel starts."""

import ast
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from analysis.inputs import paths
from analysis.inputs.as_of import SEPARATOR
from analysis.inputs.assumption import Range
from analysis.inputs.errors import ParameterError, ScenarioError, listed
from analysis.inputs.plain import is_number
from analysis.inputs.scenario import (
    file_of,
    is_as_of,
    is_file_reference,
    load_scenario,
    reader_of,
    reference_of,
    scenario_names,
)
from analysis.runs.modified import group_of
from analysis.runs.run import Run
from analysis.runs.suite import SUITE, defaults_of, parameters_and_problems
from analysis.runs.template import OUTPUT_PARAMETER, of_suite


def plan(
    *,
    scenarios: Sequence[str] = (),
    notebooks: Sequence[str] = (),
    values: Mapping[str, Any] | None = None,
    out: Path | None = None,
    as_of: str = "",
) -> list[Run]:
    """Return the runs that a command asks for; `check_runs` has the last word on their values.

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
    as_of : str, optional
        Month or day whose prices and tariffs hold; all scenarios that have some by default.

    Raises
    ------
    ParameterError, ScenarioError
        If a notebook or a scenario is unknown or wrong, or the folder has other uses.
    """
    names = sorted({*notebooks} or SUITE)
    templates = [of_suite(name) for name in names]
    elsewhere = {"scenario": "--scenario", OUTPUT_PARAMETER: "--out"}
    given, problems = parameters_and_problems(values or {}, names, elsewhere)
    changed = group_of("", values or {})
    scenarios = dated(scenarios, as_of) if as_of else scenarios
    own = any(is_file_reference(scenario) or is_as_of(scenario) for scenario in scenarios)
    root, executed_root = _folders(out, bool(values) or own)
    runs: list[Run] = []
    for scenario in dict.fromkeys(scenarios or scenario_names()):
        reference, name = _reference_and_name(scenario)
        if any(run.group == name for run in runs):
            raise ScenarioError(f"{scenario}: name {name!r} is that of another scenario of this run")
        for template in templates:
            known = defaults_of(template.model)
            chosen = {"scenario": reference} | {name: given[name] for name in given if name in known}
            places = root / f"{name}{changed}", executed_root / f"{name}{changed}"
            runs.append(Run(template, name, chosen, *places, values or {}, tuple(problems)))
    return runs


def dated(scenarios: Sequence[str], as_of: str) -> list[str]:
    """Return scenarios as of a month or day; those of the project that rest on another one by default.

    Raises
    ------
    ParameterError
        If one is a file, or has a date already.
    """
    wanted = scenarios or [name for name in scenario_names() if load_scenario(name).extends]
    if odd := [name for name in wanted if is_file_reference(name) or is_as_of(name)]:
        told = "a file says extends: audited@DAY itself" if is_file_reference(odd[0]) else "it has a date"
        raise ParameterError(f"--as-of {as_of!r:.40}: {odd[0]!r:.80}: {told}")
    return [f"{name}{SEPARATOR}{as_of}" for name in wanted]


def _reference_and_name(scenario: str) -> tuple[str, str]:
    """Return how notebooks shall refer to a scenario, and its name."""
    if scenario in scenario_names():
        return scenario, scenario
    if is_as_of(scenario):
        return load_scenario(reference_of(scenario)).name, scenario
    reference = str(file_of(scenario)) if is_file_reference(scenario) else scenario
    return reference, load_scenario(reference).name  # or it says what is wrong with it


def _folders(out: Path | None, modified: bool) -> tuple[Path, Path]:
    """Return the folder of results and that of executed notebooks, each to hold one folder a scenario."""
    figures = paths.figures_root()
    root = counted_from(Path.cwd(), str(out or "results"), "--out ")
    if not modified and (out is None or root == figures.resolve()):
        return figures, paths.project_root() / "build" / "executed"
    return root, outside_project(root)


def counted_from(base: Path, name: str, where: str = "") -> Path:
    """Return a path as an absolute one, a relative one counted from a folder.

    Raises
    ------
    ParameterError
        If there can be none; the message starts with `where`.
    """
    try:
        return (base / Path(name).expanduser()).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # no such home, a zero byte, links in a circle
        raise ParameterError(f"{where}{name!r:.80}: {error!s:.200}") from None


def outside_project(folder: Path) -> Path:
    """Return a folder for results, unless it is one of the project itself.

    Raises
    ------
    ParameterError
        If it is.
    """
    build = paths.project_root() / "build"
    if folder.is_relative_to(build) or paths.is_in_project_room(folder) or paths.is_in_figures(folder):
        raise ParameterError(f"--out {folder}: a folder of the project itself; choose another --out")
    return folder


def check_runs(runs: Sequence[Run], batch: Sequence[Run] = ()) -> None:
    """Check the parameters and scenarios of the runs of a batch that wait, and units in all of it.

    Raises
    ------
    ParameterError, ScenarioError
        If a parameter, scenario, assumption or value is wrong; all that is wrong is named.
    """
    problems: dict[str, type[Exception]] = {}
    known: set[str] = set()
    read = cache(reader_of)
    for run in runs:
        problems |= dict.fromkeys(run.problems, ParameterError)
        for check in (run.validate, partial(_check_scenario, run, read, known)):
            try:
                check()
            except (ParameterError, ScenarioError) as error:
                problems[str(error)] = type(error)
    problems |= dict.fromkeys(_numbers_of_two_units(batch or runs), ParameterError)
    if problems:
        raise next(iter(problems.values()))(listed([*problems]))


def _overrides(run: Run) -> Mapping[str, Any]:
    """Return the assumptions that a run replaces, by name; none where they are no such thing."""
    given = run.parameters.get("overrides") if run.template.in_suite else None
    return given if isinstance(given, Mapping) and all(isinstance(name, str) for name in given) else {}


def _check_scenario(run: Run, read: Callable[[str], Callable[..., Any]], known: set[str]) -> None:
    """Check the scenario of a run of the suite, unless it is known with the same overrides."""
    from analysis.inputs.money import check_convertible

    key = str([run.scenario, _overrides(run)])
    if run.template.in_suite and key not in known:
        known.add(key)
        check_convertible(read(run.scenario)(_overrides(run)))


def _numbers_of_two_units(runs: Iterable[Run]) -> Iterator[str]:
    """Yield what is wrong where a number alone would be yuan in one scenario and dollars in another."""
    bare: defaultdict[str, set[str]] = defaultdict(set)  # by name, the scenarios that it is a number alone in
    for run in runs:
        for name, given in _overrides(run).items():
            stem, _, part = name.partition(".")
            entry = given if isinstance(given, Mapping) else {part or "value": given}
            if "unit" not in entry and any(is_number(entry.get(end)) for end in Range._fields):
                bare[stem].add(run.scenario)
    for name, scenarios in bare.items():
        units = {unit_of(scenario, name): scenario for scenario in sorted(scenarios)}
        if len(units) > 1:
            each = " and ".join(f"{unit} in {scenario}" for unit, scenario in units.items())
            yield f"{name}: a number alone would be {each}; run these scenarios one by one"


def unit_of(scenario: str, assumption: str) -> str:
    """Return the unit that a scenario has an assumption in; empty where there is no such thing."""
    try:
        found = load_scenario(scenario).assumptions().get(assumption)
    except ScenarioError:  # which `check_runs` tells of
        found = None
    return found.unit if found else ""


def touched_by_assumptions() -> list[str]:
    """Return the notebooks of the suite whose results an assumption can move: their cells use a scenario.

    Whatever a table takes from an assumption it is given with the scenario, so a notebook that hands it to
    nothing gives the same results with any.
    """
    return [name for name in SUITE if _uses_scenario(of_suite(name).source)]


def _uses_scenario(source: str) -> bool:
    cells = [cell for cell in json.loads(source)["cells"] if cell["cell_type"] == "code"]
    nodes = [node for cell in cells for node in ast.walk(ast.parse(cell["source"]))]
    return any(isinstance(node, ast.Attribute) and node.attr == "scenario" for node in nodes)
