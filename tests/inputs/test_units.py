"""Units: lists of words, the currency in a unit, base units."""

import pytest

from analysis.inputs import rules
from analysis.inputs.units import BASE_UNITS, currency_of, in_base, words_of, worst_grade


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ("", ()),
        ("share;ratio", ("share", "ratio")),
        ("currency", ("CNY", "EUR", "GBP", "USD")),
        ("billion currency/year", tuple(f"billion {money}/year" for money in ("CNY", "EUR", "GBP", "USD"))),
    ],
)
def test_currency_stands_for_each_of_them(listed: str, words: tuple) -> None:
    assert words_of(listed) == words


@pytest.mark.parametrize(
    ("unit", "currency"),
    [
        ("CNY", "CNY"),
        ("million USD", "USD"),
        ("SGD/kWh", "SGD"),
        ("kWh/100tok", None),
        ("calendar year", None),
    ],
)
def test_the_currency_of_a_unit(unit: str, currency: str | None) -> None:
    assert currency_of(unit) == currency


def test_each_base_unit_is_one_that_facts_may_have() -> None:
    columns = rules.load_columns()
    row = columns[(columns["table"] == "facts") & (columns["column"] == "unit")]
    assert set(BASE_UNITS) <= set(words_of(row["words"].item()))


def test_a_value_in_its_base_unit() -> None:
    assert in_base(2.0, "GWh") == (2e6, "kWh")
    assert in_base(6.0, "months") == pytest.approx((0.5, "years"))
    assert in_base(3.0, "no unit of ours") == (3.0, "no unit of ours")


def test_a_result_is_no_better_than_its_weakest_row() -> None:
    assert worst_grade(["A", "B", "A"]) == "B"
