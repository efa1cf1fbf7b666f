"""Headline values: named results with their range and the weakest grade of what enters them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from analysis.inputs.assumption import Range

if TYPE_CHECKING:
    import pandas as pd


class Headline(NamedTuple):
    """A named result: its value, its ends (None where there are none), its unit and its grade.

    The grade is the weakest of all rows and assumptions that enter the number; empty for a count, which rests
    on none.
    """

    value: float | None
    low: float | None
    high: float | None
    unit: str
    grade: str

    @classmethod
    def of(cls, value: float, unit: str, grade: str) -> Headline:
        """Return a headline without a range."""
        return cls(value, None, None, unit, grade)

    @classmethod
    def ranged(cls, found: Range, unit: str, grade: str) -> Headline:
        """Return a headline with a range."""
        return cls(found.value, found.low, found.high, unit, grade)

    @classmethod
    def counted(cls, number: float, unit: str) -> Headline:
        """Return a number of things that were counted; no evidence enters it, so it has no grade."""
        return cls.of(float(number), unit, "")


def headlines_of_rows(ranges: pd.DataFrame, rows: Mapping[str, tuple[Hashable, str]]) -> dict[str, Headline]:
    """Return headlines with the ranges and the grades that rows of a table hold.

    Parameters
    ----------
    ranges : pandas.DataFrame
        With the columns ``low``, ``value``, ``high`` and ``grade``.
    rows : mapping
        Key of a headline to the row of the table and its unit.

    Examples
    --------
    >>> import pandas as pd
    >>> load = pd.DataFrame({"low": 1.0, "value": 2.0, "high": 3.0, "grade": "B"}, index=["load"])
    >>> headlines_of_rows(load, {"load_mw": ("load", "MW")})
    {'load_mw': Headline(value=2.0, low=1.0, high=3.0, unit='MW', grade='B')}
    """
    found = ranges[[*Range._fields]].astype(float).to_dict("index")
    return {
        key: Headline(**found[row], unit=unit, grade=str(ranges.loc[row, "grade"]))
        for key, (row, unit) in rows.items()
    }
