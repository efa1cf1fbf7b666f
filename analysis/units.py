"""Named conversion constants and the unit strings that the data may use."""

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

CURRENCIES = ("CNY", "EUR", "GBP", "USD")
"""ISO 4217 codes of the currencies that rows may use."""

TARIFF_UNITS = tuple(f"{currency}/kWh" for currency in CURRENCIES)
PRICE_UNITS = (*TARIFF_UNITS, *(f"{currency}/kW-month" for currency in CURRENCIES), "share")
"""Units of the electricity price tables."""

TOKEN_PRICE_UNITS = tuple(f"{currency}/Mtok" for currency in CURRENCIES)
"""Units of a token price, per million tokens."""

ECONOMICS_UNITS = (*CURRENCIES, *(f"billion {currency}/year" for currency in CURRENCIES), "kW", "share")
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
