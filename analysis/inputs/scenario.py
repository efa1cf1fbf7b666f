"""Scenarios: every assumption with its value, low, high, unit and source.

A scenario is read from YAML. It may extend another one; what neither names
comes from ``data/assumptions.csv``. Overrides win over all of them, and one
model checks the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from analysis.inputs import paths
from analysis.inputs.assumption import Assumption, are_numbers
from analysis.inputs.errors import ScenarioError
from analysis.inputs.units import CAPACITY_UNITS, CURRENCIES, HOURLY_UNITS, TARIFF_UNITS, TOKEN_PRICE_UNITS
from analysis.inputs.yaml_files import read_mapping

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
"""What a scenario may be called; a name never holds a path."""

_LARGEST = 1e15
_HEADER = ("name", "title", "description", "extends")
_OVERRIDDEN: dict[str, Any] = {"source": "override", "grade": "C", "paragraph": None, "rows": (), "note": ""}
"""What an overridden assumption says of its origin, unless the override says otherwise."""


def _assumption(meaning: str, units: tuple[str, ...], lowest: float, highest: float) -> Any:
    """Declare an assumption: what it means, the units it may have, its bounds in any of them."""
    return Field(
        description=meaning, json_schema_extra={"units": list(units), "lowest": lowest, "highest": highest}
    )


class Scenario(BaseModel):
    """A complete, checked set of assumptions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    description: str = ""
    extends: str | None = None

    tariff_cn_average: Assumption = _assumption(
        "average tariff of Chinese industry", TARIFF_UNITS, 0.001, 100
    )
    tariff_cn_hub: Assumption = _assumption(
        "tariff of a western Chinese computing hub", TARIFF_UNITS, 0.001, 100
    )
    tariff_us: Assumption = _assumption("average tariff of US industry", TARIFF_UNITS, 0.001, 100)
    tariff_europe: Assumption = _assumption("average tariff of European industry", TARIFF_UNITS, 0.001, 100)
    price_cn_input: Assumption = _assumption(
        "list price of input tokens, Chinese models", TOKEN_PRICE_UNITS, 1e-4, 1e4
    )
    price_cn_output: Assumption = _assumption(
        "list price of output tokens, Chinese models", TOKEN_PRICE_UNITS, 1e-4, 1e4
    )
    price_us_input: Assumption = _assumption(
        "list price of input tokens, US models", TOKEN_PRICE_UNITS, 1e-4, 1e4
    )
    price_us_output: Assumption = _assumption(
        "list price of output tokens, US models", TOKEN_PRICE_UNITS, 1e-4, 1e4
    )
    api_spread_claim: Assumption = _assumption(
        "claimed ratio of US to Chinese token prices", ("ratio",), 0.001, 1e5
    )
    annual_saving: Assumption = _assumption(
        "electricity bill saved in a year by the western centre",
        tuple(f"{currency}/year" for currency in CURRENCIES),
        1,
        1e12,
    )
    offset_years: Assumption = _assumption("years of saving in the GPU claim", ("years",), 1, 40)
    offset_share: Assumption = _assumption(
        "share of the GPU purchase that the saving pays", ("share",), 0.001, 1
    )
    electricity_share: Assumption = _assumption("electricity in inference operating cost", ("share",), 0, 1)
    pue: Assumption = _assumption("power usage effectiveness: facility over IT energy", ("ratio",), 1, 5)
    accelerator_power: Assumption = _assumption("server power per accelerator", ("kW",), 0.01, 100)
    load_factor: Assumption = _assumption("mean over maximum electrical demand", ("share",), 0.01, 1)
    vat_rate_cn: Assumption = _assumption("Chinese value-added tax on electricity", ("share",), 0, 1)
    system_cost_cn: Assumption = _assumption(
        "system operating cost of a Chinese grid, where unpublished", TARIFF_UNITS, 0, 10
    )
    input_tokens_per_output_token: Assumption = _assumption(
        "input:output mix of a blended token price", ("ratio",), 0, 1e5
    )
    gpu_price_cn: Assumption = _assumption(
        "accelerator with its share of the server, China", CURRENCIES, 1, 1e8
    )
    gpu_price_us: Assumption = _assumption("accelerator with its share of the server, US", CURRENCIES, 1, 1e8)
    gpu_life: Assumption = _assumption("years over which an accelerator is paid off", ("years",), 0.1, 40)
    facility_life: Assumption = _assumption("years over which a building is paid off", ("years",), 0.1, 100)
    cost_of_capital_cn: Assumption = _assumption("yearly cost of capital, China", ("share",), 0, 1)
    cost_of_capital_us: Assumption = _assumption("yearly cost of capital, US", ("share",), 0, 1)
    utilisation_cn: Assumption = _assumption(
        "hours in which an accelerator serves, China", ("share",), 0.01, 1
    )
    utilisation_us: Assumption = _assumption("hours in which an accelerator serves, US", ("share",), 0.01, 1)
    pue_us: Assumption = _assumption("facility over IT energy of a US flagship's host", ("ratio",), 1, 5)
    idle_power: Assumption = _assumption("power of an idle over a busy server", ("share",), 0, 1)
    network_cost: Assumption = _assumption("network between servers", HOURLY_UNITS, 0, 1000)
    facility_capex: Assumption = _assumption("building and power by kW of IT", CAPACITY_UNITS, 0, 1e7)
    other_opex: Assumption = _assumption("staff, repairs and the rest", HOURLY_UNITS, 0, 1000)
    cached_input_cost: Assumption = _assumption("cost of a cached over a fresh input token", ("share",), 0, 1)
    closed_model_active: Assumption = _assumption(
        "active parameters of an undisclosed US flagship", ("billion parameters",), 0.1, 1e5
    )
    closed_model_sparsity: Assumption = _assumption(
        "total over active parameters of an undisclosed US flagship", ("ratio",), 1, 1000
    )
    batch_per_gpu: Assumption = _assumption("requests served at once by a GPU", ("ratio",), 0.01, 1e5)
    verdict_tolerance: Assumption = _assumption(
        "how near the evidence a claim must lie to hold", ("share",), 0, 1
    )

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        return checked_name(name)

    @field_validator("*")
    @classmethod
    def _check_unit_and_bounds(cls, entry: Any, info: ValidationInfo) -> Any:
        if not isinstance(entry, Assumption) or info.field_name is None:
            return entry
        limits: Any = cls.model_fields[info.field_name].json_schema_extra
        if entry.unit not in limits["units"]:
            raise ValueError(f"unit {entry.unit!r} is not one of {', '.join(limits['units'])}")
        for end in ("value", "low", "high"):
            if not limits["lowest"] <= getattr(entry, end) <= limits["highest"]:
                raise ValueError(
                    f"{end} {getattr(entry, end):g} is out of bounds "
                    f"{limits['lowest']:g} to {limits['highest']:g} [{entry.unit}]"
                )
        return entry

    @property
    def root(self) -> Scenario:
        """The scenario at the start of the chain of ``extends``: the claims that are audited."""
        return self if self.extends is None else _named(self.extends).root

    def assumptions(self) -> dict[str, Assumption]:
        """Return the assumptions by name, in the order of their declaration."""
        return {name: getattr(self, name) for name in assumption_names()}


def assumption_names() -> tuple[str, ...]:
    """Return the names of all assumptions."""
    return tuple(name for name in Scenario.model_fields if name not in _HEADER)


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
            f"scenario name {name!r:.80} is not allowed: "
            "lower-case letters, digits, - and _, at most 64, starting with a letter"
        )
    return name


def is_file_reference(scenario: str) -> bool:
    """Tell whether a scenario is given as a file rather than by name."""
    return scenario.endswith((".yaml", ".yml"))


def file_of(scenario: str) -> Path:
    """Return the file that a scenario is given as.

    Raises
    ------
    ScenarioError
        If it names a home folder that is not there, or no path at all.
    """
    try:
        return Path(scenario).expanduser().absolute()
    except (RuntimeError, ValueError) as error:
        raise ScenarioError(f"scenario {scenario!r:.80}: {error}") from None


def load_scenario(scenario: str, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Return a checked scenario.

    Parameters
    ----------
    scenario : str
        A name from `scenario_names`, or the path of a YAML file of one's own.
    overrides : mapping, optional
        Assumption name to a number, or to a mapping of some of its fields. A number alone moves
        the low and high end in proportion (kept inside the bounds). ``name.low`` sets one field.

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
    origin, entries = _entries(scenario, seen=())
    for name, given in (overrides or {}).items():
        _override(entries, str(name), given)
    try:
        return Scenario.model_validate(entries)
    except ValidationError as error:
        raise ScenarioError(f"{origin}: {explain(error)}") from None


@lru_cache(maxsize=16)
def _named(name: str) -> Scenario:
    return load_scenario(name)


def explain(error: ValidationError) -> str:
    """Return a pydantic error as one line that names each wrong entry."""
    missing = [".".join(map(str, each["loc"])) for each in error.errors() if each["type"] == "missing"]
    problems = [f"missing: {', '.join(missing)}"] if missing else []
    for problem in error.errors():
        if problem["type"] == "missing":
            continue
        where = ".".join(str(part) for part in problem["loc"]) or "scenario"
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "unknown name"
        elif problem["type"] != "value_error":
            message += f" (got {problem['input']!r:.60})"
        problems.append(f"{where}: {message}")
    return "; ".join(problems)


def _entries(scenario: str, seen: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return where a scenario comes from and its raw entries, ancestors and defaults merged in."""
    path = _path_of(scenario)
    if str(path) in seen:
        raise ScenarioError(f"{scenario}: it extends itself")
    own = read_mapping(path)
    unknown = sorted(set(own) - set(Scenario.model_fields))
    if unknown:
        raise ScenarioError(
            f"{path.name}: unknown name {', '.join(map(repr, unknown))}{_suggest(unknown[0])}"
        )
    if is_file_reference(scenario):
        _check_header(path.name, own)
    parent = own.get("extends")
    if parent is None:
        base = _defaults()
    elif isinstance(parent, str) and not is_file_reference(parent):
        _, base = _entries(parent, (*seen, str(path)))
    else:
        raise ScenarioError(
            f"{path.name}: extends takes the name of a scenario: {', '.join(scenario_names())}"
        )
    return path.name, base | own


def _check_header(file: str, own: Mapping[str, Any]) -> None:
    """Refuse a file without a name of its own: its results would pass for those of the project."""
    for key in ("name", "title"):
        if key not in own:
            raise ScenarioError(f"{file}: {key} is missing")
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


def _defaults() -> dict[str, Any]:
    """Return the assumptions of data/assumptions.csv as raw entries."""
    from analysis.inputs.datasets import load_assumptions

    kept = ["value", "low", "high", "unit", "period", "source", "grade", "note"]
    return {
        str(name): {key: entry for key, entry in row.items() if entry == entry}
        for name, row in load_assumptions(paths.DATA)[kept].to_dict("index").items()
    }


def _override(entries: dict[str, Any], name: str, given: Any) -> None:
    """Apply one override to raw entries, in place."""
    target, _, part = name.partition(".")
    if target not in assumption_names():
        raise ScenarioError(f"override {name!r}: no assumption has this name{_suggest(target)}")
    if part or name.endswith("."):
        if part not in Assumption.model_fields:
            raise ScenarioError(f"override {name!r}: a figure has {', '.join(Assumption.model_fields)}")
        given = {part: given}
    current = entries.get(target)
    if not isinstance(current, dict):
        raise ScenarioError(f"override {name!r}: the scenario gives no such assumption to change")
    if isinstance(given, Mapping):
        if not given:
            raise ScenarioError(f"override {name!r}: it sets nothing")
        entries[target] = current | _OVERRIDDEN | dict(given)
    elif are_numbers(given) and abs(given) <= _LARGEST:
        entries[target] = _moved(target, current, float(given)) | _OVERRIDDEN
    else:
        raise ScenarioError(f"override {name!r}: {given!s:.60} is neither a usable number nor a mapping")


def _moved(target: str, current: dict[str, Any], value: float) -> dict[str, Any]:
    """Return an assumption with a new value and its ends in the old proportion, inside the bounds."""
    old = Assumption.model_validate(current)
    limits: Any = Scenario.model_fields[target].json_schema_extra
    scale = value / old.value if old.value else 1.0
    low = max(min(old.low * scale, value), min(limits["lowest"], value))
    high = min(max(old.high * scale, value), max(limits["highest"], value))
    return current | {"value": value, "low": low, "high": high}


def _suggest(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, assumption_names(), n=1)
    return f"; did you mean {close[0]}?" if close else ""
