"""Writing results: figures, tables and headline values, the same bytes for the same content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.runs.files import write_all, write_atomically
from analysis.tables.headline import Headline, as_entries, dump

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

FIGURE_FORMATS = ("png", "svg")
TABLES = "tables"
HEADLINES = "headline.json"
TABLE_DIGITS = 9

_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}


def save_figure(folder: Path, name: str, figure: Figure) -> None:
    """Write a figure as PNG and SVG without dates or versions in them."""
    for suffix in FIGURE_FORMATS:
        write_atomically(
            folder / f"{name}.{suffix}",
            partial(figure.savefig, format=suffix, metadata=_METADATA[suffix]),
        )


def save_table(folder: Path, name: str, table: pd.DataFrame) -> None:
    """Write a table as CSV with its named index, numbers to `TABLE_DIGITS` significant digits."""
    repeated = table.index.name in table.columns
    named = table if table.index.names == [None] or repeated else table.reset_index()
    write_atomically(
        folder / TABLES / f"{name}.csv",
        lambda path: named.to_csv(path, index=False, float_format=f"%.{TABLE_DIGITS}g", lineterminator="\n"),
    )


def save_headlines(folder: Path, headlines: Mapping[str, Headline], notebook: str) -> None:
    """Write a notebook's headline values into the folder's headline file."""
    path = folder / HEADLINES
    text = merged_headlines(path, as_entries(headlines, notebook), notebook)
    write_all({path: text.encode()})


def merged_headlines(path: Path, entries: Mapping[str, Any], notebook: str) -> str:
    """Return the text of a headline file with a notebook's entries replaced; those of others stay."""
    others = {key: entry for key, entry in _entries(path).items() if entry.get("notebook") != notebook}
    return dump(others | dict(entries))


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    """Return the entries of a headline file; none of a damaged one, which is written anew."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        dump(known).encode()
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    entries = known.items() if isinstance(known, dict) else ()
    return {key: entry for key, entry in entries if isinstance(entry, dict)}
