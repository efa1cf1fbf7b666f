"""Headline values."""

import math

import pandas as pd
import pytest

from analysis.inputs.assumption import Range
from analysis.tables.headline import Headline, headlines_of_rows


def test_a_headline_with_and_without_ends() -> None:
    assert Headline.of(2.0, "MW", "B") == (2.0, None, None, "MW", "B")
    assert Headline.ranged(Range(1.0, 2.0, 3.0), "MW", "A") == (2.0, 1.0, 3.0, "MW", "A")


def test_a_count_has_no_grade_and_nothing_else_may_lack_one() -> None:
    assert Headline.counted(3, "claims") == (3.0, None, None, "claims", "")
    with pytest.raises(TypeError):
        Headline.of(2.0, "MW")  # type: ignore[call-arg]


def test_rows_of_a_table_become_headlines_blank_where_they_are() -> None:
    ranges = pd.DataFrame(
        {"low": [1.0, math.nan], "value": [2, 5], "high": [3.0, 6.0], "grade": ["A", "C"]}, index=["a", "b"]
    )
    found = headlines_of_rows(ranges, {"load": ("a", "MW"), "share": ("b", "1")})
    assert found["load"] == Headline.ranged(Range(1.0, 2.0, 3.0), "MW", "A")
    assert (found["share"].value, found["share"].grade) == (5.0, "C")
    assert math.isnan(found["share"].low or 0.0)
    with pytest.raises(KeyError):
        headlines_of_rows(ranges, {"load": ("missing", "MW")})
