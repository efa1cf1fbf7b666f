"""Give bad input at random, by the ten thousands, and count what becomes of it.

Run it as ``python benchmarks/bad_input.py [CASES] [SEED]``. Command lines, values, names of files, scenario
files, sweep files, notebooks and arguments of public functions (`bad_cases`, made of `odd_values`) and
cells of the data (`changed_cells`) are changed in ways that people, programs and attackers do. No kernel is
started: what passes every check counts as accepted. A case knows whether a person would call it nonsense;
nonsense that is accepted is listed, and so is every traceback, every message that is too long and
everything that ran or hung.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter, defaultdict
from pathlib import Path

import changed_cells
import typer
import yaml
from bad_cases import SCENARIO, Case, RefusalError, cases
from odd_values import RAN

from analysis.cli import app as cli
from analysis.cli import progress
from analysis.inputs import paths
from analysis.inputs.errors import InputError
from analysis.runs import collect
from analysis.runs.plan import check_runs

CASES, SEED = 30_000, 0
LONGEST, SECONDS = 500, 30
REFUSED, ACCEPTED, SILENT = "refused", "accepted", "accepted though nonsense"
TRACEBACK, LONG, RUNS, HUNG = "traceback", "message too long", "ran code", "hung"


def outcome_of(case: Case) -> tuple[str, str]:
    """Give a case; return what became of it and what was said."""

    def hang(number: int, frame: object) -> None:
        raise TimeoutError(HUNG)

    signal.signal(signal.SIGALRM, hang)
    signal.alarm(SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.give()
        found, said = (SILENT if case.nonsense else ACCEPTED), ""
    except InputError as error:
        said = str(error)
        crashed = isinstance(error, RefusalError) and ("Traceback" in said or not said)
        found = TRACEBACK if crashed else LONG if len(said) > LONGEST else REFUSED
    except TimeoutError:
        found, said = HUNG, ""
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        found, said = (
            TRACEBACK,
            f"{type(error).__name__}: {str(error)[:150]} ({Path(where.filename).name}:{where.lineno})",
        )
    finally:
        signal.alarm(0)
    if Path(RAN).exists():
        Path(RAN).unlink()
        found = RUNS
    return found, said


def prepare() -> None:
    """Make the files that names refer to, and keep kernels from starting."""
    good = yaml.safe_dump(SCENARIO, sort_keys=False)
    Path("good.yaml").write_text(good, encoding="utf-8")
    Path("real-v1").write_text(good, encoding="utf-8")
    Path("link.yaml").symlink_to("real-v1")
    Path("folder.yaml").mkdir()
    for suffix in ("yaml", "ipynb"):
        Path(f"loop.{suffix}").symlink_to(f"loop.{suffix}")
        os.mkfifo(f"fifo.{suffix}")
    cli.app = typer.main.get_command(cli.app)  # built once
    progress.run_all = lambda runs, report, **how: check_runs(runs) or []
    collect.collect = lambda sweep, outcomes: []


def tally(number: int, seed: int) -> tuple[dict[str, Counter[str]], list[tuple[Case, str, str]]]:
    """Give the cases; return counts of outcomes by kind, and each case that ended as none should."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    odd = []
    for case in cases(number, seed):
        found, said = outcome_of(case)
        counts[case.kind][found] += 1
        if found not in {REFUSED, ACCEPTED}:
            odd.append((case, found, said))
    return counts, odd


def data_cells(number: int, seed: int) -> Counter[str]:
    """Return what becomes of changed cells of the data."""
    copy = Path(shutil.copytree(paths.DATA, "data"))
    tried = changed_cells.changes(number, seed, copy)
    return Counter(REFUSED if each.message else SILENT if each.alters else ACCEPTED for each in tried)


def main() -> None:
    """Print counts by kind, and what should not have been."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    before, start = sorted(paths.project_root().iterdir()), time.monotonic()
    with tempfile.TemporaryDirectory() as outer, contextlib.chdir(outer):
        Path("inner").mkdir()
        os.chdir("inner")
        prepare()
        counts, odd = tally(number, seed)
        counts["data cells"] = data_cells(number // 10, seed)
        beside = {path.name for path in Path(outer).iterdir()} - {"inner"}
    columns = (REFUSED, ACCEPTED, SILENT, TRACEBACK, LONG, RUNS, HUNG)
    print(f"{'kind':<16}" + "".join(f"{name:>26}" for name in columns))
    for kind, found in counts.items():
        print(f"{kind:<16}" + "".join(f"{found[name]:>26,}" for name in columns))
    new = sorted(set(paths.project_root().iterdir()) - set(before)) or "nothing"
    print(f"{number:,} cases in {time.monotonic() - start:.0f} s; new in the project: {new}; ", end="")
    print("beside:", beside or "nothing")
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for case, found, said in odd:
        groups[found, case.kind, said[:60] if found != SILENT else case.nonsense].append(case.shown)
    for (found, kind, said), shown in sorted(groups.items(), key=lambda each: (each[0][0], -len(each[1]))):
        print(f"{found}: {kind}: {len(shown)} x {said!r}; as {shown[0][:300]!r}")


if __name__ == "__main__":
    main()
