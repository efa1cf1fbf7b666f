"""Headline values."""

import math

import pandas as pd
import pytest

from analysis.inputs.assumption import Range
from analysis.tables.headline import Headline, headlines_of_rows


def test_a_headline_with_and_without_ends() -> None:
    assert Headline.of(2.0, "MW") == (2.0, None, None, "MW")
    assert Headline.ranged(Range(1.0, 2.0, 3.0), "MW") == (2.0, 1.0, 3.0, "MW")


def test_rows_of_a_table_become_headlines_blank_where_they_are() -> None:
    ranges = pd.DataFrame({"low": [1.0, math.nan], "value": [2, 5], "high": [3.0, 6.0]}, index=["a", "b"])
    found = headlines_of_rows(ranges, {"load": ("a", "MW"), "share": ("b", "1")})
    assert found["load"] == Headline.ranged(Range(1.0, 2.0, 3.0), "MW")
    assert found["share"].value == 5.0
    assert math.isnan(found["share"].low or 0.0)
    with pytest.raises(KeyError):
        headlines_of_rows(ranges, {"load": ("missing", "MW")})
