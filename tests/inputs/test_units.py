"""Units: lists of words, the currency in a unit, base units; periods."""

from datetime import date

import pytest

from analysis.inputs import rules
from analysis.inputs.units import (
    BASE_UNITS,
    currency_of,
    in_base,
    middle_year,
    period_bounds,
    words_of,
    worst_grade,
)


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


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-S1", date(2025, 1, 1), date(2025, 6, 30)),
        ("2025-H2", date(2025, 7, 1), date(2025, 12, 31)),
        ("2024-Q4", date(2024, 10, 1), date(2024, 12, 31)),
        ("2026-03-12", date(2026, 3, 12), date(2026, 3, 12)),
        ("2024-07..2025-06", date(2024, 7, 1), date(2025, 6, 30)),
    ],
)
def test_bounds_of_a_period(period: str, start: date, end: date) -> None:
    assert period_bounds(period) == (start, end)


@pytest.mark.parametrize(
    "period", ["", "25", "2025-13", "2025-S3", "2025-Q5", "2025-02-30", "about 2021", "2025..2024"]
)
def test_what_is_no_period_is_named(period: str) -> None:
    with pytest.raises(ValueError, match="period"):
        period_bounds(period)


def test_the_middle_of_a_period() -> None:
    assert middle_year("2025") == pytest.approx(2025.5, abs=1e-3)
    assert middle_year("2024-S2") == pytest.approx(2024.75, abs=2e-3)


@pytest.mark.parametrize("period", ["２０２５", "٢٠٢٥", "2025-0６", "2025-Q４", " 2025", "2025\n"])
def test_a_period_is_written_in_our_digits(period: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        period_bounds(period)
