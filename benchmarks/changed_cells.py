"""Change cells of the data at random, one at a time, and print which changes the loaders refuse.

Run it as ``python benchmarks/changed_cells.py [TRIES] [SEED]``. Each try takes a file of the data, then a
filled cell of it, and makes it wrong in a way that fits its column. What the loaders of the changed table
and of all that refer to it say then decides; what is accepted although it alters a meaning by more than a
factor of a hundred is listed by column.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from analysis.inputs import datasets, packs, paths, rules, scenario
from analysis.inputs.errors import InputError
from analysis.inputs.units import words_of

TRIES, SEED = 3600, 0
_OTHER_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_LOADERS: dict[str, tuple[str, ...]] = {
    "prices": ("build_ups", "host_tariffs"),
    "china_build_ups": ("build_ups",),
    "host_tariffs": ("host_tariffs",),
    "flagship_models": ("flagships",),
    "same_weights": ("same_weights",),
}
"""Loaders that check more of a table than its rules do."""

_EVIDENCE = ("prices", "facts", "generation", "energy_measured", "gpu_economics", "flagship_models")
"""Tables whose ids the claims cite."""


class Change(NamedTuple):
    """A cell that was changed: where, how, whether its meaning is another by a factor of 100 or more."""

    file: str
    row: int
    column: str
    kind: str
    alters: bool
    message: str
    """Why it is refused; empty where it is accepted."""


class _Cell(NamedTuple):
    text: str
    row: dict[str, str]
    column: object
    random: random.Random


def _times(factor: float) -> Callable[[_Cell], str]:
    return lambda cell: repr(float(cell.text) * factor)


def _other_word(cell: _Cell) -> str:
    words = [word for word in words_of(cell.column.words) if word != cell.text]
    return cell.random.choice(words) if words else "furlong"


def _renamed(cell: _Cell) -> str:
    at = cell.random.randrange(len(cell.text))
    other = cell.text[:at] + ("q" if cell.text[at] != "q" else "z") + cell.text[at + 1 :]
    return cell.random.choice([f"{cell.text}-x", f"x-{cell.text}", "renamed", other])


def _swapped(cell: _Cell) -> str:
    return cell.row["high"] if cell.column.column == "low" else cell.row["low"]


_OF_NUMBERS: dict[str, tuple[Callable[[_Cell], str], bool]] = {
    "times 1e6": (_times(1e6), True),
    "times 1e-9": (_times(1e-9), True),
    "negated": (lambda cell: f"-{cell.text}".removeprefix("--"), True),
    "times 10^k, |k| > 2": (
        lambda cell: repr(
            float(cell.text) * 10.0 ** (cell.random.choice((-1, 1)) * cell.random.randint(3, 12))
        ),
        True,
    ),
    "nan": (lambda cell: cell.random.choice(("nan", "NaN", "inf", "-inf", "1e999")), True),
    "text for a number": (lambda cell: "dear", True),
    "digits of another script": (lambda cell: cell.text.translate(_OTHER_DIGITS), False),
    "not a plain number": (
        lambda cell: cell.random.choice((f" {cell.text}", f"+{cell.text}", f"{cell.text}_0", "0x10", "017")),
        False,
    ),
    "blanked": (lambda cell: "", False),
}
_OF_WORDS: dict[str, tuple[Callable[[_Cell], str], bool]] = {
    "another word": (_other_word, False),
    "no word": (lambda cell: "furlong", False),
    "nan": (lambda cell: "nan", True),
    "blanked": (lambda cell: "", False),
}
_OF_IDS: dict[str, tuple[Callable[[_Cell], str], bool]] = {
    "id renamed": (_renamed, True),
    "nan": (lambda cell: "nan", True),
    "blanked": (lambda cell: "", False),
}
_OF_TEXT: dict[str, tuple[Callable[[_Cell], str], bool]] = {
    "nan": (lambda cell: "nan", True),
    "blanks around it": (lambda cell: f" {cell.text} ", False),
}
_OF_PERIODS: dict[str, tuple[Callable[[_Cell], str], bool]] = {
    "no period": (lambda cell: cell.random.choice(("soon", "2025-13", "03/12/2026", "20250")), False),
    "nan": (lambda cell: "nan", True),
}


def _kinds(cell: _Cell) -> dict[str, tuple[Callable[[_Cell], str], bool]]:
    """Return the changes that fit a cell, by what they are called."""
    column = cell.column
    if column.kind.endswith("number"):
        zero = float(cell.text) == 0
        dated = (
            {"date for a year": (lambda cell: f"{cell.text}-03-12", False)} if column.column == "year" else {}
        )
        ends = {"low and high swapped": (_swapped, False)}
        swap = ends if column.column in {"low", "high"} and cell.row["low"] != cell.row["high"] else {}
        return (
            {**_OF_NUMBERS, **dated, **swap}
            if not zero
            else {"text for a number": _OF_NUMBERS["text for a number"]}
        )
    if column.kind in {"choice", "true or false"}:
        if column.column in {"unit", "allowed_units"}:
            return {"unit replaced": (_other_word, True), "unit nonsense": (lambda cell: "furlong", True)}
        return _OF_WORDS
    if column.unique == "key" or column.refers_to or column.kind in {"id", "ids"}:
        return _OF_IDS
    return _OF_PERIODS if column.kind == "period" else _OF_TEXT


class Trial:
    """A copy of the data, and what the loaders say once a file of it holds another text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.columns = rules.load_columns(folder)
        self.table_of = {
            file: name for name in self.columns["table"].unique() for file in rules.files_of(name)
        }
        self.frames = {
            file: rules.read_checked(folder / file, self.columns[self.columns["table"] == name])
            for file, name in self.table_of.items()
        }
        self.tables = {name: datasets.load_table(name, folder) for name in self.columns["table"].unique()}
        self.texts = {file: (folder / file).read_text(encoding="utf-8") for file in self.table_of}
        self.rows = {file: list(csv.DictReader(io.StringIO(text))) for file, text in self.texts.items()}
        self.read, self.load = rules.read_checked, datasets.load_table

    def refusal(self, file: str, row: int, column: str, cell: str) -> str:
        """Return why the data are refused where a cell of a file holds this, or nothing."""
        rows = [*self.rows[file]]
        rows[row] = {**rows[row], column: cell}
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        (self.folder / file).write_text(text.getvalue(), encoding="utf-8")
        try:
            if file == rules.COLUMNS:
                return self._of_columns(self.rows[file][row]["table"])
            return self._of_table(file, column)
        finally:
            (self.folder / file).write_text(self.texts[file], encoding="utf-8")

    def _of_columns(self, table: str) -> str:
        """Only the table that a row is about can notice it."""
        try:
            columns = rules.load_columns.__wrapped__(self.folder)
            with patch.object(rules, "load_columns", lambda folder: columns), self._others():
                self.load.__wrapped__(table, self.folder)
        except InputError as error:
            return str(error)
        return ""

    @contextmanager
    def _others(self, changed: str = "") -> Iterator[dict[str, object]]:
        """Give what is not changed without reading it again."""
        tables = dict(self.tables)

        def read(path: Path, columns: object, called: str = "") -> object:
            file = path.relative_to(self.folder).as_posix()
            again = file == changed or file not in self.frames or not changed
            return self.read(path, columns, called) if again else self.frames[file].copy()

        with ExitStack() as stack:
            stack.enter_context(patch.object(rules, "read_checked", read))
            stack.enter_context(
                patch.object(datasets, "load_table", lambda name, folder=None: tables[name].copy())
            )
            stack.enter_context(patch.object(paths, "DATA", self.folder))
            stack.enter_context(patch.object(paths, "SCENARIOS", self.folder / "scenarios"))
            yield tables

    def _of_table(self, file: str, column: str) -> str:
        name = self.table_of[file]
        try:
            with self._others(file) as tables:
                with patch.object(rules, "load_columns", lambda folder: self.columns):
                    tables[name] = self.load.__wrapped__(name, self.folder)
                if column == tables[name].index.name:
                    self._check_referring(name, tables)
                if name == "claims":
                    self._read_claims()
                for loader in _LOADERS.get(name, ()):
                    getattr(datasets, f"load_{loader}").__wrapped__(self.folder)
                if name == "assumptions":
                    for known in scenario.scenario_names():
                        scenario.load_scenario(known)
        except InputError as error:
            return str(error)
        return ""

    def _check_referring(self, name: str, tables: dict[str, object]) -> None:
        for other in self.columns.loc[self.columns["refers_to"] == name, "table"].unique():
            declared = self.columns[self.columns["table"] == other]
            for file in rules.files_of(other):
                rules.check_references(file, self.frames[file], declared, lambda key: tables[key].index)
        if name in _EVIDENCE:
            self._read_claims()

    def _read_claims(self) -> None:
        packs.read_pack.__wrapped__(self.folder / "claims" / paths.FIRST_PACK, self.folder)


def changes(tries: int, seed: int, folder: Path) -> Iterator[Change]:
    """Yield random changes of cells in a copy of the data, each with what the loaders say."""
    trial, chance = Trial(folder), random.Random(seed)
    for _ in range(tries):
        file = chance.choice(sorted(trial.table_of))
        row = chance.randrange(len(trial.rows[file]))
        cells = {name: text for name, text in trial.rows[file][row].items() if text}
        name = chance.choice(sorted(cells))
        declared = trial.columns[
            (trial.columns["table"] == trial.table_of[file]) & (trial.columns["column"] == name)
        ]
        cell = _Cell(cells[name], trial.rows[file][row], next(declared.itertuples()), chance)
        kinds = _kinds(cell)
        kind = chance.choice(sorted(kinds))
        make, alters = kinds[kind]
        text = make(cell)
        if text != cell.text:
            message = trial.refusal(file, row, name, text)
            yield Change(file, row + 2, name, kind, alters, message)


def refused_share(tried: list[Change]) -> float:
    """Return the share of changes that are refused."""
    return sum(bool(change.message) for change in tried) / len(tried)


def main(tries: int = TRIES, seed: int = SEED) -> None:
    """Print the share refused by kind, and what alters a meaning and is accepted, by column."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(paths.DATA, Path(folder) / "data"))
        tried = list(changes(tries, seed, copy))
    print(f"{'change':<28}{'tries':>7}{'refused':>9}")
    for kind in sorted({change.kind for change in tried}):
        of_kind = [change for change in tried if change.kind == kind]
        print(f"{kind:<28}{len(of_kind):>7}{refused_share(of_kind):>9.1%}")
    altering = [change for change in tried if change.alters]
    share = refused_share(altering)
    print(f"\n{len(altering)} of them alter a meaning by a factor of 100 or more: {share:.1%} refused")
    print(f"longest message: {max(len(change.message) for change in tried)} characters")
    accepted = Counter((change.file, change.column, change.kind) for change in altering if not change.message)
    print("\naccepted although they do, by column")
    for (file, column, kind), number in sorted(accepted.items()):
        print(f"{number:>5}  {file}, {column}: {kind}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
