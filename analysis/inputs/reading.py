"""Reading: files each once until they change, YAML by its core schema."""

import inspect
import math
import os
import pickle
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import ContextVar, copy_context
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import yaml

from analysis.inputs.errors import ScenarioError
from analysis.inputs.plain import plain_number

P = ParamSpec("P")
Made = TypeVar("Made")

_MOST_KEPT = 64
_MAX_FILE_BYTES = 1_000_000
_MOST_ENTRIES = 1_000_000

_files: ContextVar[set[str]] = ContextVar("_files")
"""The files that what is being made is read from."""
_told: set[tuple[int, str]] = set()
"""Which process was told that it reads which file."""


def read_once(make: Callable[P, Made]) -> Callable[P, Made]:
    """Decorate a function that reads a file, or files of a folder, so that it does so once.

    What it returns is kept, pickled, for as long as the files have the same names, sizes and times of
    change. Every caller gets a copy of its own, lists in the cells of a table included. Whatever was read
    with `note_read` is noted as read of each process that works with it, of one that is forked later, too.
    """
    signature = inspect.signature(make)

    @lru_cache(maxsize=_MOST_KEPT)
    def kept(_states: tuple[object, ...], *arguments: Any) -> tuple[bytes, set[str]]:
        files, inside = set[str](), copy_context()
        inside.run(_files.set, files)
        made = inside.run(lambda: make(*arguments))  # type: ignore[call-arg]
        return pickle.dumps(made, pickle.HIGHEST_PROTOCOL), files

    @wraps(make)
    def once(*args: P.args, **kwargs: P.kwargs) -> Made:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        arguments = tuple(given.arguments.values())
        states = tuple(_state_of(entry) for entry in arguments if isinstance(entry, Path))
        pickled, files = kept(states, *arguments)
        note_read(*files)
        made: Made = pickle.loads(pickled)
        return made

    return once


def note_read(*files: str) -> None:
    """Note what is read from files that make up the result of a function that reads once.

    A process that inherits such a result opens no file, so whoever audits it is told here, once a file.
    """
    _files.get(set()).update(files)
    for entry in {(os.getpid(), file) for file in files} - _told:
        _told.add(entry)
        sys.audit("open", entry[1], "r", os.O_RDONLY)


def _state_of(place: Path) -> frozenset[tuple[str, int, int]]:
    """Return names, sizes and times of change [ns] of a file, or of the files right in a folder."""
    try:
        files = list(os.scandir(place)) if place.is_dir() else [place]
        states = [(file.name, file.stat()) for file in files]
    except (OSError, ValueError):  # reading it will say why
        return frozenset()
    return frozenset((name, state.st_size, state.st_mtime_ns) for name, state in states)


_WORDS: dict[str, Any] = {
    **dict.fromkeys(("~", "null", "Null", "NULL", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
"""What stands for something else in YAML's core schema, besides numbers."""


def scalar_of(text: str) -> Any:
    """Return what a text without quotes says: a number, true or false, null, or the text as it is.

    Numbers are those of `plain_number`, the rest is the core schema of YAML 1.2: dates, ``yes`` and ``1:30``
    are text.

    Examples
    --------
    >>> [scalar_of(text) for text in ("1e-3", "2019-01-01", "true", "yes", "~", "-.inf")]
    [0.001, '2019-01-01', True, 'yes', None, -inf]
    """
    number = plain_number(text)
    return _WORDS.get(text, text) if number is None else number


def _text_of(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    """Return a text; where JSON wrote a character in two halves, it is one."""
    text = str(loader.construct_scalar(node))
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


_PLAIN = "tag:yaml.org,2002:plain"


class _PlainLoader(yaml.SafeLoader):
    """Plain data only, scalars without quotes by `scalar_of`, and no key twice."""

    yaml_constructors = {  # noqa: RUF012
        _PLAIN: lambda _, node: scalar_of(node.value),
        "tag:yaml.org,2002:str": _text_of,
        "tag:yaml.org,2002:seq": yaml.SafeLoader.construct_yaml_seq,
        "tag:yaml.org,2002:map": yaml.SafeLoader.construct_yaml_map,
        None: yaml.SafeLoader.construct_undefined,
    }

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        is_plain = kind is yaml.ScalarNode and implicit[0]
        return _PLAIN if is_plain else super().resolve(kind, value, implicit)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        doubled = [text for text, number in Counter(map(str, keys)).items() if number > 1]
        if doubled:
            raise yaml.constructor.ConstructorError(
                None, None, f"{', '.join(sorted(doubled))} is given twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


@read_once
def read_mapping(path: Path, kind: str = "scenario") -> dict[str, Any]:
    """Return the entries of a YAML file; messages call it a file of this kind.

    Raises
    ------
    ScenarioError
        If it is no regular file, too large, no YAML, holds a key twice or anything but name: value entries.
    """
    try:
        if fault := fault_of_file(path):
            raise ScenarioError(f"{kind} file {path}: {fault}, so hardly a {kind}")
        note_read(str(path))
        text = path.read_text(encoding="utf-8")
    except ScenarioError:
        raise
    except OSError as error:
        raise ScenarioError(f"{kind} file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ScenarioError(f"{kind} file {path}: not UTF-8 text") from None
    except ValueError as error:  # a zero byte in its name
        raise ScenarioError(f"{kind} file {str(path)!r:.80}: {error}") from None
    content = read_value(text, f"{kind} file {path}")
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ScenarioError(f"{kind} file {path}: it should hold name: value entries")
    return content


def fault_of_file(path: Path, most: int = _MAX_FILE_BYTES) -> str:
    """Return why a file is not read: it is no regular one, without end perhaps, or too large."""
    size = path.stat().st_size
    if not path.is_file():
        return "not a regular file"
    return f"larger than {most} bytes" if size > most else ""


def read_value(text: str, where: str) -> Any:
    """Return what a YAML text says, as plain data.

    Raises
    ------
    ScenarioError
        If it is no YAML, holds a key twice, aliases that grow without end, or what is no text; the message
        starts with `where`.
    """
    try:
        content = yaml.load(text, Loader=_PlainLoader)
        for number, entry in enumerate(_entries_of(content)):
            if number > _MOST_ENTRIES:
                raise ScenarioError(f"{where}: more than {_MOST_ENTRIES} entries, aliases counted in full")
            if isinstance(entry, str):
                entry.encode()
    except ScenarioError:
        raise
    except yaml.YAMLError as error:
        raise ScenarioError(f"{where}{_place_of(error)}") from None
    except UnicodeEncodeError:
        raise ScenarioError(f"{where}: it holds half of a character (a lone surrogate)") from None
    except (RecursionError, ValueError, TypeError) as error:  # nested too deeply
        raise ScenarioError(f"{where}: not readable as YAML: {error}") from None
    return content


def _place_of(error: yaml.YAMLError) -> str:
    """Return where a text is no YAML, and why."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    line = f", line {mark.line + 1}" if mark else ""
    return f"{line}: {problem or ' '.join(str(error).split())}"


def _entries_of(content: Any) -> Iterator[Any]:
    """Yield everything in nested data; without end where it holds itself."""
    waiting = [content]
    while waiting:
        entry = waiting.pop()
        yield entry
        if isinstance(entry, dict):
            waiting += [*entry, *entry.values()]
        elif isinstance(entry, list | set | tuple):
            waiting += entry
