"""Reading once: what was made of files is kept until one of them changes."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
Made = TypeVar("Made")

_MOST_KEPT = 32


def read_once(make: Callable[P, Made]) -> Callable[P, Made]:
    """Decorate a function that reads a file, or files of a folder, so that it does so once.

    What it returns is kept for as long as the files have the same names, sizes and times of change.
    Every caller gets a copy. Lists in the cells of a table are the exception: pandas copies none.
    """
    signature = inspect.signature(make)

    @lru_cache(maxsize=_MOST_KEPT)
    def kept(_states: tuple[object, ...], *arguments: Any) -> Made:
        return make(*arguments)  # type: ignore[call-arg]

    @wraps(make)
    def once(*args: P.args, **kwargs: P.kwargs) -> Made:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        arguments = tuple(given.arguments.values())
        states = tuple(_state_of(entry) for entry in arguments if isinstance(entry, Path))
        return deepcopy(kept(states, *arguments))

    return once


def _state_of(place: Path) -> frozenset[tuple[str, int, int]]:
    """Return names, sizes and times of change [ns] of a file, or of the files right in a folder."""
    try:
        files = list(os.scandir(place)) if place.is_dir() else [place]
        states = [(file.name, file.stat()) for file in files]
    except (OSError, ValueError):  # reading it will say why
        return frozenset()
    return frozenset((name, state.st_size, state.st_mtime_ns) for name, state in states)
