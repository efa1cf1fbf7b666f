"""The command line: list what there is, run notebooks, sweep over parameters, print the ledger, estimate."""

import io
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

from analysis.cli import folder, named_value, number
from analysis.cli.setups import OF_COST, signature
from analysis.inputs.paths import FIRST_PACK

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="How much of the price of an AI token is electricity?",
    pretty_exceptions_enable=False,
)

WRONG_INPUT = 2
FAILED = 1
AsOf = Annotated[str, Option(metavar="DATE", help="prices and tariffs as of this day or month (2026-11)")]


@app.command("list")
def list_everything(
    scenario: Annotated[str, Option(help="show the assumptions of this scenario")] = "", as_of: AsOf = ""
) -> None:
    """List the notebooks with their parameters, the scenarios, and a scenario's assumptions."""
    from analysis.cli.listing import run

    run(scenario, as_of)


Scenarios = Annotated[list[str] | None, Option(help="name or .yaml file; repeatable; all by default")]
Notebooks = Annotated[list[str] | None, Option(help="notebook name; repeatable; the suite by default")]
Values = Annotated[
    list[str] | None,
    Option("-p", "--parameter", metavar="NAME=VALUE", help="a notebook's parameter or an assumption"),
]
Out = Annotated[Path | None, Option(parser=folder, help="folder for the results")]
Jobs = Annotated[int, Option("-j", "--jobs", help="kernels side by side", **number(int, 1, 256))]
Force = Annotated[bool, Option("--force", help="run again what is unchanged, too")]
DryRun = Annotated[bool, Option("--dry-run", help="tell what would run and why, and run nothing")]
Explain = Annotated[bool, Option("--explain", help="tell why each run has to run, then run")]
Retries = Annotated[int, Option(help="so many times run again what failed", **number(int, 0, 100))]
Timeout = Annotated[float, Option(help="seconds for the cells of a run", **number(float, 1, 1e7))]
CellTimeout = Annotated[float, Option(help="seconds for each cell; 0 is no limit", **number(float, 0, 1e7))]
Memory = Annotated[float, Option(help="GiB for a kernel; 0 is no limit", **number(float, 0, 1e6))]
Cold = Annotated[bool, Option("--cold", help="start each kernel in the ordinary way")]
Scheduler = Annotated[str, Option(metavar="ADDRESS", help="run on the Dask cluster of this scheduler")]
AsJson = Annotated[bool, Option("--json", help="print a JSON line for each run, and one at the end")]
JOBS = (os.cpu_count() or 1) + 2  # kernels that start and end leave the processor idle


@app.command()
def run(
    scenario: Scenarios = None,
    only: Notebooks = None,
    as_of: AsOf = "",
    parameter: Values = None,
    out: Out = None,
    jobs: Jobs = JOBS,
    force: Force = False,
    dry_run: DryRun = False,
    explain: Explain = False,
    retries: Retries = 0,
    timeout: Timeout = 600,
    cell_timeout: CellTimeout = 0,
    memory_gb: Memory = 0,
    cold: Cold = False,
    scheduler: Scheduler = "",
    as_json: AsJson = False,
) -> None:
    """Run notebooks: unmodified scenarios into figures/, anything else into --out (results/ by default).

    With --as-of, or on a scenario such as audited@2026-11, prices and tariffs (see refresh) are of that day.
    A run whose notebook, parameters, data, package and results are as they were is not run again.
    """
    from analysis.cli.progress import run_batch, short, tell_reasons
    from analysis.runs.plan import plan
    from analysis.runs.run import Limits

    values = dict(named_value(entry) for entry in parameter or [])
    runs = plan(scenarios=scenario or (), notebooks=only or (), values=values, out=out, as_of=as_of)
    if dry_run or explain:
        tell_reasons(runs, force, as_json, and_end=dry_run)
    limits = Limits(timeout, memory_gb, cold, cell_timeout, retries)
    outcomes = run_batch(runs, jobs, force, limits, scheduler, as_json)
    told = [f"{run.group}: {run.scenario}" for run in runs if "@" in run.group and run.group != run.scenario]
    told += [f"results: {short(run.results)}" for run in runs]
    told += [f"executed notebooks: {short(run.executed)}" for run in runs]
    for line in [] if as_json else dict.fromkeys(told):
        typer.echo(line)
    raise typer.Exit(int(any(outcome.error for outcome in outcomes)))


@app.command("what-if")
def what_if(
    assumptions: Annotated[
        list[str] | None, Argument(metavar="NAME=VALUE...", help="hub=0.20CNY/kWh")
    ] = None,
    scenario: Annotated[str, Option(help="name or .yaml file of what they change")] = "audited",
    out: Out = None,
    jobs: Jobs = JOBS,
    as_json: Annotated[bool, Option("--json", help="print JSON for machines")] = False,
) -> None:
    """Set other assumptions, as in hub=0.20CNY/kWh us=0.09USD/kWh pue=1.15: main results before and after.

    With --out the notebooks that assumptions touch are run with them, their results marked as modified.
    """
    from analysis.cli import what_if as asking

    status = asking.run(assumptions or (), scenario=scenario, out=out, as_json=as_json, jobs=jobs)
    raise typer.Exit(status)


@app.command()
def sweep(
    file: Annotated[Path, Argument(help="what to run: notebook, grid and/or runs, in YAML")],
    out: Out = None,
    jobs: Jobs = JOBS,
    force: Force = False,
    dry_run: DryRun = False,
    explain: Explain = False,
    retries: Retries = 0,
    timeout: Timeout = 600,
    cell_timeout: CellTimeout = 0,
    memory_gb: Memory = 0,
    cold: Cold = False,
    scheduler: Scheduler = "",
    as_json: AsJson = False,
) -> None:
    """Run one notebook for many parameter sets, and collect what they give in one table and a figure.

    Results go into --out (results/<name of FILE> by default).
    """
    from analysis.cli.progress import run_batch, short, tell_reasons
    from analysis.runs.run import Limits, settings_of_figures
    from analysis.runs.sweep import read_sweep

    wanted = read_sweep(file, out)
    if dry_run or explain:
        tell_reasons(wanted.runs, force, as_json, and_end=dry_run)
    limits = Limits(timeout, memory_gb, cold, cell_timeout, retries)
    outcomes = run_batch(wanted.runs, jobs, force, limits, scheduler, as_json)
    os.environ |= settings_of_figures("Agg")  # matplotlib is imported next
    from analysis.runs.collect import collect

    written = collect(wanted, outcomes)
    for path in [] if as_json else written:
        typer.echo(f"results: {short(path)}")
    raise typer.Exit(int(any(outcome.error for outcome in outcomes)))


@app.command()
def claims(
    pack: Annotated[str, Option(help="name or folder of a pack of claims, or all")] = FIRST_PACK,
    topic: Annotated[str, Option(help="this topic alone")] = "",
    verdict: Annotated[str, Option(help="this verdict alone")] = "",
    as_json: Annotated[bool, Option("--json", help="print JSON for machines")] = False,
    checks: Annotated[bool, Option("--checks", help="print the checks that a claim may name")] = False,
) -> None:
    """Print the ledger: every claim of an article with its evidence and verdict."""
    from analysis.cli.claims import print_checks
    from analysis.cli.claims import run as print_claims

    if checks:
        print_checks()
        return
    print_claims(pack, topic=topic, verdict=verdict, as_json=as_json)


@app.command()
def fit(
    check: Annotated[bool, Option(help="compare with what is stored instead of writing")] = False,
) -> None:
    """Fit the energy model on the measured rows anew, and predict each row by a fit that never saw it."""
    from analysis.inputs import paths
    from analysis.model import fit as fitting
    from analysis.runs.outputs import as_csv
    from analysis.runs.writing import write_all

    if check:
        off = fitting.differing_tables(fitting.fresh_tables())
        told = [f"data/{name} is not what a fit gives now: run kwh2token fit" for name in off]
        typer.echo("\n".join(told) or "the stored coefficients and predictions are those of a fresh fit")
        raise typer.Exit(int(bool(off)))
    typer.echo("fitting, then once more for every source and family left out (about half a minute)")
    fresh = fitting.fresh_tables()
    write_all({paths.DATA / name: as_csv(table, fitting.DIGITS) for name, table in fresh.items()})
    typer.echo("\n".join(f"data/{name}" for name in fresh))


@app.command()
def refresh(
    source: Annotated[list[str] | None, Argument(help="names of sources; all by default")] = None,
    date: Annotated[str, Option(help="day of what --server has, YYYY-MM-DD; today by default")] = "",
    server: Annotated[str, Option(help="a mirror to ask instead of the sources themselves")] = "",
    timeout: Annotated[float, Option(help="seconds for each answer", **number(float, 0.1, 3600))] = 60,
    tries: Annotated[int, Option(help="so many times ask for each", **number(int, 1, 20))] = 4,
) -> None:
    """Fetch today's list prices, tariffs and exchange rates into a dated snapshot, and tell what has changed.

    The committed data stay as they are; run --as-of DATE works with the snapshot.
    """
    from analysis.cli import refresh as refreshing
    from analysis.live.client import Limits

    limits = Limits(seconds=timeout, tries=tries)
    raise typer.Exit(refreshing.run(source or (), day=date, server=server, limits=limits))


def estimate(
    *,
    boundary: Annotated[str, Option(help="where energy is counted: gpu, server, facility")] = "facility",
    file: Annotated[Path | None, Option(help="set-ups in a CSV file, a row each; the answer is CSV")] = None,
    out: Annotated[Path | None, Option(help="file for the answer")] = None,
    as_json: Annotated[bool, Option("--json", help="answer in JSON, everything in it")] = False,
    as_csv: Annotated[bool, Option("--csv", help="answer in CSV")] = False,
    **setup: Any,
) -> None:
    """Estimate energy and cost of the tokens of MODEL; what is left out is assumed and widens the interval.

    MODEL is a name such as deepseek-v3 or gpt-oss-120b; one of your own has --params-active, --params-total.
    """
    from analysis.cli.estimate import Asked, run

    run(setup, Asked(boundary, file, out, as_json, as_csv))


estimate.__signature__ = signature(estimate)  # type: ignore[attr-defined]
app.command()(estimate)


def cost(
    *,
    out: Annotated[Path | None, Option(help="file for the answer: .csv, .json, .png or .svg")] = None,
    as_json: Annotated[bool, Option("--json", help="answer in JSON, everything in it")] = False,
    as_csv: Annotated[bool, Option("--csv", help="answer in CSV")] = False,
    **setup: Any,
) -> None:
    """Show what a million tokens cost in places, part by part, beside the Chinese hub and the US.

    What is left out is the base case of the cost stack: the open model of the article on H200s.
    """
    from analysis.cli.cost import run

    run(setup, out, as_json, as_csv)


cost.__signature__ = signature(cost, OF_COST)  # type: ignore[attr-defined]
app.command()(cost)


_UsageError: type[Any] = typer.BadParameter.__bases__[0]  # of whatever is wrong with options and arguments


def main() -> None:
    """Run the command line; wrong input ends with one message and exit status 2, a failed run with 1."""
    from analysis.inputs import paths
    from analysis.inputs.errors import CollectError, InputError, shortened

    os.environ[paths.SNAPSHOTS] = str(paths.snapshots_root())  # where kernels find them, too
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed, by cron say
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # of signs that a console does not know
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = FAILED
    except (_UsageError, InputError, OSError) as error:
        status = FAILED if isinstance(error, CollectError) else WRONG_INPUT
        told = getattr(error, "format_message", error.__str__)()
        if isinstance(error, OSError) and error.filename:
            told = f"{error.filename!s:.400}: {error.strerror}"
        elif isinstance(error, InputError):
            told = told.replace("\n", "; ")  # one message, one line
        if told:  # else help was shown
            message = f"kwh2token: {told}".encode(errors="backslashreplace").decode()
            typer.echo(shortened(message), err=True)
    sys.exit(status)
