"""The period strings of the data tables: years, halves, quarters, months, days and spans."""

import re
from calendar import monthrange
from datetime import date

_PART_MONTHS = {"S": 6, "H": 6, "Q": 3}
_PERIOD = re.compile(r"(\d{4})(?:-(?:([SHQ])([1-4])|(\d{2})(?:-(\d{2}))?))?")


def bounds(period: str) -> tuple[date, date]:
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
    >>> bounds("2025-S2")
    (datetime.date(2025, 7, 1), datetime.date(2025, 12, 31))
    >>> bounds("2026-01..2026-03-13")
    (datetime.date(2026, 1, 1), datetime.date(2026, 3, 13))
    """
    if ".." in period:
        first, _, last = period.partition("..")
        start, end = bounds(first)[0], bounds(last)[1]
        if end < start:
            raise ValueError(f"period {period!r} ends before it starts")
        return start, end
    match = _PERIOD.fullmatch(period)
    if match is None:
        raise ValueError(f"{period!r} is not a period (examples: 2025, 2025-S1, 2025-Q4, 2025-06)")
    year, part, number, month, day = match.groups()
    try:
        return _single_bounds(int(year), part, number, month, day)
    except ValueError as error:
        raise ValueError(f"{period!r} is not a period: {error}") from None


def _single_bounds(
    year: int, part: str | None, number: str | None, month: str | None, day: str | None
) -> tuple[date, date]:
    if part and number:
        length = _PART_MONTHS[part]
        last = int(number) * length
        return date(year, last - length + 1, 1), date(year, last, monthrange(year, last)[1])
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is not None:
        only = date(year, int(month), int(day))
        return only, only
    return date(year, int(month), 1), date(year, int(month), monthrange(year, int(month))[1])


def middle_year(period: str) -> float:
    """Return the middle of a period as a decimal year, for a time axis.

    Examples
    --------
    >>> round(middle_year("2025"), 2), round(middle_year("2025-S1"), 2)
    (2025.5, 2025.25)
    """
    start, end = bounds(period)
    return (_decimal_year(start) + _decimal_year(end)) / 2


def _decimal_year(day: date) -> float:
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    return day.year + ((day - first).days + 0.5) / ((last - first).days + 1)
