"""Independent electricity prices, like against like: three layers, each with its range.

A layer says what is counted: the energy alone, the delivered price with value-added tax, or the
delivered price without recoverable tax. Every cell names the rows it was computed from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.money import Range, column_in_currency, mean_rate
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import tariffs
from analysis.tables import china_grids

ENERGY = "energy only"
WITH_VAT = "delivered, with VAT"
WITHOUT_TAX = "delivered, without recoverable tax"
LAYERS = (ENERGY, WITH_VAT, WITHOUT_TAX)

CN_AVERAGE, CN_HUB, US_AVERAGE, EUROPE = "China average", "China western hubs", "US average", "Europe average"
REGIONS = (CN_AVERAGE, CN_HUB, US_AVERAGE, EUROPE)
TARIFF_OF = {
    CN_AVERAGE: "tariff_cn_average",
    CN_HUB: "tariff_cn_hub",
    US_AVERAGE: "tariff_us",
    EUROPE: "tariff_europe",
}
"""The scenario's assumption for each region."""

MAIN_YEAR = 2025
"""The calendar year that the verdicts rest on: the last one before the article."""

BAND_OF_ARTICLE_LOAD = "IE"
"""Eurostat band of 20-70 GWh a year, where the load that the article implies (about 30 GWh) falls."""


@dataclass(frozen=True)
class Cell:
    """One cell of the evidence: a range in a currency, and where it comes from.

    The range is converted at the mean rate of `period`; rows of several periods come converted.
    """

    layer: str
    region: str
    year: int
    found: Range
    currency: str
    period: str
    grade: str
    method: str
    rows: Sequence[str] = field(default_factory=tuple)


def layers(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return the evidence table.

    Parameters
    ----------
    scenario : Scenario
        Gives load factor, system cost and VAT rate.
    currency : str
        ISO 4217 code.

    Returns
    -------
    pandas.DataFrame
        One row for each layer, region and year with evidence: ``low``, ``value``, ``high``
        [currency/kWh, at the rate of the cell's own period], ``period``, ``grade``, ``method``, ``rows``.
    """
    prices = datasets.load_prices()
    cells = [
        *_china_cells(scenario, prices, currency),
        *_us_cells(prices, currency),
        *_europe_cells(prices, currency),
    ]
    records = []
    for cell in cells:
        found = cell.found.times(mean_rate(cell.currency, currency, cell.period))
        records.append(
            {
                "layer": cell.layer,
                "region": cell.region,
                "year": cell.year,
                **found._asdict(),
                "period": cell.period,
                "grade": cell.grade,
                "method": cell.method,
                "rows": "; ".join(cell.rows),
            }
        )
    table = pd.DataFrame(records)
    table["layer"] = pd.Categorical(table["layer"], LAYERS, ordered=True)
    table["region"] = pd.Categorical(table["region"], REGIONS, ordered=True)
    return table.sort_values(["layer", "region", "year"]).reset_index(drop=True)


def _spread(values: pd.Series[float], value: float | None = None) -> Range:
    """Return the least, a middle one (the mean, unless given) and the greatest of some prices."""
    return Range(float(values.min()), float(values.mean()) if value is None else value, float(values.max()))


def _china_cells(scenario: Scenario, prices: pd.DataFrame, currency: str) -> list[Cell]:
    grids = china_grids.delivered(scenario)
    build_ups = datasets.load_build_ups()
    of_main_year = [
        bool(rows) and bool((prices.loc[rows, "year"] == MAIN_YEAR).all())
        for rows in build_ups["energy_rows"]
    ]
    main = grids[of_main_year]
    energy_rows = sorted({row for rows in build_ups.loc[of_main_year, "energy_rows"] for row in rows})
    hub_names = main.index[main["hub"]]
    hub_energy = prices[
        (prices["component"] == "energy") & prices["area"].isin(hub_names) & (prices["year"] == MAIN_YEAR)
    ]
    hub_mean = float(main.loc[main["hub"], "energy"].mean())
    cells = [
        Cell(
            ENERGY,
            CN_AVERAGE,
            MAIN_YEAR,
            _spread(main["energy"]),
            "CNY",
            str(MAIN_YEAR),
            worst_grade(prices.loc[energy_rows, "grade"]),
            f"mean and range of market prices over {main.shape[0]} grids; VAT not stated",
            energy_rows,
        ),
        Cell(
            ENERGY,
            CN_HUB,
            MAIN_YEAR,
            _spread(hub_energy["value"], hub_mean),
            "CNY",
            str(MAIN_YEAR),
            worst_grade(hub_energy["grade"]),
            f"mean over the hub grids {', '.join(hub_names)}; ends are their cheapest and dearest rows",
            list(hub_energy["id"]),
        ),
    ]
    for year in sorted(grids["year"].unique()):
        found, grade, method = china_grids.average(scenario, int(year))
        rows = sorted({row for cell in grids.loc[grids["year"] == year, "rows"] for row in cell.split("; ")})
        cells += _with_and_without_vat(scenario, CN_AVERAGE, int(year), found, grade, method, rows)
    reports = prices[(prices["consumer_class"] == "data centre") & (prices["grade"] != "C")]
    recent = reports[reports["year"] >= MAIN_YEAR]
    middle = tariffs.midrange(recent["value"].to_numpy())
    cells += _with_and_without_vat(
        scenario,
        CN_HUB,
        MAIN_YEAR,
        _spread(recent["value"], middle),
        worst_grade(recent["grade"]),
        f"middle and range of {recent.shape[0]} reports of 2025 and 2026, subsidies in them; "
        "VAT is not stated and taken as included",
        list(recent["id"]),
    )
    press = prices[(prices["area"] == CN_AVERAGE) & (prices["year"] == MAIN_YEAR - 1)]
    cells.append(
        Cell(
            WITH_VAT,
            CN_AVERAGE,
            MAIN_YEAR - 1,
            _spread(column_in_currency(press, currency)),
            currency,
            str(MAIN_YEAR - 1),
            "C",
            "press figures, tax not stated",
            list(press["id"]),
        )
    )
    return cells


def _with_and_without_vat(
    scenario: Scenario,
    region: str,
    year: int,
    found: Range,
    grade: str,
    method: str,
    rows: Sequence[str],
) -> list[Cell]:
    rate = scenario.vat_rate_cn.value
    funds, fund_rows = china_grids.mean_funds(year, hubs_only=region == CN_HUB)
    net = Range(*(tariffs.without_vat(end, funds_per_kwh=funds, vat_rate=rate) for end in found))
    taxed = f"{method}; {rate:.0%} VAT taken out of all but the funds"
    period = china_grids.PERIOD_OF_YEAR[year]
    return [
        Cell(WITH_VAT, region, year, found, "CNY", period, grade, method, rows),
        Cell(
            WITHOUT_TAX,
            region,
            year,
            net,
            "CNY",
            period,
            worst_grade([grade, "B"]),
            taxed,
            [*rows, *fund_rows],
        ),
    ]


def _us_cells(prices: pd.DataFrame, currency: str) -> list[Cell]:
    us = prices[prices["region"] == "US"]
    industrial = us[us["consumer_class"] == "industrial"]
    states = industrial[(industrial["area"] != US_AVERAGE) & (industrial["period"] == str(MAIN_YEAR))]
    months = industrial[
        (industrial["area"] == US_AVERAGE) & industrial["period"].str.match(rf"{MAIN_YEAR}-\d\d$")
    ]
    wholesale = us[us["component"] == "energy"]
    latest = industrial[(industrial["area"] == US_AVERAGE) & (industrial["year"] == MAIN_YEAR + 1)]
    before = industrial[(industrial["area"] == US_AVERAGE) & (industrial["period"] == str(MAIN_YEAR - 1))]
    energy = column_in_currency(wholesale, currency)
    cells = [
        Cell(
            ENERGY,
            US_AVERAGE,
            MAIN_YEAR,
            _spread(energy, float(energy["us-wholesale-2025-h1"])),
            currency,
            str(MAIN_YEAR),
            worst_grade(wholesale["grade"]),
            "mean wholesale price, first half of 2025; ends over PJM energy prices and PPA offers, 2024-25",
            list(wholesale["id"]),
        )
    ]
    cases = [
        (MAIN_YEAR - 1, before, before["value"], str(MAIN_YEAR - 1), "EIA annual average"),
        (
            MAIN_YEAR,
            pd.concat([months, states]),
            states["value"],
            str(MAIN_YEAR),
            f"mean of {months.shape[0]} EIA months; ends are the cheapest and dearest of "
            f"{states.shape[0]} states that host data centres",
        ),
        (MAIN_YEAR + 1, latest, latest["value"], f"{MAIN_YEAR + 1}-01", "EIA, January alone"),
    ]
    for year, rows, ends, period, method in cases:
        value = float((months if year == MAIN_YEAR else rows)["value"].mean())
        found = Range(min(float(ends.min()), value), value, max(float(ends.max()), value))
        for layer in (WITH_VAT, WITHOUT_TAX):
            billed = f"{method}; industrial class, taxes as billed (the US has no VAT)"
            cells.append(
                Cell(
                    layer,
                    US_AVERAGE,
                    year,
                    found,
                    "USD",
                    period,
                    worst_grade(rows["grade"]),
                    billed,
                    list(rows["id"]),
                )
            )
    return cells


def _europe_cells(prices: pd.DataFrame, currency: str) -> list[Cell]:
    europe = prices[prices["region"] == "Europe"]
    wholesale = europe[europe["component"] == "energy"]
    mean = float(wholesale.loc["eu-wholesale-2025-h1", "value"])
    cells = [
        Cell(
            ENERGY,
            EUROPE,
            MAIN_YEAR,
            _spread(wholesale["value"], mean),
            "USD",
            f"{MAIN_YEAR}-H1",
            worst_grade(wholesale["grade"]),
            "mean wholesale price of the EU; low end is the Nordic mean",
            list(wholesale["id"]),
        )
    ]
    bands = europe[(europe["area"] == "EU-27 average") & (europe["tax_level"] == "without recoverable tax")]
    for year, period in ((MAIN_YEAR - 1, f"{MAIN_YEAR - 1}-S2"), (MAIN_YEAR, f"{MAIN_YEAR}-S1")):
        rows = bands[bands["period"] == period].sort_values("value")
        middle = float(rows.loc[rows["consumer_class"] == BAND_OF_ARTICLE_LOAD, "value"].iloc[0])
        cells.append(
            Cell(
                WITHOUT_TAX,
                EUROPE,
                year,
                _spread(rows["value"], middle),
                "EUR",
                period,
                worst_grade(rows["grade"]),
                f"Eurostat EU-27 band {BAND_OF_ARTICLE_LOAD} (20-70 GWh/year); ends are bands "
                f"{rows['consumer_class'].iloc[0]} and {rows['consumer_class'].iloc[-1]}",
                list(rows["id"]),
            )
        )
    return cells
