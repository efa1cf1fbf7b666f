"""Delivered electricity prices of Chinese grids, published or built up.

For a large two-part user at 110 kV. Published: the grid company's tariff plus the demand charge.
Built up: the market price of energy plus losses, grid, system cost, funds and demand charge.
"""

from itertools import chain
from typing import NamedTuple

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
BY_CONSUMPTION = "by consumption of the province"
"""The weighting of the average that is used: an average user pays it, not an average grid."""

PUBLISHED = "published tariffs alone, by consumption"
"""The average without build-ups: of less of the country, and of a better grade."""

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
        ``grade`` and ``rows`` of the best price, and those of the build-up; ``grade_of_rows``, that of the
        best price before what is assumed. Blank where a part was not found.
    """
    build_ups, prices = datasets.load_build_ups(), datasets.load_prices()
    value, component = prices["value"].to_dict(), prices["component"].to_dict()

    # Each part is the mean of the rows named for it; losses stand there as money or as a share of energy.
    mean = build_ups[["rate_rows", *_BUILD_UP_ROWS]].map(
        lambda ids: np.mean([value[one] for one in ids]) if ids else np.nan
    )
    mean["energy_rows"] = _energy_price(build_ups, value)
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
    return pd.concat([table, _provenance(scenario, build_ups, prices["grade"].to_dict())], axis=1)


def _energy_price(build_ups: pd.DataFrame, value: dict[str, float]) -> list[float]:
    """Return the mean price of energy in each grid, by energy traded where that is known [CNY/kWh]."""
    volume = datasets.load_facts()["value"]
    return [
        float(np.average([value[one] for one in ids], weights=volume[by] if by else None)) if ids else np.nan
        for ids, by in zip(build_ups["energy_rows"], build_ups["energy_volume_rows"], strict=True)
    ]


def _provenance(scenario: Scenario, build_ups: pd.DataFrame, grade: dict[str, str]) -> pd.DataFrame:
    """Return rows and grades of each grid: a price is no better than the weakest thing behind it.

    The load factor is behind every price, as it spreads the demand charge; the system cost that the
    scenario assumes is behind build-ups without one of their own.
    """
    built_from = build_ups[_BUILD_UP_ROWS].apply(lambda grid: list(chain(*grid)), axis=1)
    published, own_cost = (build_ups[column].astype(bool) for column in ("rate_rows", "system_rows"))
    best_from = (build_ups["rate_rows"] + build_ups["demand_rows"]).where(published, built_from)
    always, at_times = scenario.load_factor.grade, scenario.system_cost_cn.grade
    table = pd.DataFrame(index=build_ups.index)
    for prefix, ids_of_grids, known in (
        ("", best_from, published | own_cost),
        ("build_up_", built_from, own_cost),
    ):
        of_rows = [worst_grade([grade[one] for one in ids]) for ids in ids_of_grids]
        table[f"{prefix}grade_of_rows"] = of_rows
        table[f"{prefix}grade"] = [
            worst_grade([rows, always, *([] if is_known else [at_times])])
            for rows, is_known in zip(of_rows, known, strict=True)
        ]
        table[f"{prefix}rows"] = ids_of_grids.map("; ".join)
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


def grid_prices(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return the price of each grid [currency/kWh], how good it is, and its weight [TWh] in the average."""
    grids = delivered_prices(scenario).assign(currency="CNY", consumption_twh=_consumption_twh())
    grids["price"] = column_in_currency(grids, currency, "best")
    shown = ["price", "basis", "year", "hub", "grade_of_rows", "grade", "consumption_twh", "note", "rows"]
    return grids[shown].sort_values(["year", "price"])


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


def average_prices(scenario: Scenario, year: int, currency: str = "CNY") -> pd.DataFrame:
    """Return the mean delivered price of large two-part users over the grids of a year, weighted or not.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``weighting``; with VAT: ``low``, ``value``, ``high`` of the mean, ``cheapest`` and
        ``most_expensive`` grid [currency/kWh]; number of ``grids`` and how many are ``built_up``;
        ``coverage``, the share of the nation's electricity that their provinces use [1]; the weakest
        ``grade``; ``rows``.

    Notes
    -----
    No official national average of this class exists. The ends are those of the mean, not of its grids:
    the low end takes the load factor and the system cost that make it cheap, the high end the load factor
    that makes it expensive and, for a build-up, the system cost that does so or what the lowest of the
    build-ups that can be checked lacks, whichever is more.
    """
    factor, system = scenario.load_factor, scenario.system_cost_cn
    grids = _of_year(delivered_prices(scenario), year)
    cheap = _of_year(delivered_prices(scenario, factor.high, system.low), year)["best"]
    by_cost = _of_year(delivered_prices(scenario, factor.low, system.high), year)["best"]
    by_error = _of_year(delivered_prices(scenario, factor.low), year)["best"]
    published = grids["basis"] == "published tariff"
    by_error = by_error.where(published, by_error / (1.0 + grids["error"].fillna(0.0).min()))
    ends = Range(cheap, grids["best"], np.maximum(by_cost, by_error))

    by_use = _consumption_twh()[grids.index]
    nation_twh = datasets.load_facts().loc["cn-provinces-consumption-2024", "value"]
    records = {}
    for name, weights in (
        (BY_CONSUMPTION, by_use),
        ("unweighted", by_use.clip(1.0, 1.0)),
        (PUBLISHED, by_use[published]),
    ):
        chosen = grids.loc[weights.index]
        mean = {end: np.average(of[weights.index], weights=weights) for end, of in ends._asdict().items()}
        records[name] = mean | {
            "cheapest": chosen["best"].min(),
            "most_expensive": chosen["best"].max(),
            "grids": weights.size,
            "built_up": int((~published[weights.index]).sum()),
            "coverage": by_use[weights.index].sum() / nation_twh,
            "grade": worst_grade(chosen["grade"]),
            "rows": "; ".join(dict.fromkeys(chain(*chosen["rows"].str.split("; ")))),
        }
    table = pd.DataFrame.from_dict(records, orient="index").rename_axis("weighting")
    table = table.assign(currency="CNY", period=PERIOD_OF_YEAR[year])
    for column in (*Range._fields, "cheapest", "most_expensive"):
        table[column] = column_in_currency(table, currency, column)
    return table.drop(columns=["currency", "period"])


def mean_funds(year: int, hubs_only: bool = False) -> tuple[float, list[str]]:
    """Return the mean government funds over the grids of a year [CNY/kWh] and the rows behind it."""
    grids = _of_year(datasets.load_build_ups(), year)
    chosen = grids[grids["hub"]] if hubs_only else grids
    rows = sorted(set(chain(*chosen["funds_rows"])))
    return float(datasets.load_prices().loc[rows, "value"].mean()), rows


def without_vat(scenario: Scenario, price: Range, year: int, hubs_only: bool = False) -> Range:
    """Return a delivered price without the value-added tax that a firm gets back [CNY/kWh].

    Parameters
    ----------
    scenario : Scenario
        Gives the rate of the tax.
    price : Range
        As billed [CNY/kWh].
    year, hubs_only
        Whose government funds are in it, on which no tax is charged; see `mean_funds`.
    """
    funds, _ = mean_funds(year, hubs_only)
    rate = scenario.vat_rate_cn.value
    return Range(*(tariffs.without_vat(end, funds_per_kwh=funds, vat_rate=rate) for end in price))


class PublishedAverage(NamedTuple):
    """The mean of published tariffs [CNY/kWh] as billed and without recoverable tax, of how many grids."""

    with_vat: Range
    without_tax: Range
    grids: int
    grade: str


def published_average(scenario: Scenario, year: int) -> PublishedAverage:
    """Return the mean over the grids that publish a tariff, which no build-up enters."""
    mean = average_prices(scenario, year).loc[PUBLISHED]
    billed = Range(*mean[[*Range._fields]])
    return PublishedAverage(billed, without_vat(scenario, billed, year), int(mean["grids"]), mean["grade"])


def _of_year(grids: pd.DataFrame, year: int) -> pd.DataFrame:
    return grids[grids["year"] == year]


def _consumption_twh() -> pd.Series:
    """Return the electricity [TWh] that each grid stands for: its province's, shared by grids of one year."""
    build_ups, consumption = datasets.load_build_ups(), datasets.load_facts()["value"]
    row = build_ups["consumption_rows"].str[0]
    sharing = row.groupby([row, build_ups["year"]]).transform("size")
    return row.map(consumption) / sharing
