"""Find every number in the Chinese text of the article: a small parser of numerals and units.

The project keeps no copy of the text. ``python tests/article_text.py FILE`` writes
``figures.csv`` of the first pack from one: a line of the file is ``N. paragraph``. Known damage of the text
is undone here: prices without their 元 and a month whose 年 got lost.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from analysis.inputs import paths

_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_SCALES = {"": 1.0, "百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "亿": 1e8, "千亿": 1e11, "万亿": 1e12}
_UNITS = {
    "/度": "CNY/kWh",
    "千瓦时": "kWh",
    "千瓦": "kW",
    "度": "kWh",
    "美元": "USD",
    "元": "CNY",
    "Token": "token",
    "参数": "parameter",
    "倍": "ratio",
    "%": "%",
    "个月": "months",
    "年": "years",
    "周": "weeks",
    "": "number",
}
_NUMBER = r"\d+(?:\.\d+)?"
_SCALE = "|".join(sorted(filter(None, _SCALES), key=len, reverse=True))
_UNIT = "|".join(re.escape(unit) for unit in sorted(filter(None, _UNITS), key=len, reverse=True))


class PrintedNumber(NamedTuple):
    """A number as printed, with what it says: its ends and its unit."""

    paragraph: int
    token: str
    value_low: float
    value_high: float
    unit: str


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], tuple[float, float, str]]


def _plain(found: re.Match[str]) -> tuple[float, float, str]:
    scale = _SCALES[found["scale"] or ""]
    low = float(found["low"]) * scale
    high = float(found["high"]) * scale if found["high"] else low
    return low, high, _UNITS[found["unit"] or ""]


def _both(value: float, unit: str) -> tuple[float, float, str]:
    return value, value, unit


# The first rule that fits at a place wins, so the special ones come first.
_RULES = (
    _Rule(re.compile(r"(\d{4})-\d\d-\d\d \d\d:\d\d:\d\d"), lambda m: _both(float(m[1]), "publication time")),
    _Rule(re.compile(r"GPT-4o"), lambda m: _both(4.0, "model name")),
    _Rule(re.compile(r"((?:19|20)\d\d)(\d{1,2})月"), lambda m: _both(float(m[1]), "calendar year")),
    _Rule(re.compile(r"((?:19|20)\d\d)年"), lambda m: _both(float(m[1]), "calendar year")),
    _Rule(
        re.compile(rf"(?P<low>{_NUMBER})%[~-](?P<high>{_NUMBER})%"),
        lambda m: (float(m["low"]), float(m["high"]), "%"),
    ),
    _Rule(
        re.compile(rf"(?P<low>{_NUMBER})(?:[~-](?P<high>{_NUMBER}))?(?P<scale>{_SCALE})?(?P<unit>{_UNIT})?"),
        _plain,
    ),
    _Rule(
        re.compile(r"([一二三四五六七八九十])分之([一二三四五六七八九十])"),
        lambda m: _both(_DIGITS[m[2]] / _DIGITS[m[1]], "share"),
    ),
    _Rule(re.compile(r"([一二三四五六七八九])成"), lambda m: _both(_DIGITS[m[1]] / 10, "share")),
    _Rule(
        re.compile(r"停([一二三四五六])开([一二三四五六])"),
        lambda m: (float(_DIGITS[m[1]]), float(_DIGITS[m[2]]), "days"),
    ),
    _Rule(re.compile(r"一半"), lambda m: _both(0.5, "share")),
    _Rule(re.compile(r"数十亿(?P<unit>美元|元)"), lambda m: (2e9, 9.9e9, _UNITS[m["unit"]])),
    _Rule(
        re.compile(rf"(?P<scale>{_SCALE})(?P<unit>参数|Token)"),
        lambda m: _both(_SCALES[m["scale"]], _UNITS[m["unit"]]),
    ),
    _Rule(re.compile(r"第([一二三四五六七八九十])(?!次)"), lambda m: _both(float(_DIGITS[m[1]]), "rank")),
    _Rule(re.compile(r"([二三四五六七八九])周"), lambda m: _both(float(_DIGITS[m[1]]), "weeks")),
    _Rule(
        re.compile(r"([二三四五六七八九])十余年"),
        lambda m: (_DIGITS[m[1]] * 10.0, _DIGITS[m[1]] * 10.0 + 9, "years"),
    ),
    _Rule(re.compile(r"数十年"), lambda m: (20.0, 99.0, "years")),
    _Rule(re.compile(r"上?百年"), lambda m: _both(100.0, "years")),
)


def numbers_in(text: str) -> list[PrintedNumber]:
    """Return the numbers of a text whose lines are ``N. paragraph``, in reading order.

    Examples
    --------
    >>> [tuple(number)[1:] for number in numbers_in("7. 单周峰值5.16万亿Token,占比不足三成")]
    [('5.16万亿Token', 5160000000000.0, 5160000000000.0, 'token'), ('三成', 0.3, 0.3, 'share')]
    """
    found = []
    for line in text.splitlines():
        numbered = re.match(r"(\d+)\. (.*)", line)
        if numbered:
            paragraph = int(numbered[1])
            found += [PrintedNumber(paragraph, *number) for number in _numbers_in_words(numbered[2])]
    return found


def _numbers_in_words(words: str) -> Iterator[tuple[str, float, float, str]]:
    place = 0
    while place < len(words):
        for rule in _RULES:
            match = rule.pattern.match(words, place)
            if match:
                low, high, unit = rule.read(match)
                yield match[0], low, high, unit
                place = match.end()
                break
        else:
            place += 1


def write_numbers(numbers: list[PrintedNumber], path: Path) -> None:
    """Write numbers as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(PrintedNumber._fields)
        for number in numbers:
            ends = (f"{end:.12g}" for end in (number.value_low, number.value_high))
            writer.writerow((number.paragraph, number.token, *ends, number.unit))


def main() -> None:
    """Write figures.csv of the first pack from the text in the file named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: article_text.py FILE (lines of the form 'N. paragraph')")
    numbers = numbers_in(Path(sys.argv[1]).read_text(encoding="utf-8"))
    write_numbers(numbers, paths.DATA / "claims" / paths.FIRST_PACK / "figures.csv")
    print(f"{len(numbers)} numbers")


if __name__ == "__main__":
    main()
