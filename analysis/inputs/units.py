"""Units and periods: conversion constants, what strings of the data say, energy per token."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

Numeric = Any
"""A scalar, an array or a Series; a result has the same shape."""

HOURS_PER_DAY = 24.0
"""Hours in a day [h]."""

HOURS_PER_YEAR = 8766.0
"""Hours in a mean year of 365.25 days [h]."""

MONTHS_PER_YEAR = 12.0
"""Months in a year."""

HOURS_PER_MONTH = HOURS_PER_YEAR / MONTHS_PER_YEAR
"""Hours in a mean month [h]."""

KW_PER_MW = 1000.0
"""Kilowatts in a megawatt [kW]."""

KWH_PER_GWH = 1e6
"""Kilowatt-hours in a gigawatt-hour [kWh]."""

KWH_PER_TWH = 1e9
"""Kilowatt-hours in a terawatt-hour [kWh]."""

MOST_USD_PER_KWH = 5.0
"""Beyond it is no price of electricity that somebody tells, as beyond the bound of the table of places."""

CURRENCIES = ("CNY", "EUR", "GBP", "USD")
"""ISO 4217 codes of the currencies that prices and assumptions may use."""

_TARIFF_CURRENCIES = (*CURRENCIES, "CAD", "HKD", "INR", "KRW", "MYR", "SGD")
"""Those of CURRENCIES, and those of single tariffs abroad."""


def words_of(listed: str) -> tuple[str, ...]:
    """Return the words of a list joined by ``;``, where ``currency`` stands for each of `CURRENCIES`.

    Examples
    --------
    >>> words_of("share;currency/kWh")
    ('share', 'CNY/kWh', 'EUR/kWh', 'GBP/kWh', 'USD/kWh')
    """
    words = [word for word in listed.split(";") if word]
    return tuple(
        word.replace("currency", currency)
        for word in words
        for currency in (CURRENCIES if "currency" in word else ("",))
    )


def currency_of(unit: str) -> str | None:
    """Return the currency that a unit string names, or None.

    Examples
    --------
    >>> currency_of("USD/kWh"), currency_of("billion USD/year"), currency_of("share")
    ('USD', 'USD', None)
    """
    return next((word for word in unit.replace("/", " ").split() if word in _TARIFF_CURRENCIES), None)


def worst_grade(grades: Iterable[str]) -> str:
    """Return the weakest of several grades: a result is no better than its weakest row.

    Examples
    --------
    >>> worst_grade(["A", "C", "B"])
    'C'
    """
    return max(map(str, grades))


BASE_UNITS: dict[str, tuple[str, float]] = {
    "TWh": ("kWh", 1e9),
    "GWh": ("kWh", 1e6),
    "kWh": ("kWh", 1.0),
    "kWh/100tok": ("kWh/Mtok", 1e4),
    "GW": ("kW", 1e6),
    "kW": ("kW", 1.0),
    "trillion tokens": ("token", 1e12),
    "token": ("token", 1.0),
    "million persons": ("person", 1e6),
    **{f"million {currency}": (currency, 1e6) for currency in CURRENCIES},
    **{f"{currency}/MWh": (f"{currency}/kWh", 1.0 / KW_PER_MW) for currency in CURRENCIES},
    "share": ("share", 1.0),
    "%": ("share", 0.01),
    "months": ("years", 1.0 / MONTHS_PER_YEAR),
    "years": ("years", 1.0),
}
"""Units of claims and facts that scale into another: the base unit and how many of it they are."""


def in_base(value: float, unit: str) -> tuple[float, str]:
    """Return a value in the base unit of its unit, and that base unit.

    Examples
    --------
    >>> in_base(4.3, "TWh"), in_base(61.0, "%"), in_base(3.0, "rank")
    ((4300000000.0, 'kWh'), (0.61, 'share'), (3.0, 'rank'))
    """
    base, factor = BASE_UNITS.get(unit, (unit, 1.0))
    return value * factor, base


JOULES_PER_KWH = 3.6e6
"""Joules in a kilowatt-hour [J]."""

JOULES_PER_WH = 3600.0
"""Joules in a watt-hour [J]."""

TOKENS_PER_MTOK = 1e6
"""Tokens in the unit of token prices."""

TOKENS_PER_BILLION = 1e9
"""Tokens in a billion of them."""

DAYS_PER_YEAR = HOURS_PER_YEAR / HOURS_PER_DAY
"""Days in a mean year."""

BYTES_PER_GB = 1e9
"""Bytes in a gigabyte [B]."""

FLOP_PER_TFLOP = 1e12
"""Floating-point operations in a teraflop."""

PARAMETERS_PER_BILLION = 1e9
"""Parameters in a billion of them."""

SECONDS_PER_HOUR = 3600.0
"""Seconds in an hour [s]."""

WATT_PER_KW = 1000.0
"""Watts in a kilowatt [W]."""

QUANTILE_TAIL = 0.05
"""Share of what is possible below the low, and above the high, of every assumption."""


def kwh_per_mtok(joules_per_token: Numeric) -> Numeric:
    """Return energy in kWh per million tokens from joules per token.

    Examples
    --------
    >>> kwh_per_mtok(3.6)
    1.0
    """
    return joules_per_token / JOULES_PER_KWH * TOKENS_PER_MTOK


def joules_per_token(energy_kwh: Numeric, tokens: Numeric) -> Numeric:
    """Return energy in joules per token from kWh for a number of tokens.

    Examples
    --------
    >>> joules_per_token(1.0, 1e6)
    3.6
    """
    return energy_kwh * JOULES_PER_KWH / tokens


_MONTHS_OF_PART = {"S": 6, "H": 6, "Q": 3}
_PERIOD = re.compile(r"(\d{4})(?:-(?:([SHQ])([1-4])|(\d{2})(?:-(\d{2}))?))?", re.ASCII)


@lru_cache(maxsize=4096)
def period_bounds(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period.

    Parameters
    ----------
    period : str
        ``2025``, ``2025-S1`` or ``2025-H1`` (half), ``2025-Q4``, ``2025-06``, ``2025-06-15``,
        or two of these joined by ``..``.

    Raises
    ------
    ValueError
        If the string is no period, or its end lies before its start.

    Examples
    --------
    >>> period_bounds("2025-S2")
    (datetime.date(2025, 7, 1), datetime.date(2025, 12, 31))
    >>> period_bounds("2026-01..2026-03-13")
    (datetime.date(2026, 1, 1), datetime.date(2026, 3, 13))
    """
    if ".." in period:
        first, _, last = period.partition("..")
        start, end = period_bounds(first)[0], period_bounds(last)[1]
        if end < start:
            raise ValueError(f"period {period!r} ends before it starts")
        return start, end
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise ValueError(f"{period!r} is not a period (examples: 2025, 2025-S1, 2025-Q4, 2025-06)")
    year, part, number, month, day = match.groups()
    if part:
        last_month = int(number) * _MONTHS_OF_PART[part]
        first_month = last_month - _MONTHS_OF_PART[part] + 1
    else:
        first_month, last_month = int(month or 1), int(month or 12)
    try:
        start = date(int(year), first_month, int(day or 1))
        end = start if day else date(int(year), last_month, monthrange(int(year), last_month)[1])
    except ValueError as error:
        raise ValueError(f"{period!r} is not a period: {error}") from None
    return start, end


def middle_year(period: str) -> float:
    """Return the middle of a period as a decimal year, for a time axis.

    Examples
    --------
    >>> round(middle_year("2025"), 2), round(middle_year("2025-S1"), 2)
    (2025.5, 2025.25)
    """
    start, end = period_bounds(period)
    return (_decimal_year(start) + _decimal_year(end)) / 2


def _decimal_year(day: date) -> float:
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    return day.year + ((day - first).days + 0.5) / ((last - first).days + 1)
