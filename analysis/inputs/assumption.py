"""One assumption: a value with its ends, unit, period, source and grade, and what defines it."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationInfo, model_validator

from analysis.inputs import periods
from analysis.inputs.units import currency_of

_EXAMPLE = "{value: 0.3, unit: CNY/kWh, period: 2025, source: mine, grade: C}"


class Range(NamedTuple):
    """A value with its low and high end, all in one unit."""

    low: float
    value: float
    high: float

    def times(self, factor: float) -> Range:
        """Return the range multiplied by a positive factor.

        Examples
        --------
        >>> Range(1.0, 2.0, 3.0).times(2.0)
        Range(low=2.0, value=4.0, high=6.0)
        """
        return Range(self.low * factor, self.value * factor, self.high * factor)


class Definition(NamedTuple):
    """What an assumption means, the units it may have, and its bounds in any of them."""

    meaning: str
    units: tuple[str, ...]
    lowest: float
    highest: float


class Assumption(BaseModel):
    """One value with its ends and its provenance.

    A missing value is the middle of low and high; a missing end is the value. Validated with its
    `Definition` as context, it must have one of the units and lie within the bounds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    value: float
    low: float
    high: float
    unit: str
    period: str | None = None
    source: str
    grade: Literal["A", "B", "C"]
    paragraph: int | None = None
    rows: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _fill_ends(cls, given: Any) -> Any:
        if isinstance(given, cls):
            return given
        if not isinstance(given, dict):
            raise ValueError(f"{given!s:.40} alone will not do; it takes {_EXAMPLE}")
        for end in ("value", "low", "high"):
            if given.get(end) is not None and not are_numbers(given[end]):
                raise ValueError(f"{end} {given[end]!r:.40} is not a number")
        filled = {key: entry for key, entry in given.items() if entry is not None}
        low, high = filled.get("low"), filled.get("high")
        if "value" not in filled and low is not None and high is not None and are_numbers(low, high):
            filled["value"] = (low + high) / 2
        if "value" in filled:
            filled.setdefault("low", filled["value"])
            filled.setdefault("high", filled["value"])
        if isinstance(filled.get("period"), int | date):  # YAML reads 2025 and 2026-03-12 as such
            filled["period"] = str(filled["period"])
        return filled

    @model_validator(mode="after")
    def _check_order_and_money(self) -> Assumption:
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"value {self.value:g} is not between low {self.low:g} and high {self.high:g}; "
                "give value, low and high together"
            )
        if self.period is not None:
            periods.bounds(self.period)
        elif currency_of(self.unit):
            raise ValueError(f"a figure in {self.unit} needs a period")
        return self

    @model_validator(mode="after")
    def _check_definition(self, info: ValidationInfo) -> Assumption:
        defined = info.context
        if not isinstance(defined, Definition):
            return self
        if self.unit not in defined.units:
            raise ValueError(f"unit {self.unit!r} is not one of {', '.join(defined.units)}")
        for end in ("value", "low", "high"):
            if not defined.lowest <= getattr(self, end) <= defined.highest:
                raise ValueError(
                    f"{end} {getattr(self, end):g} is out of bounds "
                    f"{defined.lowest:g} to {defined.highest:g} [{self.unit}]"
                )
        return self


def are_numbers(*entries: Any) -> bool:
    """Tell whether all entries are numbers; true and false are none."""
    return all(isinstance(entry, int | float) and not isinstance(entry, bool) for entry in entries)
