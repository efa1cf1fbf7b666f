"""``kwh2token refresh``: ask the live sources, lay down a dated snapshot, tell what has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import pandas as pd
import typer

from analysis.inputs import paths
from analysis.inputs.as_of import ASSUMPTIONS, RATES_OF
from analysis.inputs.errors import DataError, ParameterError, nearest
from analysis.live import catalogues, snapshots, statistics, wholesale
from analysis.live.assumptions import Dated, as_yaml, derive
from analysis.live.client import Limits, LiveError, Request, fetch
from analysis.live.snapshots import Fetched
from analysis.live.sources import Source
from analysis.runs.writing import write_all

SOURCES = {
    source.name: source
    for source in (
        catalogues.MODELS_DEV,
        catalogues.OPENROUTER,
        catalogues.LITELLM,
        statistics.EIA,
        statistics.EUROSTAT,
        statistics.ECB,
        statistics.WORLD_BANK,
        wholesale.ENTSOE,
    )
}
"""The sources by name, in the order in which they are asked."""

_SHOWN = 5
"""How many changes of a source are shown."""


def run(names: Sequence[str], *, day: str, server: str, limits: Limits) -> int:
    """Ask sources and write a snapshot; return the exit status.

    Parameters
    ----------
    names : sequence of str
        Sources; all that need no key, and those whose key is set, where none is named.
    day : str
        Of the snapshot; today where blank.
    server : str
        Scheme and host to ask instead of those of each source; blank for these.
    limits : Limits
        What each request may take.

    Raises
    ------
    ParameterError
        If a source, a day or a server is unknown, or a key is missing.
    """
    now = datetime.now(UTC)
    today = f"{now:%Y-%m-%d}"
    day = snapshots.day_of(day or today)
    if day != today and not server:
        raise ParameterError(f"date {day}: the sources tell of today; --server names a mirror of that day")
    root = paths.snapshots_root()
    chosen = list(_chosen(names))
    found: dict[str, Fetched] = {}
    for source, key in chosen:
        try:
            answers = [
                fetch(_at(server, request), source=source.name, limits=limits)
                for request in source.requests(key)
            ]
            table = source.table([answer.content for answer in answers])
            if _repeats(" ".join(table[source.key_columns].to_numpy().ravel()), signs=12):
                raise LiveError(f"{source.name}: the table repeats a key")
        except LiveError as error:
            told = f"{source.name}: the answer repeats a key" if _repeats(str(error)) else error
            _say(f"kwh2token: {told}; what was there before is kept", err=True)
            continue
        found[source.name] = Fetched(source, table, tuple(answers))
        for line in _told(source, table, root, day):
            _say(line)
    if found:
        _lay_down(root, day, found, now)
    return int(len(found) < len(chosen))


def _lay_down(root: Path, day: str, found: Mapping[str, Fetched], now: datetime) -> None:
    """Write a snapshot, and what a scenario takes from it; sources that were not asked keep their tables."""
    with snapshots.alone_in(root / day):
        files = snapshots.files_of(root, day, found, now)
        tables = {name: Dated(day, each.table) for name, each in found.items()}
        for source in SOURCES.values():
            if source.name not in tables and (last := _last(root, day, source, and_on_it=True)):
                tables[source.name] = Dated(*last)
        entries, missing = derive(tables)
        renewed = [name for name in entries if name != RATES_OF]
        write_all(files | ({root / day / ASSUMPTIONS: as_yaml(entries)} if renewed else {}))
    _say(f"renewed for --as-of {day}: {', '.join(renewed) or 'nothing'}")
    for line in missing:
        _say(f"  as before: {line}")
    _say(f"snapshot: {root / day}")


def _last(root: Path, day: str, source: Source, and_on_it: bool = False) -> tuple[str, pd.DataFrame] | None:
    """Return the last table of a source; one that is damaged is told and counts as none."""
    try:
        return snapshots.last_before(root, day, source, and_on_it)
    except DataError as error:
        _say(f"kwh2token: {error}; it is left out", err=True)
        return None


def _say(line: str, err: bool = False) -> None:
    """Print a line; what would steer a terminal is shown as it is written in code."""
    line = "(left out: a line that repeats a key)" if _repeats(line) else line
    shown = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line)
    typer.echo(shown, err=err)


def _repeats(text: str, signs: int = 5) -> bool:
    """Return whether a text holds so many signs in a row of a key that is set, in whatever case or quoting.

    It may have been cut within the key. What is shorter than five signs is no key.
    """
    keys = [os.environ.get(source.key_variable, "").strip() for source in SOURCES.values()]
    text, *keys = (unquote(unquote(each)).replace("\\", "").lower() for each in (text, *keys))
    starts = {key: range(max(1, len(key) - signs + 1)) for key in keys if len(key) > 4}
    return any(key[at : at + signs] in text for key in starts for at in starts[key])


def _chosen(names: Sequence[str]) -> Iterator[tuple[Source, str]]:
    """Yield the sources that are asked, each with its key."""
    for name in names:
        if name not in SOURCES:
            hint = nearest(name, SOURCES, f"known: {', '.join(SOURCES)}")
            raise ParameterError(f"source {name!r:.60}: there is none of this name{hint}")
    for name in dict.fromkeys(names or SOURCES):
        source = SOURCES[name]
        key = os.environ.get(source.key_variable, "").strip() if source.key_variable else ""
        if key or not source.key_variable:
            yield source, key
        elif names:
            raise ParameterError(f"source {name}: it needs a key in the variable {source.key_variable}")
        else:
            _say(f"{name}: left out, no key in {source.key_variable}")


def _at(server: str, request: Request) -> Request:
    """Return a request to another server, its path and parameters kept."""
    if not server:
        return request
    there = urlsplit(server)
    if there.scheme not in {"http", "https"} or not there.netloc or "@" in there.netloc:
        raise ParameterError("server: write it as in https://mirror.example, without a name or a password")
    own = urlsplit(request.url)
    path = f"{there.path.rstrip('/')}{own.path}"
    return replace(request, url=urlunsplit((there.scheme, there.netloc, path, own.query, "")))


def _told(source: Source, table: pd.DataFrame, root: Path, day: str) -> Iterator[str]:
    """Yield what is said of a source: how many rows, and what moved most since the last snapshot."""
    if (last := _last(root, day, source)) is None:
        yield f"{source.name}: {len(table):,} rows, the first snapshot"
        return
    earlier, before = last
    found = snapshots.changes(before, table, source)
    counts = found["kind"].value_counts()
    told = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("changed", "new", "gone") if kind in counts)
    yield f"{source.name}: {len(table):,} rows; figures since {earlier}: {told or 'none changed'}"
    for row in found[found["kind"] == "changed"].head(_SHOWN).itertuples():
        yield f"  {row.row:.80} {row.figure}: {row.before:g} -> {row.after:g} (x{row.factor:.3g})"
