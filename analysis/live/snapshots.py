"""Dated snapshots: a folder a day, a table a source, where each came from, what changed since the last."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from pandera.errors import SchemaError, SchemaErrors

from analysis.inputs.errors import DataError, ParameterError
from analysis.live.client import Answer
from analysis.live.sources import Source

ORIGIN = "origin.csv"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_COLUMNS = ("source", "url", "fetched", "sha256", "rows", "licence")
_SAME = 1e-9
"""Figures that differ by less than this share are equal."""


@dataclass(frozen=True)
class Fetched:
    """What a source gave: its table, and the answers that it was read from."""

    source: Source
    table: pd.DataFrame
    answers: tuple[Answer, ...]


def day_of(text: str) -> str:
    """Return a day as its folder is called, YYYY-MM-DD.

    Raises
    ------
    ParameterError
        If it is no day, or lies in the future.
    """
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise ParameterError(f"date {text!r:.40}: write a day as in 2026-11-30")
    if day > datetime.now(UTC).date():
        raise ParameterError(f"date {text}: it has not come yet")
    return day.isoformat()


def days(root: Path) -> list[str]:
    """Return the days of the snapshots below a folder, the earliest first."""
    if not root.is_dir():
        return []
    return sorted(entry.name for entry in root.iterdir() if entry.is_dir() and _DAY.fullmatch(entry.name))


def last_before(root: Path, day: str, source: Source) -> tuple[str, pd.DataFrame] | None:
    """Return the latest snapshot of a source before a day, with its day; none where there is none.

    Raises
    ------
    DataError
        If the file is not what a snapshot of the source looks like.
    """
    for earlier in reversed([one for one in days(root) if one < day]):
        if (file := root / earlier / f"{source.name}.csv").is_file():
            return earlier, read_table(file, source)
    return None


def read_table(file: Path, source: Source) -> pd.DataFrame:
    """Return the table of a source from a snapshot.

    Raises
    ------
    DataError
        If it cannot be read, or breaks the rules of the source.
    """
    try:
        return source.schema.validate(pd.read_csv(file, dtype={name: str for name in source.key_columns}))
    except (SchemaError, SchemaErrors, ValueError, OSError) as error:
        raise DataError(f"{file.parent.name}/{file.name}: {str(error).splitlines()[0]:.200}") from None


def files_of(root: Path, day: str, found: Mapping[str, Fetched], fetched: datetime) -> dict[Path, bytes]:
    """Return the files of a snapshot by path: a table a source, and `ORIGIN`, where other sources stay.

    Parameters
    ----------
    root : Path
        Folder of all snapshots.
    day : str
        As from `day_of`.
    found : mapping
        What was fetched, by name of the source.
    fetched : datetime
        When.
    """
    folder = root / day
    files = {folder / f"{name}.csv": _as_csv(each.table) for name, each in found.items()}
    rows = [
        dict(
            zip(
                _COLUMNS,
                (name, answer.url, f"{fetched:%Y-%m-%dT%H:%M:%SZ}", answer.sha256, len(each.table)),
                strict=False,
            )
        )
        | {"licence": each.source.licence}
        for name, each in found.items()
        for answer in each.answers
    ]
    origin = pd.DataFrame(rows, columns=[*_COLUMNS])
    if (folder / ORIGIN).is_file():
        known = pd.read_csv(folder / ORIGIN, dtype=str)
        origin = pd.concat([known[~known["source"].isin(found)], origin.astype(str)], ignore_index=True)
    return files | {folder / ORIGIN: _as_csv(origin.sort_values(["source", "url"]))}


def _as_csv(table: pd.DataFrame) -> bytes:
    text = io.StringIO()
    table.to_csv(text, index=False, float_format="%.9g", lineterminator="\n")
    return text.getvalue().encode()


def changes(before: pd.DataFrame, after: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return what differs between two tables of a source, a row a figure.

    Returns
    -------
    pandas.DataFrame
        ``row`` (its key in one text), ``figure`` (column), ``before``, ``after`` (blank where there is none),
        ``factor`` (after over before), ``kind``: ``new``, ``gone`` or ``changed``; the largest moves first.

    Examples
    --------
    >>> from analysis.live.statistics import ECB
    >>> old = pd.DataFrame({"base": ["EUR"], "quote": ["USD"], "period": ["2026-01-02"], "rate": [1.0]})
    >>> changes(old, old.assign(rate=1.25), ECB).to_dict("records")  # doctest: +NORMALIZE_WHITESPACE
    [{'row': 'EUR USD 2026-01-02', 'figure': 'rate', 'before': 1.0, 'after': 1.25, 'factor': 1.25,
      'kind': 'changed'}]
    """
    figures = [name for name, column in source.schema.columns.items() if str(column.dtype) == "float64"]
    old, new = (
        table.set_index(table[source.key_columns].agg(" ".join, axis=1))[figures].stack()
        for table in (before, after)
    )
    both = pd.DataFrame({"before": old, "after": new}).rename_axis(["row", "figure"])
    both = both[both.notna().any(axis=1)]
    both["factor"] = both["after"] / both["before"]
    both["kind"] = "changed"
    both.loc[both["before"].isna(), "kind"] = "new"
    both.loc[both["after"].isna(), "kind"] = "gone"
    moved = (both["after"] - both["before"]).abs() > _SAME * both["before"].abs()
    both["size"] = (both["factor"] - 1.0).abs().fillna(-1.0)
    kept = both[moved | (both["kind"] != "changed")]
    return kept.sort_values("size", ascending=False, kind="stable").drop(columns="size").reset_index()
