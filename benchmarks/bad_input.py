"""Give bad input at random, by the ten thousands, and count what becomes of it.

Run it as ``python benchmarks/bad_input.py [CASES] [SEED]``. Command lines, values, names of files, scenario
files, sweep files, notebooks, arguments of public functions and, with what `changed_cells` knows, cells of
the data are changed in ways that people, programs and attackers do. No kernel is started: what passes every
check counts as accepted. A case knows whether a person would call it nonsense; nonsense that is accepted is
listed, and so is every traceback, every message that is too long and everything that ran or hung.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import typer
import yaml

import analysis
from analysis.cli import app as cli
from analysis.cli import progress
from analysis.cli.setups import ENTRIES, OWN_CARD, TARIFF, TEXT
from analysis.inputs import paths
from analysis.inputs.errors import InputError
from analysis.inputs.scenario import assumption_names, load_scenario
from analysis.runs import collect
from analysis.runs.plan import check_runs
from analysis.runs.suite import SUITE
from analysis.runs.template import of_file

CASES, SEED = 30_000, 0
LONGEST, SECONDS, SHOWN = 500, 30, 40
RAN = "code-ran"
CODE = f"__import__('pathlib').Path('{RAN}').touch()"
REFUSED, ACCEPTED, SILENT = "refused", "accepted", "accepted though nonsense"
TRACEBACK, LONG, RUNS, HUNG = "traceback", "message too long", "ran code", "hung"


class Case(NamedTuple):
    """A bad input: its kind, how it is shown, why a person would call it nonsense if so, how to give it."""

    kind: str
    shown: str
    nonsense: str
    give: Callable[[], object]


# values: as text, as people and programs write them, each with whether it is a plain number

_OTHER = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
_NO_NUMBERS = ("", " ", "nan", "inf", "-inf", ".inf", ".nan", "NaN", "true", "null", "~", "[]", "{}")
_NO_NUMBERS += ("[1, 2]", "{a: 1}", "1:30", "190:20:30", "0x10", "0o17", "017", "0b1", "1e999", "1e", "--1")
_NO_NUMBERS += ("1.2.3", "five", "½", "²", "∞", "5 USD", "50%", "$5", "1/2", "2019-01-01", "12:00", "'5'")
_NO_NUMBERS += ('"5"', "5;", "5,5", "1,000", "1_000", "1 000", "&a [*a]", "*a")
_NO_NUMBERS += ("!!python/name:os.system", "!!binary aGk=", "<<: 1", "- 1", "? 1", "9" * 400)
_NO_NUMBERS += ("-" + "9" * 400, "9" * 5000, "x" * 5000, "[" * 200, "{" * 200, "a\0b", "\udcff", "\u2028")
_NO_NUMBERS += ("é", CODE, f"!!python/object/apply:eval [{CODE!r}]", "$(touch code-ran)")
_NO_NUMBERS += ("`touch code-ran`", "{{7*7}}", "%s%n")
_HEAVY = ("[" * 3000, "{" * 3000, "[&a [*a]]", "x" * 1_000_000)
"""What takes a second to refuse."""


def number_text(chance: random.Random, low: float, high: float) -> tuple[str, str]:
    """Return a text where a number from low to high belongs, and why it is nonsense there, if it is."""
    value = low + (high - low) * chance.random()
    plain = f"{value:.6g}"
    way = chance.randrange(16)
    if way < 7:
        return chance.choice(_HEAVY if chance.random() < 0.002 else _NO_NUMBERS), "no number"
    if way < 10:
        odd = {
            "other digits": plain.translate(_OTHER),
            "wide digits": plain.translate(_WIDE),
            "plus": f"+{plain}",
            "blank before": f" {plain}",
            "blank after": f"{plain} ",
            "underscore": f"{plain}_0",
        }
        why = chance.choice([*odd])
        return odd[why], why
    if way < 14:
        far = chance.choice((high * 10 + 1, high * 1e6 + 1, -abs(high) - 1, low - 1, -1e300, 1e300, 1e-300))
        return repr(far), "" if low <= far <= high else "out of bounds"
    return plain, ""


_JUNK = (lambda: None, lambda: True, lambda: "8", lambda: "1_000", lambda: b"1", lambda: bytearray(b"1"))
_JUNK += (lambda: 1j, lambda: [], lambda: {}, lambda: {1}, lambda: (), lambda: [True, 0.5], lambda: ["8"])
_JUNK += (lambda: 10**400, lambda: 10**5000, lambda: -(10**400), lambda: float("nan"), lambda: float("inf"))
_JUNK += (lambda: -1.0, lambda: 1e300, lambda: object(), lambda: Path("x"), lambda: np.bool_(True))
_JUNK += (lambda: np.array([True]), lambda: np.array(["8"]), lambda: np.array([1j]))
_JUNK += (lambda: np.array([None]), lambda: pd.Timestamp("2026-01-01"), lambda: pd.NA)
_JUNK += (lambda: pd.Series(["1"]), lambda: [[1], [2, 3]], lambda: "x" * 100_000, lambda: ["x" * 100_000])
_JUNK += (lambda: lambda: 1, lambda: np.datetime64("2026"), lambda: pd.Series([True]))
_JUNK += (lambda: pd.DataFrame({"a": [1]}), lambda: range(3), lambda: "\udcff")
_JUNK += (lambda: pd.Series(["1"], dtype="category"),)


def junk(chance: random.Random) -> Any:
    """Return something of Python that is hardly ever wanted."""
    return chance.choice(_JUNK)()


# command lines


def command(*words: str) -> Callable[[], object]:
    """Return a way to give a command line, in this process."""

    def give() -> object:
        said = io.StringIO()
        sys.argv = ["kwh2token", *words]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
            try:
                cli.main()
            except SystemExit as end:
                if end.code not in (0, None):
                    raise RefusalError(said.getvalue().strip()) from None
        return None

    return give


class RefusalError(InputError):
    """What the command line said, in full."""

    def __init__(self, message: str) -> None:
        ValueError.__init__(self, message)


BOUNDS = {name: load_scenario("audited").definition(name) for name in assumption_names()}
ONE = ("--only", "03-gpu-offset", "--scenario", "audited")
OWN = {"horizon_years": (1, 40), "discount_rate": (0, 1)}


def values(chance: random.Random) -> Case:
    """Return a value that is given with -p."""
    name = chance.choice([*BOUNDS, *OWN, *OWN])
    low, high = OWN.get(name) or (BOUNDS[name].lowest, BOUNDS[name].highest)
    text, nonsense = number_text(chance, low, high)
    whole = name == "horizon_years" and "." in text
    if name in BOUNDS and chance.random() < 0.2:
        field = chance.choice(
            ("low", "high", "unit", "period", "grade", "paragraph", "source", "rows", "nope")
        )
        name, nonsense = f"{name}.{field}", nonsense if field in {"low", "high", "paragraph"} else ""
    entry = f"{name}={text}"
    if chance.random() < 0.1:
        entry, nonsense = mangled(chance, entry), ""
    return Case("-p values", entry, nonsense or whole * "not whole", command("run", *ONE, "-p", entry))


def options(chance: random.Random) -> Case:
    """Return an option with a number."""
    run = {"--jobs": (1, 256), "--timeout": (1, 1e7), "--memory-gb": (0, 1e6)}
    setup = {
        entry.option: (entry.lowest, entry.highest)
        for entry in ENTRIES
        if entry.option and entry.kind not in {TEXT, TARIFF} and entry.column not in OWN_CARD
    }
    name = chance.choice([*run, *setup])
    text, nonsense = number_text(chance, *(run | setup)[name])
    words = ("run", *ONE, name, text) if name in run else ("estimate", "llama-3.1-8b", name, text)
    return Case("options", " ".join(words), nonsense, command(*words))


ROOMS = ("analysis", "data", "figures/new", ".git", ".venv", ".ci", "kernels", "benchmarks", "tests")
ROOMS += ("notebooks", "build")


_ODD_NAMES = ("", " ", ".", "..", "/", "a\0b", "x" * 300, "x/" * 3000, "~nobody/x", "\udcff", "CON")
_ODD_NAMES += ("a\nb", "-", "*", "fifo.yaml", "loop.yaml", "folder.yaml", "link.yaml", "none.yaml")
_ODD_NAMES += ("/dev/zero", "/dev/stdin", "/proc/self/mem", "fifo.ipynb", "loop.ipynb", "../../etc/passwd")
_ODD_NAMES += ("/etc/passwd.yaml", "x" * 300 + ".yaml", "a\0b.yaml", "good.yaml", "x" * 100_000)
_ODD_NAMES += (f"{CODE}.yaml", "${HOME}", "%2e%2e", "nope")


def names(chance: random.Random) -> Case:
    """Return a name of a folder, a file, a notebook or a scenario."""
    odd = chance.choice(_ODD_NAMES)
    way = chance.choice(
        ("--out", "--out room", "--scenario", "--only", "sweep", "--topic", "--verdict", "--scheduler")
    )
    match way:
        case "--out room":
            room = paths.project_root() / chance.choice(ROOMS) / chance.choice(("", "x", "../" * 0 + "x/y"))
            shown = chance.choice((str(room), os.path.relpath(room)))
            if chance.random() < 0.2 and room.parent.exists():
                link = Path(f"to-{abs(hash(room))}")
                with contextlib.suppress(FileExistsError):
                    link.symlink_to(room)
                shown = str(link)
            return Case(
                "names",
                f"--out {shown}",
                "room of the project",
                command("run", *ONE, "-p", "pue=1.3", "--out", shown),
            )
        case "sweep":
            return Case("names", f"sweep {odd}", "no sweep file", command("sweep", odd))
        case "--topic" | "--verdict":
            return Case(
                "names",
                f"list --scenario {odd}",
                (odd not in {"good.yaml", "link.yaml"}) * "no scenario",
                command("list", "--scenario", odd),
            )
        case "--scheduler":
            odd = odd.replace(":", "")
            return Case(
                "names",
                f"--scheduler {odd}",
                bool(odd) * "no address",
                command("run", *ONE, "--scheduler", odd),
            )
    rest = ("--only", "03-gpu-offset") if way == "--scenario" else ("--scenario", "audited")
    fine = odd in {"good.yaml", "link.yaml"} if way == "--scenario" else way == "--out" and odd.strip() != ""
    return Case(
        "names", f"{way} {odd}", (not fine) * "no such name", command("run", *rest, "-p", "pue=1.3", way, odd)
    )


# files

SCENARIO = {
    "name": "mine",
    "title": "Mine",
    "extends": "audited",
    "pue": {"value": 1.3, "low": 1.2, "high": 1.4, "unit": "ratio", "source": "mine", "grade": "C"},
    "tariff_us": {
        "value": 0.08,
        "low": 0.07,
        "high": 0.09,
        "unit": "USD/kWh",
        "period": "2025",
        "source": "m",
        "grade": "B",
    },
}
SWEEP = {
    "notebook": "03-gpu-offset",
    "grid": {"scenario": ["audited"], "horizon_years": [3, 5], "pue": [1.2, 1.3]},
    "runs": [{"horizon_years": 5, "scenario": "audited", "discount_rate": 0.1}],
    "collect": "headline.json",
}


def mangled(chance: random.Random, text: str) -> str:
    """Return a text with a few characters lost, doubled, swapped or put in."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        new = chance.choice(
            (
                "",
                "\0",
                "\t",
                ":",
                "{",
                "[",
                "'",
                '"',
                "&",
                "*",
                "!",
                "|",
                "-",
                "\n",
                "#",
                "٣",
                "\u2028",
                "\ufeff",
            )
        )
        text = text[:at] + new + text[at + chance.randint(0, 3) :]
    return text


def changed(chance: random.Random, data: Any, text: str) -> Any:
    """Return nested data with one entry replaced by a placeholder, a key renamed, or an entry left out."""
    if isinstance(data, dict) and data and chance.random() < 0.85:
        key = chance.choice([*data])
        way = chance.random()
        if way < 0.08:
            return {name: entry for name, entry in data.items() if name != key}
        if way < 0.16:
            return {(f"{name}x" if name == key else name): entry for name, entry in data.items()}
        return data | {key: changed(chance, data[key], text)}
    if isinstance(data, list) and data and chance.random() < 0.85:
        at = chance.randrange(len(data))
        return [changed(chance, entry, text) if number == at else entry for number, entry in enumerate(data)]
    return text


def yaml_file(chance: random.Random, kind: str, base: dict[str, Any]) -> tuple[str, str]:
    """Return the text of a YAML file with something wrong in it, and why it is nonsense, if it is."""
    way = chance.random()
    if way < 0.25:
        return mangled(chance, yaml.safe_dump(base, sort_keys=False)), ""
    if way < 0.5:  # a number of the first assumption, or of the grid
        text, nonsense = number_text(chance, 1.0, 3.0)
        fine = nonsense.startswith(("blank", "plus")) or text.strip() in {"", "null", "~"} or "," in text
        nonsense = "" if fine else nonsense
        if kind == "sweep":
            return f"notebook: 03-gpu-offset\ngrid:\n  scenario: [audited]\n  pue: [{text}]\n", nonsense
        lines = yaml.safe_dump(
            {**base, "pue": {**base["pue"], "value": "HERE", "low": 1.0, "high": 3.0}}, sort_keys=False
        )
        return lines.replace("HERE", text), nonsense
    made = yaml.safe_dump(changed(chance, base, "HERE"), sort_keys=False)
    return made.replace("HERE", chance.choice(_NO_NUMBERS), 1), ""


def scenario_files(chance: random.Random) -> Case:
    """Return a scenario file."""
    text, nonsense = yaml_file(chance, "scenario", SCENARIO)

    def give() -> object:
        Path("mine.yaml").write_bytes(text.encode(errors="surrogateescape"))
        return load_scenario("mine.yaml", {})

    return Case("scenario files", text, nonsense, give)


def sweep_files(chance: random.Random) -> Case:
    """Return a sweep file."""
    text, nonsense = yaml_file(chance, "sweep", SWEEP)

    def give() -> object:
        Path("sweep.yaml").write_bytes(text.encode(errors="surrogateescape"))
        return command("sweep", "sweep.yaml")()

    return Case("sweep files", text, nonsense, give)


CELL = "a: int = 1\nb: float = 0.5\nc: str = 'x'\nd: bool = True\ne: list = [1]\noutput_dir: str = 'o'\n"
CELLS = ("", "%load_ext autoreload\na: int = 1", "!touch code-ran\na: int = 1", "a: int", "a, b = 1, 2")
CELLS += ("c = d = 4", "a: Any = 1", "a: Foo[1] = 1", "a: 'int' = 1", "a: Literal['x'] = 'x'")
CELLS += ("a: Literal[" + "(" * 500, "a = 9" + "9" * 5000, f"a = {CODE}", f"a: int = {CODE}")
CELLS += (f"a: {CODE} = 1", "a = -" + "-" * 5000 + "1", "a = [" * 2000, "class", "a = 1\0", "\udcff = 1")
CELLS += ("a: int | = 1", "a: Optional[int] = None", "a: dict[str, int] = {}", "a = b", "_ = 1")
CELLS += ("__a__ = 1", "model_config = 1", "x" * 100_000)


_GIVEN = (("a", 2, False), ("b", 0.25, False), ("b", 1, False), ("c", "y", False), ("e", [], False))
_GIVEN += (("a", "1_0", True), ("a", True, True), ("a", 1.5, True), ("a", "1", True), ("b", "0.5", True))
_GIVEN += (("b", True, True), ("c", 5, True), ("d", 1, True), ("e", 3, True))


def notebooks(chance: random.Random) -> Case:
    """Return a notebook, and a value for one of its parameters."""
    source = chance.choice((CELL, CELL, CELL, *CELLS))
    tags = chance.choice((["parameters"],) * 8 + ([], ["Parameters"], "parameters", None, [1]))
    code = {
        "cell_type": "code",
        "metadata": {"tags": tags},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    book: Any = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [code, {**code, "metadata": {}, "id": "x"}],
    }
    name, given_value, wrong = chance.choice(_GIVEN)
    nonsense, text = (
        "another type" if wrong and source == CELL and tags == ["parameters"] else "",
        json.dumps(book),
    )
    way = chance.random()
    if way < 0.3:
        text, nonsense = json.dumps(changed(chance, book, chance.choice(("", [], None, 5, "x" * 1000)))), ""
    elif way < 0.4:
        text, nonsense = mangled(chance, text), ""
    elif way < 0.45:
        text, nonsense = (
            chance.choice(("[" * 100_000, "{}", "", "[]", "\ufeff{}", "NaN", "9" * 5000, '{"a":' * 5000)),
            "no notebook",
        )
    given = {
        "notebook": "book.ipynb",
        "runs": [{name: given_value}],
        "delivers": chance.choice(([], [], [], [], ["x.csv"], [" "], ["../x"], ["a\0b"])),
    }
    given["reads"] = chance.choice(
        ([], [], [], [], [], [], ["x" * 300], ["a\0b"], ["loop.yaml"], ["fifo.ipynb"], ["good.yaml"])
    )

    def give() -> object:
        Path("book.ipynb").write_bytes(text.encode(errors="surrogatepass"))
        Path("sweep.yaml").write_text(json.dumps(given), encoding="utf-8")
        if chance.random() < 0.5:
            of_file(Path("book.ipynb"))
        return command("sweep", "sweep.yaml")()

    return Case("notebooks", f"{text} {given}", nonsense, give)


# public functions

HOUR = {
    "gpu_price_usd": 30e3,
    "gpu_life_years": 5.0,
    "utilisation": 0.7,
    "pue": 1.2,
    "tariff_usd_per_kwh": 0.08,
}
MORE = ("discount_rate", "network_usd_per_gpu_hour", "idle_power_fraction", "facility_life_years")
SETUP = pd.DataFrame(
    {"params_active_b": [8.0, 22.0], "gpu_model": ["H100", "H200"], "gpu_count": [1, 8], "batch": [64.0, 9.0]}
)
COLUMNS = (
    "params_active_b",
    "params_total_b",
    "gpu_count",
    "batch",
    "input_tokens",
    "layers",
    "tokens_per_step",
)


def functions(chance: random.Random) -> Case:
    """Return arguments of a public function with one that is wrong."""
    wrong = junk(chance)
    unknown = wrong is None or wrong is pd.NA or (isinstance(wrong, float) and np.isnan(wrong))
    plain = isinstance(wrong, float) and 0.0 <= wrong <= 1e12
    why = f"{type(wrong).__name__} for a number"
    numbers, empty = isinstance(wrong, range | pd.DataFrame), isinstance(wrong, list | tuple) and not wrong
    match chance.choice(
        ("hour", "cost", "frame", "frame", "setup", "boundary", "period", "scenario", "overrides", "begin")
    ):
        case "hour":
            name = chance.choice((*HOUR, *MORE))
            given = HOUR | {"gpu_power_kw": 0.7, name: wrong}
            return Case(
                "functions",
                f"gpu_hour_cost {name}={show(wrong)}",
                (not (plain or numbers or empty)) * why,
                lambda: analysis.gpu_hour_cost(**given),
            )
        case "cost":
            name = chance.choice((*HOUR, *MORE, "cached_input_cost"))
            return Case(
                "functions",
                f"token_cost {name}={show(wrong)}",
                (not plain) * why,
                lambda: analysis.token_cost(SETUP, **(HOUR | {name: wrong})),
            )
        case "frame":
            name = chance.choice(COLUMNS)
            column = pd.Series([8.0, wrong], dtype=object)
            fine = plain or (unknown and name != "params_active_b")
            return Case(
                "functions",
                f"predict_energy {name}={show(wrong)}",
                (not fine) * why,
                lambda: analysis.predict_energy(SETUP.assign(**{name: column})),
            )
        case "setup":
            fine = isinstance(wrong, pd.DataFrame)
            return Case(
                "functions",
                f"predict_energy frame={show(wrong)}",
                (not fine) * "no frame",
                lambda: analysis.predict_energy(wrong),
            )
        case "boundary":
            return Case(
                "functions",
                f"predict_energy boundary={show(wrong)}",
                "no boundary",
                lambda: analysis.predict_energy(SETUP, boundary=wrong),
            )
        case "period":
            return Case(
                "functions",
                f"token_cost exchange_period={show(wrong)}",
                "no period",
                lambda: analysis.token_cost(SETUP, exchange_period=wrong, **HOUR),
            )
        case "scenario":
            return Case(
                "functions", f"load_scenario {show(wrong)}", "no scenario", lambda: load_scenario(wrong)
            )
        case "overrides":
            name = chance.choice((*BOUNDS, "pue.low", 5))
            fine = (
                isinstance(name, str)
                and plain
                and name in BOUNDS
                and BOUNDS[name].lowest <= wrong <= BOUNDS[name].highest
            )
            given = chance.choice(({name: wrong}, wrong))
            none = given is wrong and (wrong is None or isinstance(wrong, dict))
            return Case(
                "functions",
                f"load_scenario overrides={show(given)}",
                (not fine and not none) * "no overrides",
                lambda: load_scenario("article", given),
            )
    name = chance.choice(("horizon_years", "discount_rate", "currency", "overrides", "scenario", "nope"))
    fine = name == "overrides" and isinstance(wrong, dict)
    return Case(
        "functions",
        f"begin {name}={show(wrong)}",
        (not fine) * "no parameter",
        lambda: analysis.begin("03-gpu-offset", **{name: wrong}),
    )


def show(given: object) -> str:
    """Return how a value is written, cut."""
    try:
        return f"{given!r:.60}"
    except ValueError:
        return "an integer of thousands of digits"


# giving them

KINDS = ((values, 30), (options, 10), (names, 10), (scenario_files, 15), (sweep_files, 10))
KINDS += ((notebooks, 10), (functions, 15))


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
    assert SUITE


def cases(number: int, seed: int) -> Iterator[Case]:
    """Yield so many cases, the same for a seed."""
    chance = random.Random(seed)
    makers, weights = zip(*KINDS, strict=True)
    for _ in range(number):
        yield chance.choices(makers, weights)[0](chance)


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
    """Return what becomes of changed cells of the data, where `changed_cells` lies beside this file."""
    try:
        import changed_cells
    except ImportError:
        return Counter()
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
    print(f"{number:,} cases in {time.monotonic() - start:.0f} s; new in the project: ", end="")
    print(
        sorted(set(paths.project_root().iterdir()) - set(before)) or "nothing",
        "; beside: ",
        beside or "nothing",
    )
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for case, found, said in odd:
        groups[found, case.kind, said[:60] if found != SILENT else case.nonsense].append(case.shown)
    for (found, kind, said), shown in sorted(groups.items(), key=lambda each: (each[0][0], -len(each[1]))):
        print(f"{found}: {kind}: {len(shown)} x {said!r}; as {shown[0][:300]!r}")


if __name__ == "__main__":
    main()
