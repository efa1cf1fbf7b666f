"""``kwh2token refresh``: ask the live sources, lay down a dated snapshot, tell what has changed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

import pandas as pd
import typer

from analysis.inputs import paths
from analysis.inputs.errors import ParameterError, nearest
from analysis.live import catalogues, snapshots, statistics
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
    day = snapshots.day_of(day or f"{now:%Y-%m-%d}")
    root = paths.snapshots_root()
    chosen = list(_chosen(names))
    found: dict[str, Fetched] = {}
    failed = 0
    for source, key in chosen:
        try:
            answers = [
                fetch(_at(server, request), source=source.name, limits=limits)
                for request in source.requests(key)
            ]
            found[source.name] = Fetched(
                source, source.table([answer.content for answer in answers]), tuple(answers)
            )
        except LiveError as error:
            failed += 1
            typer.echo(f"kwh2token: {error}; what was there before is kept", err=True)
            continue
        for line in _told(source, found[source.name].table, snapshots.last_before(root, day, source)):
            typer.echo(line)
    if found:
        write_all(snapshots.files_of(root, day, found, now))
        typer.echo(f"snapshot: {root / day}")
    return int(failed > 0)


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
            typer.echo(f"{name}: left out, no key in {source.key_variable}")


def _at(server: str, request: Request) -> Request:
    """Return a request to another server, its path and parameters kept."""
    if not server:
        return request
    there = urlsplit(server)
    if there.scheme not in {"http", "https"} or not there.netloc:
        raise ParameterError(f"server {server!r:.80}: write it as in https://mirror.example")
    own = urlsplit(request.url)
    path = f"{there.path.rstrip('/')}{own.path}"
    return replace(request, url=urlunsplit((there.scheme, there.netloc, path, own.query, "")))


def _told(source: Source, table: pd.DataFrame, last: tuple[str, pd.DataFrame] | None) -> Iterator[str]:
    """Yield what is said of a source: how many rows, and what moved most since the last snapshot."""
    if last is None:
        yield f"{source.name}: {len(table):,} rows, the first snapshot"
        return
    day, before = last
    found = snapshots.changes(before, table, source)
    counts = found["kind"].value_counts()
    told = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("changed", "new", "gone") if kind in counts)
    yield f"{source.name}: {len(table):,} rows; figures since {day}: {told or 'none changed'}"
    for row in found[found["kind"] == "changed"].head(_SHOWN).itertuples():
        yield f"  {row.row:.80} {row.figure}: {row.before:g} -> {row.after:g} (x{row.factor:.3g})"
