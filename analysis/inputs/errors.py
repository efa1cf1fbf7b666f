"""What a user can mend: one base class, whom the message is about, and pydantic's errors in plain words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Self

from analysis.inputs.plain import number_hint

LONGEST = 480
"""Characters of a message: with the name of the command before it, it stays below 500."""

_ROOM = len("; and 1000000 more")


class InputError(ValueError):
    """Input that cannot be used; the message names the file, row, column or parameter, and is never long."""

    def __init__(self, message: str) -> None:
        super().__init__(shortened(message))


class DataError(InputError):
    """A data file that cannot be used; the message names the file, row and column."""

    @classmethod
    def at(cls, file: str, row: object, column: str, problem: str) -> Self:
        """Return the error of a cell; row numbers are those of the file, header = 1."""
        return cls(f"{file}, row {row}, column {column}: {problem}")

    @classmethod
    def of_cells(cls, file: str, problems: Mapping[tuple[int, str], str]) -> Self:
        """Return the error of several cells by row and column: a line each, as many as a message may hold."""
        return cls(
            listed([str(cls.at(file, *place, told)) for place, told in sorted(problems.items())], "\n")
        )


class ScenarioError(InputError):
    """A scenario, an assumption or an override that cannot be used; the message names it."""


class ParameterError(InputError):
    """A parameter or an argument that cannot be used; the message names it."""


class CollectError(InputError):
    """Results of a sweep that fit into no common table; the message names the run."""


def shortened(message: str, longest: int = LONGEST) -> str:
    """Return a message, or the start of a long one, which names what it is about.

    Examples
    --------
    >>> shortened("x" * 1000)[-5:], len(shortened("x" * 1000)) == LONGEST
    ('xx...', True)
    """
    return message if len(message) <= longest else f"{message[: longest - 3]}..."


def listed(problems: Sequence[str], between: str = "; ") -> str:
    """Return as many problems as a message holds, and how many more there are.

    Examples
    --------
    >>> listed(["a: wrong"] * 100)[-31:]
    'a: wrong; a: wrong; and 54 more'
    """
    told = shortened(problems[0], LONGEST - _ROOM)
    for number, problem in enumerate(problems[1:], start=1):
        if len(told + between + problem) > LONGEST - _ROOM:
            return f"{told}{between}and {len(problems) - number} more"
        told += between + problem
    return told


def quoted(given: object, longest: int = 60) -> str:
    """Return how something is written in code, its start where that is long.

    Examples
    --------
    >>> quoted("x" * 1000)[-5:], quoted(10**5000)
    ('xx...', 'a long int')
    """
    try:
        return shortened(repr(given), longest)
    except ValueError:  # more digits than Python writes
        return f"a long {type(given).__name__}"


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
            wrong.append(f"{where}: {told} (got {quoted(problem['input'])})")
    return "; ".join([f"missing: {', '.join(missing)}", *wrong] if missing else wrong)
