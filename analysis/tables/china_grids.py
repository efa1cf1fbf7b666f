"""Delivered electricity prices of Chinese grids, published or built up, and their average.

For a large two-part user at 110 kV. Published: the grid company's tariff plus the demand charge.
Built up: the market price of energy plus losses, grid, system cost, funds and demand charge.
"""

from __future__ import annotations

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.money import Range
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import tariffs

PERIOD_OF_YEAR = {2025: "2025", 2026: "2026-01..2026-04"}
"""The months that the published tariffs of a year cover."""

PARTS = ("energy", "loss", "t_and_d", "system", "funds", "demand")
_ROW_LISTS = (
    "rate_rows",
    "demand_rows",
    "energy_rows",
    "loss_rows",
    "t_and_d_rows",
    "system_rows",
    "funds_rows",
)


def delivered(
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
        ``error`` of the build-up against the published price [1], ``basis``, ``year``, ``hub``; ``grade``
        and ``rows`` of the best price, and those of the build-up. Blank where a part was not found.
    """
    load_factor = scenario.load_factor.value if load_factor is None else load_factor
    system_cost = scenario.system_cost_cn.value if system_cost is None else system_cost
    prices = datasets.load_prices()
    grids = []
    for grid in datasets.load_build_ups().to_dict("records"):
        mean = {column: prices.loc[grid[column], "value"].mean() for column in _ROW_LISTS}
        lossy = _is_rate(prices, grid["loss_rows"])
        loss = tariffs.loss_per_kwh(mean["energy_rows"], mean["loss_rows"]) if lossy else mean["loss_rows"]
        parts = tariffs.delivered_price(
            energy_per_kwh=mean["energy_rows"],
            loss_per_kwh=loss,
            t_and_d_per_kwh=mean["t_and_d_rows"],
            system_per_kwh=mean["system_rows"] if grid["system_rows"] else system_cost,
            funds_per_kwh=mean["funds_rows"],
            demand_charge_per_kw_month=mean["demand_rows"],
            load_factor=load_factor,
        )
        built_from = [row for column in _ROW_LISTS[1:] for row in grid[column]]
        rows = [*grid["rate_rows"], *grid["demand_rows"]] if grid["rate_rows"] else built_from
        grids.append(
            {
                "grid": grid["grid"],
                "year": grid["year"],
                "hub": grid["hub"],
                **{part: getattr(parts, part) for part in PARTS},
                "built_up": parts.total,
                "published": mean["rate_rows"] + parts.demand,
                "grade": worst_grade(prices.loc[rows, "grade"]),
                "rows": "; ".join(rows),
                "build_up_grade": worst_grade(prices.loc[built_from, "grade"]),
                "build_up_rows": "; ".join(built_from),
                "note": grid["note"],
            }
        )
    table = pd.DataFrame(grids).set_index("grid")
    table["best"] = table["published"].fillna(table["built_up"])
    table["basis"] = table["published"].notna().map({True: "published tariff", False: "built up"})
    table["error"] = table["built_up"] / table["published"] - 1.0
    return table


def _is_rate(prices: pd.DataFrame, rows: list[str]) -> bool:
    return bool(rows) and bool((prices.loc[rows, "component"] == "loss rate").all())


def average(scenario: Scenario, year: int) -> tuple[Range, str, str]:
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
    grids = _of_year(delivered(scenario), year)
    published = grids["published"].dropna()
    if published.size == grids.shape[0]:
        found = Range(published.min(), published.mean(), published.max())
        return found, worst_grade(grids["grade"]), f"mean and range of {published.size} published tariffs"
    factor, system = scenario.load_factor, scenario.system_cost_cn
    cheap = _of_year(delivered(scenario, factor.high, system.low), year)["best"].mean()
    dear = _of_year(delivered(scenario, factor.low, system.high), year)["published"].mean()
    value = tariffs.midrange([grids["best"].mean(), published.mean()])
    found = Range(min(cheap, value), value, max(dear, value))
    method = (
        f"middle of the means over {published.size} published tariffs "
        f"and over {grids.shape[0]} grids with build-ups"
    )
    return found, worst_grade(["B", *grids["grade"]]), method


def _of_year(grids: pd.DataFrame, year: int) -> pd.DataFrame:
    return grids[grids["year"] == year]


def mean_funds(year: int, hubs_only: bool = False) -> tuple[float, list[str]]:
    """Return the mean government funds over the grids of a year [CNY/kWh] and the rows behind it."""
    grids = _of_year(datasets.load_build_ups(), year)
    chosen = grids[grids["hub"]] if hubs_only else grids
    rows = sorted({row for cell in chosen["funds_rows"] for row in cell})
    return float(datasets.load_prices().loc[rows, "value"].mean()), rows
