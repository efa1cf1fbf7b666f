"""Names as people write them: found without regard to case, blanks and dashes, or refused with a suggestion.

One wording serves every column and option that takes a name: accelerators, number formats, engines, models.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs.errors import ParameterError, listed, quoted

MOST_SUGGESTED = 3

_MAKERS = frozenset(
    {
        *("nvidia", "geforce", "tesla", "amd", "instinct", "intel", "habana"),
        *("google", "amazon", "aws", "huawei", "apple"),
    }
)
"""Words that change nothing about which card is meant."""

_LEAST_ALIKE = 0.6
_SHORTEST_PART = 2
"""How alike a suggestion must be, and how long a text at least that others are searched for."""


def plain(name: object) -> str:
    """Return a name without case, blanks, dashes, brackets and its maker.

    Dots between digits and plus signs stay: they tell versions and models apart.

    Examples
    --------
    >>> plain("NVIDIA H100 SXM5-80GB") == plain("h100_sxm5_80gb")
    True
    >>> plain("Llama-3.1 (8B)"), plain("llama.cpp"), plain("Command-R+")
    ('llama3.18b', 'llamacpp', 'commandr+')
    """
    return _plain(str(name))


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    text = re.sub(r"(?<!\d)\.|\.(?!\d)", " ", name.casefold())
    words = re.sub(r"[^\w.+]|_", " ", text).split()
    return "".join(word for word in words if word not in _MAKERS)


def known_names(keys: Iterable[str], aliases: Iterable[Any] = ()) -> dict[str, str]:
    """Return what each plain name stands for: the keys and their aliases, which are joined by ``;``.

    Parameters
    ----------
    keys : iterable of str
        The names themselves.
    aliases : iterable, optional
        The aliases of each key in the same order; what is no text has none.

    Examples
    --------
    >>> known_names(["H100", "A100"], ["H100-SXM;H100 SXM5", float("nan")])
    {'h100': 'H100', 'h100sxm': 'H100', 'h100sxm5': 'H100', 'a100': 'A100'}
    """
    keys = list(keys)
    told = list(aliases) or [""] * len(keys)
    return {
        plain(name): key
        for key, cell in zip(keys, told, strict=True)
        for name in (key, *(cell.split(";") if isinstance(cell, str) else ()))
        if plain(name)
    }


def find(name: object, known: Mapping[str, str]) -> str | None:
    """Return what a name stands for, or None; an owner before a slash is no part of it.

    Parameters
    ----------
    name : object
        As it was given.
    known : mapping
        `known_names`.

    Examples
    --------
    >>> known = known_names(["H100"], ["H100-SXM"])
    >>> find("nvidia h100_sxm", known), find("deepseek-ai/H100", known), find("H1", known)
    ('H100', 'H100', None)
    >>> find("H100/V100", known_names(["H100", "V100"]))
    """
    owner, _, own = str(name).rpartition("/")
    found = known.get(plain(name))
    # what stands before the slash is no owner where it is a name itself, as in A100/V100
    return found if found or plain(owner) in known else known.get(plain(own))


def suggestions(name: object, known: Mapping[str, str]) -> list[str]:
    """Return up to three known names that may be meant, the likeliest first.

    Those are like it in writing, or one holds the other.

    Examples
    --------
    >>> suggestions("H20O", known_names(["A40", "H100", "H20", "H200"]))
    ['H20', 'H200']
    >>> suggestions("PCIe", known_names(["A100", "A100-PCIe"]))
    ['A100-PCIe']
    """
    text = plain(name)
    if not text:
        return []
    near = get_close_matches(text, known, n=len(known), cutoff=_LEAST_ALIKE)
    holding = [other for other in known if _one_holds_the_other(text, other)]
    likeliest = sorted(
        {*near, *holding}, key=lambda other: (-SequenceMatcher(None, text, other).ratio(), other)
    )
    return list(dict.fromkeys(known[other] for other in likeliest))[:MOST_SUGGESTED]


def _one_holds_the_other(text: str, other: str) -> bool:
    shorter, longer = sorted((text, other), key=len)
    return len(shorter) >= _SHORTEST_PART and shorter in longer


def unknown_name(where: str, name: object, known: Mapping[str, str]) -> ParameterError:
    """Return the error of a name that is not known, with what may be meant, or what there is.

    Parameters
    ----------
    where : str
        What the name was given for: an option, or a row and a column.
    name : object
        As it was given.
    known : mapping
        `known_names`.

    Examples
    --------
    >>> print(unknown_name("gpu_model", "H20O", known_names(["A40", "H20", "H200"])))
    gpu_model: 'H20O' is not known; did you mean H20 or H200?
    >>> print(unknown_name("engine", "?", known_names(["naive", "current"])))
    engine: '?' is not known; known are naive, current
    """
    told, near = f"{where}: {quoted(name)} is not known; ", suggestions(name, known)
    if near:
        told += f"did you mean {' or '.join(filter(None, (', '.join(near[:-1]), near[-1])))}?"
        return ParameterError(told)
    first, *others = dict.fromkeys(known.values())
    return ParameterError(listed([f"{told}known are {first}", *others], ", "))


def find_or_raise(name: object, known: Mapping[str, str], where: str) -> str:
    """Return what a name stands for.

    Raises
    ------
    ParameterError
        If it is not known; see `unknown_name`.

    Examples
    --------
    >>> find_or_raise("nvidia h100", known_names(["H100"]), "--gpu")
    'H100'
    """
    key = find(name, known)
    if key is None:
        raise unknown_name(where, name, known)
    return key


def places(column: pd.Series, table: pd.DataFrame) -> NDArray[np.intp]:
    """Return each entry's place in a table of names; -1 where there is no entry.

    Parameters
    ----------
    column : pandas.Series
        Names; missing, NaN or blank where nothing is known. Its name and index stand in the message.
    table : pandas.DataFrame
        Indexed by name, with a column ``aliases``.

    Raises
    ------
    ParameterError
        If a name is not known; the message names the first such row.

    Examples
    --------
    >>> table = pd.DataFrame({"aliases": ["H100-SXM", None]}, index=["H100", "A100"])
    >>> places(pd.Series(["a100", None, "NVIDIA H100", "h100 sxm"], name="gpu_model"), table)
    array([ 1, -1,  0,  0])
    """
    known = known_names(table.index, table["aliases"])
    place_of = {key: place for place, key in enumerate(table.index)}
    entries = column.map(str, na_action="ignore") if column.dtype == object else column
    codes, names = pd.factorize(entries)
    of_name = np.full(len(names) + 1, -1, dtype=np.intp)  # a missing name has the code -1: the last
    for code, name in enumerate(names):
        if not str(name).strip():
            continue
        key = find(name, known)
        if key is None:
            label = column.index[int(np.argmax(codes == code))]
            label = tuple(map(str, label)) if isinstance(label, tuple) else label
            raise unknown_name(f"row {label!s:.80}, column {column.name}", name, known)
        of_name[code] = place_of[key]
    return of_name[codes]
