"""Count what the package is made of: lines of code, modules, and the longest functions.

Run it as ``python benchmarks/count_code.py``. A line of code is one that is no docstring, comment or blank.
"""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "analysis"
LONGEST_SHOWN = 5

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(text: str) -> set[int]:
    """Return the numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):  # a docstring, of a name too
                lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def functions(text: str) -> dict[str, int]:
    """Return the code lines of each function, signature and inner functions in them."""
    lines = code_lines(text)
    return {
        f"{node.name}:{node.lineno}": len(lines & set(range(node.lineno, (node.end_lineno or 0) + 1)))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, Function)
    }


def main() -> None:
    """Print the counts, room by room."""
    rooms: dict[str, list[int]] = {}
    longest: list[tuple[int, str]] = []
    modules: list[tuple[int, str]] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text, place = path.read_text(encoding="utf-8"), path.relative_to(PACKAGE)
        count = len(code_lines(text))
        rooms.setdefault(place.parts[0] if len(place.parts) > 1 else "(top)", []).append(count)
        modules.append((text.count("\n"), str(place)))
        longest += [(size, f"{place}:{name}") for name, size in functions(text).items()]
    print(f"{'room':<14}{'modules':>8}{'lines of code':>15}")
    for room, counts in rooms.items():
        print(f"{room:<14}{len(counts):>8}{sum(counts):>15,}")
    everything = [count for counts in rooms.values() for count in counts]
    print(f"{'all':<14}{len(everything):>8}{sum(everything):>15,}")
    for title, found in (
        ("longest modules [lines]", modules),
        ("longest functions [lines of code]", longest),
    ):
        print(f"\n{title}")
        for size, name in sorted(found, reverse=True)[:LONGEST_SHOWN]:
            print(f"{size:>6}  {name}")


if __name__ == "__main__":
    main()
