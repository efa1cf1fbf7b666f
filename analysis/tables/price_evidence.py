"""Independent electricity prices, like against like: three layers, each with its range.

A layer says what is counted: the energy alone, the delivered price with value-added tax, or the
delivered price without recoverable tax. Every cell names the rows it was computed from.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.money import column_in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.tables import china_grids, china_hubs

ENERGY = "energy only"
WITH_VAT = "delivered, with VAT"
WITHOUT_TAX = "delivered, without recoverable tax"
LAYERS = (ENERGY, WITH_VAT, WITHOUT_TAX)

CN_AVERAGE, CN_HUB, EUROPE = "China average", "China western hubs", "Europe average"
US_AVERAGE, US_COMMERCIAL, US_DATA_CENTRE = "US industrial", "US commercial", "US data centre"
REGIONS = (CN_AVERAGE, CN_HUB, US_AVERAGE, US_COMMERCIAL, US_DATA_CENTRE, EUROPE)
US_CLASSES = {"industrial": US_AVERAGE, "commercial": US_COMMERCIAL, "data_centre": US_DATA_CENTRE}
"""The class of US users behind each choice of ``tariff_us``: EIA's sectors, and what data centres pay."""

LAYER_ORDER, REGION_ORDER = (pd.CategoricalDtype(names, ordered=True) for names in (LAYERS, REGIONS))
TARIFF_OF = {
    CN_AVERAGE: "tariff_cn_average",
    CN_HUB: "tariff_cn_hub",
    US_AVERAGE: "tariff_us",
    EUROPE: "tariff_europe",
}
"""The scenario's assumption for each region; the other classes of the US are judged by ``tariff_us``, too."""

MAIN_YEAR = 2025
"""The calendar year that the verdicts rest on: the last one before the article."""

BAND_OF_ARTICLE_LOAD = "IE"
"""Eurostat band of 20-70 GWh a year, where the load that the article implies (about 30 GWh) falls."""

US_AREA = "US average"
DATA_CENTRE_AREA = "Virginia"
"""The largest market of data centres; EIA books them in the commercial sector."""


def price_evidence_by_layer(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return the evidence on electricity prices, a row for each layer, region and year that has any.

    Parameters
    ----------
    scenario : Scenario
        Gives load factor, system cost and VAT rate.
    currency : str
        ISO 4217 code.

    Returns
    -------
    pandas.DataFrame
        ``layer`` and ``region`` (ordered categories), ``year``; ``low``, ``value``, ``high`` [currency/kWh,
        at the rate of the cell's own period]; ``period``, ``grade`` of the weakest row, ``method``, ``rows``.
    """
    prices = datasets.load_prices()
    cells = [
        *_chinese_energy(scenario, prices),
        *_chinese_delivered(scenario, prices, currency),
        *_us_prices(prices[prices["region"] == "US"], currency),
        *_european_prices(prices[prices["region"] == "Europe"]),
    ]
    table = pd.DataFrame(cells)
    for end in Range._fields:
        table[end] = column_in_currency(table, currency, end)
    table = table.drop(columns="currency").astype({"layer": LAYER_ORDER, "region": REGION_ORDER})
    return table.sort_values(["layer", "region", "year"], ignore_index=True)


def _cell(
    layer: str,
    region: str,
    year: int,
    price: Range,
    rows: pd.DataFrame,
    method: str,
    *,
    currency: str,
    period: str | None = None,
    best_grade: str = "A",
) -> dict[str, Any]:
    """Return one row of the table: a price [currency/kWh] and the data rows that it was computed from.

    The price is converted at the mean rate of `period`, the year unless given; rows of several periods come
    converted. The grade is that of the weakest row, and never above `best_grade`.
    """
    return {
        "layer": layer,
        "region": region,
        "year": year,
        **price._asdict(),
        "currency": currency,
        "period": period or str(year),
        "grade": worst_grade([best_grade, *rows["grade"]]),
        "method": method,
        "rows": "; ".join(rows["id"].unique()),
    }


def _range_over(prices: pd.Series[float], value: float | None = None) -> Range:
    """Return the least, the mean (or the value given) and the greatest of some prices, in their unit."""
    middle = float(prices.mean()) if value is None else value
    return Range(min(float(prices.min()), middle), middle, max(float(prices.max()), middle))


def _chinese_energy(scenario: Scenario, prices: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Return the cells of energy alone, over all Chinese grids with a market price and over the hubs."""
    # Grids whose market price of energy is of the main year throughout.
    used = datasets.load_build_ups()["energy_rows"]
    used = used[[bool(ids) and bool((prices.loc[ids, "year"] == MAIN_YEAR).all()) for ids in used]]
    grids = china_grids.delivered_prices(scenario).loc[used.index]
    partly = sum(bool((prices.loc[ids, "period"] != str(MAIN_YEAR)).any()) for ids in used)
    method = f"mean and range over {grids.shape[0]} grids, {partly} of them for some months; VAT not stated"
    rows = prices.loc[sorted(set(chain(*used)))]
    yield _cell(ENERGY, CN_AVERAGE, MAIN_YEAR, _range_over(grids["energy"]), rows, method, currency="CNY")

    # The hub grids among them; the ends are over all their market prices, those of single months too.
    hubs = grids[grids["hub"]]
    of_hubs = (prices["component"] == "energy") & prices["area"].isin(hubs.index)
    rows = prices[of_hubs & (prices["year"] == MAIN_YEAR)]
    price = _range_over(rows["value"], float(hubs["energy"].mean()))
    method = (
        f"mean over the hub grids {', '.join(hubs.index)}; ends are their cheapest and most expensive rows"
    )
    yield _cell(ENERGY, CN_HUB, MAIN_YEAR, price, rows, method, currency="CNY")


def _chinese_delivered(scenario: Scenario, prices: pd.DataFrame, currency: str) -> Iterator[dict[str, Any]]:
    """Return the cells of delivered prices in China: averages over grids, hubs, press figures."""
    for year in sorted(set(datasets.load_build_ups()["year"])):
        mean = china_grids.average_prices(scenario, year).loc[china_grids.BY_CONSUMPTION]
        rows = prices.loc[mean["rows"].split("; ")]
        method = (
            f"large two-part users, {mean['grids']} grids, {mean['built_up']} of them built up: mean by "
            f"consumption, {mean['coverage']:.0%} of the country's; the ends are those of the mean"
        )
        price, grade = Range(*mean[[*Range._fields]]), mean["grade"]
        yield from _with_and_without_vat(scenario, prices, CN_AVERAGE, year, price, rows, method, grade)

    hub = china_hubs.hub_bundles(scenario).loc[china_hubs.DELIVERED]
    price, rows = Range(*hub[[*Range._fields]]), prices.loc[hub["rows"].split("; ")]
    method = f"{hub['method']}; no subsidy in it, any accelerator"
    yield from _with_and_without_vat(scenario, prices, CN_HUB, MAIN_YEAR, price, rows, method, hub["grade"])

    year = MAIN_YEAR - 1
    press = prices[(prices["area"] == CN_AVERAGE) & (prices["year"] == year)]
    price = _range_over(column_in_currency(press, currency))
    method = "press figures, tax not stated"
    yield _cell(WITH_VAT, CN_AVERAGE, year, price, press, method, currency=currency, best_grade="C")


def _with_and_without_vat(
    scenario: Scenario,
    prices: pd.DataFrame,
    region: str,
    year: int,
    price: Range,
    rows: pd.DataFrame,
    method: str,
    best_grade: str = "A",
) -> Iterator[dict[str, Any]]:
    """Return the cells of a Chinese price [CNY/kWh] as billed and with its value-added tax taken out."""
    period = china_grids.PERIOD_OF_YEAR[year]
    yield _cell(
        WITH_VAT, region, year, price, rows, method, currency="CNY", period=period, best_grade=best_grade
    )
    _, fund_rows = china_grids.mean_funds(year, hubs_only=region == CN_HUB)
    net = china_grids.without_vat(scenario, price, year, hubs_only=region == CN_HUB)
    rows = pd.concat([rows, prices.loc[fund_rows]])
    method = f"{method}; {scenario.vat_rate_cn.value:.0%} VAT taken out of all but the funds"
    grade = worst_grade([best_grade, "B"])
    yield _cell(WITHOUT_TAX, region, year, net, rows, method, currency="CNY", period=period, best_grade=grade)


def _us_prices(us: pd.DataFrame, currency: str) -> Iterator[dict[str, Any]]:
    """Return the cells of the US; a price as billed stands in both delivered layers."""
    wholesale = us[us["component"] == "energy"]
    energy = column_in_currency(wholesale, currency)
    for year, best, method in (
        (
            MAIN_YEAR - 1,
            "us-pjm-lmp-2024",
            "PJM, load-weighted; ends over offers of contracts, fourth quarter",
        ),
        (
            MAIN_YEAR,
            "us-wholesale-2025-h1",
            "mean wholesale price, first half; high end is PJM in nine months",
        ),
    ):
        rows = wholesale[wholesale["year"] == year]
        price = _range_over(energy[rows.index], float(energy[best]))
        yield _cell(ENERGY, US_AVERAGE, year, price, rows, f"{method}; no class of users", currency=currency)
    delivered = us[(us["component"] == "delivered") & (us["grade"] != "C")]
    for word, region in US_CLASSES.items():
        for cell in _us_class(delivered, word):
            for layer in (WITH_VAT, WITHOUT_TAX):
                yield _cell(layer, region, **cell, currency="USD")


def _us_class(delivered: pd.DataFrame, word: str) -> Iterator[dict[str, Any]]:
    """Yield what a class of US users pays in the main year and the years beside it [USD/kWh].

    A national mean has no ends: how states differ is no error of a mean. The main year goes by its annual
    mean, or by the last one before it: no month of the same year stands for it. Several months of the year
    after have their mean and range. A data centre may stand in any state: its ends are those of the large
    users of states that host data centres.
    """
    is_data_centre = US_CLASSES[word] == US_DATA_CENTRE
    area, sector = (DATA_CENTRE_AREA, "commercial") if is_data_centre else (US_AREA, word)
    own = delivered[(delivered["area"] == area) & (delivered["consumer_class"] == sector)]
    annual = own[own["period"] == own["year"].astype(str)]
    for year in (MAIN_YEAR - 1, MAIN_YEAR, MAIN_YEAR + 1):
        latest = annual.loc[annual["year"] <= year, "year"].max()
        whole = annual[annual["year"] == (latest if year <= MAIN_YEAR else year)]
        rows = whole if len(whole) else own[own["year"] == year]
        first, last = rows["period"].min(), rows["period"].max()
        months = f"{area}, {len(rows)} of the months of {year}"
        told = f"annual mean of {area} in {first}" if len(whole) else months
        price, period = _range_over(rows["value"]), first if first == last else f"{first}..{last}"
        if is_data_centre and year == MAIN_YEAR:
            states = us_states(delivered)
            price = _range_over(pd.concat([rows, states])["value"], price.value)
            told += f"; ends over industry of {year} in {len(states)} states that host data centres"
            rows = pd.concat([rows, states])
        method = f"{told}; {sector} sector of EIA, taxes as billed (the US has no VAT)"
        yield {"year": year, "price": price, "rows": rows, "method": method, "period": period}


def us_states(delivered: pd.DataFrame) -> pd.DataFrame:
    """Return the annual prices of industry in the main year, by state that hosts data centres."""
    of_states = (delivered["consumer_class"] == "industrial") & (delivered["area"] != US_AREA)
    return delivered[of_states & (delivered["period"] == str(MAIN_YEAR)) & (delivered["grade"] != "C")]


def _european_prices(europe: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Return the cells of Europe."""
    wholesale = europe[europe["component"] == "energy"]
    price = _range_over(wholesale["value"], float(wholesale.loc["eu-wholesale-2025-h1", "value"]))
    method, half = "mean wholesale price of the EU; low end is the Nordic mean", f"{MAIN_YEAR}-H1"
    yield _cell(ENERGY, EUROPE, MAIN_YEAR, price, wholesale, method, currency="USD", period=half)

    # What industry pays, by consumption band; no price with VAT is gathered, so that layer stays empty.
    without_tax = europe["tax_level"] == "without recoverable tax"
    bands = europe[without_tax & (europe["area"] == "EU-27 average")].sort_values("value")
    for year, half in ((MAIN_YEAR - 1, f"{MAIN_YEAR - 1}-S2"), (MAIN_YEAR, f"{MAIN_YEAR}-S1")):
        rows = bands[bands["period"] == half].set_index("consumer_class", drop=False)
        price = _range_over(rows["value"], float(rows.loc[BAND_OF_ARTICLE_LOAD, "value"]))
        method = (
            f"Eurostat EU-27 band {BAND_OF_ARTICLE_LOAD} (20-70 GWh/year); "
            f"ends are bands {rows.index[0]} and {rows.index[-1]}"
        )
        yield _cell(WITHOUT_TAX, EUROPE, year, price, rows, method, currency="EUR", period=half)
