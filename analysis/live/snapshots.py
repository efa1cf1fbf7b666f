"""Dated snapshots: a folder a day, a table a source, where each came from, what changed since the last."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from pandera.errors import SchemaError, SchemaErrors

from analysis.inputs.as_of import days, is_day
from analysis.inputs.errors import DataError, ParameterError
from analysis.live.client import Answer
from analysis.live.sources import Source

ORIGIN = "origin.csv"
_LOCK = ".lock"
_COLUMNS = ("source", "url", "fetched", "sha256", "rows", "licence")
_PATIENCE_SECONDS = 10.0
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
    if not is_day(text):
        raise ParameterError(f"date {text!r:.40}: write a day as in 2026-11-30")
    if text > datetime.now(UTC).date().isoformat():
        raise ParameterError(f"date {text}: it has not come yet")
    return text


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make the folder of a day, and keep other refreshes out of it meanwhile.

    Raises
    ------
    ParameterError
        If it is a link, which leads elsewhere, or another refresh is writing into it.
    """
    from filelock import FileLock, Timeout

    if folder.is_symlink():
        raise ParameterError(f"{folder}: a link, which may lead out of the snapshots; take it away")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / _LOCK, timeout=_PATIENCE_SECONDS):
            yield
    except Timeout:
        raise ParameterError(f"{folder}: another refresh is writing here; wait for its end") from None


def last_before(
    root: Path, day: str, source: Source, and_on_it: bool = False
) -> tuple[str, pd.DataFrame] | None:
    """Return the latest snapshot of a source before a day, or on it, with its day; none where there is none.

    Raises
    ------
    DataError
        If the file is not what a snapshot of the source looks like.
    """
    for earlier in reversed(days(root, f"{source.name}.csv")):
        if earlier < day or (and_on_it and earlier == day):
            return earlier, read_table(root / earlier / f"{source.name}.csv", source)
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
    files = {folder / f"{name}.csv": as_csv(each.table) for name, each in found.items()}
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
    if (folder / ORIGIN).exists():
        known = _origin(folder)
        origin = pd.concat([known[~known["source"].isin(found)], origin.astype(str)], ignore_index=True)
    return files | {folder / ORIGIN: as_csv(origin.sort_values(["source", "url"]))}


def _origin(folder: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(folder / ORIGIN, dtype=str)[[*_COLUMNS]]
    except (KeyError, ValueError, OSError) as error:
        raise DataError(f"{folder.name}/{ORIGIN}: {str(error).splitlines()[0]:.200}; take it away") from None


def as_csv(table: pd.DataFrame) -> bytes:
    """Return a table as a file of a snapshot holds it."""
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
