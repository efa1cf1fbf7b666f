"""What is put where something else belongs: odd numbers, odd objects, odd names, and damage to a text."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

RAN = "code-ran"
CODE = f"__import__('pathlib').Path('{RAN}').touch()"

_OTHER = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
NO_NUMBERS = ("", " ", "nan", "inf", "-inf", ".inf", ".nan", "NaN", "true", "null", "~", "[]", "{}")
NO_NUMBERS += ("[1, 2]", "{a: 1}", "1:30", "190:20:30", "0x10", "0o17", "017", "0b1", "1e999", "1e", "--1")
NO_NUMBERS += ("1.2.3", "five", "½", "²", "∞", "5 USD", "50%", "$5", "1/2", "2019-01-01", "12:00", "'5'")
NO_NUMBERS += ('"5"', "5;", "5,5", "1,000", "1_000", "1 000", "&a [*a]", "*a")
NO_NUMBERS += ("!!python/name:os.system", "!!binary aGk=", "<<: 1", "- 1", "? 1", "9" * 400)
NO_NUMBERS += ("-" + "9" * 400, "9" * 5000, "x" * 5000, "[" * 200, "{" * 200, "a\0b", "\udcff", "\u2028")
NO_NUMBERS += ("é", CODE, f"!!python/object/apply:eval [{CODE!r}]", "$(touch code-ran)")
NO_NUMBERS += ("`touch code-ran`", "{{7*7}}", "%s%n")
_HEAVY = ("[" * 3000, "{" * 3000, "[&a [*a]]", "x" * 1_000_000)
"""What takes a second to refuse."""


def number_text(chance: random.Random, low: float, high: float) -> tuple[str, str]:
    """Return a text where a number from low to high belongs, and why it is nonsense there, if it is."""
    value = low + (high - low) * chance.random()
    plain = f"{value:.6g}"
    way = chance.randrange(16)
    if way < 7:
        return chance.choice(_HEAVY if chance.random() < 0.002 else NO_NUMBERS), "no number"
    if way < 10:
        odd = {
            "other digits": plain.translate(_OTHER),
            "wide digits": plain.translate(_WIDE),
            "plus": f"+{plain}",
            "blank before": f" {plain}",
            "blank after": f"{plain} ",
            "underscore": f"{plain}_0",
        }
        why = chance.choice([*odd])
        return odd[why], why
    if way < 14:
        far = chance.choice((high * 10 + 1, high * 1e6 + 1, -abs(high) - 1, low - 1, -1e300, 1e300, 1e-300))
        return repr(far), "" if low <= far <= high else "out of bounds"
    return plain, ""


_JUNK = (lambda: None, lambda: True, lambda: "8", lambda: "1_000", lambda: b"1", lambda: bytearray(b"1"))
_JUNK += (lambda: 1j, lambda: [], lambda: {}, lambda: {1}, lambda: (), lambda: [True, 0.5], lambda: ["8"])
_JUNK += (lambda: 10**400, lambda: 10**5000, lambda: -(10**400), lambda: float("nan"), lambda: float("inf"))
_JUNK += (lambda: -1.0, lambda: 1e300, lambda: object(), lambda: Path("x"), lambda: np.bool_(True))
_JUNK += (lambda: np.array([True]), lambda: np.array(["8"]), lambda: np.array([1j]))
_JUNK += (lambda: np.array([None]), lambda: pd.Timestamp("2026-01-01"), lambda: pd.NA)
_JUNK += (lambda: pd.Series(["1"]), lambda: [[1], [2, 3]], lambda: "x" * 100_000, lambda: ["x" * 100_000])
_JUNK += (lambda: lambda: 1, lambda: np.datetime64("2026"), lambda: pd.Series([True]))
_JUNK += (lambda: pd.DataFrame({"a": [1]}), lambda: range(3), lambda: "\udcff")
_JUNK += (lambda: pd.Series(["1"], dtype="category"),)


def junk(chance: random.Random) -> Any:
    """Return something of Python that is hardly ever wanted."""
    return chance.choice(_JUNK)()


ODD_NAMES = ("", " ", ".", "..", "/", "a\0b", "x" * 300, "x/" * 3000, "~nobody/x", "\udcff", "CON")
ODD_NAMES += ("a\nb", "-", "*", "fifo.yaml", "loop.yaml", "folder.yaml", "link.yaml", "none.yaml")
ODD_NAMES += ("/dev/zero", "/dev/stdin", "/proc/self/mem", "fifo.ipynb", "loop.ipynb", "../../etc/passwd")
ODD_NAMES += ("/etc/passwd.yaml", "x" * 300 + ".yaml", "a\0b.yaml", "good.yaml", "x" * 100_000)
ODD_NAMES += (f"{CODE}.yaml", "${HOME}", "%2e%2e", "nope")

CELLS = ("", "%load_ext autoreload\na: int = 1", "!touch code-ran\na: int = 1", "a: int", "a, b = 1, 2")
CELLS += ("c = d = 4", "a: Any = 1", "a: Foo[1] = 1", "a: 'int' = 1", "a: Literal['x'] = 'x'")
CELLS += ("a: Literal[" + "(" * 500, "a = 9" + "9" * 5000, f"a = {CODE}", f"a: int = {CODE}")
CELLS += (f"a: {CODE} = 1", "a = -" + "-" * 5000 + "1", "a = [" * 2000, "class", "a = 1\0", "\udcff = 1")
CELLS += ("a: int | = 1", "a: Optional[int] = None", "a: dict[str, int] = {}", "a = b", "_ = 1")
CELLS += ("__a__ = 1", "model_config = 1", "x" * 100_000)


def mangled(chance: random.Random, text: str) -> str:
    """Return a text with a few characters lost, doubled, swapped or put in."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        new = chance.choice(
            (
                "",
                "\0",
                "\t",
                ":",
                "{",
                "[",
                "'",
                '"',
                "&",
                "*",
                "!",
                "|",
                "-",
                "\n",
                "#",
                "٣",
                "\u2028",
                "\ufeff",
            )
        )
        text = text[:at] + new + text[at + chance.randint(0, 3) :]
    return text


def changed(chance: random.Random, data: Any, text: str) -> Any:
    """Return nested data with one entry replaced by a placeholder, a key renamed, or an entry left out."""
    if isinstance(data, dict) and data and chance.random() < 0.85:
        key = chance.choice([*data])
        way = chance.random()
        if way < 0.08:
            return {name: entry for name, entry in data.items() if name != key}
        if way < 0.16:
            return {(f"{name}x" if name == key else name): entry for name, entry in data.items()}
        return data | {key: changed(chance, data[key], text)}
    if isinstance(data, list) and data and chance.random() < 0.85:
        at = chance.randrange(len(data))
        return [changed(chance, entry, text) if number == at else entry for number, entry in enumerate(data)]
    return text


def show(given: object) -> str:
    """Return how a value is written, cut."""
    try:
        return f"{given!r:.60}"
    except ValueError:
        return "an integer of thousands of digits"
