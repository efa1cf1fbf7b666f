"""Models by name: shapes of open ones, assumed ranges of sizes of closed ones.

A name is found whatever its case and punctuation, with or without the owner before the slash:
``deepseek-v3``, ``DeepSeek V3`` and ``deepseek-ai/DeepSeek-V3`` are one card.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs import datasets, names, paths
from analysis.inputs.errors import ParameterError, quoted
from analysis.inputs.reading import read_once

_SIZES, _ENDS = ("params_total_b", "params_active_b"), ("_low", "_high")


class Card(NamedTuple):
    """A model; what is not known is NaN, or None where it is text.

    Sizes in billions of parameters, with the ends of what is assumed where `is_closed`; elsewhere both
    ends are the size. The other fields are columns of ``data/model_cards.csv``; see ``data/README.md``.
    """

    model: str
    vendor: str
    architecture: str | None
    params_total_b: float
    params_total_b_low: float
    params_total_b_high: float
    params_active_b: float
    params_active_b_low: float
    params_active_b_high: float
    layers: float
    attention: str | None
    n_experts: float
    experts_per_token: float
    kv_bytes_per_token_bf16: float
    kv_window_tokens: float
    kv_window_bytes_per_token: float
    state_bytes_per_request: float
    native_precision: str | None
    is_closed: bool
    source: str
    grade: str
    note: str | None


_TOLD_APART = ("vendor", "source", "grade", "note")
"""What tells of a card and is no input of a prediction."""
_POINTLESS = "without points: "
"""What stands before a plain name that is listed without its points."""
_TEXT = ("model", "architecture", "attention", "native_precision", *_TOLD_APART)


def card_of(name: str, folder: Path = paths.DATA) -> Card:
    """Return the card of a model.

    Parameters
    ----------
    name : str
        Name or alias; case, punctuation and the owner before the slash may differ.

    Raises
    ------
    ParameterError
        If no model has that name, or several may be meant; the message tells the nearest names.

    Examples
    --------
    >>> card_of("DeepSeek V3").params_active_b, card_of("gpt-4o").is_closed
    (37.0, True)
    """
    cards = _cards(folder)
    row: dict[str, Any] = cards.table.iloc[[cards.place_of(name, "model")]].to_dict("records")[0]
    return Card(**row | {field: None for field in _TEXT if pd.isna(row[field])})


def cards_of(models: Sequence[Any] | pd.Series, folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the cards of many models, a row each, with the columns that a prediction asks for.

    Parameters
    ----------
    models : sequence of str
        Names as in `card_of`; rows of those that are missing, NaN or blank are empty.

    Returns
    -------
    pandas.DataFrame
        Indexed as `models`, where that is a Series: the fields of `Card` but for what tells of its source;
        text as categories.

    Raises
    ------
    ParameterError
        As `card_of`; the message names the first row that has the name.

    Examples
    --------
    >>> cards_of(["llama-3.1-70b", None])["layers"].tolist()
    [80.0, nan]
    """
    column = models if isinstance(models, pd.Series) else pd.Series(np.asarray(models, dtype=object))
    codes, distinct = pd.factorize(column)
    cards = _cards(folder)
    places = np.full(len(distinct) + 1, -1)
    for code, name in enumerate(distinct):
        if str(name).strip():
            row = column.index[int(np.argmax(codes == code))]
            places[code] = cards.place_of(name, f"row {row!s:.80}, column model")
    at = places[codes]  # a missing name has the code -1, the last place
    found = cards.table.drop(columns=list(_TOLD_APART)).reindex(range(len(cards.table) + 1))
    found["is_closed"] = found["is_closed"].eq(True)  # the row after the last is that of no name
    found = found.astype({name: "category" for name in _TEXT if name in found})  # quick to repeat
    return found.take(at % len(found)).set_axis(column.index)


def card_names(folder: Path = paths.DATA) -> list[str]:
    """Return the names of all cards, open models first."""
    return list(_cards(folder).table["model"])


class _Cards(NamedTuple):
    """All cards, where a plain name stands among them, and which plain names several cards share."""

    table: pd.DataFrame
    places: dict[str, int]
    shared: dict[str, list[str]]

    def place_of(self, name: object, where: str) -> int:
        """Return the place of the card of a name."""
        tried = list(dict.fromkeys(key for key in _keys(str(name)) if key))
        for key in tried:
            if key in self.places:
                return self.places[key]
            if key in self.shared:
                may = " or ".join(self.shared[key][:3])
                raise ParameterError(f"{where}: {quoted(name)} may mean {may}")
        models = self.table["model"].tolist()
        known = {key: models[at] for key, at in self.places.items() if not key.startswith(_POINTLESS)}
        raise names.unknown_name(where, name, known)


@read_once
def _cards(folder: Path) -> _Cards:
    opened, closed = datasets.load_model_cards(folder), datasets.load_table("closed_models", folder)
    for end in _ENDS:
        opened = opened.assign(
            **{f"{size}{end}": opened[size] for size in ("params_total_b", "params_active_b")}
        )
    table = pd.concat([opened.assign(is_closed=False), closed.assign(is_closed=True)], ignore_index=True)
    places: dict[str, int] = {}
    shared: dict[str, list[str]] = {}
    for level in _levels(table):
        takers: dict[str, set[int]] = {}
        for key, place in level:
            takers.setdefault(key, set()).add(place)
        for key, found in takers.items():
            if key in places or key in shared or not key:
                continue
            if len(found) == 1:
                places[key] = found.pop()
            else:
                shared[key] = sorted(table["model"].iloc[list(found)])
    return _Cards(table[list(Card._fields)], places, shared)


def _levels(table: pd.DataFrame) -> Iterator[list[tuple[str, int]]]:
    """Yield plain names and the places of their cards; a name of an earlier level is the stronger one."""
    aliases = [
        (alias.strip(), place)
        for place, cell in enumerate(table["aliases"])
        if isinstance(cell, str)
        for alias in cell.split(";")
    ]
    own = [(name, place) for place, name in enumerate(table["model"])]
    sold = [(f"{table['vendor'].iloc[place]} {_bare(name)}", place) for name, place in own]
    written = [own, aliases, [(_bare(name), at) for name, at in own]]
    written += [[(_bare(name), at) for name, at in aliases], sold]
    plain = [[(names.plain(name), place) for name, place in level] for level in written]
    yield from plain
    for level in plain:
        yield [(_POINTLESS + key.replace(".", ""), place) for key, place in level if "." in key]


def _keys(name: str) -> list[str]:
    """Return what a name may be listed as, the likeliest first.

    A point may be left out, as in ``claude-opus-4-5``; one that is written counts: a 1.3b is no 13b.
    """
    plain = [names.plain(name), names.plain(_bare(name))]
    return plain + [f"{_POINTLESS}{key}" for key in plain if "." not in key]


def _bare(name: str) -> str:
    return name.rpartition("/")[2]
