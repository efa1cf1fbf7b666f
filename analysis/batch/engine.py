"""Execute runs side by side and publish what succeeded.

Any `concurrent.futures` executor will do. Without one, threads of this process talk to kernels, which are
processes of their own; so nothing is lost when one of them dies.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass, replace
from pathlib import Path

from analysis import outputs
from analysis.batch import manifest
from analysis.batch.parameters import ParameterError
from analysis.batch.run import AS_WAS, FAILED, NOT_RUN, Outcome, Run
from analysis.batch.task import Delivery, Limits
from analysis.files import write_all

LOCK = ".lock"
_STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Pool:
    """Where runs are executed: an executor, and how to kill there what a batch has running."""

    executor: Executor
    kill_all: Callable[[str], object]


class Stopped(BaseException):
    """A batch was stopped from outside; `outcomes` holds one for each run, done or not."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__("stopped")
        self.outcomes = outcomes


def run_all(
    runs: Sequence[Run],
    report: Callable[[Outcome], object],
    *,
    jobs: int = 2,
    force: bool = False,
    limits: Limits | None = None,
    check: Callable[[Sequence[Run]], object] = lambda runs: None,
    pool: Pool | None = None,
) -> list[Outcome]:
    """Execute runs, publish each success, report each outcome. When one fails, the rest still runs.

    Parameters
    ----------
    runs : sequence of Run
        The runs, each with an executed notebook of its own.
    report : callable
        Called with each outcome as it comes.
    jobs : int, optional
        Kernels at work at the same time, unless there is a pool.
    force : bool, optional
        Run again what is unchanged, too.
    limits : Limits, optional
        What each run may take.
    check : callable, optional
        Called with the runs that are not current, before any of them starts.
    pool : Pool, optional
        Where to execute; threads of this process by default.

    Returns
    -------
    list of Outcome
        In the order of the runs.

    Raises
    ------
    ParameterError
        If two runs would write the same notebook, or another batch is writing into one of the folders.
    OSError
        If a folder for the results cannot be written; nothing has run then.
    Stopped
        On an interrupt. What had finished is published, and no kernel is left.
    """
    if len({run.identity for run in runs}) < len(runs):
        raise ParameterError("two runs of this batch are the same")
    outcomes = {run.identity: Outcome(run, NOT_RUN) for run in runs}
    waiting = [run for run in runs if force or not manifest.is_current(run)]
    check(waiting)
    with contextlib.ExitStack() as stack:
        for folder in dict.fromkeys(run.executed.parent for run in runs):
            _make_writable(folder)
            stack.enter_context(_locked(folder))
        for folder in dict.fromkeys(folder for run in runs for folder in (run.results, run.executed)):
            _make_writable(folder)
        current = outcomes.keys() - {run.identity for run in waiting}
        for run in runs:
            if run.identity in current:
                outcomes[run.identity] = Outcome(run, AS_WAS)
                report(outcomes[run.identity])
        try:
            if waiting:
                chosen = pool or stack.enter_context(_threads(min(jobs, len(waiting))))
                for outcome in _executed(waiting, limits or Limits(), chosen):
                    outcomes[outcome.run.identity] = outcome
                    report(outcome)
        except KeyboardInterrupt:
            raise Stopped([*outcomes.values()]) from None
        return [*outcomes.values()]


def _make_writable(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "cannot write here", str(folder))


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other batches out of a folder; the lock goes with the process."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / LOCK, blocking=False):
            yield
    except Timeout:
        raise ParameterError(
            f"another batch is writing into {folder}: wait until it is done, or choose another --out"
        ) from None


@contextlib.contextmanager
def _threads(jobs: int) -> Iterator[Pool]:
    from analysis.batch.provisioner import kill_all, warm_up

    warm_up()
    with ThreadPoolExecutor(jobs, thread_name_prefix="run") as executor:
        yield Pool(executor, kill_all)


def _executed(runs: Sequence[Run], limits: Limits, pool: Pool) -> Iterator[Outcome]:
    """Execute runs where the pool does; publish and yield each outcome as it comes."""
    from analysis.batch.execute import execute

    batch, started = uuid.uuid4().hex, time.time()
    futures: dict[Future[Delivery], tuple[Run, str]] = {}
    try:
        for run in runs:
            made = manifest.made_from(run)
            futures[pool.executor.submit(execute, run.task(limits, batch))] = run, made
        for future in as_completed(list(futures)):
            run, made = futures.pop(future)
            yield _published(run, _delivery_of(future), made, started)
    except BaseException:
        _stop(pool, list(futures), batch)
        raise


def _delivery_of(future: Future[Delivery]) -> Delivery:
    """Return what a run gave; that its worker is lost counts as a failure of the run."""
    try:
        return future.result()
    except Exception as error:
        return Delivery(0.0, error=f"its worker was lost: {type(error).__name__}: {error!s:.200}")


def _stop(pool: Pool, futures: list[Future[Delivery]], batch: str) -> None:
    """Cancel what has not started, and kill the kernels of what has."""
    for future in futures:
        future.cancel()
    pool.kill_all(batch)
    wait(futures, timeout=_STOP_SECONDS)


def _published(run: Run, delivery: Delivery, made: str, started: float) -> Outcome:
    """Put a run's files in place; a failed run leaves earlier results alone and its notebook beside them."""
    outcome = Outcome.of(run, delivery)
    failed_name = run.executed / f"{run.notebook}.failed.ipynb"
    try:
        if outcome.status == FAILED:
            if delivery.notebook:
                write_all({failed_name: delivery.notebook.encode()})
            return outcome
        contents = {run.results / name: content for name, content in delivery.files.items()}
        shared = run.results / outputs.HEADLINES
        if run.template.shares_headlines and shared in contents:
            entries = json.loads(contents[shared])
            contents[shared] = outputs.merged_headlines(shared, entries, run.notebook).encode()
        contents[run.executed / f"{run.notebook}.ipynb"] = delivery.notebook.encode()
        write_all(contents)
        failed_name.unlink(missing_ok=True)
        manifest.record(run, made, delivery.read, delivery.files, started)
    except OSError as error:
        return replace(outcome, status=FAILED, error=f"cannot write {error.filename}: {error.strerror}")
    return outcome
