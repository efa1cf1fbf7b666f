"""Amounts as people write them: every unit by hand, ranges, what is refused and how."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inputs.amounts import Amount, read_amount
from analysis.inputs.datasets import load_assumptions
from analysis.inputs.errors import ParameterError
from analysis.inputs.units import words_of

TARIFF = words_of("currency/kWh")


def read(text: str, allowed: str = "currency/kWh", usual: str = "USD/kWh") -> Amount:
    return read_amount(text, units=words_of(allowed), usual=usual)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0.20CNY/kWh", 0.2, "CNY/kWh"),
        ("0.20 CNY/kWh", 0.2, "CNY/kWh"),
        (" 0.20 cny / kwh ", 0.2, "CNY/kWh"),
        ("0.045 EUR/kWh", 0.045, "EUR/kWh"),
        ("20 USD/MWh", 0.02, "USD/kWh"),
        ("8 ct/kWh", 0.08, "USD/kWh"),
        ("7¢/kWh", 0.07, "USD/kWh"),
        ("5 eurocent/kWh", 0.05, "EUR/kWh"),
        ("40 fen/kWh", 0.4, "CNY/kWh"),
        ("0.6元/kWh", 0.6, "CNY/kWh"),
        ("€0.05/kWh", 0.05, "EUR/kWh"),
        ("$80/MWh", 0.08, "USD/kWh"),
        ("£ 0.1/kWh", 0.1, "GBP/kWh"),
        ("EUR 45/MWh", 0.045, "EUR/kWh"),
        ("1 NOK/kWh", 1.0, "NOK/kWh"),
        ("0.2", 0.2, "USD/kWh"),
        ("2e-2 USD/kWh", 0.02, "USD/kWh"),
    ],
)
def test_a_tariff_in_every_unit(text: str, value: float, unit: str) -> None:
    assert read(text) == Amount(value, value, value, unit)


@pytest.mark.parametrize(
    ("text", "allowed", "usual", "value", "unit"),
    [
        ("90%", "share", "share", 0.9, "share"),
        ("7 percent", "share", "share", 0.07, "share"),
        ("5 years", "years", "years", 5.0, "years"),
        ("1 year", "years", "years", 1.0, "years"),
        ("18 months", "years", "years", 1.5, "years"),
        ("1200 W", "kW", "kW", 1.2, "kW"),
        ("1.15", "ratio", "ratio", 1.15, "ratio"),
        ("17x", "ratio", "ratio", 17.0, "ratio"),
        ("100B", "billion parameters", "billion parameters", 100.0, "billion parameters"),
        ("30k USD", "currency", "CNY", 30_000.0, "USD"),
        ("$30k", "currency", "CNY", 30_000.0, "USD"),
        ("2 million CNY/year", "currency/year", "CNY/year", 2e6, "CNY/year"),
        ("3 USD/M tokens", "currency/Mtok", "USD/Mtok", 3.0, "USD/Mtok"),
        ("0.1 USD/GPU hour", "currency/GPU-hour", "USD/GPU-hour", 0.1, "USD/GPU-hour"),
        ("10 million USD/MW", "currency/kW", "USD/kW", 10_000.0, "USD/kW"),
    ],
)
def test_every_other_unit(text: str, allowed: str, usual: str, value: float, unit: str) -> None:
    assert read(text, allowed, usual) == Amount(value, value, value, unit)


def test_every_unit_of_every_assumption_is_read() -> None:
    for allowed in load_assumptions()["allowed_units"].unique():
        for unit in words_of(allowed):
            assert read(f"3 {unit}", allowed, unit) == Amount(3.0, 3.0, 3.0, unit)
            assert read(f"3{unit.upper()}", allowed, unit).unit == unit


def test_a_range_has_its_middle_as_value() -> None:
    assert read("0.15..0.25CNY/kWh") == Amount(0.15, 0.2, 0.25, "CNY/kWh")
    assert read("40 .. 60 EUR/MWh") == Amount(0.04, 0.05, 0.06, "EUR/kWh")
    assert read("1..2 USD/kWh") == Amount(1.0, 1.5, 2.0, "USD/kWh")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,045 EUR/kWh", r"is no amount; write 0\.045 EUR/kWh$"),
        ("1,000.5 USD/MWh", r"write 1000\.5 USD/MWh$"),
        ("€ 0,05/kWh", r"write € 0\.05/kWh$"),
        ("0.1-0.2 USD/kWh", r"write a range as in 0\.1\.\.0\.2 USD/kWh$"),
        ("0.25..0.15 USD/kWh", r"the low end comes first, as in 0\.15\.\.0\.25$"),
        ("¥0.2/kWh", "¥ may be yuan or yen; write CNY or JPY$"),
        (
            "5 years",
            r"unit 'years' is not one of CNY/kWh, EUR/kWh, GBP/kWh, USD/kWh; write it as in 0\.08 USD/kWh$",
        ),
        ("0.1 USD/kW", "unit 'USD/kW' is not one of"),
        ("0.1 USD", "unit 'USD' is not one of"),
        ("0.1/kWh", "unit '/kWh' is not one of"),
        ("8 ct", "unit 'ct' is not one of"),
        ("1.2.3 USD/kWh", "is no amount"),
        ("1e999 USD/kWh", "is no amount"),
        ("nan", "is no amount; write a number as in"),
        ("", "is no amount; write a number as in"),
        ("x" * 10_000, "is no amount"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_write(text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message) as error:
        read(text)
    assert len(str(error.value)) < 500


def test_cents_are_of_the_currency_of_the_figure() -> None:
    assert read("8 ct/kWh", usual="EUR/kWh").unit == "EUR/kWh"
    with pytest.raises(ParameterError, match="cents of which currency"):
        read("8 ct/kWh", usual="CNY/kWh")


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        found = read(text)
    except ParameterError:
        return
    assert found.low <= found.value <= found.high


@given(st.floats(1e-6, 1e6), st.sampled_from(TARIFF))
def test_megawatt_hours_are_a_thousand_kilowatt_hours(price: float, unit: str) -> None:
    of_mwh = read(f"{price!r} {unit.replace('kWh', 'MWh')}")
    assert of_mwh.value == pytest.approx(read(f"{price!r} {unit}").value / 1000.0)
    assert of_mwh.unit == unit
