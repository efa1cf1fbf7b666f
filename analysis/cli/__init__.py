"""The commands, what they print, and how their options are read."""

import sys
from pathlib import Path
from typing import Any

import typer

from analysis.inputs.plain import plain_number


def number(kind: type[float], lowest: float = 0, highest: float = 1e12) -> dict[str, Any]:
    """Return how an option takes its number: written as numbers are everywhere, within bounds."""

    def read(given: Any) -> float:
        found = plain_number(str(given))
        if not isinstance(found, int | kind) or not lowest <= found <= highest:
            wanted = "whole number" if kind is int else "number"
            raise typer.BadParameter(f"{given!s:.60} is no {wanted} from {lowest:g} to {highest:g}")
        return kind(found)

    return {"parser": read, "min": lowest, "max": highest}


def folder(given: Any) -> Path:
    """Return the folder that an option names; a blank one would spill results into the current folder."""
    if not str(given).strip():
        raise typer.BadParameter("it names no folder")
    return Path(given)


def print_wide(*shown: Any, width: int, least: int = 1) -> None:
    """Print tables and lines as wide as the terminal (at least), or as wide as told where there is none."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else width, highlight=False, markup=False)
    console.width = max(console.width, least)
    for part in shown:
        console.print(part)


def named_value(entry: str, where: str = "-p ") -> tuple[str, Any]:
    """Split NAME=VALUE and read the value as YAML does: number, true, null, [list], {mapping}, else text."""
    from analysis.inputs.errors import ParameterError
    from analysis.inputs.reading import read_value, scalar_of

    name, equals, text = entry.partition("=")
    if not equals or not name.strip():
        raise ParameterError(f"{where}{entry!r:.80}: expected NAME=VALUE")
    if text[:1] in {"[", "{", '"', "'"}:
        return name, read_value(text, f"{where}{name}")
    return name, scalar_of(text) if text else ""
