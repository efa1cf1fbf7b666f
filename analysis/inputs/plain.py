"""Numbers and cells as people write them: which are plain, and what to write in place of the others."""

import math
import re
import sys
import unicodedata
from difflib import get_close_matches
from functools import lru_cache
from numbers import Real
from textwrap import shorten
from typing import Any

from analysis.inputs.units import period_bounds, words_of

PLAIN_NUMBER = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
"""How people and programs write a number: ASCII digits, and where need be a sign, a point, an exponent."""

_GROUPS = re.compile(r"(-?[1-9][0-9]{0,2})((?:[ ,_'’][0-9]{3})+)(?![0-9])")
_LONGEST, _LARGEST_SUGGESTED = 60, 1e15
_PREFIXED = re.compile(r"0x[0-9a-f]+|0o[0-7]+|0b[01]+", re.IGNORECASE)


def plain_number(text: str) -> int | float | None:
    """Return the number that a text is, None where it is none, or none that a float can hold.

    Parameters, scenarios, sweep files and cells of the data are read by this one grammar.

    Examples
    --------
    >>> [plain_number(text) for text in ("1000", "1e-3", "-.5", "0.30")]
    [1000, 0.001, -0.5, 0.3]
    >>> [plain_number(text) for text in ("1_000", "1,000", "+5", " 5", "017", "0x10", "٣", "1e999", "nan")]
    [None, None, None, None, None, None, None, None, None]
    """
    if not PLAIN_NUMBER.fullmatch(text):
        return None
    number = float(text)
    if math.isinf(number) or (not number and text.lower().partition("e")[0].strip("-0.")):
        return None
    return int(text) if text.strip("-").isdigit() else number


def plain_form(text: str) -> str:
    """Return how a number that is written in another way should be written; empty where that is not clear.

    Examples
    --------
    >>> [plain_form(text) for text in ("1_000", "1,000.5", "0,3", "+5", " 5 ", "017", "0x10", "٣", "fast")]
    ['1000', '1000.5', '0.3', '5', '5', '17', '16', '3', '']
    """
    digits = (str(unicodedata.digit(sign, sign)) for sign in unicodedata.normalize("NFKC", text[:_LONGEST]))
    form = "".join(digits).strip().replace("−", "-").removeprefix("+")
    if form.count(",") == 1 and not _GROUPS.search(form):
        form = form.replace(",", ".")
    form = _GROUPS.sub(lambda found: re.sub("[^-0-9]", "", found[0]), form).replace("_", "")
    form = re.sub(r"^(-?)0+(?=[0-9])", r"\1", form)
    if _PREFIXED.fullmatch(form):
        form = str(int(form, 0))
    return form if len(text) < _LONGEST and form != text and plain_number(form) is not None else ""


def number_hint(given: object, example: str = "a number as in 1000, 0.5 or 1e-3") -> str:
    """Return how to write what is no number, or not of the kind that is wanted.

    Examples
    --------
    >>> number_hint("1_000"), number_hint("1:30"), number_hint(1e5)
    ('write 1000', 'write a number as in 1000, 0.5 or 1e-3', 'write 100000')
    """
    if isinstance(given, float) and given.is_integer() and abs(given) < _LARGEST_SUGGESTED:
        return f"write {given:.0f}"
    if isinstance(given, str) and plain_number(given) is not None:
        return f"write {given:.60} without quotes"
    return f"write {(isinstance(given, str) and plain_form(given)) or example}"


def is_number(entry: Any) -> bool:
    """Tell whether an entry is a number; true and false are none, nor is an integer too large for a float."""
    if isinstance(entry, int):
        return not isinstance(entry, bool) and abs(entry) <= sys.float_info.max
    return isinstance(entry, float | Real)  # numpy's, too


def percent(share: float, digits: int = 1) -> str:
    """Return a share in percent; what rounds to zero has no sign.

    Examples
    --------
    >>> percent(0.0712), percent(-0.0004), percent(-0.02, digits=0)
    ('7.1%', '0.0%', '-2%')
    """
    text = f"{share:.{digits}%}"
    return text.removeprefix("-") if float(text.rstrip("%")) == 0.0 else text


def share_in_words(low: float, value: float, high: float) -> str:
    """Return a share with its ends; in words where it is too small to be told from zero.

    Examples
    --------
    >>> share_in_words(0.011, 0.02, 0.031), share_in_words(-0.005, -0.0004, 0.003)
    ('2.0% (1.1% to 3.1%)', 'about zero (-0.5% to 0.3%)')
    """
    middle = percent(value)
    if float(middle.rstrip("%")) == 0.0:
        middle = "about zero"
    return f"{middle} ({percent(low)} to {percent(high)})"


def times(factor: float) -> str:
    """Return a factor; in words where it rounds to one.

    Examples
    --------
    >>> times(1.058), times(0.998)
    ('x1.06', 'no difference')
    """
    text = f"x{factor:.2f}"
    return "no difference" if float(text[1:]) == 1.0 else text


def factor_in_words(low: float, value: float, high: float) -> str:
    """Return a factor with its ends.

    Examples
    --------
    >>> factor_in_words(1.031, 1.058, 1.09), factor_in_words(0.989, 1.002, 1.02)
    ('x1.06 (x1.03 to x1.09)', 'no difference (x0.99 to x1.02)')
    """
    return f"{times(value)} (x{low:.2f} to x{high:.2f})"


def factor_range_in_words(lowest: float, highest: float) -> str:
    """Return the range of several factors.

    Examples
    --------
    >>> factor_range_in_words(1.021, 1.068), factor_range_in_words(0.998, 1.053)
    ('x1.02 to x1.07', 'no difference to x1.05')
    """
    return " to ".join(dict.fromkeys((times(lowest), times(highest))))


_LONGEST_LIST, _LARGEST_WHOLE = 200, 1e15
_PATTERNS = {
    "id": (r"[a-z0-9][a-z0-9_-]*", "lower-case letters, digits, - and _ only"),
    "country": (r"[A-Z]{2}", "an ISO 3166 code"),
    "country or INT": (r"[A-Z]{2}|INT", "an ISO 3166 code, or INT"),
    "countries": (r"[A-Z]{2}(; [A-Z]{2})*", "ISO 3166 codes joined by '; '"),
    "vendor/name": (r"[^/]+/[^/]+", "vendor/name"),
    "web address": (r"https?://.+", "a web address"),
    "true or false": (r"true|false", "one of true, false"),
}
"""What the text of a kind of column matches, and how a message says so."""

_NO_TEXT = ("nan", "NaN", "null", "inf", "-inf")
"""What programs write where there is nothing; a cell that holds nothing is blank."""


def fault_of(column: Any, cell: str) -> str:
    """Return what is wrong with a filled cell of a table, nothing where it is right.

    Parameters
    ----------
    column : object
        A row of ``data/columns.csv``: ``kind``, ``words``, ``lowest`` and ``highest`` of the column.
    cell : str
        What the cell holds.
    """
    kind = column.kind
    if kind.endswith("number"):
        return _fault_of_number(column, cell)
    if kind in _PATTERNS and not re.fullmatch(_PATTERNS[kind][0], cell):
        told = _PATTERNS[kind][1]
    elif kind == "period" and not _is_period(cell):
        told = "a period such as 2025, 2025-S1 or 2025-06"
    elif kind == "choice" and cell not in (words := words_of(column.words)):
        told = shorten(f"one of {', '.join(words)}", _LONGEST_LIST, placeholder=" ...")
        same = [word for word in words if word.casefold() == cell.casefold()]
        if meant := same or get_close_matches(cell, words, n=1):
            told += f"; did you mean {meant[0]}?"
    elif re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", cell):  # all but tab and end of line
        told = "text without control characters"
    elif cell != cell.strip() or cell in _NO_TEXT:
        told = "text without blanks around it; what is not known stays blank"
    else:
        return ""
    return f"{cell!r:.60} fails: {told}"


_bound = lru_cache(plain_number)


def _fault_of_number(column: Any, cell: str) -> str:
    number, whole = plain_number(cell), "whole" in column.kind
    if number is None or (whole and (number % 1 or abs(number) > _LARGEST_WHOLE)):
        form = plain_form(cell)
        return f"{cell!r:.60} fails: a {'whole ' if whole else ''}number{form and f'; write {form}'}"
    if column.kind.startswith("positive") and number <= 0:
        told = "above zero"
    elif (least := _bound(column.lowest)) is not None and number < least:
        told = f"{column.lowest} or more"
    elif (most := _bound(column.highest)) is not None and number > most:
        told = f"{column.highest} or less"
    else:
        return ""
    return f"{int(number) if whole else float(number)!r} fails: {told}"


def _is_period(entry: str) -> bool:
    try:
        period_bounds(entry)
    except ValueError:
        return False
    return True
