"""Results as files: figures, tables and headline values, the same bytes for the same content.

Whatever wrote it, a file of a known kind can be told whole from broken.
"""

from __future__ import annotations

import csv
import io
import json
import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from analysis.runs.writing import write_all
from analysis.tables.headline import Headline

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

FIGURE_FORMATS = ("png", "svg")
TABLES = "tables"
HEADLINES = "headline.json"
DIGITS = 9

_METADATA = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
_MOST_OF_OUTPUTS = 5_000_000
"""Characters of all outputs together that a page of HTML shows."""
_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


def save_figure(folder: Path, name: str, figure: Figure) -> None:
    """Write a figure as PNG and SVG without dates or versions in them."""
    write_all(
        {folder / f"{name}.{suffix}": partial(print_figure, figure, suffix) for suffix in FIGURE_FORMATS}
    )


def print_figure(figure: Figure, suffix: str, path: Path) -> None:
    """Print a figure as PNG or SVG: as `Figure.savefig` does, which draws it twice to find its layout."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    shown, dpi = figure.canvas, figure.dpi
    canvas = {"png": FigureCanvasAgg, "svg": FigureCanvasSVG}[suffix](figure)
    try:
        figure.dpi = mpl.rcParams["savefig.dpi"]
        getattr(canvas, f"print_{suffix}")(path, metadata=_METADATA[suffix])
    finally:
        figure.set_canvas(shown)
        figure.dpi = dpi


def save_table(folder: Path, name: str, table: pd.DataFrame) -> None:
    """Write a table as CSV with its named index, numbers to `DIGITS` significant digits."""
    repeated = table.index.name in table.columns
    named = table if table.index.names == [None] or repeated else table.reset_index()
    write_all({folder / TABLES / f"{name}.csv": as_csv(named)})


def as_csv(table: pd.DataFrame, digits: int = DIGITS) -> Callable[[Path], object]:
    """Return a function that writes a table without its index, to so many significant digits."""
    return partial(table.to_csv, index=False, float_format=f"%.{digits}g", lineterminator="\n")


def save_headlines(
    folder: Path, headlines: Mapping[str, Headline], notebook: str, modified: str = ""
) -> None:
    """Write a notebook's headline values into the folder's headline file, with what was changed, if so."""
    path, entries = folder / HEADLINES, as_entries(headlines, notebook)
    if modified:
        entries = {key: entry | {"modified": modified} for key, entry in entries.items()}
    text = merged_headlines(path, entries, notebook)
    write_all({path: text.encode()})


def as_entries(headlines: Mapping[str, Headline], notebook: str) -> dict[str, dict[str, Any]]:
    """Return headlines as JSON entries, numbers rounded to `DIGITS`.

    Examples
    --------
    >>> as_entries({"ratio": Headline.of(2 / 3, "1", "B")}, "01-x")["ratio"]["value"]
    0.666666667
    """
    return {
        key: {name: _rounded(each) for name, each in entry._asdict().items()} | {"notebook": notebook}
        for key, entry in headlines.items()
    }


def _rounded(entry: Any) -> Any:
    """Return a number to `DIGITS`, None where it is not finite, and anything else as it is."""
    if entry is None or isinstance(entry, str):
        return entry
    return float(f"{entry:.{DIGITS}g}") if math.isfinite(entry) else None


def dump(entries: Mapping[str, Any]) -> str:
    """Return entries as JSON text, keys in order, the same bytes for the same entries."""
    return json.dumps(entries, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


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


def as_html(notebook: str, title: str, told: str) -> bytes:
    """Return an executed notebook as a page that needs no other file, with a text above it.

    Outputs for which there is no room any more are left out.
    """
    import nbformat
    from nbconvert.exporters import HTMLExporter

    content = nbformat.reads(notebook, as_version=4)
    text = textwrap.indent(f"{title}\n{told}", "    ")  # shown to the letter
    content.cells.insert(0, nbformat.v4.new_markdown_cell(text))
    room = _MOST_OF_OUTPUTS
    for cell in content.cells:
        for number, output in enumerate(cell.get("outputs", ())):
            size = len(json.dumps(output))
            if size > room:
                text = f"({size:,} characters left out)"
                cell.outputs[number] = nbformat.v4.new_output("stream", text=text)
            else:
                room -= size
    no_scripts = {name: "" for name in HTMLExporter.class_trait_names() if name.endswith("_url")}
    resources = {"metadata": {"name": title}}
    page, _ = HTMLExporter(**no_scripts).from_notebook_node(content, resources=resources)
    return str(page).encode(errors="backslashreplace")


def problem_with(delivers: Sequence[str], files: Mapping[str, bytes]) -> str:
    """Return what is missing, empty or broken among the deliverables; nothing where all is well."""
    missing = [name for name in delivers if not files.get(name)]
    if missing:
        return f"not delivered, or empty: {', '.join(missing)}"
    broken = []
    for name in delivers:
        try:
            _CHECKS.get(PurePosixPath(name).suffix.lower(), len)(files[name])
        except Exception as error:
            broken.append(f"{name} ({error!s:.100})")
    return f"not valid: {', '.join(broken)}" if broken else ""


def _check_png(content: bytes) -> None:
    if not (content.startswith(_PNG_START) and content.endswith(_PNG_END)):
        raise ValueError("no whole PNG")


def _check_svg(content: bytes) -> None:
    from xml.etree import ElementTree

    if not ElementTree.fromstring(content).tag.endswith("svg"):
        raise ValueError("no SVG")


def _check_csv(content: bytes) -> None:
    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    lengths = {len(row) for row in rows if row}
    if len(lengths) != 1:
        raise ValueError("rows of different lengths" if lengths else "no row")


def _check_parquet(content: bytes) -> None:
    from pyarrow.parquet import read_table

    read_table(io.BytesIO(content))


_CHECKS: dict[str, Callable[[bytes], object]] = {
    ".png": _check_png,
    ".svg": _check_svg,
    ".csv": _check_csv,
    ".json": json.loads,
    ".ipynb": json.loads,
    ".parquet": _check_parquet,
}
