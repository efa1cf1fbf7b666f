"""The price gap: a scenario's tariffs, their ratios, and the independent prices beside them."""

from __future__ import annotations

import pandas as pd

from analysis.inputs import datasets, periods
from analysis.inputs.assumption import Range
from analysis.inputs.money import column_in_currency, in_currency
from analysis.inputs.scenario import Scenario
from analysis.tables import china_grids
from analysis.tables.headline import Headline
from analysis.tables.price_comparison import range_ratio
from analysis.tables.price_evidence import (
    CN_AVERAGE,
    CN_HUB,
    MAIN_YEAR,
    REGIONS,
    TARIFF_OF,
    US_AVERAGE,
    WITH_VAT,
)

FIRST_YEAR, LAST_YEAR = 2010, MAIN_YEAR


def scenario_tariffs(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return the scenario's four tariffs [currency/kWh] with period, paragraph, source and grade."""
    records = []
    for region in REGIONS:
        figure = getattr(scenario, TARIFF_OF[region])
        records.append(
            {
                "region": region,
                **in_currency(figure, currency)._asdict(),
                "period": figure.period,
                "paragraph": figure.paragraph,
                "grade": figure.grade,
                "source": figure.source,
            }
        )
    return pd.DataFrame(records).astype({"paragraph": "Int64"}).set_index("region")


def ratio_matrix(table: pd.DataFrame) -> pd.DataFrame:
    """Return every ratio between two regions of `scenario_tariffs` [1].

    ``low``, ``mid`` and ``high`` compare like ends; ``narrowest`` is the dividend's low over the divisor's
    high, ``widest`` its high over the divisor's low.
    """
    pairs = [(top, base) for top in table.index for base in table.index if top != base]
    records = [
        {"dividend": top, "divisor": base, **range_ratio(table.loc[top], table.loc[base])._asdict()}
        for top, base in pairs
    ]
    return pd.DataFrame(records).set_index(["dividend", "divisor"])


def headlines(scenario: Scenario) -> dict[str, Headline]:
    """Return the headline ratios of US to Chinese tariffs: the mid values, ends over all pairings."""
    ratios = ratio_matrix(scenario_tariffs(scenario, "CNY"))

    def ranged(home: str) -> Headline:
        row = ratios.loc[(US_AVERAGE, home)]
        return Headline.ranged(Range(row["narrowest"], row["mid"], row["widest"]), "ratio")

    return {
        "tariff_ratio_us_to_cn_average": ranged(CN_AVERAGE),
        "tariff_ratio_us_to_hub": ranged(CN_HUB),
        "tariff_ratio_widest": Headline.of(float(ratios.loc[(US_AVERAGE, CN_HUB), "widest"]), "ratio"),
    }


def independent_prices(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return the independent price rows from two years before the main one on, built-up grids among them.

    Returns
    -------
    pandas.DataFrame
        ``region``, ``area``, ``period``, ``consumer_class``, ``component``, ``tax_level``, the native
        ``value`` and ``unit``, the price in ``currency`` [currency/kWh], ``grade``, ``source``, ``id``.
    """
    prices = datasets.load_prices()
    wanted = prices["component"].isin(["delivered", "energy"]) & (prices["year"] >= MAIN_YEAR - 2)
    monthly = (prices["source"] == "eia_retail_monthly") & (prices["period"] != f"{MAIN_YEAR + 1}-01")
    latest_band = ~prices["source"].str.startswith("eurostat") | (prices["year"] == MAIN_YEAR)
    rows = prices[wanted & ~monthly & latest_band].copy()
    rows[f"{currency.lower()}_per_kwh"] = column_in_currency(rows, currency)
    grids = _grid_rows(scenario, currency)
    columns = [
        "region",
        "area",
        "period",
        "consumer_class",
        "component",
        "tax_level",
        "value",
        "unit",
        f"{currency.lower()}_per_kwh",
        "grade",
        "source",
        "id",
    ]
    table = pd.concat([rows[columns], grids[columns]], ignore_index=True)
    return table.sort_values(
        ["region", "component", "consumer_class", "area", "period", "id"], ignore_index=True
    )


def _grid_rows(scenario: Scenario, currency: str) -> pd.DataFrame:
    grids = china_grids.delivered(scenario).reset_index()
    rows = pd.DataFrame(
        {
            "region": "China",
            "area": grids["grid"],
            "period": grids["year"].map(china_grids.PERIOD_OF_YEAR),
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
    rows[f"{currency.lower()}_per_kwh"] = column_in_currency(rows, currency)
    return rows


def components(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return what makes up a delivered kWh in each Chinese grid whose parts are known [currency/kWh]."""
    grids = china_grids.delivered(scenario)
    known = grids[grids["built_up"].notna()].copy()
    period = known["year"].map(china_grids.PERIOD_OF_YEAR)
    as_money = pd.DataFrame({"currency": "CNY", "period": period, "value": 1.0}, index=known.index)
    factor = column_in_currency(as_money, currency)
    money = [*china_grids.PARTS, "built_up", "published"]
    known[money] = known[money].mul(factor, axis=0)
    known["grade"], known["rows"] = known["build_up_grade"], known["build_up_rows"]
    columns = [*money, "error", "year", "hub", "grade", "note", "rows"]
    return known[columns].sort_values("built_up")


def us_states(currency: str) -> pd.DataFrame:
    """Return annual US prices by state and class [currency/kWh]; data centres are billed in either."""
    prices = datasets.load_prices()
    rows = prices[
        (prices["region"] == "US") & (prices["component"] == "delivered") & (prices["year"] >= MAIN_YEAR - 2)
    ]
    yearly = rows[rows["period"].str.fullmatch(r"\d{4}")].copy()
    yearly["price"] = column_in_currency(yearly, currency)
    yearly["column"] = yearly["consumer_class"] + " " + yearly["period"]
    table = yearly.pivot_table(index="area", columns="column", values="price", sort=True)
    return table.rename_axis(index="state", columns=None)


def europe_bands(currency: str, period: str = f"{MAIN_YEAR}-S1") -> pd.DataFrame:
    """Return European prices without recoverable tax by country and consumption band [currency/kWh].

    Bands by use in a year: IC 0.5-2 GWh, ID 2-20, IE 20-70, IF 70-150, IG above 150 GWh.
    """
    prices = datasets.load_prices()
    rows = prices[
        (prices["source"] == "eurostat_nrg_pc_205")
        & (prices["tax_level"] == "without recoverable tax")
        & (prices["period"] == period)
    ].copy()
    rows["price"] = column_in_currency(rows, currency)
    table = rows.pivot_table(index="area", columns="consumer_class", values="price", sort=True)
    return table.rename_axis(index="country", columns=None)


def history(currency: str, evidence: pd.DataFrame) -> pd.DataFrame:
    """Return the price series for the scissors figure, each row at its own period's rate.

    Parameters
    ----------
    currency : str
        ISO 4217 code.
    evidence : pandas.DataFrame
        As returned by `tables.evidence.layers` in that currency: gives the Chinese average of the main year.

    Returns
    -------
    pandas.DataFrame
        ``series``, ``time`` [decimal year], ``price`` [currency/kWh], ``kind`` (``line`` for a
        yearly or half-yearly series, ``point`` where only single years are known), ``grade``, ``id``.
    """
    prices = datasets.load_prices()
    us = prices[prices["id"].str.fullmatch(r"us-avg-ind-\d{4}")]
    months = prices[prices["id"].str.fullmatch(rf"us-avg-ind-{MAIN_YEAR}-\d\d")]
    bands = prices[(prices["area"] == "EU-27 average") & (prices["tax_level"] == "without recoverable tax")]
    china = prices[
        (prices["area"] == CN_AVERAGE)
        & prices["consumer_class"].isin(["large industry", "industrial", "large two-part 110 kV"])
    ]
    hubs = prices[(prices["consumer_class"] == "data centre") & (prices["grade"] != "C")]
    chosen = [
        ("US industrial (EIA)", "line", us),
        ("EU-27 band IE, 20-70 GWh/year", "line", bands[bands["consumer_class"] == "IE"]),
        ("EU-27 band IG, above 150 GWh/year", "line", bands[bands["consumer_class"] == "IG"]),
        ("China, national figures", "point", china),
        ("China, hub reports", "point", hubs),
    ]
    frames = [
        pd.DataFrame(
            {
                "series": series,
                "time": [periods.middle_year(period) for period in rows["period"]],
                "price": column_in_currency(rows, currency),
                "kind": kind,
                "grade": rows["grade"],
                "id": rows["id"],
            }
        )
        for series, kind, rows in chosen
    ]
    year = pd.DataFrame(
        {
            "series": "US industrial (EIA)",
            "time": [periods.middle_year(str(MAIN_YEAR))],
            "price": [column_in_currency(months, currency).mean()],
            "kind": "line",
            "grade": "B",
            "id": "; ".join(months["id"]),
        }
    )
    is_average = (evidence["region"] == CN_AVERAGE) & (evidence["layer"] == WITH_VAT)
    average = evidence[is_average & (evidence["year"] == MAIN_YEAR)].iloc[0]
    computed = pd.DataFrame(
        {
            "series": "China, national figures",
            "time": [periods.middle_year(str(MAIN_YEAR))],
            "price": [average["value"]],
            "kind": "point",
            "grade": average["grade"],
            "id": average["rows"],
        }
    )
    table = pd.concat([*frames, year, computed], ignore_index=True)
    in_span = (table["time"] >= FIRST_YEAR) & (table["time"] < LAST_YEAR + 1)
    return table[in_span].sort_values(["series", "time", "id"], ignore_index=True)
