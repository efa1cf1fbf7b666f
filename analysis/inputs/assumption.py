"""One assumption: a value with its ends, unit, period, source and grade, and what defines it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from analysis.inputs.plain import is_number, number_hint
from analysis.inputs.units import currency_of, period_bounds

_EXAMPLE = "{value: 0.3, unit: CNY/kWh, period: 2025, source: mine, grade: C}"
_ENDS = ("value", "low", "high")


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
    """What an assumption means, the units it may have, and its bounds in any of them.

    ``start`` holds the raw entries that scenarios start from; some assumptions have none. ``choices`` holds
    the words that may stand for it, each with the assumption that it then is. ``also_called`` holds other
    names of it, which it may share.
    """

    meaning: str
    units: tuple[str, ...]
    lowest: float
    highest: float
    start: Mapping[str, Any] | None = None
    choices: Mapping[str, str] = {}
    also_called: tuple[str, ...] = ()


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
    paragraph: int | None = Field(None, ge=1, le=999, strict=True)
    rows: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _fill_ends(cls, given: Any) -> Any:
        if isinstance(given, cls):
            return given
        if not isinstance(given, dict):
            raise ValueError(f"{given!s:.40} alone will not do; it takes {_EXAMPLE}")
        filled = {key: entry for key, entry in given.items() if entry is not None}
        for end in _ENDS:
            if end in filled and not is_number(filled[end]):
                raise ValueError(f"{end} {filled[end]!r:.40} is not a number; {number_hint(filled[end])}")
        if "value" not in filled and {"low", "high"} <= set(filled):
            filled["value"] = (filled["low"] + filled["high"]) / 2
        if "value" in filled:
            filled.setdefault("low", filled["value"])
            filled.setdefault("high", filled["value"])
        if is_number(filled.get("period")):  # YAML reads 2025 as such
            filled["period"] = str(filled["period"])
        return filled

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> Assumption:
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"value {self.value:g} is not between low {self.low:g} and high {self.high:g}; "
                "give value, low and high together"
            )
        if self.period is not None:
            period_bounds(self.period)
        elif currency_of(self.unit):
            raise ValueError(f"a figure in {self.unit} needs a period")
        if isinstance(info.context, Definition):
            self._check_against(info.context)
        return self

    def _check_against(self, defined: Definition) -> None:
        if self.unit not in defined.units:
            raise ValueError(f"unit {self.unit!r} is not one of {', '.join(defined.units)}")
        for end in _ENDS:
            if not defined.lowest <= getattr(self, end) <= defined.highest:
                raise ValueError(
                    f"{end} {getattr(self, end):g} is out of bounds "
                    f"{defined.lowest:g} to {defined.highest:g} [{self.unit}]"
                )
