"""Raw entries of a scenario: what defines an assumption, words that stand for one, numbers that replace one.

A raw entry is what a file or an override says of an assumption, before it is checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from analysis.inputs import paths
from analysis.inputs.assumption import Assumption, Definition
from analysis.inputs.errors import DataError, ParameterError, ScenarioError, explain, nearest, quoted
from analysis.inputs.money import amount_of
from analysis.inputs.plain import is_number, number_hint, plain_number
from analysis.inputs.reading import read_once
from analysis.inputs.units import currency_of, words_of

_LARGEST = 1e15
_REFUSAL = "is neither a usable number nor a mapping"
_WORDS = re.compile(r"(?!(?:nan|inf|infinity)$)[^\W\d]+(?:[ -][^\W\d]+)*")
_START = ["value", "low", "high", "unit", "period", "source", "grade", "note"]
_OVERRIDDEN: dict[str, Any] = {"source": "override", "grade": "C", "paragraph": None, "rows": (), "note": ""}
"""What an overridden assumption says of its origin, unless the override says otherwise."""


@read_once
def definitions_in(folder: Path) -> dict[str, Definition]:
    """Return what the table of assumptions in a folder defines, by name.

    Raises
    ------
    DataError
        If a choice belongs to no assumption, or is not called after it.
    """
    from analysis.inputs.datasets import load_assumptions  # it imports pandas

    rows = load_assumptions(folder)
    starts = {name: row.dropna().to_dict() for name, row in rows.dropna(subset="value")[_START].iterrows()}
    for name, ids in rows["rows"].dropna().items():
        starts[name]["rows"] = words_of(ids)
    choices: dict[str, dict[str, str]] = {name: {} for name in rows.index}
    for name, whole in rows["choice_of"].dropna().items():
        if whole not in choices or not name.startswith(f"{whole}_"):
            problem = f"{name!r} can be no choice of {whole!r}: it is called {whole}_ and a word"
            raise DataError(f"assumptions.csv, column choice_of: {problem}")
        choices[whole][name.removeprefix(f"{whole}_")] = name
    return {
        row.name: Definition(
            row.meaning,
            words_of(row.allowed_units),
            row.lowest,
            row.highest,
            starts.get(row.name),
            choices[row.name],
            words_of(row.also_called) if isinstance(row.also_called, str) else (),
        )
        for row in rows.itertuples(index=False)
    }


def with_choices(
    entries: Mapping[str, Any], definitions: Mapping[str, Definition], where: str
) -> dict[str, Any]:
    """Return raw entries, a word in place of a figure replaced by the entry of that choice.

    Raises
    ------
    ScenarioError
        If an assumption has no such choice; the message starts with `where` and names the nearest one.
    """
    found = dict(entries)
    for name, defined in definitions.items():
        word = entries.get(name)
        if isinstance(word, str) and defined.choices:
            if word not in defined.choices:
                hint = nearest(word, defined.choices)
                raise ScenarioError(
                    f"{where}: {name}: {quoted(word)} is none of {', '.join(defined.choices)}{hint}"
                )
            found[name] = entries[defined.choices[word]]
    return found


def with_numbers(
    own: Mapping[str, Any], base: Mapping[str, Any], definitions: Mapping[str, Definition], where: str
) -> dict[str, Any]:
    """Return the entries of a file, a number or an amount put in place of the value that it extends.

    As with an override, what is not said stays: of a number alone unit and period, its ends in proportion.
    The source says that the figure is assumed. What extends nothing stays as it is, and is refused later on.

    Raises
    ------
    ScenarioError
        If an amount cannot be read; the message starts with `where`.
    """
    before = with_choices(base, definitions, "scenario")
    found = dict(own)
    for name in set(own) & set(definitions):
        if isinstance(own[name], int | float | str) and isinstance(before.get(name), dict):
            found[name] = _changed(f"{where}: {name}", definitions, name, before[name], own[name])
    return found


def apply_override(
    entries: dict[str, Any], definitions: Mapping[str, Definition], name: str, given: Any
) -> None:
    """Apply one override to raw entries, in place.

    Raises
    ------
    ScenarioError
        If it names no assumption or no field, or is no usable value.
    """
    target, dot, part = name.partition(".")
    if target not in definitions:
        hint = nearest(target, definitions)
        raise ScenarioError(f"override {name!r}: no assumption has this name{hint}")
    if dot:
        if part not in Assumption.model_fields:
            raise ScenarioError(f"override {name!r}: a figure has {', '.join(Assumption.model_fields)}")
        given = {part: given}
    current = with_choices(entries, definitions, "scenario").get(target)
    if not isinstance(current, dict):
        raise ScenarioError(f"override {name!r}: the scenario gives no such assumption to change")
    entries[target] = _changed(f"override {name!r}", definitions, target, current, given)


def _changed(
    where: str, definitions: Mapping[str, Definition], name: str, current: dict[str, Any], given: Any
) -> Any:
    """Return the entry, or the word of a choice, that what is given makes of the one that it changes."""
    defined = definitions[name]
    if isinstance(given, Mapping):
        if all(entry is None for entry in given.values()):
            raise ScenarioError(f"{where}: it sets nothing")
        return current | _OVERRIDDEN | dict(given)
    if is_number(given):
        return _replaced(where, defined, current, given)
    if not isinstance(given, str) or not given.strip() or plain_number(given) is not None:
        raise ScenarioError(_unusable(where, given))
    if defined.choices and (word := _choice_of(given, defined.choices, definitions)):
        return word
    usual, period = str(current.get("unit")), str(current.get("period"))
    try:
        amount = amount_of(given, units=defined.units, usual=usual, period=period, refusal=_REFUSAL)
    except ParameterError as error:
        raise ScenarioError(f"{where}: {error}") from None
    if amount.low < amount.high and given.rstrip()[-1] in "0123456789." and currency_of(amount.unit):
        raise ScenarioError(f"{where}: {quoted(given)} names no unit; write it as in {given.strip()} {usual}")
    return current | _OVERRIDDEN | amount._asdict()


def _choice_of(given: str, choices: Mapping[str, str], definitions: Mapping[str, Definition]) -> str:
    """Return the choice that a word means, the word itself where it means none; nothing for an amount."""
    from analysis.inputs.names import find, known_names  # it imports pandas

    called = [";".join(definitions[name].also_called) for name in choices.values()]
    return find(given, known_names(choices, called)) or (given if _WORDS.fullmatch(given) else "")


def _unusable(where: str, given: Any) -> str:
    return f"{where}: {quoted(given)} {_REFUSAL}; {number_hint(given)}"


def _replaced(where: str, defined: Definition, current: dict[str, Any], given: Any) -> dict[str, Any]:
    """Return an entry with a new value, its ends in the old proportion and inside the bounds."""
    if abs(given) > _LARGEST:
        raise ScenarioError(_unusable(where, given))
    try:
        old = Assumption.model_validate(current)
    except ValidationError as error:
        wrong = f"{where}: what it changes is wrong: {explain(error.errors())}"
        raise ScenarioError(wrong) from None
    value = float(given)
    scale = value / old.value if old.value else 1.0
    low = max(min(old.low * scale, value), min(defined.lowest, value))
    high = min(max(old.high * scale, value), max(defined.highest, value))
    return current | {"value": value, "low": low, "high": high} | _OVERRIDDEN


def checked_assumptions(
    entries: Mapping[str, Any], definitions: Mapping[str, Definition], known: Mapping[str, Assumption]
) -> tuple[dict[str, Assumption], list[Any]]:
    """Return assumptions by name, those known or else from raw entries, and what pydantic finds wrong."""
    checked: dict[str, Assumption] = {}
    problems: list[Any] = []
    for name, defined in definitions.items():
        if name not in entries:
            problems.append({"type": "missing", "loc": (name,)})
            continue
        try:
            checked[name] = known.get(name) or Assumption.model_validate(entries[name], context=defined)
        except ValidationError as error:
            problems += [{**problem, "loc": (name, *problem["loc"])} for problem in error.errors()]
    return checked, problems


def assumption_names() -> tuple[str, ...]:
    """Return the names of all assumptions."""
    return tuple(definitions_in(paths.DATA))


def other_names() -> list[str]:
    """Return what people call assumptions besides their names; several may share one."""
    return [word for one in definitions_in(paths.DATA).values() for word in one.also_called]


def assumptions_called(name: str) -> list[str]:
    """Return the assumptions that a name as people write it may mean; a name of their own means that one.

    The meaning counts, too: what-ifs print it.

    Examples
    --------
    >>> assumptions_called("Hub"), assumptions_called("tariff-us"), assumptions_called("pue")
    (['tariff_cn_hub'], ['tariff_us'], ['pue'])
    >>> assumptions_called("capital"), assumptions_called("weather")
    (['cost_of_capital_cn', 'cost_of_capital_us'], [])
    """
    from analysis.inputs.names import plain  # it imports pandas

    known, wanted = definitions_in(paths.DATA), plain(name)
    own = [key for key in known if plain(key) == wanted]
    return own or [key for key, one in known.items() if wanted in map(plain, (one.meaning, *one.also_called))]
