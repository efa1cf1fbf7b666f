"""Plan runs, execute them side by side, and publish what succeeded."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from analysis import outputs, paths
from analysis.assumption import ScenarioError
from analysis.batch import manifest
from analysis.batch.execute import Outcome, Run, discard, execute
from analysis.batch.parameters import SUITE, ParameterError, checked
from analysis.money import check_convertible
from analysis.scenario import (
    assumption_names,
    is_file_reference,
    load_scenario,
    scenario_names,
)

_SET_ELSEWHERE = {"scenario": "--scenario", "output_dir": "--out"}


def plan(
    *,
    scenarios: Sequence[str] = (),
    notebooks: Sequence[str] = (),
    values: Mapping[str, Any] | None = None,
    out: Path | None = None,
) -> list[Run]:
    """Return the runs that a command asks for, everything checked before a kernel starts.

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
    chosen = tuple(notebooks) or tuple(SUITE)
    for name in chosen:
        if name not in SUITE:
            raise ParameterError(f"unknown notebook {name!r}; known: {', '.join(SUITE)}")
    parameters, overrides = _sort_values(values or {}, chosen)
    modified = bool(parameters or overrides) or any(map(is_file_reference, scenarios))
    root, executed_root = _folders(out, modified)
    runs: list[Run] = []
    for scenario in dict.fromkeys(scenarios or scenario_names()):
        reference = str(Path(scenario).expanduser().resolve()) if is_file_reference(scenario) else scenario
        loaded = load_scenario(reference, overrides)
        check_convertible(loaded)
        name = loaded.name
        if any(run.scenario == name for run in runs):
            raise ScenarioError(f"{scenario}: name {name!r} is that of another scenario of this run")
        for notebook in SUITE:
            if notebook in chosen:
                own = {key: entry for key, entry in parameters.items() if key in _fields(notebook)}
                given = {"scenario": reference, **own, **({"overrides": overrides} if overrides else {})}
                checked(notebook, given)
                runs.append(Run(notebook, name, given, root / name, executed_root / name))
    return runs


def _fields(notebook: str) -> frozenset[str]:
    return frozenset(SUITE[notebook].parameters.model_fields)


def _sort_values(
    values: Mapping[str, Any], notebooks: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell notebook parameters from assumptions."""
    taken = {field for name in notebooks for field in _fields(name)}
    parameters: dict[str, Any] = {}
    overrides: dict[str, Any] = {}
    for name, value in values.items():
        if name in _SET_ELSEWHERE:
            raise ParameterError(f"{name} is set by {_SET_ELSEWHERE[name]}, not by -p")
        if name == "overrides":
            if not isinstance(value, Mapping):
                raise ParameterError(
                    f"overrides: {value!r:.60} is not a mapping of assumption names to values"
                )
            overrides.update(value)
        elif name in taken:
            parameters[name] = value
        elif name.partition(".")[0] in assumption_names():
            overrides[name] = value
        else:
            raise ParameterError(_unknown(name))
    return parameters, overrides


def _unknown(name: str) -> str:
    owners = [notebook for notebook in SUITE if name in _fields(notebook)]
    if owners:
        return f"{name} is a parameter of {', '.join(owners)}, which does not run here"
    known = [*assumption_names(), *(field for notebook in SUITE for field in _fields(notebook))]
    close = get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else "; see kwh2token list"
    return f"{name!r} is neither a notebook parameter nor an assumption{hint}"


def _folders(out: Path | None, modified: bool) -> tuple[Path, Path]:
    """Return the folder of results and that of executed notebooks, each to hold one folder a scenario."""
    figures = paths.figures_root()
    if out is None and not modified:
        return figures, paths.project_root() / "build" / "executed"
    root = (Path.cwd() / (out or "results")).resolve()
    if paths.is_in_project_room(root):
        raise ParameterError(f"--out {out}: a folder of the project itself; choose another one")
    if modified and paths.is_in_figures(root):
        raise ParameterError("figures/ holds results of unmodified scenarios only: choose another --out")
    return root, root


def run_all(
    runs: Sequence[Run], jobs: int, report: Callable[[Outcome], object], force: bool = False
) -> list[Outcome]:
    """Execute runs in `jobs` processes, publish each success, report each outcome; the rest still runs.

    A run whose inputs and results are as they were is not run again, unless forced.

    Returns
    -------
    list of Outcome
        In the order of the runs.

    Raises
    ------
    OSError
        If a folder for the results cannot be written; nothing has run then.
    """
    outcomes: dict[Any, Outcome] = {}
    for folder in dict.fromkeys(folder for run in runs for folder in (run.results, run.executed)):
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "cannot write here", str(folder))
    waiting = []
    for run in runs:
        if force or not manifest.is_current(run):
            waiting.append(run)
            continue
        outcomes[_key(run)] = Outcome(run, 0.0, run.executed, unchanged=True)
        report(outcomes[_key(run)])
    for outcome in _executed(waiting, jobs) if waiting else ():
        final = _published(outcome)
        outcomes[_key(outcome.run)] = final
        discard(outcome)
        report(final)
    return [outcomes[_key(run)] for run in runs]


def _key(run: Run) -> Any:
    return run.scenario, run.notebook, run.results


def _executed(runs: Sequence[Run], jobs: int) -> Iterator[Outcome]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=max(1, min(jobs, len(runs))), mp_context=context) as pool:
        futures = [pool.submit(execute, run) for run in runs]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _published(outcome: Outcome) -> Outcome:
    """Put a run's files in place, each in one step; a failed run leaves earlier results alone."""
    run = outcome.run
    notebook = outcome.staging / f"{run.notebook}.ipynb"
    failed_name = run.executed / f"{run.notebook}.failed.ipynb"
    try:
        if outcome.error:
            if notebook.is_file():
                _copy(notebook, failed_name)
            return outcome
        _publish_notebook(notebook, run)
        failed_name.unlink(missing_ok=True)
        for name in outcome.files:
            source = outcome.staging / "results" / name
            if name == outputs.HEADLINES:
                entries = json.loads(source.read_text(encoding="utf-8"))
                outputs.merge_headlines(run.results / name, entries, run.notebook)
            else:
                _copy(source, run.results / name)
        manifest.record(run, outcome.read)
    except OSError as error:
        return replace(outcome, error=f"cannot write {error.filename}: {error.strerror}")
    return outcome


def _publish_notebook(notebook: Path, run: Run) -> None:
    """Put the executed notebook in place; it shall name a lasting folder instead of the staging folder."""
    default = str(SUITE[run.notebook].parameters.model_fields["output_dir"].default)
    lasting = default if paths.is_in_figures(run.results) else str(run.results)
    staged = json.dumps(str(notebook.parent / "results"))[1:-1]
    content = json.loads(notebook.read_text(encoding="utf-8").replace(staged, json.dumps(lasting)[1:-1]))
    for part in (content, *content["cells"]):
        part["metadata"].pop("papermill", None)  # times and paths of this run
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    outputs.write_atomically(
        run.executed / notebook.name, lambda path: path.write_text(text, encoding="utf-8")
    )


def _copy(source: Path, target: Path) -> None:
    outputs.write_atomically(target, lambda path: shutil.copyfile(source, path))
