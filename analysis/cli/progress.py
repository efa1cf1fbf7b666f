"""Run a batch and tell of it: its progress, its closing table, or JSON lines for machines."""

import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from analysis.cli import print_wide
from analysis.inputs.errors import shortened
from analysis.runs.engine import explained, run_all
from analysis.runs.outputs import as_html
from analysis.runs.run import AS_WAS, FAILED, NOT_RUN, Limits, Outcome, Run
from analysis.runs.writing import write_all

STOPPED = 130
_MOST_REPORTS = 20
"""So many failed runs get a page of HTML; it takes a third of a second each."""
_UNBROKEN = 1000  # a table in a log keeps each row in one line
Reporter = Callable[[Outcome], object]


def run_batch(
    runs: list[Run], jobs: int, force: bool, limits: Limits, scheduler: str, as_json: bool
) -> list[Outcome]:
    """Run with progress and a closing table; return how each run ended.

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
    for path in write_reports(outcomes):
        if not as_json:
            typer.echo(f"report: {short(path)}")
    return outcomes


def tell_reasons(runs: Sequence[Run], force: bool, as_json: bool, *, and_end: bool) -> None:
    """Print why each run has to run, if it has to: a table, or JSON lines.

    Raises
    ------
    typer.Exit
        If that shall be all.
    """
    from rich.table import Table

    reasons = explained(runs, force=force)
    counts = {"runs": len(reasons), "would_run": sum(map(bool, reasons.values()))}
    table = Table("run", "parameters", "status", "why", box=None, pad_edge=False)
    for run, why in reasons.items():
        if as_json:
            print(json.dumps({"event": "plan", **_named(run), "why": why}))
        table.add_row(run.label, run.given, "would run" if why else AS_WAS, f"{'; '.join(why):.300}")
    if as_json:
        print(json.dumps({"event": "planned", **counts}), flush=True)
    else:
        print_wide(table, width=_UNBROKEN)
        print(f"{counts['would_run']} of {counts['runs']} notebooks would run")
    if and_end:
        raise typer.Exit


def write_reports(outcomes: Sequence[Outcome]) -> Iterator[Path]:
    """Write a page of HTML beside the executed notebook of each failed run, up to some; yield each."""
    failed = [one for one in outcomes if one.status == FAILED and one.run.failed_notebook.is_file()]
    for outcome in failed[:_MOST_REPORTS]:
        run, cell = outcome.run, f"cell {outcome.cell}: " if outcome.cell else ""
        told = f"{run.given}\n{cell}{outcome.error:.2000}"
        with contextlib.suppress(Exception):  # whatever nbconvert says: the notebook is there
            write_all({run.failed_report: as_html(run.failed_notebook.read_text("utf-8"), run.label, told)})
            yield run.failed_report


def short(path: Path) -> str:
    """Return a path relative to the current one where it lies below it."""
    return str(path.relative_to(Path.cwd())) if Path.cwd() in path.parents else str(path)


@contextlib.contextmanager
def progress(total: int, as_json: bool) -> Iterator[Reporter]:
    """Give a function that tells of each outcome: a bar on a terminal, a line each elsewhere."""
    from rich.progress import Progress

    counts, started = Counter[str](), time.monotonic()
    with Progress(transient=True, disable=as_json or not sys.stdout.isatty()) as bar:
        task = bar.add_task("notebooks", total=total)

        def report(outcome: Outcome) -> None:
            counts[outcome.status] += 1
            if as_json:
                print(json.dumps(_entry(outcome)), flush=True)
            elif bar.disable:
                print(_line(outcome, counts, total, time.monotonic() - started), flush=True)
            else:
                text = ", ".join(f"{number} {status}" for status, number in counts.items())
                bar.update(task, advance=1, description=f"{text} of {total}")

        yield report


def _line(outcome: Outcome, counts: Counter[str], total: int, seconds: float) -> str:
    """Return how a run ended, how many have, and how long the others take if they are like these."""
    done = counts.total()
    each = seconds / max(done - counts[AS_WAS], 1)
    left = f"{each * (total - done):.0f} s left" if done < total else "done"
    failed = f", {counts[FAILED]} failed" if counts[FAILED] else ""
    name = f"{outcome.run.label:<30}  {outcome.run.given:.60}".rstrip() + _tries(outcome, "  ")
    return f"[{done}/{total}] {outcome.status:<6} {outcome.seconds:5.1f} s  {name}  ({left}{failed})"


def closing(outcomes: Sequence[Outcome], as_json: bool) -> None:
    """Print how each run ended, failures last, and a line that sums it up."""
    from rich.table import Table

    counts = Counter(outcome.status for outcome in outcomes)
    warnings = [*dict.fromkeys(outcome.note for outcome in outcomes if outcome.note)]
    if as_json:
        print(json.dumps({"event": "end", "runs": len(outcomes), **counts, "warnings": warnings}), flush=True)
        return
    table = Table("run", "parameters", "status", "time [s]", "cell", "error", box=None, pad_edge=False)
    for outcome in sorted(outcomes, key=lambda outcome: outcome.status in {FAILED, NOT_RUN}):
        if outcome.status != AS_WAS:
            run, status = outcome.run, f"{outcome.status}{_tries(outcome, ', ')}"
            problem = "; ".join(filter(None, (outcome.error, outcome.note and f"warning: {outcome.note}")))
            cell = str(outcome.cell or "")
            table.add_row(run.label, run.given, status, f"{outcome.seconds:.1f}", cell, shortened(problem))
    if table.rows:
        print_wide(table, width=_UNBROKEN)
    succeeded = len(outcomes) - counts[FAILED] - counts[NOT_RUN]
    notes = f", {counts[AS_WAS]} of them unchanged" if counts[AS_WAS] else ""
    notes += f", {counts[NOT_RUN]} not run" if counts[NOT_RUN] else ""
    for warning in warnings:
        print(f"warning: {warning}")
    print(f"{succeeded} of {len(outcomes)} notebooks succeeded{notes}")


def _tries(outcome: Outcome, between: str) -> str:
    return f"{between}{outcome.tries} tries" if outcome.tries > 1 else ""


def _entry(outcome: Outcome) -> dict[str, Any]:
    run = outcome.run
    executed = run.failed_notebook if outcome.status == FAILED else run.executed_notebook
    places = {"results": str(run.results), "executed": str(executed)}
    ended = {"status": outcome.status, "seconds": round(outcome.seconds, 3), "cell": outcome.cell}
    ended |= {"error": shortened(outcome.error), "tries": outcome.tries}
    return {"event": "run", **_named(run), **ended, **places}


def _named(run: Run) -> dict[str, Any]:
    return {"run": run.label, "notebook": run.notebook, "parameters": run.parameters}
