"""Which place is meant: one of the data by its name, or one of a user's own, as an entry of plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError, explain, quoted
from analysis.inputs.money import tariff_in_usd
from analysis.inputs.names import find_or_raise, known_names
from analysis.inputs.plain import is_number
from analysis.inputs.reading import read_mapping
from analysis.inputs.units import MOST_USD_PER_KWH

OURS = "assumption of yours"
"""The source of what a user tells without one."""

YOURS = "your own"
"""The kind of such a place."""

SUFFIXES = (".yaml", ".yml")


Place = str | Mapping[str, Any]
"""A place by its name, or one of a user's own: what `OwnPlace` has."""


class OwnPlace(BaseModel):
    """What may be told of a place; what is left out is the scenario's.

    Attributes
    ----------
    name : str
        What tables and figures call it.
    tariff : str or float
        As in ``0.045 EUR/kWh``; a number is in USD/kWh.
    period : str
        Whose mean rate exchanges another currency.
    side : str
        Whose costs of accelerators stand in: ``us`` or ``cn``.
    pue, carbon_g_per_kwh, cost_of_capital : float, optional
        Facility over IT energy [ratio], carbon dioxide of electricity [g/kWh], cost of capital [1/year].
    source, grade : str
        Where it is from, and how good that is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=60)
    tariff: Any
    period: str = "2025"
    side: Literal["us", "cn"] = "us"
    pue: float | None = Field(None, ge=1, le=5)
    carbon_g_per_kwh: float | None = Field(None, ge=0, le=2000)
    cost_of_capital: float | None = Field(None, gt=0, lt=1)
    source: str = Field(OURS, min_length=1, max_length=200)
    grade: Literal["A", "B", "C"] = "C"


def place_or_raise(name: str, where: str = "place") -> str:
    """Return the name of a place in ``places.csv``.

    Raises
    ------
    ParameterError
        If the data hold no such place; the message starts with `where` and names the nearest ones.
    """
    return find_or_raise(name, known_places(), where)


@lru_cache(maxsize=1)
def known_places() -> dict[str, str]:
    """Return the name of each place by every plain name that it may be called."""
    table = datasets.load_table("places")
    return known_names(table.index, table["aliases"])


def own_place(entries: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return a place of one's own in the columns of `analysis.tables.places.places`, and its ``name``.

    Raises
    ------
    ParameterError
        If a name is unknown or missing, or a value makes no sense; the message starts with `where`.

    Examples
    --------
    >>> own_place({"name": "Rjukan", "tariff": "45 EUR/MWh"}, "mine.yaml")["source"]
    'assumption of yours'
    """
    try:
        told = OwnPlace.model_validate(dict(entries))
    except ValidationError as error:
        known = f"; known: {', '.join(OwnPlace.model_fields)}"
        has_unknown = any(each["type"] == "extra_forbidden" for each in error.errors())
        raise ParameterError(f"{where}: {explain(error.errors())}{known if has_unknown else ''}") from None
    for text in (told.name, told.source):
        if not text.isprintable() or text != text.strip():
            raise ParameterError(f"{where}: {text!r:.80} holds signs that cannot be printed, or outer blanks")
    usd = _tariff(told, where)
    return {
        **told.model_dump(exclude={"tariff"}),
        **dict.fromkeys(("low", "value", "high"), usd),
        **dict.fromkeys(("pue_source", "carbon_source", "capital_source"), told.source),
        **dict.fromkeys(("pue_grade", "carbon_grade", "capital_grade"), told.grade),
        **{"kind": YOURS, "consumer_class": "", "tax_treatment": "", "note": ""},
    }


def _tariff(told: OwnPlace, where: str) -> float:
    """Return the tariff [USD/kWh]."""
    if not isinstance(told.tariff, str) and not is_number(told.tariff):
        problem = f"{quoted(told.tariff)} is no price of electricity; write one as in 0.045 EUR/kWh"
        raise ParameterError(f"{where}: tariff: {problem}")
    try:
        usd = tariff_in_usd(str(told.tariff).strip(), told.period)
    except ValueError as error:
        raise ParameterError(f"{where}: tariff: {error}") from None
    if not 0 < usd <= MOST_USD_PER_KWH:
        problem = f"{quoted(told.tariff)} is {usd:g} USD/kWh: not above zero, or beyond any sense"
        raise ParameterError(f"{where}: tariff: {problem}")
    return usd


def check_places(entries: Iterable[Place], where: str) -> None:
    """Raise ParameterError if a place is not known, or one of a user's own makes no sense."""
    for entry in entries:
        place_or_raise(entry, where) if isinstance(entry, str) else own_place(entry, where)


def read_place(text: str) -> str | dict[str, Any]:
    """Return a place as an option names it: a name, or what the YAML file of that name holds.

    Raises
    ------
    InputError
        If the file cannot be read, or is too large for a place.
    """
    return read_mapping(Path(text), "place") if text.lower().endswith(SUFFIXES) else text
