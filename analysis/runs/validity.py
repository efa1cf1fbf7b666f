"""Whether the files that a run wrote are what they claim to be."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from xml.etree import ElementTree

_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


def problem_with(delivers: Sequence[str], files: Mapping[str, bytes]) -> str:
    """Return what is missing, empty or broken among the deliverables; nothing where all is well."""
    missing = [name for name in delivers if not files.get(name)]
    if missing:
        return f"not delivered, or empty: {', '.join(missing)}"
    broken = [f"{name} ({reason})" for name in delivers if (reason := _flaw(name, files[name]))]
    return f"not valid: {', '.join(broken)}" if broken else ""


def _flaw(name: str, content: bytes) -> str:
    check = _CHECKS.get(PurePosixPath(name).suffix.lower())
    try:
        return check(content) if check else ""
    except (ValueError, SyntaxError, RecursionError, OSError, csv.Error) as error:  # XML's is a SyntaxError
        return f"{error!s:.100}"


def _png(content: bytes) -> str:
    return "" if content.startswith(_PNG_START) and content.endswith(_PNG_END) else "no whole PNG"


def _svg(content: bytes) -> str:
    return "" if ElementTree.fromstring(content).tag.endswith("svg") else "no SVG"


def _csv(content: bytes) -> str:
    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    lengths = {len(row) for row in rows if row}
    return "" if len(lengths) == 1 else "rows of different lengths" if lengths else "no row"


def _json(content: bytes) -> str:
    json.loads(content)
    return ""


def _parquet(content: bytes) -> str:
    from pyarrow.parquet import read_table

    read_table(io.BytesIO(content))
    return ""


_CHECKS: dict[str, Callable[[bytes], str]] = {
    ".png": _png,
    ".svg": _svg,
    ".csv": _csv,
    ".json": _json,
    ".ipynb": _json,
    ".parquet": _parquet,
}
