"""The runs that a sweep file asks for: one notebook, many parameter sets.

::

    notebook: 03-gpu-offset        # of the suite, or the path of any notebook that papermill can parameterise
    grid:                          # every combination
      scenario: [article, audited]
      horizon_years: [3, 5, 8]
    runs:                          # and these
      - {horizon_years: 5, tariff_us: 1.2}
    collect: tables/x.csv          # what goes into the common table; the headline values by default
    delivers: [tables/x.csv]       # for a notebook that is not of the suite: what it must write
    reads: [prices.csv]            # and what it reads

Paths count from the folder of the sweep file.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import outputs, paths
from analysis.assumption import ScenarioError
from analysis.batch.parameters import ParameterError, check_plain, names_of
from analysis.batch.plan import sort_values
from analysis.batch.run import Run
from analysis.batch.template import FOLDER, Template, is_inside, of_file, of_suite
from analysis.hashes import hash_of
from analysis.scenario import assumption_names, is_file_reference, load_scenario
from analysis.suite import SUITE
from analysis.yaml_files import read_mapping

_KEYS = ("notebook", "grid", "runs", "collect", "delivers", "reads")
_SET_ELSEWHERE = {FOLDER: "--out"}
_TABLES = (".csv", ".json", ".parquet")
_KEY_LENGTH = 16
MOST_RUNS = 100_000


@dataclass(frozen=True)
class Sweep:
    """What a sweep file asks for.

    Attributes
    ----------
    runs : list of Run
        One for each parameter set.
    collects : str
        The deliverable whose rows go into the common table; empty where there is none.
    folder : Path
        Where the common table and its figure go.
    """

    runs: list[Run]
    collects: str
    folder: Path


def read_sweep(file: Path, out: Path | None = None) -> Sweep:
    """Return the sweep that a file asks for; `plan.check` has the last word on its values.

    Parameters
    ----------
    file : Path
        The sweep file.
    out : Path, optional
        Folder for the results; by default ``results/`` and the name of the file, below the current folder.

    Raises
    ------
    ParameterError
        If the file cannot be read or holds anything but what it may hold.
    """
    try:
        content = read_mapping(file, "sweep")
    except ScenarioError as error:
        raise ParameterError(str(error)) from None
    unknown = sorted(set(content) - set(_KEYS))
    if unknown:
        raise ParameterError(f"{file.name}: unknown name {', '.join(unknown)}; known: {', '.join(_KEYS)}")
    template = _template(file, content)
    folder = (Path.cwd() / (out or Path("results") / file.stem)).resolve()
    if paths.is_in_project_room(folder) or paths.is_in_figures(folder):
        raise ParameterError(f"--out {out or folder}: a folder of the project itself; choose another one")
    runs = {}
    for values in _value_sets(file, content):
        try:
            run = _run(template, content["notebook"], values, file.parent, folder)
        except ParameterError as error:
            raise ParameterError(f"{file.name}: {error}") from None
        runs[run.group] = run
    return Sweep([*runs.values()], _collected(file, content, template), folder)


def _template(file: Path, content: Mapping[str, Any]) -> Template:
    name = content.get("notebook")
    if not isinstance(name, str):
        raise ParameterError(f"{file.name}: notebook: the name of one of the suite, or the path of an .ipynb")
    if name in SUITE:
        given = sorted({"delivers", "reads"} & set(content))
        if given:
            raise ParameterError(f"{file.name}: {given[0]}: what {name} {given[0]} is known")
        return of_suite(name)
    if not name.endswith(".ipynb"):
        raise ParameterError(
            f"{file.name}: unknown notebook {name!r:.80}; known: {', '.join(SUITE)}, or a path to an .ipynb"
        )
    delivers, reads = (_strings(file, content, key) for key in ("delivers", "reads"))
    return of_file(file.parent / name, delivers, [(file.parent / read).resolve() for read in reads])


def _strings(file: Path, content: Mapping[str, Any], key: str) -> list[str]:
    found = content.get(key, [])
    if not isinstance(found, list) or not all(isinstance(name, str) and name.isprintable() for name in found):
        raise ParameterError(f"{file.name}: {key}: a list of files")
    return found


def _value_sets(file: Path, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parameter sets: every combination of the grid, then the runs."""
    grid, runs = content.get("grid", {}), content.get("runs", [])
    if not isinstance(grid, dict) or not all(isinstance(values, list) and values for values in grid.values()):
        raise ParameterError(f"{file.name}: grid: each name takes a list of values, [1, 2] say")
    if not isinstance(runs, list) or not all(isinstance(values, dict) for values in runs):
        raise ParameterError(f"{file.name}: runs: a list of name: value entries")
    odd = [name for values in (grid, *runs) for name in values if not isinstance(name, str)]
    if odd:
        raise ParameterError(f"{file.name}: {odd[0]!r} is not a name")
    number = len(runs)
    combinations = 1
    for values in grid.values():
        combinations *= len(values)
    number += combinations if grid else 0
    if not number:
        raise ParameterError(f"{file.name}: it asks for no run; give a grid: or runs:")
    if number > MOST_RUNS:
        raise ParameterError(f"{file.name}: {number} runs; at most {MOST_RUNS} are possible")
    crossed = (dict(zip(grid, chosen, strict=True)) for chosen in itertools.product(*grid.values()))
    return [*(crossed if grid else ()), *runs]


def _run(template: Template, notebook: str, values: dict[str, Any], base: Path, folder: Path) -> Run:
    """Return the run of one parameter set, in a folder that is named by a hash of notebook and set."""
    check_plain(values, template.name)
    if template.in_suite:
        parameters, overrides = sort_values(values, [template], _SET_ELSEWHERE)
        given = {**parameters, **({"overrides": overrides} if overrides else {})}
        scenario = given.get("scenario")
        if isinstance(scenario, str) and is_file_reference(scenario):
            given["scenario"] = str((base / Path(scenario).expanduser()).resolve())
    else:
        unknown = sorted(set(values) - set(names_of(template.model)))
        if unknown:
            known = ", ".join(names_of(template.model))
            raise ParameterError(f"{template.name}: unknown parameter {', '.join(unknown)}; known: {known}")
        if FOLDER in values:
            raise ParameterError(f"{FOLDER} is set by --out, not here")
        given = dict(values)
    text = json.dumps([notebook, values], sort_keys=True)
    key = hash_of(text.encode())[:_KEY_LENGTH]
    place = folder / "runs" / key
    return Run(template, key, given, place, place, values)


def _collected(file: Path, content: Mapping[str, Any], template: Template) -> str:
    name = content.get("collect", "")
    if not name:
        first = [name for name in template.delivers if name.endswith(_TABLES)]
        return outputs.HEADLINES if outputs.HEADLINES in first else next(iter(first), "")
    if not isinstance(name, str) or not is_inside(name) or not name.endswith(_TABLES):
        raise ParameterError(f"{file.name}: collect: {name!r:.80}: a deliverable in {', '.join(_TABLES)}")
    if name not in template.delivers:
        tables = [known for known in template.delivers if known.endswith(_TABLES)]
        known = f"{', '.join(tables)}" if tables else "nothing; name it under delivers: too"
        raise ParameterError(f"{file.name}: collect: {template.name} delivers no {name}, but {known}")
    return name


def shown_values(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return each run's values by name; where another run gives one, with what holds without it."""
    names = dict.fromkeys(name for run in runs for name in run.shown)
    return [{name: _value(run, name) for name in names} for run in runs]


def _value(run: Run, name: str) -> Any:
    """Return what a run was given, else the notebook's default, else what its scenario assumes."""
    if name in run.shown:
        return run.shown[name]
    fields = {field.alias or name: field for name, field in run.template.model.model_fields.items()}
    if name in fields:
        return fields[name].default
    assumption, _, part = name.partition(".")
    if not run.template.in_suite or assumption not in assumption_names():
        return None
    scenario = run.parameters.get("scenario", fields["scenario"].default)
    found = getattr(load_scenario(scenario, run.parameters.get("overrides")), assumption)
    return getattr(found, part or "value", None)
