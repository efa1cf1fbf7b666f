"""The price gap: a scenario's tariffs, their ratios, and the independent prices beside them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.money import column_in_currency, in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import currency_of, middle_year, worst_grade
from analysis.model import spread
from analysis.model.verdict import judge_range
from analysis.tables import china_grids, price_evidence
from analysis.tables.headline import Headline, headlines_of_rows
from analysis.tables.price_evidence import (
    CN_AVERAGE,
    CN_HUB,
    EUROPE,
    MAIN_YEAR,
    TARIFF_OF,
    US_AVERAGE,
    US_CLASSES,
)

FIRST_YEAR, LAST_YEAR = 2010, MAIN_YEAR

US = "US"
"""The US in a table of a scenario's tariffs, whatever class its tariff is of."""

_CLAIMED_AS = {region: US for region in US_CLASSES.values()}
"""What a region of the evidence is called among the tariffs of a scenario, where the names differ."""


def scenario_tariffs(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return the scenario's four tariffs [currency/kWh] with period, paragraph, source and grade."""
    assumptions = {
        _CLAIMED_AS.get(region, region): getattr(scenario, name) for region, name in TARIFF_OF.items()
    }
    provenance = ("period", "paragraph", "grade", "source")
    records = {
        region: in_currency(tariff, currency)._asdict() | {name: getattr(tariff, name) for name in provenance}
        for region, tariff in assumptions.items()
    }
    table = pd.DataFrame.from_dict(records, orient="index").rename_axis("region")
    return table.astype({"paragraph": "Int64"})


def tariff_ratios(tariff_table: pd.DataFrame) -> pd.DataFrame:
    """Return every ratio between two regions of `scenario_tariffs` [1].

    ``low``, ``mid`` and ``high`` compare like ends; ``narrowest`` is the dividend's low over the divisor's
    high, ``widest`` its high over the divisor's low; ``grade`` is the weaker of the two.
    """
    ranges = tariff_table[[*Range._fields, "grade"]].reset_index()
    pairs = ranges.merge(ranges, how="cross", suffixes=("", "_base"))
    pairs = pairs[pairs["region"] != pairs["region_base"]]
    names = [pairs["region"].rename("dividend"), pairs["region_base"].rename("divisor")]
    return pd.DataFrame(_ratios_of_pairs(pairs)._asdict()).assign(grade=_weaker(pairs)).set_index(names)


def price_ratios_by_layer(evidence: pd.DataFrame) -> pd.DataFrame:
    """Return foreign over Chinese prices within each layer and year, where both are known.

    Parameters
    ----------
    evidence : pandas.DataFrame
        As returned by `price_evidence_by_layer`.

    Returns
    -------
    pandas.DataFrame
        ``claimed`` (what the pair is called among the tariffs of a scenario), ``low`` (narrowest), ``value``
        and ``high`` (widest pairing) [1], and the weakest grade.
    """
    foreign = evidence[evidence["region"].isin([*US_CLASSES.values(), EUROPE])]
    home = evidence[evidence["region"].isin([CN_AVERAGE, CN_HUB])]
    pairs = foreign.merge(home, on=["layer", "year"], suffixes=("", "_base"))
    pairs = pairs.sort_values(["layer", "year", "region", "region_base"], ignore_index=True)
    ratios = _ratios_of_pairs(pairs)
    table = pairs.assign(
        ratio=pairs["region"].astype(str) + " / " + pairs["region_base"].astype(str),
        claimed=pairs["region"].astype(str).replace(_CLAIMED_AS) + " / " + pairs["region_base"].astype(str),
        low=ratios.narrowest,
        value=ratios.mid,
        high=ratios.widest,
        grade=_weaker(pairs),
    )
    return table[["layer", "year", "ratio", "claimed", *Range._fields, "grade"]]


def _weaker(pairs: pd.DataFrame) -> pd.Series[str]:
    """Return the weaker grade of each pair."""
    return pairs[["grade", "grade_base"]].agg(worst_grade, axis=1)


def _ratios_of_pairs(pairs: pd.DataFrame) -> spread.RatioRange:
    """Return the ratios of ``low``, ``value``, ``high`` to those of the columns that end in ``_base`` [1]."""
    base = pairs[["low_base", "value_base", "high_base"]].set_axis(["low", "value", "high"], axis=1)
    return spread.ratio_range(pairs, base)


def tariff_verdicts(claims: Scenario, scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return a verdict on each region's claimed tariff in each layer, on the evidence of the main year.

    Parameters
    ----------
    claims : Scenario
        The scenario whose tariffs are judged.
    scenario : Scenario
        Gives load factor, system cost and VAT rate of the evidence, and the tolerance of the verdict.
    currency : str
        ISO 4217 code of what is shown; a claim is judged in its own currency.

    Returns
    -------
    pandas.DataFrame
        ``layer`` (ordered category), ``region``, claim and evidence [currency/kWh], the deviations of the
        claim's ends [1], grade, verdict.
    """
    claimed = {
        region: getattr(claims, TARIFF_OF.get(region, "tariff_us")) for region in price_evidence.REGIONS
    }
    own_currency = {region: currency_of(claim.unit) or currency for region, claim in claimed.items()}
    evidence = {
        money: _evidence_of_main_year(scenario, money) for money in {currency, *own_currency.values()}
    }
    records = []
    for (layer, region), shown_evidence in evidence[currency].items():
        claim, shown_claim = claimed[region], in_currency(claimed[region], currency)
        verdict = judge_range(
            claim_low=claim.low,
            claim_high=claim.high,
            **evidence[own_currency[region]][layer, region],
            tolerance=scenario.verdict_tolerance.value,
        )
        records.append(
            {
                "layer": layer,
                "region": region,
                "claim_low": shown_claim.low,
                "claim_high": shown_claim.high,
                **shown_evidence,
                "claim_low_deviation": verdict.low_deviation,
                "claim_high_deviation": verdict.high_deviation,
                "word": verdict.word,
                "verdict": verdict.text,
            }
        )
    return pd.DataFrame(records).fillna({"grade": ""}).astype({"layer": price_evidence.LAYER_ORDER})


def _evidence_of_main_year(scenario: Scenario, currency: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return range [currency/kWh] and grade of every layer and region, named as `judge_range` takes them.

    Blank where there is no evidence. Energy alone has no class of users in the US: it stands once.
    """
    evidence = price_evidence.price_evidence_by_layer(scenario, currency)
    main = evidence[evidence["year"] == MAIN_YEAR].set_index(["layer", "region"])
    cells = pd.MultiIndex.from_product([price_evidence.LAYERS, price_evidence.REGIONS])
    names = {end: f"evidence_{end}" for end in Range._fields} | {"grade": "grade"}
    others = [(price_evidence.ENERGY, region) for region in US_CLASSES.values() if region != US_AVERAGE]
    return main[[*names]].rename(columns=names).reindex(cells.drop(others)).to_dict("index")


def headlines(scenario: Scenario) -> dict[str, Headline]:
    """Return the headline ratios of US to Chinese tariffs: the mid values, ends over all pairings.

    The ratio to the average stands for each class of US users, too.
    """
    ranges = _us_ratios(scenario)
    rows = {
        "tariff_ratio_us_to_cn_average": (CN_AVERAGE, "ratio"),
        "tariff_ratio_us_to_hub": (CN_HUB, "ratio"),
    }
    found = headlines_of_rows(ranges, rows)
    to_hub = found["tariff_ratio_us_to_hub"]
    found["tariff_ratio_widest"] = to_hub._replace(value=to_hub.high, low=None, high=None)
    for word in US_CLASSES:
        of_class = {f"tariff_ratio_us_{word}_to_cn_average": (CN_AVERAGE, "ratio")}
        found |= headlines_of_rows(_us_ratios(scenario.choosing("tariff_us", word)), of_class)
    return found


def _us_ratios(scenario: Scenario) -> pd.DataFrame:
    """Return the US tariff over the others, ``low`` and ``high`` over all pairings [1], and the grade."""
    ratios = tariff_ratios(scenario_tariffs(scenario, "CNY")).loc[US]
    return ratios[["narrowest", "mid", "widest", "grade"]].set_axis([*Range._fields, "grade"], axis=1)


def independent_prices(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return the independent price rows from two years before the main one on, built-up grids among them.

    Returns
    -------
    pandas.DataFrame
        ``region``, ``area``, ``period``, ``consumer_class``, ``component``, ``tax_level``, the native
        ``value`` and ``unit``, the price in ``currency`` [currency/kWh], ``grade``, ``source``, ``id``.
    """
    prices = datasets.load_prices()
    wanted = prices["component"].str.fullmatch("(delivered|energy)( ceiling)?")
    wanted &= prices["year"] >= MAIN_YEAR - 2
    monthly = (prices["source"] == "eia_retail_monthly") & (prices["period"] != f"{MAIN_YEAR + 1}-01")
    older_band = prices["source"].str.startswith("eurostat") & (prices["year"] != MAIN_YEAR)
    rows = prices[wanted & ~monthly & ~older_band]
    table = pd.concat([rows, china_grids.best_prices_as_rows(scenario)], ignore_index=True)
    price = f"{currency.lower()}_per_kwh"
    table[price] = column_in_currency(table, currency)
    what = ["region", "area", "period", "consumer_class", "component", "tax_level"]
    order = ["region", "component", "consumer_class", "area", "period", "id"]
    return table[[*what, "value", "unit", price, "grade", "source", "id"]].sort_values(
        order, ignore_index=True
    )


def us_prices_by_state(currency: str) -> pd.DataFrame:
    """Return annual US prices by state and class [currency/kWh]; data centres are billed in either."""
    prices = datasets.load_prices()
    delivered = (prices["region"] == "US") & (prices["component"] == "delivered")
    yearly = (prices["year"] >= MAIN_YEAR - 2) & prices["period"].str.fullmatch(r"\d{4}")
    rows = prices[delivered & yearly]
    return _prices_by_area(rows, currency, rows["consumer_class"] + " " + rows["period"], "state")


def europe_prices_by_band(currency: str, period: str = f"{MAIN_YEAR}-S1") -> pd.DataFrame:
    """Return European prices by country, consumption band and tax level [currency/kWh].

    Bands by use in a year: IC 0.5-2 GWh, ID 2-20, IE 20-70, IF 70-150, IG above 150 GWh. Without recoverable
    tax, VAT above all, and without any tax; no price with VAT in it was found by band.
    """
    prices = datasets.load_prices()
    rows = prices[prices["source"].str.startswith("eurostat_nrg_pc_205") & (prices["period"] == period)]
    return _prices_by_area(rows, currency, rows["consumer_class"] + " " + rows["tax_level"], "country")


def _prices_by_area(
    rows: pd.DataFrame, currency: str, columns: pd.Series[str], index_name: str
) -> pd.DataFrame:
    """Return price rows as a table, a row an area [currency/kWh]."""
    priced = rows.assign(price=column_in_currency(rows, currency), column=columns)
    table = priced.pivot_table(index="area", columns="column", values="price")
    return table.rename_axis(index=index_name, columns=None)


def price_history(currency: str, evidence: pd.DataFrame) -> pd.DataFrame:
    """Return the price series for the figure over time, each row at its own period's rate.

    Parameters
    ----------
    currency : str
        ISO 4217 code.
    evidence : pandas.DataFrame
        As returned by `price_evidence_by_layer` in that currency: gives the Chinese average of the main year.

    Returns
    -------
    pandas.DataFrame
        ``series``, ``time`` [decimal year], ``price`` [currency/kWh], ``kind`` (``line`` for a
        yearly or half-yearly series, ``point`` where only single years are known), ``grade``, ``id``.
    """
    prices = datasets.load_prices()
    us_years, us_commerce = (
        prices[prices["id"].str.fullmatch(rf"us-avg-{sector}-\d{{4}}")] for sector in ("ind", "com")
    )
    hubs = prices[(prices["consumer_class"] == "data centre") & (prices["component"] == "delivered")]
    hubs = hubs[hubs["grade"] != "C"]
    without_tax = prices["tax_level"] == "without recoverable tax"
    bands = prices[without_tax & (prices["area"] == "EU-27 average")]
    industrial = prices["consumer_class"].isin(["large industry", "industrial", "large two-part 110 kV"])
    china = prices[industrial & (prices["area"] == CN_AVERAGE)]

    # The main year of China is computed from grids, in the currency asked for.
    of_main_year = {"currency": currency, "period": str(MAIN_YEAR)}
    cells = evidence[evidence["year"] == MAIN_YEAR].set_index(["layer", "region"])
    average = cells.loc[(price_evidence.WITH_VAT, CN_AVERAGE)]
    china_main = of_main_year | {"value": average["value"], "grade": average["grade"], "id": average["rows"]}

    series = {
        ("US industrial (EIA)", "line"): us_years,
        ("US commercial (EIA)", "point"): us_commerce,
        ("EU-27 band IE, 20-70 GWh/year", "line"): bands[bands["consumer_class"] == "IE"],
        ("EU-27 band IG, above 150 GWh/year", "line"): bands[bands["consumer_class"] == "IG"],
        ("China, national figures", "point"): pd.concat([china, pd.DataFrame([china_main])]),
        ("China, hub reports", "point"): hubs,
    }
    table = pd.concat([rows.assign(series=name, kind=kind) for (name, kind), rows in series.items()])
    table["time"] = table["period"].map(middle_year)
    table["price"] = column_in_currency(table, currency)
    table = table[table["time"].between(FIRST_YEAR, LAST_YEAR + 1, inclusive="left")]
    columns = ["series", "time", "price", "kind", "grade", "id"]
    return table[columns].sort_values(["series", "time", "id"], ignore_index=True)


def taken_by_region(scenario: Scenario, currency: str) -> pd.DataFrame:
    """Return low, value and high of the tariff that a scenario takes for each region [currency/kWh]."""
    regions = list(price_evidence.REGIONS)
    taken = scenario_tariffs(scenario, currency)[["low", "value", "high"]]
    return taken.loc[[_CLAIMED_AS.get(region, region) for region in regions]].set_axis(regions)
