"""Bad input at random: a command line, a file, a notebook or a call, with something wrong in it.

`bad_input` gives the cases and judges what becomes of them.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml
from odd_values import CELLS, NO_NUMBERS, ODD_NAMES, changed, junk, mangled, number_text, show

import analysis
from analysis.cli import app as cli
from analysis.cli.setups import ENTRIES, OWN_CARD, TARIFF, TEXT
from analysis.inputs import paths
from analysis.inputs.entries import assumption_names
from analysis.inputs.errors import InputError
from analysis.inputs.scenario import load_scenario
from analysis.runs.template import of_file


class Case(NamedTuple):
    """A bad input: its kind, how it is shown, why a person would call it nonsense if so, how to give it."""

    kind: str
    shown: str
    nonsense: str
    give: Callable[[], object]


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


def names(chance: random.Random) -> Case:
    """Return a name of a folder, a file, a notebook or a scenario."""
    odd = chance.choice(ODD_NAMES)
    way = chance.choice(
        ("--out", "--out room", "--scenario", "--only", "sweep", "list", "list", "--scheduler")
    )
    match way:
        case "--out room":
            room = paths.project_root() / chance.choice(ROOMS) / chance.choice(("", "x", "x/y"))
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
        case "list":
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
    return made.replace("HERE", chance.choice(NO_NUMBERS), 1), ""


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


KINDS = ((values, 30), (options, 10), (names, 10), (scenario_files, 15), (sweep_files, 10))
KINDS += ((notebooks, 10), (functions, 15))


def cases(number: int, seed: int) -> Iterator[Case]:
    """Yield so many cases, the same for a seed."""
    chance = random.Random(seed)
    makers, weights = zip(*KINDS, strict=True)
    for _ in range(number):
        yield chance.choices(makers, weights)[0](chance)
