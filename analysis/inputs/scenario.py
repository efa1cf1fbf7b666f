"""Scenarios: every assumption with its value, low, high, unit and source.

An assumption is a row of ``data/assumptions.csv``: its meaning, units and bounds, and what scenarios
start from. A scenario is read from YAML and may extend another one; overrides win over all of them,
and the outcome is checked as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from analysis.inputs import as_of, paths
from analysis.inputs.assumption import Assumption, Definition
from analysis.inputs.entries import (
    apply_override,
    assumption_names,
    checked_assumptions,
    definitions_in,
    with_choices,
    with_numbers,
)
from analysis.inputs.errors import DataError, ScenarioError, explain, nearest, quoted
from analysis.inputs.money import put_in_force
from analysis.inputs.reading import read_mapping, read_once
from analysis.inputs.units import worst_grade

NAME = re.compile(rf"[a-z][a-z0-9_-]{{0,63}}({as_of.SEPARATOR}\d{{4}}-\d{{2}}-\d{{2}})?", re.ASCII)
"""What a scenario may be called, with the day of its prices; a name never holds a path."""

_HEADER = ("name", "title", "description", "extends")
_OF_SNAPSHOT = ("as_of", "rates_of", "renewed")  # no file can say it


class Scenario(BaseModel):
    """A complete, checked set of assumptions; each is an attribute by its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    description: str = ""
    extends: str | None = None
    as_of: str = ""
    rates_of: str = ""
    renewed: Mapping[str, str] = {}
    entries: dict[str, Assumption]

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        return checked_name(name)

    def __getattr__(self, name: str) -> Assumption:
        """Return an assumption; what is none is told as of any other object."""
        try:
            return self.__dict__["entries"][name]
        except KeyError:
            raise AttributeError(f"no assumption {name!r}") from None

    @property
    def root(self) -> Scenario:
        """The scenario at the start of the chain of ``extends``: the claims that are audited."""
        return self if self.extends is None else load_scenario(self.extends).root

    def assumptions(self) -> dict[str, Assumption]:
        """Return the assumptions by name, in the order of their rows."""
        return dict(self.entries)

    def grade_of(self, *names: str) -> str:
        """Return the weakest grade of some assumptions.

        Examples
        --------
        >>> load_scenario("audited").grade_of("tariff_europe", "pue")
        'B'
        """
        return worst_grade(self.entries[name].grade for name in names)

    def definition(self, name: str) -> Definition:
        """Return the meaning, units and bounds of an assumption."""
        return _definitions(paths.DATA)[name]

    def choosing(self, name: str, choice: str) -> Scenario:
        """Return the scenario with one of the choices of an assumption in its place.

        Examples
        --------
        >>> load_scenario("audited").choosing("tariff_us", "industrial").tariff_us.source
        'eia_prices_explained_2025'
        """
        chosen = self.entries[self.definition(name).choices[choice]]
        return self.model_copy(update={"entries": self.entries | {name: chosen}})

    def __hash__(self) -> int:
        """Return the same for equal scenarios."""
        return hash((self.name, *self.entries.items()))


@read_once
def _definitions(folder: Path) -> dict[str, Definition]:
    """Return what defines each assumption, by name; none hides what scenarios have."""
    found = definitions_in(folder)
    if taken := [name for name in found if name in Scenario.model_fields or hasattr(Scenario, name)]:
        raise DataError(f"assumptions.csv, column name: {taken[0]!r} is what scenarios call something else")
    return found


def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the project.

    Examples
    --------
    >>> scenario_names()
    ('article', 'audited')
    """
    return tuple(sorted(path.stem for path in paths.SCENARIOS.glob("*.yaml")))


def checked_name(name: str) -> str:
    """Return a scenario name, or raise `ScenarioError` if it could be a path or is too long."""
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        raise ScenarioError(
            f"scenario name {quoted(name, 80)} is not allowed: "
            "lower-case letters, digits, - and _, at most 64, starting with a letter"
        )
    return name


def is_file_reference(scenario: str) -> bool:
    """Tell whether a scenario is given as a file rather than by name."""
    return isinstance(scenario, str) and scenario.endswith((".yaml", ".yml"))


def file_of(scenario: str, base: Path | None = None) -> Path:
    """Return the file that a scenario is given as, counted from a folder, the current one by default.

    Raises
    ------
    ScenarioError
        If it names a home folder that is not there, or no path at all.
    """
    try:
        path = (base or Path.cwd()) / Path(scenario).expanduser()
        path.resolve()  # refuses what can be no path
        return path.parent.resolve() / path.name  # a link has a name of its own
    except (OSError, RuntimeError, ValueError) as error:
        raise ScenarioError(f"scenario {scenario!r:.80}: {error!s:.200}") from None


def load_scenario(scenario: str, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Return a checked scenario.

    Parameters
    ----------
    scenario : str
        A name from `scenario_names`, one with a month or day (``audited@2026-11``: the prices and tariffs
        that `analysis.inputs.as_of` has of it are laid over), or the path of a YAML file of one's own.
    overrides : mapping, optional
        Assumption name to a number, to an amount (``0.09 USD/kWh``, without a range, or ``45..60 EUR/MWh``,
        see `analysis.inputs.amounts.read_amount`), to a mapping of some of its fields, or to one of its
        choices (``tariff_us: commercial``). A number alone moves the low and high end in proportion (kept
        inside the bounds). ``name.low`` sets one field.

    Raises
    ------
    ScenarioError
        If the scenario is unknown, unreadable or wrong, or an override names no assumption.

    Examples
    --------
    >>> load_scenario("article").tariff_us.value
    1.0
    >>> dearer = load_scenario("article", {"tariff_us": 1.5}).tariff_us
    >>> round(dearer.low, 6), dearer.value, round(dearer.high, 6)
    (1.2, 1.5, 1.8)
    """
    if not isinstance(overrides, Mapping | None):
        raise ScenarioError(f"overrides: not a mapping of assumption names to values: {quoted(overrides)}")
    return reader_of(scenario)(overrides or {})


def reader_of(scenario: str) -> Callable[[Mapping[str, Any]], Scenario]:
    """Return what `load_scenario` does with overrides of one scenario, whose own figures are checked once."""
    origin, entries = _entries(scenario, seen=())
    definitions = _definitions(paths.DATA)
    before = with_choices(entries, definitions, origin)
    own, _ = checked_assumptions(before, definitions, {})

    def read(overrides: Mapping[str, Any]) -> Scenario:
        changed = dict(entries)
        for name, given in overrides.items():
            apply_override(changed, definitions, str(name), given)
        changed = with_choices(changed, definitions, "override")
        same = {name: checked for name, checked in own.items() if changed[name] is before[name]}
        assumptions, problems = checked_assumptions(changed, definitions, same)
        header = {name: entry for name, entry in changed.items() if name in {*_HEADER, *_OF_SNAPSHOT}}
        try:
            found = Scenario.model_validate(header | {"entries": assumptions})
        except ValidationError as error:
            problems = [*error.errors(), *problems]
        if problems:
            given = {str(name).partition(".")[0] for name in overrides}
            of_user = all(problem["loc"] and problem["loc"][0] in given for problem in problems)
            raise ScenarioError(f"{'override' if of_user else origin}: {explain(problems)}")
        if found.as_of:
            put_in_force(found.as_of, found.rates_of)  # until those of another day are
        return found

    return read


def _entries(scenario: str, seen: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return where a scenario comes from and its raw entries, ancestors and defaults merged in."""
    if is_as_of(scenario):
        return _entries_as_of(scenario, seen)
    path = _path_of(scenario)
    if str(path) in seen:
        raise ScenarioError(f"{scenario}: it extends itself")
    own = read_mapping(path)
    if unknown := sorted(set(own) - {*_HEADER, *assumption_names()}):
        hint = nearest(unknown[0], assumption_names())
        raise ScenarioError(f"{path.name}: unknown name {', '.join(map(repr, unknown))}{hint}")
    if is_file_reference(scenario):
        _check_header(path.name, own)
    parent = own.get("extends")
    if parent is None:
        definitions = _definitions(paths.DATA).items()
        base = {name: dict(defined.start) for name, defined in definitions if defined.start}
    elif isinstance(parent, str) and not is_file_reference(parent):
        if is_as_of(parent) and (day := reference_of(parent)) != parent:
            raise ScenarioError(f"{path.name}: extends {parent}: a file names the day itself: {day}")
        _, base = _entries(parent, (*seen, str(path)))
    else:
        raise ScenarioError(
            f"{path.name}: extends takes the name of a scenario: {', '.join(scenario_names())}"
        )
    return path.name, base | with_numbers(own, base, _definitions(paths.DATA), path.name)


def _entries_as_of(scenario: str, seen: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return the same of a scenario as of a day: what the snapshot renews is laid over it."""
    name = reference_of(scenario)
    base, _, day = name.partition(as_of.SEPARATOR)
    _, entries = _entries(base, seen)
    if entries.get("extends") is None:
        raise ScenarioError(f"{scenario}: {base} holds the claims themselves, which no snapshot renews")
    found = as_of.renewed(day)
    rates_of = found.pop(as_of.RATES_OF, "")
    if unknown := sorted(set(found) - {*assumption_names()}):
        raise ScenarioError(f"{day}/{as_of.ASSUMPTIONS}: unknown name {quoted(unknown[0])}")
    sources = {name: str(given.get("source")) for name, given in found.items() if isinstance(given, dict)}
    title = f"{entries['title']}; {as_of.dated(found, day)}"
    told = {"name": name, "title": title, "as_of": day, "rates_of": rates_of, "renewed": sources}
    return name, entries | found | told


def is_as_of(scenario: str) -> bool:
    """Tell whether a scenario is asked for as of a month or day."""
    return isinstance(scenario, str) and as_of.SEPARATOR in scenario and not is_file_reference(scenario)


def reference_of(scenario: str) -> str:
    """Return the name of a scenario as of a month or day with the day whose prices hold then.

    Examples
    --------
    >>> reference_of("audited@2025-09-30")
    'audited@2025-09-01'
    """
    base, _, when = scenario.partition(as_of.SEPARATOR)
    _path_of(base)  # or it says that there is none
    return f"{base}{as_of.SEPARATOR}{as_of.day_in_force(when)}"


def _check_header(file: str, own: Mapping[str, Any]) -> None:
    """Refuse a file without a name of its own: its results would pass for those of the project."""
    for key in ("name", "title"):
        if key not in own:
            raise ScenarioError(f"{file}: {key} is missing")
    if as_of.SEPARATOR in str(own["name"]):
        raise ScenarioError(f"{file}: name {quoted(own['name'])} is that of a scenario as of a day")
    if own["name"] in scenario_names():
        raise ScenarioError(f"{file}: name {own['name']!r} is that of a scenario of the project")


def _path_of(scenario: str) -> Path:
    if is_file_reference(scenario):
        return file_of(scenario)
    if checked_name(scenario) not in scenario_names():
        raise ScenarioError(
            f"unknown scenario {scenario!r}; known: {', '.join(scenario_names())}, or a path ending in .yaml"
        )
    return paths.SCENARIOS / f"{scenario}.yaml"
