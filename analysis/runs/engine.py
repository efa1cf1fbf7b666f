"""Execute runs side by side and publish what succeeded.

Any `concurrent.futures` executor will do. Without one, threads of this process talk to kernels, which are
processes of their own; so nothing is lost when one of them dies.
"""

import contextlib
import json
import os
import signal
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from textwrap import shorten
from typing import Any

from analysis.inputs.errors import ParameterError
from analysis.runs import manifest, outputs
from analysis.runs.plan import check_runs
from analysis.runs.run import AS_WAS, FAILED, NOT_RUN, OK, Delivery, Limits, Outcome, Run, Task
from analysis.runs.writing import clear_parts, environment, make_writable, project_hash, write_all

LOCK = ".lock"
_STOP_SECONDS = 30.0
_SHOWN = 150
"""So many characters are told of files and of runs that share them."""


def _execute_here(task: Task) -> Delivery:
    from analysis.runs.execute import execute  # what kernels need takes a while to import

    return execute(task)


@dataclass(frozen=True)
class Pool:
    """Where runs are executed, and how all that a batch has running there is killed.

    `project` is the hash of the package and data that runs have there; empty where they are those of this
    process.
    """

    executor: Executor
    kill_all: Callable[[str], object]
    execute: Callable[[Task], Delivery] = _execute_here
    project: str = ""


def run_all(
    runs: Sequence[Run],
    report: Callable[[Outcome], object],
    *,
    jobs: int = 2,
    force: bool = False,
    limits: Limits | None = None,
    pool: Pool | None = None,
) -> list[Outcome]:
    """Check and execute runs, publish each success, report each outcome. When one fails, the rest still runs.

    Each run has an executed notebook of its own; its outcome is reported as it comes. So many jobs are at
    work at the same time, as threads of this process, unless there is a pool to execute them.

    Returns
    -------
    list of Outcome
        In the order of the runs. After SIGINT or SIGTERM (where this is the main thread) what had finished is
        published, the rest is not run, and no kernel is left.

    Raises
    ------
    ParameterError, ScenarioError
        If a value is wrong, two runs would write the same notebook, or another batch is writing into one of
        the folders.
    OSError
        If a folder for the results cannot be written.
    """
    outcomes = {run: Outcome(run, NOT_RUN) for run in runs}

    def done(outcome: Outcome) -> None:
        outcomes[outcome.run] = outcome
        report(outcome)

    explained(runs, force=force)  # before any folder is made
    now = environment()
    with contextlib.ExitStack() as stack:
        for folder in dict.fromkeys(run.executed.parent for run in runs):
            make_writable(folder)
            stack.enter_context(locked(folder))
        waiting = []
        for run in runs:
            if force or not manifest.is_current(run, now):  # again: another batch may just have ended
                waiting.append(run)
            else:
                _clear_failure(run)  # of other parameters in the same place
                done(Outcome(run, AS_WAS))
        for folder in dict.fromkeys(folder for run in waiting for folder in run.folders):
            make_writable(folder)
            clear_parts(folder)
        if waiting:
            limits = limits or Limits()
            first = waiting[0].task(limits, batch="")
            chosen = pool or stack.enter_context(_threads(min(jobs, len(waiting)), first))
            stack.callback(_note_shared, outcomes)
            _execute_all(waiting, limits, chosen, now, done)
    return [*outcomes.values()]


def explained(runs: Sequence[Run], *, force: bool = False) -> dict[Run, list[str]]:
    """Check runs and return why each has to run; no reason means that it is as it was.

    Raises
    ------
    ParameterError, ScenarioError
        If a value is wrong, or two runs would write the same notebook.
    """
    places = Counter(run.executed_notebook for run in runs)
    if len(places) < len(runs):
        raise ParameterError(f"two runs of this batch would write {places.most_common(1)[0][0]}")
    now, forced = environment(), ["--force"] if force else []
    found = {run: [*manifest.reasons(run, now)] or forced for run in runs}
    check_runs([run for run in runs if found[run]], batch=runs)
    return found


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other batches out of a folder; the lock goes with the process.

    Raises
    ------
    ParameterError
        If one is in there.
    """
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / LOCK, blocking=False):
            yield
    except Timeout:
        problem = f"another batch is writing into {folder}: wait for its end, or choose another --out"
        raise ParameterError(problem) from None


@contextlib.contextmanager
def _threads(jobs: int, first: Task) -> Iterator[Pool]:
    from analysis.runs.kernels.provisioner import kill_all, warm_up

    warm_up(**first.kernel_traits)
    with ThreadPoolExecutor(jobs, thread_name_prefix="run") as executor:
        yield Pool(executor, kill_all)


def _execute_all(
    runs: Sequence[Run], limits: Limits, pool: Pool, now: Mapping[str, str], done: Callable[..., object]
) -> None:
    """Execute runs where the pool does; publish each and tell of it as it comes, until a signal says stop."""
    batch, started = uuid.uuid4().hex, time.time()
    same_project = not pool.project or pool.project == project_hash()
    futures: dict[Future[Delivery], tuple[Run, Task, dict[str, Any], tuple[Delivery, ...]]] = {}
    finished: SimpleQueue[Future[Delivery] | None] = SimpleQueue()

    def submit(run: Run, task: Task, made_from: dict[str, Any], *earlier: Delivery) -> None:
        future = pool.executor.submit(pool.execute, task)
        futures[future] = run, task, made_from, earlier
        future.add_done_callback(finished.put)

    with _signals_into(finished):
        try:
            for run in runs:
                made_from = manifest.fingerprint(run, now) if same_project else manifest.NOTHING_HERE
                submit(run, run.task(limits, batch), made_from)
            while futures:
                came = finished.get()
                if came is None:
                    break
                run, task, made_from, earlier = futures.pop(came)
                given = (*earlier, _result_of(came))
                if given[-1].error and len(given) <= limits.retries:
                    with contextlib.suppress(RuntimeError):  # a pool that is broken takes no more
                        submit(run, task, made_from, *given)
                        continue
                outcome = _published(run, given[-1], made_from, started)
                written = tuple(sorted({file for each in given for file in each.written}))
                done(replace(outcome, tries=len(given), written=written))
        finally:
            for future in futures:  # stopped: cancel what has not started, kill the kernels of what has
                future.cancel()
            if futures:
                pool.kill_all(batch)
                wait(futures, timeout=_STOP_SECONDS)


def _note_shared(outcomes: dict[Run, Outcome]) -> None:
    """Say of each run which files it shares with others, if any; then it does not count as current."""
    users: defaultdict[str, list[Run]] = defaultdict(list)
    for run, outcome in outcomes.items():
        for file in outcome.written:
            users[file].append(run)
    shared: defaultdict[tuple[Run, ...], list[str]] = defaultdict(list)
    for file, runs in users.items():
        if len(runs) > 1:
            shared[tuple(runs)].append(file.removeprefix(f"{runs[0].template.home}{os.sep}"))
    for together, names in shared.items():
        which = shorten(", ".join(run.given or run.label for run in together), _SHOWN, placeholder=" ...")
        what = shorten(", ".join(names), _SHOWN, placeholder=" ...")
        note = f"{what} changed during {len(together)} runs ({which}): each may have read another's; "
        note += "write into output_dir instead"
        for run in together:
            manifest.forget(run)
            outcomes[run] = replace(outcomes[run], note="; ".join(filter(None, (outcomes[run].note, note))))


@contextlib.contextmanager
def _signals_into(finished: SimpleQueue[Any]) -> Iterator[None]:
    """Have signals to stop wait in the queue of what has finished, as None."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda number, frame: finished.put(None)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _result_of(future: Future[Delivery]) -> Delivery:
    """Return what a run gave; that its worker is lost counts as a failure of the run."""
    try:
        return future.result()
    except Exception as error:
        return Delivery(error=f"its worker was lost: {type(error).__name__}: {error!s:.200}")


def _clear_failure(run: Run) -> None:
    for path in (run.failed_notebook, run.failed_report):
        path.unlink(missing_ok=True)


def _published(run: Run, delivery: Delivery, made_from: Mapping[str, Any], started: float) -> Outcome:
    """Put a run's files in place; a failed run leaves earlier results alone and its notebook beside them."""
    contents = {run.results / name: content for name, content in delivery.files.items()}
    kept = {run.executed_notebook, run.failed_notebook, run.failed_report} & {*contents}
    if kept and not delivery.error:
        problem = f"wrote {min(kept).name}, a name kept for the executed notebook; choose another"
        delivery = replace(delivery, error=problem)
    status = FAILED if delivery.error else OK
    outcome = Outcome(run, status, delivery.seconds, delivery.error, delivery.cell)
    try:
        if delivery.error:
            _clear_failure(run)
            if delivery.notebook:
                write_all({run.failed_notebook: delivery.notebook.encode()})
            return outcome
        shared = run.results / outputs.HEADLINES
        if run.template.in_suite and shared in contents:
            entries = json.loads(contents[shared])
            contents[shared] = outputs.merged_headlines(shared, entries, run.notebook).encode()
        write_all(contents | {run.executed_notebook: delivery.notebook.encode()})
        _clear_failure(run)
    except OSError as error:
        reason = f"cannot write {error.filename}: {error.strerror}"
        return replace(outcome, status=FAILED, error="; ".join(filter(None, (outcome.error, reason))))
    manifest.record(run, delivery, made_from, started)
    return outcome
