"""Amounts as people write them: a number, or a range of two, with its unit.

One reading serves scenarios, overrides, what-ifs and the tariffs of estimates; `analysis.inputs.money`
exchanges what is in another currency.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from analysis.inputs.errors import ParameterError, quoted
from analysis.inputs.plain import PLAIN_NUMBER, plain_form, plain_number
from analysis.inputs.units import BASE_UNITS, KW_PER_MW, WATT_PER_KW, currency_of

_CURRENCIES = {
    **{
        "$": "USD",
        "us$": "USD",
        "dollar": "USD",
        "dollars": "USD",
        "€": "EUR",
        "euro": "EUR",
        "euros": "EUR",
    },
    **{"£": "GBP", "rmb": "CNY", "yuan": "CNY", "元": "CNY"},
}
"""Other ways to write a currency. A yen and a yuan share the sign ¥, which says neither."""

_CENTS = {"ct": "", "cent": "", "cents": "", "¢": "", "usct": "USD", "eurocent": "EUR", "fen": "CNY"}
"""Hundredths, each with its currency; blank where that of the figure is meant, if it has cents."""

_HAVE_CENTS, _CENTS_EACH = ("USD", "EUR"), 100.0

_COUNTS = {"k": 1e3, "thousand": 1e3, "million": 1e6, "billion": 1e9}
"""Words between a number and a currency, and what they multiply by."""

_OTHER_UNITS = {
    **{name.casefold(): found for name, found in BASE_UNITS.items() if not currency_of(name)},
    **{"percent": BASE_UNITS["%"], "month": BASE_UNITS["months"]},
    **{name: BASE_UNITS["years"] for name in ("year", "yr", "yrs", "y")},
    **{"w": ("kW", 1.0 / WATT_PER_KW), "mw": ("kW", KW_PER_MW), "x": ("ratio", 1.0), "times": ("ratio", 1.0)},
    **{name: ("billion parameters", 1.0) for name in ("b", "bn", "billion")},
}
"""Other ways to write units without a currency: the unit that they are, and how many of it."""

_OTHER_DIVISORS = {
    **{"mwh": ("kWh", KW_PER_MW), "mw": ("kW", KW_PER_MW), "yr": ("year", 1.0), "a": ("year", 1.0)},
    **{"mtokens": ("Mtok", 1.0), "milliontokens": ("Mtok", 1.0), "gpuhour": ("GPU-hour", 1.0)},
}
"""Other ways to write what a price is for: what it is, and how many of it."""

_AMOUNT = re.compile(
    rf"(?P<first>{PLAIN_NUMBER.pattern})(?:\s*\.\.\s*(?P<last>{PLAIN_NUMBER.pattern}))?"
    r"\s*(?P<unit>[^\s\d.,_'’+-].*)?"
)
_CURRENCY_FIRST = re.compile(
    r"(?P<currency>[A-Za-z]{3}|(?:US)?\$|[€£¥￥元])\s*(?P<number>[-\d.][^/]*)(?P<rest>.*)"
)
_LIKE_A_NUMBER = re.compile(r"[-+−]?\d[\d.,_'’]*(?: \d{3})*")
_DASHED = re.compile(r"(?P<low>[\d.]+)\s*[-–—]\s*(?P<high>[\d.]+)(?P<unit>.*)")
_DIGITS = 15
"""Digits of a converted number: 7 % are 0.07 and not 0.07000000000000001."""


class Amount(NamedTuple):
    """A figure with its ends, all in one unit; without a range they are the same."""

    low: float
    value: float
    high: float
    unit: str

    def in_unit(self, unit: str, each: float) -> Amount:
        """Return it in another unit, of which one of its own is `each`."""
        low, value, high = (float(f"{end * each:.{_DIGITS}g}") for end in (self.low, self.value, self.high))
        return Amount(low, value, high, unit)


def read_amount(text: str, *, units: Sequence[str], usual: str, refusal: str = "is no amount") -> Amount:
    """Return an amount as people write it, in one of the units that are wanted or in another currency.

    Parameters
    ----------
    text : str
        A number with its unit, or a range of two with a unit at its end: ``0.20CNY/kWh``, ``€45/MWh``,
        ``90%``, ``18 months``, ``30k USD``, ``0.15..0.25 CNY/kWh``. The middle of a range is its value.
    units : sequence of str
        Those that the figure may have.
    usual : str
        The unit of a number alone; cents are of its currency.
    refusal : str
        What a message says of a text that is no amount.

    Raises
    ------
    ParameterError
        If it is no amount, or in none of these units; the message says what to write.

    Examples
    --------
    >>> read_amount("45 EUR/MWh", units=["EUR/kWh", "USD/kWh"], usual="USD/kWh")
    Amount(low=0.045, value=0.045, high=0.045, unit='EUR/kWh')
    >>> read_amount("80..90 %", units=["share"], usual="share")
    Amount(low=0.8, value=0.85, high=0.9, unit='share')
    """
    written = text.strip()
    if given := _CURRENCY_FIRST.fullmatch(written):
        written = f"{given['number'].rstrip()} {given['currency']}{given['rest']}"
    found = _AMOUNT.fullmatch(written)
    first = plain_number(found["first"]) if found else None
    last = plain_number(found["last"] or found["first"]) if found else None
    if found is None or first is None or last is None:
        raise ParameterError(f"{quoted(text.strip())} {refusal}; {_what_is_meant(text.strip(), usual)}")
    if first > last:
        raise ParameterError(f"{quoted(text)}: the low end comes first, as in {last:g}..{first:g}")
    try:
        unit, each = _unit_of((found["unit"] or "").strip(), units, usual)
    except ParameterError as error:
        raise ParameterError(f"{quoted(text)}: {error}") from None
    return Amount(first, (first + last) / 2.0, last, "").in_unit(unit, each)


def _unit_of(told: str, units: Sequence[str], usual: str) -> tuple[str, float]:
    """Return the unit that is meant, and how many of it one of what is told is."""
    if not told:
        return usual, 1.0
    folded = _folded(told)
    known = {_folded(unit): (unit, 1.0) for unit in units} | _OTHER_UNITS
    if folded in known and known[folded][0] in units:
        return known[folded]
    head, slash, tail = told.partition("/")
    of_units = {
        _folded(unit.partition("/")[2]): unit.partition("/")[2] for unit in units if currency_of(unit)
    }
    divisor, each = _OTHER_DIVISORS.get(_folded(tail), (of_units.get(_folded(tail)), 1.0))
    currency, count = _currency_of(head.strip(), usual) if of_units else ("", 1.0)
    if not currency or divisor not in of_units.values() or bool(slash) != bool(divisor):
        wanted = f"{', '.join(units)}; write it as in {_example(usual)}"
        raise ParameterError(f"unit {quoted(told)} is not one of {wanted}")
    return f"{currency}{slash}{divisor}", count / each


def _currency_of(word: str, usual: str) -> tuple[str, float]:
    """Return the code of a currency, blank where it is none, and how many of it one is."""
    count = 1.0
    for name, times in _COUNTS.items():
        if re.match(rf"{name}(?=[\s$€£]|[A-Z]{{3}}$)", word, re.IGNORECASE):
            word, count = word[len(name) :].strip(), times
    folded = word.casefold()
    if folded in {"¥", "￥"}:
        raise ParameterError(f"{word} may be yuan or yen; write CNY or JPY")
    if folded in _CENTS:
        own = _CENTS[folded] or str(currency_of(usual))
        if not _CENTS[folded] and own not in _HAVE_CENTS:
            raise ParameterError(f"cents of which currency? write it in {' or '.join(_HAVE_CENTS)}")
        return own, count / _CENTS_EACH
    code = word.upper() if re.fullmatch(r"[a-z]{3}", folded) else ""
    return _CURRENCIES.get(folded, code), count


def _what_is_meant(text: str, usual: str) -> str:
    """Return what to write in place of a text that is no amount."""
    dashed, like = _DASHED.fullmatch(text), _LIKE_A_NUMBER.search(text)
    form = plain_form(like[0]) if like else ""
    if dashed:
        return f"write a range as in {dashed['low']}..{dashed['high']}{dashed['unit']}"
    if form and like:
        return f"write {text[: like.start()]}{form}{text[like.end() :]}"
    return f"write a number as in 1000, 0.5 or 1e-3, or one with its unit as in {_example(usual)}"


def _example(usual: str) -> str:
    return f"{'1.2' if usual in {'ratio', 'years'} else '0.08'} {usual}"


def _folded(unit: str) -> str:
    return re.sub(r"\s", "", unit).casefold()
