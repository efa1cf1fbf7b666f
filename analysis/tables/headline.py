"""Headline values: named results with their range, and the flat object they are kept in."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.inputs.assumption import Range

if TYPE_CHECKING:
    import pandas as pd

SIGNIFICANT_DIGITS = 9


class Headline(NamedTuple):
    """A named result: its value, its ends (None where there are none) and its unit."""

    value: float | None
    low: float | None
    high: float | None
    unit: str

    @classmethod
    def of(cls, value: float, unit: str) -> Headline:
        """Return a headline without a range."""
        return cls(value, None, None, unit)

    @classmethod
    def ranged(cls, found: Range, unit: str) -> Headline:
        """Return a headline with a range."""
        return cls(found.value, found.low, found.high, unit)


def headlines_of_rows(ranges: pd.DataFrame, rows: Mapping[str, tuple[Hashable, str]]) -> dict[str, Headline]:
    """Return headlines with the ranges that rows of a table hold.

    Parameters
    ----------
    ranges : pandas.DataFrame
        With the columns ``low``, ``value``, ``high``.
    rows : mapping
        Key of a headline to the row of the table and its unit.

    Examples
    --------
    >>> import pandas as pd
    >>> load = pd.DataFrame({"low": [1.0], "value": [2.0], "high": [3.0]}, index=["load"])
    >>> headlines_of_rows(load, {"load_mw": ("load", "MW")})
    {'load_mw': Headline(value=2.0, low=1.0, high=3.0, unit='MW')}
    """
    found = ranges[[*Range._fields]].astype(float).to_dict("index")
    return {key: Headline(**found[row], unit=unit) for key, (row, unit) in rows.items()}


def as_entries(headlines: Mapping[str, Headline], notebook: str) -> dict[str, dict[str, Any]]:
    """Return headlines as JSON entries, numbers rounded to `SIGNIFICANT_DIGITS`.

    Examples
    --------
    >>> as_entries({"ratio": Headline.of(2 / 3, "1")}, "01-x")["ratio"]["value"]
    0.666666667
    """
    return {
        key: {
            "value": _rounded(entry.value),
            "low": _rounded(entry.low),
            "high": _rounded(entry.high),
            "unit": entry.unit,
            "notebook": notebook,
        }
        for key, entry in headlines.items()
    }


def _rounded(number: float | None) -> float | None:
    if number is None or not math.isfinite(number):
        return None
    return float(f"{number:.{SIGNIFICANT_DIGITS}g}")


def dump(entries: Mapping[str, Any]) -> str:
    """Return entries as JSON text, keys in order, the same bytes for the same entries."""
    return json.dumps(entries, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
