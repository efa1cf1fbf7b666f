"""Files of set-ups: a row each, with the columns of `analysis.predict_energy` or the names of options."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.cli.setups import ENTRIES, KNOWN, Entry, read_value
from analysis.inputs.errors import DataError, ParameterError, nearest, quoted

if TYPE_CHECKING:
    import pandas as pd


def read_file(path: Path) -> pd.DataFrame:
    """Return the set-ups of a CSV file, a row each, indexed by the row of the file (header = 1).

    A column may be called as in `analysis.predict_energy` or as the option is. Other columns are kept as they
    are: they name or comment the set-ups.

    Raises
    ------
    DataError
        If the file is none, a column is there twice or nearly a known one, or a cell cannot be used; the
        message names file, row and column.
    """
    import pandas as pd

    header, records = _records(path)
    table: dict[str, list[Any]] = {}
    for place, (given, column) in enumerate(zip(header, _columns_of(path.name, header), strict=True)):
        cells = {row: record[place] for row, record in records.items()}
        entry = KNOWN.get(column)
        table[column] = _values_of(path.name, given, entry, cells) if entry else [*cells.values()]
    return pd.DataFrame(table, index=list(records))


def _values_of(file: str, given: str, entry: Entry, cells: Mapping[int, str]) -> list[Any]:
    """Return what the cells of a column say; each different text is read once."""
    values: dict[str, Any] = {}
    for row, cell in cells.items():
        if cell not in values:
            try:
                values[cell] = read_value(entry, cell, "") if cell.strip() else None
            except ParameterError as error:
                raise DataError.at(file, row, given, str(error)) from None
    return [values[cell] for cell in cells.values()]


def _records(path: Path) -> tuple[list[str], dict[int, list[str]]]:
    """Return the header of a CSV file, and its filled rows by their number."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except UnicodeDecodeError:
        raise DataError(f"{path.name}: not UTF-8 text") from None
    except csv.Error as error:
        raise DataError(f"{path.name}: not readable as CSV: {error}") from None
    if not rows or not any(map(str.strip, rows[0])):
        raise DataError(
            f"{path.name}: it has no header; its first row should name columns, such as model,batch"
        )
    records = {row: cells for row, cells in enumerate(rows[1:], start=2) if any(map(str.strip, cells))}
    if not records:
        raise DataError(f"{path.name}: it holds no set-up below its header")
    for row, cells in records.items():
        if len(cells) != len(rows[0]):
            raise DataError(f"{path.name}, row {row}: {len(cells)} cells where the header has {len(rows[0])}")
    return [name.strip() for name in rows[0]], records


def _columns_of(file: str, header: list[str]) -> list[str]:
    """Return the column that each name in a header stands for."""
    known = {
        _as_option(name): entry.column for entry in ENTRIES for name in (entry.column, entry.option) if name
    }
    found = []
    for name in header:
        column = known.get(_as_option(name))
        if column is None and (hint := nearest(_as_option(name), known)):
            told = f"column {quoted(name)} is not known{hint}"
            raise DataError(f"{file}: {told} A column of your own may have any name that is less like one.")
        found.append(column or name)
    doubled = next((name for name in found if found.count(name) > 1), None)
    if doubled is not None:
        raise DataError(f"{file}: column {quoted(doubled)} is there more than once")
    return found


def _as_option(name: str) -> str:
    return name.strip().lower().removeprefix("--").replace("_", "-").replace(" ", "-")


def filled(frame: pd.DataFrame, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return set-ups in which options stand where the file says nothing."""
    for column, value in options.items():
        if value is not None:
            told = frame.get(column)
            frame[column] = value if told is None else told.where(told.notna(), value)
    return frame
