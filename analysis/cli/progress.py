"""Run a batch and tell of it: its progress, its closing table, or JSON lines for machines."""

import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import typer

from analysis.inputs.errors import shortened
from analysis.runs.engine import run_all
from analysis.runs.run import AS_WAS, FAILED, NOT_RUN, Limits, Outcome, Run

STOPPED = 130
_UNBROKEN = 1000  # a table in a log keeps each row in one line
Reporter = Callable[[Outcome], object]


def run_batch(
    runs: list[Run], jobs: int, force: bool, limits: Limits, scheduler: str, as_json: bool
) -> list[Outcome]:
    """Run with progress and a closing table; return how each run ended.

    Parameters
    ----------
    runs : list of Run
        What to run.
    jobs : int
        Kernels side by side.
    force : bool
        Run again what is unchanged, too.
    limits : Limits
        Time [s] and memory [GiB] that a run may take.
    scheduler : str
        Address of a Dask scheduler whose cluster runs them; none if empty.
    as_json : bool
        Print JSON lines.

    Raises
    ------
    typer.Exit
        If the batch was stopped.
    """
    with contextlib.ExitStack() as stack:
        pool = None
        if scheduler:
            from analysis.runs.cluster import dask_pool

            pool = stack.enter_context(dask_pool(scheduler))
        report = stack.enter_context(progress(len(runs), as_json))
        outcomes = run_all(runs, report, jobs=jobs, force=force, limits=limits, pool=pool)
    closing(outcomes, as_json)
    if any(outcome.status == NOT_RUN for outcome in outcomes):
        typer.echo("stopped; the same command goes on from here", err=True)
        raise typer.Exit(STOPPED)
    return outcomes


@contextlib.contextmanager
def progress(total: int, as_json: bool) -> Iterator[Reporter]:
    """Give a function that tells of each outcome: a bar on a terminal, a line each elsewhere."""
    if as_json:
        yield lambda outcome: print(json.dumps(_entry(outcome)), flush=True)
    elif sys.stdout.isatty():
        with _bar(total) as reporter:
            yield reporter
    else:
        yield _Lines(total)


class _Lines:
    """One plain line for each run, with counts and the time left."""

    def __init__(self, total: int) -> None:
        self.total, self.counts, self.started = total, Counter[str](), time.monotonic()

    def __call__(self, outcome: Outcome) -> None:
        self.counts[outcome.status] += 1
        done = self.counts.total()
        each = (time.monotonic() - self.started) / max(done - self.counts[AS_WAS], 1)
        left = f"{each * (self.total - done):.0f} s left" if done < self.total else "done"
        failed = f", {self.counts[FAILED]} failed" if self.counts[FAILED] else ""
        status = f"{outcome.status:<6} {outcome.seconds:5.1f} s"
        name = f"{outcome.run.label:<30}  {outcome.run.given:.60}".rstrip()
        print(f"[{done}/{self.total}] {status}  {name}  ({left}{failed})", flush=True)


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Reporter]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    counts: Counter[str] = Counter()
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("notebooks", total=total)

        def step(outcome: Outcome) -> None:
            counts[outcome.status] += 1
            text = ", ".join(f"{number} {status}" for status, number in counts.items())
            bar.update(task, advance=1, description=text)

        yield step


def closing(outcomes: Sequence[Outcome], as_json: bool) -> None:
    """Print how each run ended, failures last, and a line that sums it up."""
    counts = Counter(outcome.status for outcome in outcomes)
    warnings = [*dict.fromkeys(outcome.note for outcome in outcomes if outcome.note)]
    if as_json:
        print(json.dumps({"event": "end", "runs": len(outcomes), **counts, "warnings": warnings}), flush=True)
        return
    ran = [outcome for outcome in outcomes if outcome.status != AS_WAS]
    if ran:
        _print_table(sorted(ran, key=lambda outcome: outcome.status in {FAILED, NOT_RUN}))
    succeeded = len(outcomes) - counts[FAILED] - counts[NOT_RUN]
    notes = f", {counts[AS_WAS]} of them unchanged" if counts[AS_WAS] else ""
    notes += f", {counts[NOT_RUN]} not run" if counts[NOT_RUN] else ""
    for warning in warnings:
        print(f"warning: {warning}")
    print(f"{succeeded} of {len(outcomes)} notebooks succeeded{notes}")


def _print_table(outcomes: Sequence[Outcome]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("run", "parameters", "status", "time [s]", "cell", "error", box=None, pad_edge=False)
    for outcome in outcomes:
        cell = "" if outcome.cell is None else str(outcome.cell)
        run, seconds = outcome.run, f"{outcome.seconds:.1f}"
        problem = "; ".join(filter(None, (outcome.error, outcome.note and f"warning: {outcome.note}")))
        table.add_row(run.label, run.given, outcome.status, seconds, cell, shortened(problem))
    Console(width=None if sys.stdout.isatty() else _UNBROKEN, highlight=False, markup=False).print(table)


def _entry(outcome: Outcome) -> dict[str, Any]:
    run = outcome.run
    return {
        "event": "run",
        "run": run.label,
        "notebook": run.notebook,
        "parameters": run.parameters,
        "status": outcome.status,
        "seconds": round(outcome.seconds, 3),
        "cell": outcome.cell,
        "error": shortened(outcome.error),
        "results": str(run.results),
        "executed": str(run.failed_notebook if outcome.status == FAILED else run.executed_notebook),
    }
