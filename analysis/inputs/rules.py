"""What each data table must look like: the rows of ``data/columns.csv``, as checks and as messages.

A row there says of one column what its cells hold, within which bounds, to which table they refer, and
which sentences about other cells of the row should be true. ``make dictionary`` writes the lists of
columns in ``data/README.md`` from the same rows.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.inputs import paths
from analysis.inputs.errors import DataError, nearest
from analysis.inputs.plain import fault_of
from analysis.inputs.reading import fault_of_file, note_read, read_once
from analysis.inputs.units import currency_of, words_of

COLUMNS = "columns.csv"
_NEEDED = ("table", "column", "kind", "words", "lowest", "highest", "blank", "unique", "refers_to", "rules")
_FILES = {
    "prices": ("prices_us.csv", "prices_europe.csv", "prices_china.csv"),
    "claims": (f"claims/{paths.FIRST_PACK}/claims.csv",),
    "article_figures": (f"claims/{paths.FIRST_PACK}/figures.csv",),
}
"""Files of the tables that are not one file of their own name."""

_QUOTED = "; a text that holds a comma stands in quotes"
_NUMBER = r"-?[0-9.]+(?:e-?[0-9]+)?"
_PART = rf"{_NUMBER} to {_NUMBER} \[[^],]+\]"
_BOUNDS = re.compile(rf"should lie within (?P<parts>{_PART}(?:, {_PART})*)(?: by (?P<by>\w+))?")
_SAME_BOUNDS = re.compile(r"should lie within the bounds of (\w+)")
"""Bounds by the unit in the column ``unit``, or in another one; and those that another column has."""


@read_once
def load_columns(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return what each column of each table holds: a row a column, all cells text.

    Raises
    ------
    DataError
        If a row is wrong or names a kind or a rule that is not known.
    """
    path = folder / COLUMNS
    rows = _read_text(path, COLUMNS).fillna("")
    if missing := [name for name in _NEEDED if name not in rows]:
        raise DataError(f"{path.name}: missing column {missing[0]!r}")
    read_checked(path, rows[rows["table"] == "columns"])
    tables = rows.groupby("table")["refers_to"].agg(set)
    try:
        TopologicalSorter({name: referred - {name, ""} for name, referred in tables.items()}).prepare()
    except CycleError as error:
        raise DataError(f"{path.name}, column refers_to: a circle: {', '.join(error.args[1])}") from None
    known = (_BOUNDS.pattern, _SAME_BOUNDS.pattern, *_RULES)
    for number, row in enumerate(rows.itertuples(), start=2):
        if row.refers_to and row.refers_to not in tables:
            raise DataError.at(path.name, number, "refers_to", f"no table {row.refers_to!r:.60}")
        for sentence in sentences_of(row):
            if not any(re.fullmatch(rule, sentence) for rule in known):
                raise DataError.at(path.name, number, "rules", f"no rule {sentence!r:.200} is known")
    return rows


def read_checked(path: Path, columns: pd.DataFrame, called: str = "") -> pd.DataFrame:
    """Return a table that holds these columns; row numbers in messages are those of the file, header = 1.

    Messages call the file by its name, or as they are told.

    Raises
    ------
    DataError
        If it has other columns or no row, or if cells are not what they should be: a message for each.
    """
    called = called or path.name
    cells, declared = _read_text(path, called), {str(row.column): row for row in columns.itertuples()}
    states = {"missing": set(declared) - set(cells), "unknown": set(cells) - set(declared)}
    if odd := [f"{state} column {min(names)!r:.60}" for state, names in states.items() if names]:
        raise DataError(f"{called}: {', '.join(odd)}")
    if cells.empty:
        raise DataError(f"{called}: holds no row")
    numeric = [name for name, row in declared.items() if row.kind.endswith("number")]
    typed = cells.assign(**{name: pd.to_numeric(cells[name], errors="coerce") for name in numeric})
    rows = {name: typed[name].to_numpy(float if name in numeric else object) for name in declared}
    problems: dict[tuple[int, str], str] = {}
    for name, row in declared.items():
        faults = enumerate(_faults_of(row, cells[name].tolist()), start=2)
        problems |= {(at, name): told for at, told in faults if told}
    sound = ~np.isin(np.arange(2, len(cells) + 2), [at for at, _ in problems])
    for name, row in declared.items():
        for told, holds in _rule_checks(row, declared, rows):
            wrong = np.flatnonzero(~np.asarray(holds, dtype=bool) & sound) + 2
            problems |= {(int(at), name): told for at in wrong if (int(at), name) not in problems}
    if problems:
        raise DataError.of_cells(called, problems)
    whole = [name for name in numeric if "whole" in declared[name].kind and typed[name].notna().all()]
    return typed.astype(dict.fromkeys(numeric, float) | dict.fromkeys(whole, int))


def files_of(table: str) -> tuple[str, ...]:
    """Return the names of the files that hold a table."""
    return _FILES.get(table, (f"{table}.csv",))


def check_references(
    file: str, frame: pd.DataFrame, columns: pd.DataFrame, keys_of: Callable[[str], Iterable[str]]
) -> None:
    """Refuse a cell that names a row which the table it refers to does not hold.

    Parameters
    ----------
    file : str
        What messages call the file.
    frame, columns : pandas.DataFrame
        A table as `read_checked` returns it, and what its columns hold.
    keys_of : callable
        Gives the keys of another table by its name.

    Raises
    ------
    DataError
        If there is such a cell.
    """
    for column in columns[columns["refers_to"] != ""].itertuples():
        files = ", ".join(files_of(column.refers_to))
        if column.refers_to == column.table:
            files = file
            known = {cell for key in columns.loc[columns["unique"] == "key", "column"] for cell in frame[key]}
        else:
            known = set(keys_of(column.refers_to))
        lost = {row_id for cell in frame[column.column].unique() for row_id in row_ids(cell)}
        lost -= known | set(words_of(column.words))
        for row, row_id in ids_by_row(frame[column.column]).items() if lost else ():
            if row_id in lost:
                hint = nearest(row_id, known)
                problem = f"{row_id!r:.60} is not in {files}{hint}"
                raise DataError.at(file, row, column.column, problem)


def ids_by_row(cells: pd.Series) -> pd.Series:
    """Return the row ids that cells list, each at the row number of its cell in the file, header = 1."""
    listed = cells.map(row_ids)
    listed.index = pd.RangeIndex(2, len(listed) + 2)
    return listed.explode().dropna()


def row_ids(cell: object) -> list[str]:
    """Return the row ids that a cell lists, none where it is blank.

    Examples
    --------
    >>> row_ids("us-avg-ind-2024;us-ohio-ind-2024"), row_ids(float("nan"))
    (['us-avg-ind-2024', 'us-ohio-ind-2024'], [])
    """
    return [row_id for row_id in cell.split(";") if row_id] if isinstance(cell, str) else []


def _read_text(path: Path, called: str) -> pd.DataFrame:
    note_read(str(path))
    try:
        if fault := fault_of_file(path, 10_000_000):
            raise DataError(f"{called}: {fault}")
        cells = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8")
    except OSError as error:
        raise DataError(f"{called}: {error.strerror}") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        told = str(error).strip()
        raise DataError(f"{called}: not a readable CSV table: {told}{_QUOTED * ('saw' in told)}") from None
    if not isinstance(cells.index, pd.RangeIndex):
        raise DataError(f"{called}: more cells in each row than in the header{_QUOTED}")
    return cells


def _faults_of(row: Any, cells: list[Any]) -> list[str]:
    """Return what is wrong with each cell of a column, nothing where it is right."""
    faults = {cell: fault_of(row, cell) for cell in set(cells) if isinstance(cell, str)}
    if row.unique:
        doubled = [cell for cell, number in Counter(cells).items() if number > 1 and cell in faults]
        faults |= {cell: f"{cell!r:.60} fails: no two rows the same" for cell in doubled}
    return [faults.get(cell, "" if row.blank else "nan fails: not blank") for cell in cells]


def sentences_of(row: Any) -> list[str]:
    """Return what should be true of a column and other cells of its row."""
    return [sentence for sentence in row.rules.split("; ") if sentence]


def _rule_checks(row: Any, declared: Mapping[str, Any], rows: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what should be true of a column and other cells of its row, and where it is."""
    for sentence in sentences_of(row):
        try:
            if same := _SAME_BOUNDS.fullmatch(sentence):
                sentence = next(filter(_BOUNDS.fullmatch, sentences_of(declared[same[1]])))
            yield from _truths_of(sentence, rows, row.column)
        except (KeyError, TypeError, ValueError, StopIteration):
            problem = f"the rule {sentence!r:.200} of {row.table}, {row.column} does not fit its columns"
            raise DataError(f"{COLUMNS}: {problem}") from None


def _truths_of(sentence: str, rows: Mapping[str, Any], own: str) -> Iterator[tuple[str, Any]]:
    """Yield what a sentence says of a column, by unit where it gives bounds, and where that is true."""
    if bounds := _BOUNDS.fullmatch(sentence):
        units, number = rows[bounds["by"] or "unit"], rows[own]
        for unit in {unit for unit in units if isinstance(unit, str)}:
            least, most = bounds_of(bounds["parts"], unit)
            outside = ~((number >= float(least)) & (number <= float(most)) | np.isnan(number))
            told = f"should lie within {least} to {most} [{unit}]"
            yield told if least != "nan" else f"no bounds for [{unit}]", ~(outside & (units == unit))
        return
    for pattern, holds in _RULES.items():
        if names := re.fullmatch(pattern, sentence):
            yield sentence, holds(rows, own, *names.groups())
            return


def bounds_of(sentence: str, unit: str) -> tuple[str, str]:
    """Return the bounds that a sentence gives for a unit, not a number where it gives none.

    Examples
    --------
    >>> bounds_of("should lie within 0.001 to 5 [currency/kWh], 0 to 1 [share]", "USD/kWh")
    ('0.001', '5')
    """
    for part in re.findall(_PART, sentence):
        least, _, most, units = part.split(" ", 3)
        if units == f"[{unit}]" or any(fnmatchcase(unit, word) for word in words_of(units[1:-1])):
            return least, most
    return "nan", "nan"


def _is(rows: Mapping[str, Any], column: str, state: str) -> Any:
    """Tell where a column is blank, is filled, or holds one of the words, where * stands for any text."""
    blank = pd.isna(rows[column])
    if state in {"blank", "filled"}:
        return blank == (state == "blank")
    patterns = words_of(state.replace(" or ", ";"))
    found = {cell for cell in set(rows[column][~blank]) if any(fnmatchcase(cell, word) for word in patterns)}
    return np.array([cell in found for cell in rows[column]])


def _is_times(rows: Mapping[str, Any], own: str, zero: str, least: str, most: str, others: str) -> Any:
    number, product = rows[own], np.prod([rows[other] for other in others.split(" times ")], axis=0)
    off = (number < float(least) * product) | (number > float(most) * product)
    return ~(off & (number != 0)) if zero else ~off


def _cells(rows: Mapping[str, Any], *names: str) -> Iterator[tuple[str, ...]]:
    """Yield cells of some columns row by row as text: blank ones as none, whole numbers without a point."""
    texts = [["" if pd.isna(cell) else str(cell).removesuffix(".0") for cell in rows[name]] for name in names]
    return zip(*texts, strict=True)


def _each(holds: Callable[..., bool]) -> Callable[..., list[bool]]:
    """Return a rule that looks at a cell, and at others of its row, as texts."""
    return lambda rows, own, *others: [holds(*cells) for cells in _cells(rows, own, *others)]


_RULES: dict[str, Callable[..., Any]] = {
    r"should not exceed (\w+)(?: where (\w+) is (.+))?": lambda rows, own, other, named, state: (
        ~(rows[own] > rows[other]) | (~_is(rows, named, state) if named else False)
    ),
    r"should not be less than (\w+)": lambda rows, own, other: ~(rows[own] < rows[other]),
    r"should lie between (\w+) and (\w+)": lambda rows, own, one, other: (
        ~((rows[own] < np.minimum(rows[one], rows[other])) | (rows[own] > np.maximum(rows[one], rows[other])))
    ),
    rf"should be (zero or )?({_NUMBER}) to ({_NUMBER}) times (\w+(?: times \w+)*)": _is_times,
    r"should be filled exactly where (\w+) is (.+)": lambda rows, own, other, state: (
        _is(rows, own, "filled") == _is(rows, other, state)
    ),
    r"should be (.+) where (\w+) is (.+)": lambda rows, own, wanted, other, state: (
        _is(rows, own, wanted) | ~_is(rows, other, state)
    ),
    r"should stand once for each (\w+(?: and \w+)*)": lambda rows, own, others: (
        ~pd.Series(list(_cells(rows, own, *others.split(" and ")))).duplicated()
    ),
    r"should have the row (\w+) for each (\w+)": lambda rows, own, word, other: pd.Series(rows[other]).isin(
        rows[other][rows[own] == word]
    ),
    r"should begin with (\S+(?: or \S+)*)": lambda rows, own, starts: _is(
        rows, own, starts.replace(" or ", "* or ") + "*"
    ),
    r"should be that of the (period)": _each(lambda year, period: period[:4] == year),
    r"should be that of the (unit)": _each(lambda currency, unit: currency == (currency_of(unit) or "")),
    r"should be one of (\w+)": _each(lambda unit, units: not unit or unit in words_of(units)),
    r"should be written in Latin letters": _each(
        lambda cell: all(unicodedata.name(sign, "").startswith("LATIN") for sign in cell if sign.isalpha())
    ),
    r"should hold the (\w+)": _each(lambda cell, part: part.lower() in cell),
    r"a figure recalled from memory has no place here": _each(lambda cell: "recalled" not in cell.lower()),
}
"""Sentences that ``columns.csv`` may say of a column, and what tells in which rows they are true."""
