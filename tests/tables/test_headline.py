"""Headline values and the text they are kept in."""

import json
import math

import pandas as pd
import pytest

from analysis.inputs.assumption import Range
from analysis.tables.headline import Headline, as_entries, dump, headlines_of_rows


def test_a_headline_with_and_without_ends() -> None:
    assert Headline.of(2.0, "MW") == (2.0, None, None, "MW")
    assert Headline.ranged(Range(1.0, 2.0, 3.0), "MW") == (2.0, 1.0, 3.0, "MW")


def test_entries_are_rounded_to_nine_digits() -> None:
    found = Headline.ranged(Range(1 / 3, 2 / 3, 1234567.0123), "ratio")
    assert as_entries({"spread": found}, "02-api-spread") == {
        "spread": {
            "value": 0.666666667,
            "low": 0.333333333,
            "high": 1234567.01,
            "unit": "ratio",
            "notebook": "02-api-spread",
        }
    }


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_left_blank(number: float) -> None:
    entry = as_entries({"load": Headline.of(number, "MW")}, "03-gpu-offset")["load"]
    assert (entry["value"], entry["low"], entry["high"]) == (None, None, None)


def test_zero_and_tiny_values_are_numbers() -> None:
    entries = as_entries({"none": Headline.of(0.0, "1"), "tiny": Headline.of(1.23456789012e-12, "1")}, "n")
    assert entries["none"]["value"] == 0.0
    assert entries["tiny"]["value"] == 1.23456789e-12


def test_the_text_does_not_depend_on_the_order() -> None:
    text = dump({"b": 1.5, "a": {"unit": "\u5143"}})
    assert text == dump({"a": {"unit": "\u5143"}, "b": 1.5})
    assert text == '{\n  "a": {\n    "unit": "\u5143"\n  },\n  "b": 1.5\n}\n'
    assert json.loads(text) == {"a": {"unit": "\u5143"}, "b": 1.5}


def test_the_text_holds_no_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump({"a": math.nan})


def test_rows_of_a_table_become_headlines_blank_where_they_are() -> None:
    ranges = pd.DataFrame({"low": [1.0, math.nan], "value": [2, 5], "high": [3.0, 6.0]}, index=["a", "b"])
    found = headlines_of_rows(ranges, {"load": ("a", "MW"), "share": ("b", "1")})
    assert found["load"] == Headline.ranged(Range(1.0, 2.0, 3.0), "MW")
    assert found["share"].value == 5.0
    assert math.isnan(found["share"].low or 0.0)
    with pytest.raises(KeyError):
        headlines_of_rows(ranges, {"load": ("missing", "MW")})
