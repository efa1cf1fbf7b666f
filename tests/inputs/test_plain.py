"""How a number is written, what to write in its place, what is one, and what is wrong with a cell."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inputs.plain import (
    factor_in_words,
    factor_range_in_words,
    fault_of,
    is_number,
    number_hint,
    percent,
    plain_form,
    plain_number,
    share_in_words,
    times,
)


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


@pytest.mark.parametrize(
    ("entry", "is_one"),
    [
        (1, True), (0.5, True), (np.float32(0.5), True), (np.int8(3), True), (float("nan"), True),
        (True, False), (np.bool_(True), False), ("1", False), (None, False), (1j, False), (10**400, False),
    ],
)  # fmt: skip
def test_what_is_a_number(entry: object, is_one: bool) -> None:
    assert is_number(entry) is is_one


@pytest.mark.parametrize(
    ("kind", "cell", "told"),
    [
        ("number", "0.30", ""), ("number", "4", "4.0 fails: 3 or less"),
        ("positive whole number", "-1", "-1 fails: above zero"),
        ("whole number", "1.5", "'1.5' fails: a whole number"),
        ("number", "1,000", "'1,000' fails: a number; write 1000"), ("choice", "CNY/kWh", ""),
        ("choice", "kWh", "'kWh' fails: one of share, CNY/kWh, EUR/kWh, GBP/kWh, USD/kWh; did you mean "
         "USD/kWh?"),
        ("text", "null", "'null' fails: text without blanks around it; what is not known stays blank"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_cell(kind: str, cell: str, told: str) -> None:
    column = SimpleNamespace(kind=kind, words="share;currency/kWh", lowest="-3", highest="3")
    assert fault_of(column, cell) == told


@given(st.floats(-2.0, 2.0), st.integers(0, 3))
def test_no_share_of_nothing_has_a_sign(share: float, digits: int) -> None:
    text = percent(share, digits)
    assert float(text.rstrip("%")) == pytest.approx(100 * share, abs=0.51 * 10**-digits)
    assert text.strip("-0.%") or not text.startswith("-")


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.9, 0.9949, 1.0), "x0.99 (x0.90 to x1.00)"),
        ((0.9, 0.9951, 1.0), "no difference (x0.90 to x1.00)"),
        ((1.0, 1.0049, 1.1), "no difference (x1.00 to x1.10)"),
        ((1.0, 1.0051, 1.1), "x1.01 (x1.00 to x1.10)"),
    ],
)
def test_a_factor_that_rounds_to_one_is_no_difference(ends: tuple[float, ...], words: str) -> None:
    assert factor_in_words(*ends) == words
    assert words.startswith(times(ends[1]))


def test_a_range_of_factors_has_one_end_where_both_are_shown_alike() -> None:
    assert factor_range_in_words(1.021, 1.0239) == "x1.02"
    assert factor_range_in_words(0.999, 1.001) == "no difference"


@pytest.mark.parametrize(
    ("share", "words"), [(0.0004, "about zero"), (-0.0006, "-0.1%"), (0.0, "about zero")]
)
def test_a_share_that_rounds_to_zero_is_told_in_words(share: float, words: str) -> None:
    assert share_in_words(-0.5, share, 0.5) == f"{words} (-50.0% to 50.0%)"
