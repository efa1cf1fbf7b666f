"""Delivered electricity prices of Chinese grids, published or built up, and their average.

For a large two-part user at 110 kV. Published: the grid company's tariff plus the demand charge.
Built up: the market price of energy plus losses, grid, system cost, funds and demand charge.
"""

from itertools import chain

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.money import column_in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import tariffs

PERIOD_OF_YEAR = {2025: "2025", 2026: "2026-01..2026-04"}
"""The months that the published tariffs of a year cover."""

PARTS = ("energy", "loss", "t_and_d", "system", "funds", "demand")
_BUILD_UP_ROWS = ["demand_rows", "energy_rows", "loss_rows", "t_and_d_rows", "system_rows", "funds_rows"]


def delivered_prices(
    scenario: Scenario, load_factor: float | None = None, system_cost: float | None = None
) -> pd.DataFrame:
    """Return one row a grid: the parts, the built-up sum, the published price, and the best of the two.

    Parameters
    ----------
    scenario : Scenario
        Gives the load factor and the system cost where none is published.
    load_factor, system_cost : float, optional
        Replace the scenario's values [1], [CNY/kWh].

    Returns
    -------
    pandas.DataFrame
        Indexed by grid, with VAT: the parts, ``built_up``, ``published`` and ``best`` [CNY/kWh],
        ``error`` of the build-up against the published price [1], ``basis``, ``year``, ``period``, ``hub``;
        ``grade`` and ``rows`` of the best price, and those of the build-up. Blank where a part was not found.
    """
    build_ups, prices = datasets.load_build_ups(), datasets.load_prices()
    value, component, grade = (prices[column].to_dict() for column in ("value", "component", "grade"))

    # Each part is the mean of the rows named for it; losses stand there as money or as a share of energy.
    mean = build_ups[["rate_rows", *_BUILD_UP_ROWS]].map(
        lambda ids: np.mean([value[one] for one in ids]) if ids else np.nan
    )
    is_rate = build_ups["loss_rows"].map(lambda ids: {component[one] for one in ids} == {"loss rate"})
    loss_of_rate = tariffs.loss_per_kwh(mean["energy_rows"], mean["loss_rows"])

    parts = tariffs.delivered_price(
        energy_per_kwh=mean["energy_rows"],
        loss_per_kwh=mean["loss_rows"].mask(is_rate, loss_of_rate),
        t_and_d_per_kwh=mean["t_and_d_rows"],
        system_per_kwh=mean["system_rows"].fillna(
            scenario.system_cost_cn.value if system_cost is None else system_cost
        ),
        funds_per_kwh=mean["funds_rows"],
        demand_charge_per_kw_month=mean["demand_rows"],
        load_factor=scenario.load_factor.value if load_factor is None else load_factor,
    )
    table = pd.DataFrame(parts._asdict()).rename(columns={"total": "built_up"})
    table["published"] = mean["rate_rows"] + parts.demand
    table["best"] = table["published"].fillna(table["built_up"])
    table["error"] = table["built_up"] / table["published"] - 1.0
    table["basis"] = table["published"].notna().map({True: "published tariff", False: "built up"})
    table["period"] = build_ups["year"].map(PERIOD_OF_YEAR)
    table[["year", "hub", "note"]] = build_ups[["year", "hub", "note"]]

    # Provenance: a price is no better than the weakest row behind it.
    built_from = build_ups[_BUILD_UP_ROWS].apply(lambda grid: list(chain(*grid)), axis=1)
    published_from = build_ups["rate_rows"] + build_ups["demand_rows"]
    best_from = published_from.where(build_ups["rate_rows"].astype(bool), built_from)
    for prefix, ids_of_grids in (("", best_from), ("build_up_", built_from)):
        table[f"{prefix}grade"] = [worst_grade([grade[one] for one in ids]) for ids in ids_of_grids]
        table[f"{prefix}rows"] = ["; ".join(ids) for ids in ids_of_grids]
    return table


def delivered_price_parts(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return what makes up a delivered kWh in each grid whose parts are known [currency/kWh]."""
    grids = delivered_prices(scenario)
    known = grids[grids["built_up"].notna()].assign(currency="CNY")
    money = [*PARTS, "built_up", "published"]
    for column in money:
        known[column] = column_in_currency(known, currency, column)
    known["grade"], known["rows"] = known["build_up_grade"], known["build_up_rows"]
    return known[[*money, "error", "year", "hub", "grade", "note", "rows"]].sort_values("built_up")


def best_prices_as_rows(scenario: Scenario) -> pd.DataFrame:
    """Return the best price of each grid [CNY/kWh] in the columns of `datasets.load_prices`."""
    grids = delivered_prices(scenario)
    return pd.DataFrame(
        {
            "region": "China",
            "area": grids.index,
            "period": grids["period"],
            "consumer_class": "large two-part 110 kV",
            "component": "delivered: " + grids["basis"],
            "tax_level": "with VAT",
            "value": grids["best"],
            "unit": "CNY/kWh",
            "currency": "CNY",
            "grade": grids["grade"],
            "source": "computed",
            "id": grids["rows"],
        }
    )


def average_delivered_price(scenario: Scenario, year: int) -> tuple[Range, str, str]:
    """Return the average delivered price of a year over grids, its grade, and how it was found.

    No official national average exists for this class. For the year with build-ups, the value is the
    middle of two means: over the published tariffs alone (coastal, agency supply, so rather dear), and
    over these plus the build-ups of western grids (so rather cheap). The low end takes the wide sample
    and the cheap ends of load factor and system cost, the high end the published tariffs and the dear ends.
    For another year it is the mean of the published tariffs, with the cheapest and the dearest grid.

    Returns
    -------
    Range, str, str
        With VAT [CNY/kWh]; A, B or C; one line of method.
    """
    grids = _of_year(delivered_prices(scenario), year)
    published = grids["published"].dropna()
    if published.size == grids.shape[0]:
        found = Range(published.min(), published.mean(), published.max())
        return found, worst_grade(grids["grade"]), f"mean and range of {published.size} published tariffs"
    factor, system = scenario.load_factor, scenario.system_cost_cn
    cheap = _of_year(delivered_prices(scenario, factor.high, system.low), year)["best"].mean()
    dear = _of_year(delivered_prices(scenario, factor.low, system.high), year)["published"].mean()
    value = tariffs.midrange([grids["best"].mean(), published.mean()])
    found = Range(min(cheap, value), value, max(dear, value))
    method = (
        f"middle of the means over {published.size} published tariffs "
        f"and over {grids.shape[0]} grids with build-ups"
    )
    return found, worst_grade(["B", *grids["grade"]]), method


def mean_funds(year: int, hubs_only: bool = False) -> tuple[float, list[str]]:
    """Return the mean government funds over the grids of a year [CNY/kWh] and the rows behind it."""
    grids = _of_year(datasets.load_build_ups(), year)
    chosen = grids[grids["hub"]] if hubs_only else grids
    rows = sorted(set(chain(*chosen["funds_rows"])))
    return float(datasets.load_prices().loc[rows, "value"].mean()), rows


def _of_year(grids: pd.DataFrame, year: int) -> pd.DataFrame:
    return grids[grids["year"] == year]
