"""Currency conversion at the mean ECB rate of a figure's own period."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from analysis.inputs import paths
from analysis.inputs.assumption import Assumption, Range
from analysis.inputs.errors import DataError, ParameterError
from analysis.inputs.money import (
    _converter,
    column_in_currency,
    in_currency,
    mean_rate,
    put_in_force,
    tariff_in_usd,
)


@pytest.mark.parametrize(
    ("base", "period", "rate"),
    [  # means of ECB reference rates, worked out apart from this package
        ("USD", "2023", 7.0846),
        ("USD", "2024", 7.1956),
        ("USD", "2025", 7.1874),
        ("USD", "2026-01-01..2026-03-13", 6.9302),
        ("EUR", "2024", 7.7875),
        ("EUR", "2025-S1", 7.9238),
        ("EUR", "2025-S2", 8.3057),
    ],
)
def test_known_means(base: str, period: str, rate: float) -> None:
    assert mean_rate(base, "CNY", period) == pytest.approx(rate, abs=5e-5)


def test_same_currency_needs_no_rate() -> None:
    assert mean_rate("CNY", "CNY", "1900") == 1.0


@pytest.mark.parametrize(
    ("base", "period", "message"),
    [
        ("ZZZ", "2025", "unknown currency 'ZZZ'"),
        ("USD", "2004", "no CNY rate"),
        ("USD", "2099", "history runs"),
    ],
)
def test_missing_rates_are_named(base: str, period: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mean_rate(base, "CNY", period)


def test_a_weekend_alone_has_no_rate() -> None:
    with pytest.raises(ValueError, match="no USD/CNY rate was published"):
        mean_rate("USD", "CNY", "2026-03-14")


def test_in_currency_scales_all_three() -> None:
    figure = Assumption(value=2, low=1, high=3, unit="USD/kWh", period="2025", source="x", grade="A")
    rate = mean_rate("USD", "CNY", "2025")
    assert in_currency(figure, "CNY") == Range(rate, 2 * rate, 3 * rate)
    assert in_currency(figure, "USD") == Range(1, 2, 3)


def test_a_column_is_converted_row_by_row() -> None:
    rows = pd.DataFrame(
        {"value": [1.0, 1.0, 0.5], "currency": ["USD", "CNY", None], "period": ["2024", "2025", "2025"]}
    )
    assert column_in_currency(rows, "CNY").tolist() == pytest.approx(
        [mean_rate("USD", "CNY", "2024"), 1.0, 0.5]
    )


@pytest.mark.parametrize(
    ("text", "usd"),
    [
        ("0.08", 0.08),
        ("0", 0.0),
        ("0.08 USD/kWh", 0.08),
        ("80usd/mwh", 0.08),
        ("0.045 EUR/kWh", 0.045 * mean_rate("EUR", "USD", "2025")),
        ("0.3 cny/kWh", 0.3 / mean_rate("USD", "CNY", "2025")),
        ("8 usct/kWh", 0.08),
        ("8 eurocent/kWh", 0.08 * mean_rate("EUR", "USD", "2025")),
        ("€45/MWh", 0.045 * mean_rate("EUR", "USD", "2025")),
        ("10 JPY/kWh", 10 * mean_rate("JPY", "USD", "2025")),
    ],
)
def test_a_price_of_electricity_as_people_write_it(text: str, usd: float) -> None:
    assert tariff_in_usd(text, "2025") == pytest.approx(usd)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,08", "write 0.08$"),
        ("0,045 EUR/kWh", r"write 0.045 EUR/kWh$"),
        ("8 ct", r"unit 'ct' is not one of USD/kWh; write it as in 0.08 USD/kWh$"),
        ("8 ct/kWh", r"^'8 ct/kWh': cents of which currency\? write it in USD or EUR$"),
        ("8 cents/kWh", r"cents of which currency\?"),
        ("0.05..0.06 EUR/kWh", "is a range; write one price of electricity$"),
        ("", "is no price of electricity"),
        ("nan", "is no price of electricity"),
        ("0.1 EUO/kWh", "unknown currency EUO; did you mean EUR"),
        ("1 RUB/kWh", "no RUB rate for 2025"),
    ],
)
def test_what_is_no_price_of_electricity_is_told_with_one_that_is(text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        tariff_in_usd(text, "2025")


LAST = _converter().bounds["USD"].last_date
"""Where the packaged history ends."""


def after(days: int) -> str:
    """Return a day so many days after the end of the packaged history."""
    return (LAST + timedelta(days=days)).isoformat()


@pytest.fixture
def rates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put rates of two days in force, 7 and 8 yuan a dollar, nine days before the day of the snapshot."""
    monkeypatch.setenv(paths.SNAPSHOTS, str(tmp_path))
    (tmp_path / after(21)).mkdir()
    found = {(after(20), "USD"): 1.25, (after(20), "CNY"): 8.75, (after(21), "USD"): 1.25}
    found |= {(after(21), "CNY"): 10.0, (after(0), "CNY"): 99.0, (after(0), "USD"): 1.0}
    rows = "".join(f"EUR,{quote},{day},{rate}\n" for (day, quote), rate in found.items())
    (tmp_path / after(21) / "ecb.csv").write_text(f"base,quote,period,rate\n{rows}", encoding="utf-8")
    put_in_force(after(30), after(21))
    return tmp_path / after(21) / "ecb.csv"


def test_rates_of_a_snapshot_go_on_after_the_packaged_ones(rates: Path) -> None:
    assert mean_rate("USD", "CNY", after(20)) == 7.0
    assert mean_rate("USD", "CNY", f"{after(20)}..{after(21)}") == 7.5
    assert mean_rate("CNY", "USD", after(21)) == pytest.approx(1 / 8)
    assert mean_rate("EUR", "CNY", after(21)) == 10.0
    assert mean_rate("USD", "CNY", after(30)) == 8.0, "a day without a rate has the last one"
    assert mean_rate("USD", "CNY", after(0)) < 9, "packaged rates stay what they are"
    with pytest.raises(ValueError, match=f"the history runs 1999-01-04 to {after(30)}"):
        mean_rate("USD", "CNY", after(31))
    with pytest.raises(ValueError, match="no RUB rate for 2025"):
        mean_rate("RUB", "USD", "2025")
    with pytest.raises(ValueError, match="no USD/CNY rate was published"):
        mean_rate("USD", "CNY", "2026-03-14")
    put_in_force()
    with pytest.raises(ValueError, match="history runs"):
        mean_rate("USD", "CNY", after(20))


def test_without_rates_of_its_own_a_snapshot_has_the_last_packaged_ones_for_a_while() -> None:
    put_in_force(after(60))
    assert mean_rate("USD", "CNY", after(45)) == mean_rate("USD", "CNY", after(0))
    with pytest.raises(ValueError, match=f"no USD/CNY rate was published in {after(46)}"):
        mean_rate("USD", "CNY", after(46))


@pytest.mark.parametrize("text", ["", "x\n1\n", "base,quote,period,rate\nEUR,USD,soon,1\n", None])
def test_damaged_rates_are_named(rates: Path, text: str | None) -> None:
    rates.unlink() if text is None else rates.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"/ecb\.csv: "):
        mean_rate("USD", "CNY", after(20))
