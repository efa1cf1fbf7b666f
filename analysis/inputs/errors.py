"""What a user can mend: one base class, whom the message is about, and pydantic's errors in plain words."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Self

from analysis.inputs.units import number_hint

_LONGEST, _ROOM = 480, 20
"""Characters of a message that tells of several cells, and those kept for how many more there are."""


class InputError(ValueError):
    """Input that cannot be used; the message names the file, row, column or parameter."""


class DataError(InputError):
    """A data file that cannot be used; the message names the file, row and column."""

    @classmethod
    def at(cls, file: str, row: object, column: str, problem: str) -> Self:
        """Return the error of a cell; row numbers are those of the file, header = 1."""
        return cls(f"{file}, row {row}, column {column}: {problem}")

    @classmethod
    def of_cells(cls, file: str, problems: Mapping[tuple[int, str], str]) -> Self:
        """Return the error of several cells by row and column: a line each, as many as a message may hold."""
        lines = [str(cls.at(file, *place, problem)) for place, problem in sorted(problems.items())]
        shown = 1
        while shown < len(lines) and len("\n".join(lines[: shown + 1])) < _LONGEST - _ROOM:
            shown += 1
        rest = len(lines) - shown
        return cls("\n".join([*lines[:shown], *([f"and {rest} more"] if rest else [])]))


class ScenarioError(InputError):
    """A scenario, an assumption or an override that cannot be used; the message names it."""


class ParameterError(InputError):
    """A parameter or an argument that cannot be used; the message names it."""


class CollectError(InputError):
    """Results of a sweep that fit into no common table; the message names the run."""


def nearest(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the question whether a known name was meant, or what to say where none is near.

    Examples
    --------
    >>> nearest("tarif_us", ["tariff_us", "pue"]), nearest("x", ["tariff_us"], "see kwh2token list")
    ('; did you mean tariff_us?', '; see kwh2token list')
    """
    close = get_close_matches(name, list(known), n=1)
    hint = f"did you mean {close[0]}?" if close else otherwise
    return f"; {hint}" if hint else ""


_REMEDIES: dict[str, Callable[[Any], str]] = {
    "int_type": lambda given: number_hint(given, "a whole number as in 1000"),
    "float_type": number_hint,
    "bool_type": lambda given: "write true or false",
    "string_type": lambda given: f'write it in quotes, "{given!s:.40}"',
    "list_type": lambda given: "write a list as in [1, 2]",
}
"""What to write where a value is of another type, by pydantic's name of the problem."""


def explain(problems: Iterable[Any]) -> str:
    """Return pydantic's descriptions of wrong entries as one line; what is missing comes first."""
    missing, wrong = [], []
    for problem in problems:
        where = ".".join(map(str, problem["loc"])) or "scenario"
        if problem["type"] == "missing":
            missing.append(where)
        elif problem["type"] == "extra_forbidden":
            wrong.append(f"{where}: unknown name")
        elif problem["type"] == "value_error":
            wrong.append(f"{where}: {problem['msg'].removeprefix('Value error, ')}")
        else:
            remedy = _REMEDIES.get(problem["type"], lambda given: "")(problem["input"])
            told = f"{problem['msg']}: {remedy}" if remedy else problem["msg"]
            wrong.append(f"{where}: {told} (got {problem['input']!r:.60})")
    return "; ".join([f"missing: {', '.join(missing)}", *wrong] if missing else wrong)
