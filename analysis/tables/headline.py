"""Headline values: named results with their range."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from analysis.inputs.assumption import Range

if TYPE_CHECKING:
    import pandas as pd


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
