"""What each data table must look like: the rows of ``data/columns.csv``, as checks and as messages.

A row there says of one column what its cells hold, within which bounds, to which table they refer, and
which sentences about other cells of the row should be true. ``make dictionary`` writes the lists of
columns in ``data/README.md`` from the same rows.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from analysis.inputs import paths
from analysis.inputs.errors import DataError
from analysis.inputs.reading import note_read, read_once
from analysis.inputs.units import currency_of, period_bounds, words_of

COLUMNS = "columns.csv"
_NEEDED = ("table", "column", "kind", "words", "lowest", "highest", "blank", "unique", "refers_to", "rules")
_MOST_PROBLEMS_SHOWN = 10
_FILES = {"prices": ("prices_us.csv", "prices_europe.csv", "prices_china.csv")}
"""Files of the tables that are not one file of their own name."""

_PATTERNS = {
    "id": (r"^[a-z0-9][a-z0-9_-]*$", "lower-case letters, digits, - and _ only"),
    "country": (r"^[A-Z]{2}$", "an ISO 3166 code"),
    "country or INT": (r"^([A-Z]{2}|INT)$", "an ISO 3166 code, or INT"),
    "countries": (r"^[A-Z]{2}(; [A-Z]{2})*$", "ISO 3166 codes joined by '; '"),
    "vendor/name": (r"^[^/]+/[^/]+$", "vendor/name"),
    "web address": (r"^https?://", "a web address"),
}
"""What the text of a kind of column matches, and how a message says so."""

_FAILURES = {
    "coerce_dtype('float64')": "a number",
    "coerce_dtype('int64')": "a whole number",
    "not_nullable": "not blank",
    "field_uniqueness": "no two rows the same",
}
"""How a message calls the checks that pandera makes by itself."""


@read_once
def load_columns(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return what each column of each table holds: a row a column, all cells text.

    Raises
    ------
    DataError
        If a row is wrong or names a kind or a rule that is not known.
    """
    path = folder / COLUMNS
    rows = _read_text(path).fillna("")
    if missing := [name for name in _NEEDED if name not in rows]:
        raise DataError(f"{path.name}: missing column {missing[0]!r}")
    read_checked(path, rows[rows["table"] == "columns"])
    for number, row in enumerate(rows.itertuples(), start=2):
        for sentence in sentences_of(row):
            if _rule_of(sentence) is None:
                raise DataError.at(path.name, number, "rules", f"no rule {sentence!r} is known")
    return rows


def read_checked(path: Path, columns: pd.DataFrame) -> pd.DataFrame:
    """Return a table that holds these columns; row numbers in messages are those of the file, header = 1."""
    try:
        return _schema_of(columns).validate(_read_text(path), lazy=True)
    except pa.errors.SchemaErrors as error:
        raise DataError(_describe(path, error.failure_cases)) from None


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
        if column.refers_to == column.table:
            known = set(frame[columns.loc[columns["unique"] == "key", "column"].item()])
        else:
            known = set(keys_of(column.refers_to))
        known |= set(words_of(column.words))
        for row, row_id in ids_by_row(frame[column.column]).items():
            if row_id not in known:
                problem = f"{row_id!r} is not in {', '.join(files_of(column.refers_to))}"
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


def _read_text(path: Path) -> pd.DataFrame:
    note_read(str(path))
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path.name}: {error.strerror}") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path.name}: not a readable CSV table: {error}") from None


def _schema_of(columns: pd.DataFrame) -> pa.DataFrameSchema:
    rules = [
        _check_of(str(row.column), sentence) for row in columns.itertuples() for sentence in sentences_of(row)
    ]
    cells = {str(row.column): _cells_of(row) for row in columns.itertuples()}
    return pa.DataFrameSchema(cells, checks=rules, strict=True, coerce=True)


def _cells_of(row: Any) -> pa.Column:
    """Return what the cells of one column must be."""
    kind, checks = row.kind, []
    dtype: type = str
    if kind in _PATTERNS:
        pattern, meaning = _PATTERNS[kind]
        checks.append(pa.Check.str_matches(pattern, error=meaning))
    elif kind == "period":
        told = "a period such as 2025, 2025-S1 or 2025-06"
        checks.append(pa.Check(_is_period, element_wise=True, error=told))
    elif kind in {"choice", "true or false"}:
        words = words_of(row.words) if kind == "choice" else ("true", "false")
        checks.append(pa.Check.isin(words, error=f"one of {', '.join(words)}"))
    elif kind.endswith("number"):
        dtype = int if "whole" in kind else float
        limits = [("a finite number", lambda numbers: numbers.abs() < float("inf"))]
        if kind.startswith("positive"):
            limits.append(("above zero", lambda numbers: numbers > 0))
        if row.lowest:
            limits.append((f"{row.lowest} or more", lambda numbers: numbers >= float(row.lowest)))
        if row.highest:
            limits.append((f"{row.highest} or less", lambda numbers: numbers <= float(row.highest)))
        checks += [_number_check(told, holds) for told, holds in limits]
    return pa.Column(dtype, checks, nullable=bool(row.blank), unique=bool(row.unique))


def _number_check(told: str, holds: Callable[[pd.Series], Any]) -> pa.Check:
    """Return a check of numbers; of a cell that is none another message tells."""

    def passes(cells: pd.Series) -> Any:
        numbers = pd.to_numeric(cells, errors="coerce")
        return holds(numbers) | numbers.isna()

    return pa.Check(passes, error=told)


def _is_period(entry: str) -> bool:
    try:
        period_bounds(entry)
    except ValueError:
        return False
    return True


def sentences_of(row: Any) -> list[str]:
    """Return what should be true of a column and other cells of its row."""
    return [sentence for sentence in row.rules.split("; ") if sentence]


def _check_of(column: str, sentence: str) -> pa.Check:
    """Return the check of a sentence about a column and other cells of its row."""
    found = _rule_of(sentence)

    def holds(rows: pd.DataFrame) -> Any:
        try:
            return True if found is None else found[0](rows, column, *found[1])
        except KeyError:  # a missing column, of which another message tells
            return True

    return pa.Check(holds, error=f"column {column}: {sentence}")


def _rule_of(sentence: str) -> tuple[Callable[..., Any], tuple[str, ...]] | None:
    """Return the function that a sentence stands for, and the names in the sentence."""
    for pattern, holds in _RULES.items():
        if match := re.fullmatch(pattern, sentence):
            return holds, match.groups()
    return None


def _numbers(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return a column as numbers; what is none is NaN, and the check of its cells tells of it."""
    return pd.to_numeric(rows[column], errors="coerce")


def _is(rows: pd.DataFrame, column: str, state: str) -> pd.Series:
    """Tell where a column is blank, is filled, or holds a word."""
    if state in {"blank", "filled"}:
        return rows[column].isna() == (state == "blank")
    return rows[column] == state


def _is_unit_of_component(rows: pd.DataFrame, column: str) -> pd.Series:
    kind = rows["component"].map({"demand charge": "kW-month", "loss rate": "share"}).fillna("kWh")
    return rows[column].str.rpartition("/")[2] == kind


def _lies_within(rows: pd.DataFrame, column: str, least: str, most: str, ending: str) -> pd.Series:
    number = _numbers(rows, column)
    return ~rows["unit"].str.endswith(ending) | number.between(float(least), float(most)) | number.isna()


_RULES: dict[str, Callable[..., Any]] = {
    r"should not exceed (\w+)": lambda rows, own, other: ~(_numbers(rows, own) > _numbers(rows, other)),
    r"should not be less than (\w+)": lambda rows, own, other: ~(_numbers(rows, own) < _numbers(rows, other)),
    r"should lie within (\S+) to (\S+) where unit ends in (\S+)": _lies_within,
    r"should be filled where (\w+) is (\w+)": lambda rows, own, other, state: (
        rows[own].notna() | ~_is(rows, other, state)
    ),
    r"should be filled exactly where (\w+) is (\w+)": lambda rows, own, other, state: (
        rows[own].notna() == _is(rows, other, state)
    ),
    r"should stand once for each (\w+)": lambda rows, own, other: ~rows.duplicated([own, other]),
    r"should have the row (\w+) for each (\w+)": lambda rows, own, word, other: rows[other].isin(
        rows.loc[rows[own] == word, other]
    ),
    r"should be that of the period": lambda rows, own: rows["period"].str[:4] == rows[own].astype(str),
    r"should be that of the unit": lambda rows, own: (
        rows["unit"].fillna("").map(currency_of).fillna("") == rows[own].fillna("")
    ),
    r"should be one that the component can have": _is_unit_of_component,
    r"a figure recalled from memory has no place here": lambda rows, own: (
        ~rows[own].fillna("").str.contains("recalled", case=False)
    ),
}
"""Sentences that ``columns.csv`` may say of a column, and what tells in which rows they are true."""


def _describe(path: Path, failures: pd.DataFrame) -> str:
    """Return one line a cell: file, row, column, what is there and what should be."""
    rules_last = failures.sort_values("schema_context", key=lambda kind: kind != "Column", kind="stable")
    problems: dict[str, str] = {}
    for failure in rules_last.itertuples():
        problem = _problem(path.name, failure)
        place = problem.partition(": ")[0]
        problems.setdefault(place if ", row " in place else problem, problem)
    shown = list(problems.values())[:_MOST_PROBLEMS_SHOWN]
    if len(problems) > len(shown):
        shown.append(f"and {len(problems) - len(shown)} more")
    return "\n".join(shown)


def _problem(name: str, failure: Any) -> str:
    if failure.check in {"column_in_schema", "column_in_dataframe"}:
        unknown = failure.check == "column_in_schema"
        return f"{name}: {'unknown' if unknown else 'missing'} column {failure.failure_case!r}"
    row = "" if pd.isna(failure.index) else f", row {int(failure.index) + 2}"
    if failure.schema_context != "Column":  # a rule over several columns; its text names the column
        return f"{name}{row}, {failure.check}"
    should_be = _FAILURES.get(failure.check, failure.check)
    return f"{name}{row}, column {failure.column}: {failure.failure_case!r} fails: {should_be}"
