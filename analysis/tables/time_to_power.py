"""Availability of power in money: what accelerators cost that wait for it, and what scarce capacity costs.

All on one stack, the open model's mix of tokens on US hardware: places differ in power alone.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.errors import ParameterError
from analysis.inputs.money import in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import HOURS_PER_DAY, KW_PER_MW, MONTHS_PER_YEAR, Numeric, worst_grade
from analysis.model.gpu_hour import annuity_factor
from analysis.tables.cost_grade import stack_grade
from analysis.tables.cost_stack import OPEN_MODEL, US, token_cost_parts

TOPIC = "power for AI"
"""Of the facts on availability, subsidies and prices by the hour."""

AUCTIONS = ("capacity-2024", "capacity-2025", "capacity-2026", "capacity-2027", "capacity-2027-uncapped")
"""Facts: capacity prices of one US grid, in the order of the delivery years."""

NOT_POWER = ("gpu_price_us", "cost_of_capital_us", "network_cost", "facility_capex", "other_opex")
"""Assumptions whose ends make power a larger or a smaller share of cost."""

SIDE = US._replace(model=OPEN_MODEL)
"""The open model on US hardware."""


class Stack(NamedTuple):
    """Cost of the mix of tokens at one site, power apart.

    Attributes
    ----------
    kwh_per_mtok : float
        At the meter [kWh per million tokens].
    accelerators, facility, other : float
        Accelerators with their network; building; staff and the rest [USD per million tokens].
    life_years, discount_rate : float
        Of the accelerators [years], [1/year].
    """

    kwh_per_mtok: float
    accelerators: float
    facility: float
    other: float
    life_years: float
    discount_rate: float

    def cash(self, tariff_usd_per_kwh: float) -> float:
        """Return what is paid as long as it runs: power and other operating cost [USD/Mtok]."""
        return self.kwh_per_mtok * tariff_usd_per_kwh + self.other

    def cost(self, tariff_usd_per_kwh: float, idle_years: float = 0.0) -> float:
        """Return the full cost, with accelerators that first wait for power [USD/Mtok]."""
        wait = idle_capital_ratio(self.life_years, idle_years, self.discount_rate)
        return self.cash(tariff_usd_per_kwh) + self.accelerators * wait + self.facility


def idle_capital_ratio(life_years: Numeric, idle_years: Numeric, discount_rate: Numeric) -> Numeric:
    """Return what capital costs in a year of use if it first waits, over what it costs without the wait.

    Parameters
    ----------
    life_years : numeric
        From purchase to the end of use, the wait in it [years].
    idle_years : numeric
        Of them, without use [years].
    discount_rate : numeric
        Cost of capital [1/year].

    Raises
    ------
    ParameterError
        If the wait is negative or takes the whole life.

    Notes
    -----
    ``a(n) / (a(n) - a(w))`` with the annuity factor a; without interest ``n / (n - w)``.

    Examples
    --------
    >>> idle_capital_ratio(5.0, 1.0, 0.0), round(idle_capital_ratio(5.0, 1.0, 0.1), 4)
    (1.25, 1.3155)
    """
    if np.any(np.asarray(idle_years) < 0.0) or np.any(np.asarray(idle_years) >= np.asarray(life_years)):
        raise ParameterError(
            f"a wait of {idle_years} years does not leave a part of {life_years} years of use"
        )
    whole = annuity_factor(life_years, discount_rate)
    return whole / (whole - annuity_factor(idle_years, discount_rate))


def capacity_price_usd_per_kwh(price_usd_per_mw_day: Numeric, load_factor: Numeric) -> Numeric:
    """Return a capacity price by the kilowatt-hour that a user takes [USD/kWh].

    Parameters
    ----------
    price_usd_per_mw_day : numeric
        Price of the auction [USD/MW-day], paid on the demand at the peak.
    load_factor : numeric
        Mean over peak demand of the user [ratio].

    Examples
    --------
    >>> capacity_price_usd_per_kwh(240.0, 1.0), capacity_price_usd_per_kwh(240.0, 0.5)
    (0.01, 0.02)
    """
    return price_usd_per_mw_day / (HOURS_PER_DAY * KW_PER_MW * load_factor)


def usd_range(scenario: Scenario, name: str) -> Range:
    """Return an assumption with its ends, money in USD."""
    return in_currency(getattr(scenario, name), "USD")


def row_range(row: str) -> Range:
    """Return a fact or a row of costs with its ends; both are the value where none is published."""
    found = pd.concat([datasets.load_facts(), datasets.load_gpu_economics()]).loc[row]
    low, high = (found["value"] if pd.isna(found[end]) else found[end] for end in ("low", "high"))
    return Range(float(low), float(found["value"]), float(high))


def log_share(scenario: Scenario, ratios: Any) -> Any:
    """Return the logarithm of ratios over that of the claimed spread [ratio]."""
    return np.log(np.asarray(ratios, dtype=float)) / np.log(scenario.root.api_spread_claim.value)


@lru_cache
def power_stacks(scenario: Scenario) -> dict[str, Stack]:
    """Return the stack at the values, and with what is not power at its low and at its high end."""
    return {end: power_stack(_not_power_at(scenario, end), "US") for end in Range._fields}


def _not_power_at(scenario: Scenario, end: str) -> Scenario:
    moved = {
        name: (entry := getattr(scenario, name)).model_copy(update={"value": getattr(entry, end)})
        for name in NOT_POWER
    }
    return scenario.model_copy(update={"entries": scenario.assumptions() | moved})


def power_stack(scenario: Scenario, served_on: str) -> Stack:
    """Return the stack of the open model at one place of `token_cost_parts`."""
    parts = token_cost_parts(scenario).loc[(OPEN_MODEL, served_on, "mix")].astype(float)
    return Stack(
        kwh_per_mtok=float(parts["kwh_per_mtok"]),
        accelerators=float(parts["hardware"] + parts["network"]),
        facility=float(parts["facility"]),
        other=float(parts["other"]),
        life_years=scenario.gpu_life.value,
        discount_rate=(
            scenario.cost_of_capital_us if served_on == "US" else scenario.cost_of_capital_cn
        ).value,
    )


def power_waits(scenario: Scenario) -> pd.DataFrame:
    """Return what it costs that accelerators wait for power, for each wait of the scenario.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``months``: ``life_ratio`` (life over what is left of it), ``capital_ratio`` (with the cost
        of capital), ``cost_ratio`` (of the token, not-power costs at low, value and high), ``share_of_log``
        of the claimed spread.
    """
    stacks, tariff = power_stacks(scenario), usd_range(scenario, "tariff_us").value
    middle = stacks["value"]
    rows = {}
    for wait in usd_range(scenario, "power_wait"):
        ratios = {end: stack.cost(tariff, wait) / stack.cost(tariff) for end, stack in stacks.items()}
        rows[round(wait * MONTHS_PER_YEAR)] = {
            "life_ratio": idle_capital_ratio(middle.life_years, wait, 0.0),
            "capital_ratio": idle_capital_ratio(middle.life_years, wait, middle.discount_rate),
            "cost_ratio_low": min(ratios.values()),
            "cost_ratio": ratios["value"],
            "cost_ratio_high": max(ratios.values()),
            "share_of_log": float(log_share(scenario, ratios["value"])),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("months")
    of_power = scenario.grade_of("tariff_us", "power_wait")
    return table.assign(grade=worst_grade([stack_grade(scenario, SIDE), of_power]))


def capacity_prices(scenario: Scenario) -> pd.DataFrame:
    """Return capacity prices of one US grid by the kilowatt-hour, and what each adds to a token.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``delivery``: ``usd_per_mw_day``, ``low``, ``value``, ``high`` [USD/kWh] (over load
        factors), ``usd_per_mtok``, ``cost_ratio`` of the token with it over without, ``source``, ``grade``.
    """
    facts = datasets.load_facts().loc[list(AUCTIONS)]
    load = usd_range(scenario, "load_factor")
    stack, tariff = power_stacks(scenario)["value"], usd_range(scenario, "tariff_us").value
    table = pd.DataFrame({"usd_per_mw_day": facts["value"].to_numpy()}, index=facts["basis"])
    for name, factor in (("low", load.high), ("value", load.value), ("high", load.low)):
        table[name] = capacity_price_usd_per_kwh(table["usd_per_mw_day"], factor)
    table["usd_per_mtok"] = stack.kwh_per_mtok * table["value"]
    table["cost_ratio"] = 1.0 + table["usd_per_mtok"] / stack.cost(tariff)
    table["source"] = facts["source"].to_numpy()
    table["grade"] = [worst_grade([grade, scenario.load_factor.grade]) for grade in facts["grade"]]
    return table.rename_axis("delivery")


def capacity_rise(scenario: Scenario) -> Range:
    """Return by how much a kilowatt-hour rises from the capacity price of 2024/25 to later ones [USD/kWh].

    The value is the rise to the latest auction, the low end that from the auction before its predecessor, the
    high end that to the price which there would have been without a cap.
    """
    load = usd_range(scenario, "load_factor")
    facts = datasets.load_facts()["value"]
    old, first, last, free = (
        float(facts[row])
        for row in ("capacity-2024", "capacity-2025", "capacity-2027", "capacity-2027-uncapped")
    )
    return Range(
        capacity_price_usd_per_kwh(last - first, load.high),
        capacity_price_usd_per_kwh(last - old, load.value),
        capacity_price_usd_per_kwh(free - old, load.low),
    )


def power_evidence() -> pd.DataFrame:
    """Return the facts on availability, subsidies and prices by the hour, with source and grade."""
    facts = datasets.load_facts()
    shown = ["subject", "quantity", "basis", *("low", "value", "high"), "unit", "period", "source", "grade"]
    return facts.loc[facts["topic"] == TOPIC, shown]
