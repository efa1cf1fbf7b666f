"""Named conversion constants, the unit strings that the data may use, and conversions of energy per token."""

from typing import Any

Numeric = Any
"""A scalar, an array or a Series; a result has the same shape."""

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

CURRENCIES = ("CNY", "EUR", "GBP", "USD")
"""ISO 4217 codes of the currencies that rows may use."""

TARIFF_UNITS = tuple(f"{currency}/kWh" for currency in CURRENCIES)
PRICE_UNITS = (*TARIFF_UNITS, *(f"{currency}/kW-month" for currency in CURRENCIES), "share")
"""Units of the electricity price tables."""

TOKEN_PRICE_UNITS = tuple(f"{currency}/Mtok" for currency in CURRENCIES)
"""Units of a token price, per million tokens."""

HOURLY_UNITS = tuple(f"{currency}/GPU-hour" for currency in CURRENCIES)
"""Units of what an accelerator costs in an hour."""

CAPACITY_UNITS = tuple(f"{currency}/kW" for currency in CURRENCIES)
"""Units of what a kilowatt of capacity costs to build."""

ECONOMICS_UNITS = (
    *CURRENCIES,
    *(f"billion {currency}/year" for currency in CURRENCIES),
    *HOURLY_UNITS,
    "kW",
    "share",
)
"""Units of the accelerator and data-centre cost table."""

GRADES = ("A", "B", "C")
"""A: official statistic or primary measurement; B: second hand; C: weak or inferred."""


def currency_of(unit: str) -> str | None:
    """Return the currency that a unit string names, or None.

    Examples
    --------
    >>> currency_of("USD/kWh"), currency_of("billion USD/year"), currency_of("share")
    ('USD', 'USD', None)
    """
    return next((word for word in unit.replace("/", " ").split() if word in CURRENCIES), None)


def worst_grade(grades: object) -> str:
    """Return the weakest of several grades: a result is no better than its weakest row.

    Examples
    --------
    >>> worst_grade(["A", "C", "B"])
    'C'
    """
    return max(str(grade) for grade in grades)  # type: ignore[attr-defined]


BASE_UNITS: dict[str, tuple[str, float]] = {
    "TWh": ("kWh", 1e9),
    "GWh": ("kWh", 1e6),
    "kWh": ("kWh", 1.0),
    "GW": ("kW", 1e6),
    "kW": ("kW", 1.0),
    "trillion tokens": ("token", 1e12),
    "token": ("token", 1.0),
    "million persons": ("person", 1e6),
    "million USD": ("USD", 1e6),
    "USD": ("USD", 1.0),
    "CNY": ("CNY", 1.0),
    "share": ("share", 1.0),
    "%": ("share", 0.01),
    "months": ("years", 1.0 / MONTHS_PER_YEAR),
    "years": ("years", 1.0),
}
"""Units of claims and facts that scale into another: the base unit and how many of it they are."""

FACT_UNITS = (
    *BASE_UNITS,
    *TARIFF_UNITS,
    *TOKEN_PRICE_UNITS,
    "USD/MWh",
    "kWh/100tok",
    "J/token",
    "ratio",
    "rank",
    "days",
    "weeks",
    "calendar year",
    "number",
)
"""Units of facts, of generation and energy rows, and of claims."""


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

TOKENS_PER_MTOK = 1e6
"""Tokens in the unit of token prices."""

TOKENS_PER_BILLION = 1e9
"""Tokens in a billion of them."""

DAYS_PER_YEAR = HOURS_PER_YEAR / 24.0
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
