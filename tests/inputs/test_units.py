"""Units: lists of words, the currency in a unit, base units; periods; how a number is written."""

from datetime import date

import pytest

from analysis.inputs import rules
from analysis.inputs.units import (
    BASE_UNITS,
    currency_of,
    in_base,
    middle_year,
    number_hint,
    period_bounds,
    plain_form,
    plain_number,
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


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("-0", 0), ("1000", 1000), ("-7", -7), ("0.30", 0.3), (".5", 0.5), ("-.5", -0.5),
        ("1.", 1.0), ("1e-3", 1e-3), ("1e+22", 1e22), ("1E5", 1e5), ("1e-07", 1e-7), ("0e-999", 0.0),
        ("9" * 60, 10**60 - 1), (repr(0.1 + 0.2), 0.1 + 0.2), ("5e-324", 5e-324), ("1.7e308", 1.7e308),
    ],
)  # fmt: skip
def test_a_number_as_people_and_programs_write_it(text: str, number: float) -> None:
    found = plain_number(text)
    assert found == number
    assert type(found) is type(number)
    assert plain_form(text) == "", "it is plain"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1_000", "1000"), ("1_0", "10"), ("1,000,000.5", "1000000.5"), ("1 000", "1000"), ("0,3", "0.3"),
        ("1\u202f000", "1000"), ("1'000", "1000"), ("+5", "5"), (" 5", "5"), ("5\n", "5"), ("017", "17"),
        ("00.5", "0.5"), ("-007", "-7"), ("0x10", "16"), ("0o17", "15"), ("٣", "3"), ("０.３", "0.3"),
        ("\u22125", "-5"), ("1:30", ""), ("2019-01-01", ""), ("1.2.3", ""), ("1,000,00", ""), ("1e", ""),
        ("e5", ""), (".", ""), ("", ""), ("-", ""), ("nan", ""), (".inf", ""), ("1e999", ""), ("1e-999", ""),
        ("9" * 400, ""), ("9" * 5000, ""), ("0x", ""), ("fast", ""), ("½", ""),
    ],
)  # fmt: skip
def test_what_is_no_plain_number_has_a_plain_form_where_it_is_clear(text: str, plain: str) -> None:
    assert plain_number(text) is None
    assert plain_form(text) == plain


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("1_000", "write 1000"),
        ("1000", "write 1000 without quotes"),
        ("fast", "write a number as in 1000, 0.5 or 1e-3"),
        ("0x" + "f" * 5000, "write a number as in 1000, 0.5 or 1e-3"),
        (1e5, "write 100000"),
        (1e300, "write a number as in 1000, 0.5 or 1e-3"),
        (None, "write a number as in 1000, 0.5 or 1e-3"),
    ],
)
def test_a_hint_says_what_to_write(given: object, hint: str) -> None:
    assert number_hint(given) == hint
