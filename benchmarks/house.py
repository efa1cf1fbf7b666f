"""Measure the package: rooms, floors and arrows from its imports, lines of code, modules, functions.

Run it as ``python benchmarks/house.py``. A line of code is one that is no docstring, comment or blank; a
module counts if it holds code. A room stands one floor above the highest room that it imports.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "analysis"
LONGEST_SHOWN = 5
MOST_LINES_OF_CODE, MOST_MODULES, MOST_LINES_OF_MODULE, MOST_LINES_OF_FUNCTION = 15_400, 150, 300, 45
"""Limits that `tests/test_house.py` holds; who needs more room raises them and says why in the changelog."""

MAY_IMPORT = {
    "inputs": (),
    "model": ("inputs",),
    "tables": ("inputs", "model"),
    "figures": ("inputs", "model"),
    "claims": ("inputs", "model", "tables"),
    "live": ("inputs",),
    "runs": ("inputs", "tables.headline", "figures.style", "runs.kernels"),
    "runs.kernels": (),
    "cli": ("inputs", "model", "tables", "figures", "claims", "live", "runs"),
}
"""What each room may import besides itself."""

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def modules() -> dict[str, Path]:
    """Return the modules of the package by dotted name below it; the face is the empty name."""
    paths = sorted(PACKAGE.rglob("*.py"))
    names = [path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".") for path in paths]
    return {name.removesuffix("__init__").rstrip("."): path for name, path in zip(names, paths, strict=True)}


def room_of(module: str) -> str:
    """Return the room that a module lies in; empty for the face.

    Examples
    --------
    >>> room_of("runs.kernels.zygote"), room_of("runs.plan"), room_of("")
    ('runs.kernels', 'runs', '')
    """
    return next(
        (room for room in sorted(MAY_IMPORT, reverse=True) if f"{module}.".startswith(f"{room}.")), ""
    )


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def docstrings(tree: ast.Module) -> Iterator[ast.Expr]:
    """Yield the docstrings of a module, those of names too."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                yield node


def imports(path: Path) -> set[str]:
    """Return the modules of the package that a module names, in imports and in strings but docstrings.

    A relative import, which the linter refuses, counts as one of the whole package.
    """
    tree = parsed(path)
    told = {id(node.value) for node in docstrings(tree)}
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=module, level=level):
                home = f"analysis.{module or ''}".rstrip(".") if level else module
                found |= {f"{home}.{alias.name}" for alias in node.names}
            case ast.Import():
                found |= {alias.name for alias in node.names}
            case ast.Constant(value=str(text)) if id(node) not in told:
                found |= set(re.findall(r"\banalysis(?:\.\w+)+", text))
    known = modules()
    found = {name.removeprefix("analysis.") for name in found if name.split(".")[0] == "analysis"}
    return {name if name in known else name.rpartition(".")[0] for name in found}


def arrows() -> dict[str, set[str]]:
    """Return which rooms each room imports; the face and a room itself left out."""
    found: dict[str, set[str]] = {room: set() for room in MAY_IMPORT}
    for name, path in modules().items():
        if name:
            found[room_of(name)] |= {room_of(target) for target in imports(path) if target}
    return {room: targets - {room} for room, targets in found.items()}


def floors() -> dict[str, int]:
    """Return the floor of each room; a circle raises ValueError."""
    below = arrows()
    placed: dict[str, int] = {}
    while len(placed) < len(below):
        ready = [room for room in below if room not in placed and below[room] <= set(placed)]
        if not ready:
            raise ValueError(f"rooms that import each other: {sorted(set(below) - set(placed))}")
        placed |= {room: 1 + max((placed[target] for target in below[room]), default=0) for room in ready}
    return placed


def code_lines(path: Path) -> set[int]:
    """Return the numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type not in _NO_CODE:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in docstrings(parsed(path)):
        lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def functions(path: Path) -> dict[str, int]:
    """Return the lines of code of each function, with its signature and its inner functions."""
    lines = code_lines(path)
    return {
        f"{node.name}:{node.lineno}": len(lines & set(range(node.lineno, (node.end_lineno or 0) + 1)))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def main() -> None:
    """Print rooms from the top floor down, then the counts beside their limits."""
    counts = {name: len(code_lines(path)) for name, path in modules().items()}
    with_code = {name: count for name, count in counts.items() if count}
    print(f"{'floor':<7}{'room':<14}{'modules':>8}{'code':>8}  imports")
    above = floors()
    for room in sorted(above, key=lambda room: (-above[room], room)):
        own = [count for name, count in with_code.items() if name and room_of(name) == room]
        below = ", ".join(sorted(arrows()[room])) or "-"
        print(f"{above[room]:<7}{room:<14}{len(own):>8}{sum(own):>8,}  {below}")
    print(f"\nlines of code    {sum(counts.values()):>6,}  of at most {MOST_LINES_OF_CODE:,}")
    print(f"modules          {len(with_code):>6}  of at most {MOST_MODULES}")
    lengths = {name: path.read_text(encoding="utf-8").count("\n") for name, path in modules().items()}
    sizes = {f"{name}:{key}": n for name, path in modules().items() for key, n in functions(path).items()}
    for title, found, most in (
        ("longest modules [lines]", lengths, MOST_LINES_OF_MODULE),
        ("longest functions [lines of code]", sizes, MOST_LINES_OF_FUNCTION),
    ):
        print(f"\n{title}, at most {most}")
        for name in sorted(found, key=lambda name: -found[name])[:LONGEST_SHOWN]:
            print(f"{found[name]:>6}  {name}")


if __name__ == "__main__":
    main()
