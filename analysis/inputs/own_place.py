"""A place of a user's own: an entry of plain data, in a file or in a list of places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.inputs.errors import ParameterError, explain
from analysis.inputs.money import tariff_in_usd
from analysis.inputs.reading import read_mapping

OURS = "assumption of yours"
"""The source of what a user tells without one."""

YOURS = "your own"
"""The kind of such a place."""

SUFFIXES = (".yaml", ".yml")


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
    tariff: str | float
    period: str = "2025"
    side: Literal["us", "cn"] = "us"
    pue: float | None = Field(None, ge=1, le=5)
    carbon_g_per_kwh: float | None = Field(None, ge=0, le=2000)
    cost_of_capital: float | None = Field(None, gt=0, lt=1)
    source: str = Field(OURS, min_length=1, max_length=200)
    grade: Literal["A", "B", "C"] = "C"


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
    try:
        usd = tariff_in_usd(str(told.tariff).strip(), told.period)
    except (ParameterError, ValueError) as error:
        raise ParameterError(f"{where}: tariff: {error}") from None
    if usd < 0:
        raise ParameterError(f"{where}: tariff: {told.tariff} is below zero")
    return {
        **told.model_dump(exclude={"tariff"}),
        **dict.fromkeys(("low", "value", "high"), usd),
        **dict.fromkeys(("pue_source", "carbon_source", "capital_source"), told.source),
        **dict.fromkeys(("pue_grade", "carbon_grade", "capital_grade"), told.grade),
        **{"kind": YOURS, "consumer_class": "", "tax_treatment": "", "note": ""},
    }


def read_place(text: str) -> str | dict[str, Any]:
    """Return a place as an option names it: a name, or what the YAML file of that name holds.

    Raises
    ------
    InputError
        If the file cannot be read, or is too large for a place.
    """
    return read_mapping(Path(text), "place") if text.lower().endswith(SUFFIXES) else text
