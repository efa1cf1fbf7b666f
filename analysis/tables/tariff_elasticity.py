"""The elasticity of list prices to tariffs, for the same open weights, under every combination of choices."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import elasticity
from analysis.tables import same_weights
from analysis.tables.headline import Headline
from analysis.tables.same_weights import HOST_KINDS, KINDS, PRICE_OF, one_a_host, standard

DRAWS, SEED = 999, 20260312
LEVEL, POWER = 0.05, 0.8
INTERVAL_SEARCH = {"doublings": 7, "halvings": 24}
HEADQUARTERS, SERVED, SERVED_MEAN = "headquarters", "served, one country", "served, mean of several"
COUNTRY_OF = {
    HEADQUARTERS: "headquarters_country",
    SERVED: "served_countries",
    SERVED_MEAN: "served_countries",
}
"""Where the electricity of a host is bought, and the column that says so."""

NATIONAL, HUB = "Chinese average", "Chinese hubs"
SAME_ROWS = "the same rows as "

SAMPLES = {
    "vendors and hosts": "is_standard and is_vendor_or_host",
    "hosts only": "is_standard and is_host",
    "without Alibaba": "is_standard and is_vendor_or_host and company_group != 'alibaba'",
    "Chinese weights only": "is_standard and is_vendor_or_host and is_of_chinese_vendor",
    "repeated quotes out": "is_standard and is_vendor_or_host and repeats.isna()",
    "suspect quotes in": "variant == 'standard' and is_vendor_or_host",
    "faster and secure tiers in": "not suspect and is_vendor_or_host",
    "resellers and aggregators in": "is_standard",
    "resellers and aggregators alone": "is_standard and not is_vendor_or_host",
}
"""Which of the `classified_quotes` a specification uses; the first is the base."""


def classified_quotes(scenario: Scenario) -> pd.DataFrame:
    """Return every usable quote with its blended price and what `SAMPLES` ask of it.

    ``is_of_chinese_vendor``: its weights are of a Chinese vendor that the catalogue lists as a host itself.
    """
    mix = scenario.input_tokens_per_output_token.value
    rows = same_weights.with_blended_price(datasets.load_quotes(), mix)
    hosts = datasets.load_hosts()
    chinese = hosts.loc[hosts["headquarters_country"] == same_weights.CHINA, "first_party_for"].dropna()
    return rows.assign(
        is_standard=rows.index.isin(standard(rows).index),
        is_host=rows["kind"].isin(HOST_KINDS),
        is_vendor_or_host=rows["kind"].isin(["first_party", *HOST_KINDS]),
        is_of_chinese_vendor=(rows["vendor"] + "/").isin(set(chinese)),
    )


def elasticity_panel(rows: pd.DataFrame, country: str, tariff: pd.Series) -> pd.DataFrame:
    """Return the quotes of a specification with the log tariff of the country.

    Parameters
    ----------
    rows : pandas.DataFrame
        Quotes of one of `SAMPLES`, one a host and weights.
    country : str
        One of `COUNTRY_OF`: where the company sits, or where its documents say that it serves.
    tariff : pandas.Series
        Tariffs by country [USD/kWh].

    Returns
    -------
    pandas.DataFrame
        With ``place`` and ``log_tariff``. Hosts without a known place or tariff are out, so are repeated
        quotes of one company in one place, and weights with one quote, which tell nothing.
    """
    places, known = rows[COUNTRY_OF[country]], np.log(tariff).to_dict()
    log_tariff = {}
    for place in places.dropna().unique():
        names = place.split("; ")
        if known.keys() >= {*names} and (len(names) == 1 or country == SERVED_MEAN):
            log_tariff[place] = float(np.mean([known[name] for name in names]))
    table = rows.assign(place=places, log_tariff=places.map(log_tariff)).dropna(subset="log_tariff")
    table = table.sort_values(["weights", "company_group", "place", "repeats"], na_position="first")
    again = table["repeats"].notna() & table.duplicated(["weights", "company_group", "place"])
    table = table[~again]
    return table[table.groupby("weights")["weights"].transform("size") > 1].reset_index(drop=True)


def elasticity_by_specification(scenario: Scenario) -> pd.DataFrame:
    """Return the elasticity of prices to tariffs under every combination of choices.

    Parameters
    ----------
    scenario : Scenario
        Gives the tariffs, the mix of the blended price and the share of electricity that is claimed.

    Returns
    -------
    pandas.DataFrame
        One row for price, sample, country and Chinese tariff: ``estimate``, ``standard_error`` (clustered by
        company), its t interval ``low`` and ``high``, the interval of the wild cluster bootstrap ``wild_low``
        and ``wild_high``, its p values against zero and against the claimed share (``p_zero``, ``p_claim``),
        ``p_permutation``, ``minimum_detectable``, counts, R squared, ``grade``. ``left_out`` says why there
        is none: not identified, or the same rows as another one.
    """
    tariffs = same_weights.host_tariffs(scenario)
    national = tariffs["value"].drop(same_weights.CHINESE_HUB)
    hub = tariffs.loc[same_weights.CHINESE_HUB, "value"]
    by_tariff = {NATIONAL: national, HUB: national.where(national.index != same_weights.CHINA, hub)}
    quotes = classified_quotes(scenario)
    quotes_of = {sample: one_a_host(quotes.query(rule)) for sample, rule in SAMPLES.items()}
    claim = scenario.root.electricity_share.value
    records, first_with = [], dict[Any, str]()
    for sample, country, tariff in product(SAMPLES, COUNTRY_OF, by_tariff):
        table = elasticity_panel(quotes_of[sample], country, by_tariff[tariff])
        rows = tuple(zip(table["provider_id"], table["model_id"], table["log_tariff"], strict=True))
        name = f"{sample}; {country}; {tariff}"
        first = first_with.setdefault(rows, name)
        places = set("; ".join({*table["place"], same_weights.US}).split("; "))
        grade = worst_grade([*table["grade"], *tariffs.loc[sorted(places), "grade"]])
        for kind in KINDS:
            left_out = "" if first == name else SAME_ROWS + first
            try:
                result = {} if left_out else _estimate(table, kind, claim)
            except ValueError as error:  # the panel does not identify it
                result, left_out = {}, str(error)
            choices = {"price": kind, "sample": sample, "country": country, "tariff": tariff}
            records.append({**choices, **result, "grade": grade, "left_out": left_out})
    return pd.DataFrame(records)


def estimated_specifications(table: pd.DataFrame) -> pd.DataFrame:
    """Return the specifications that could be estimated and are not the same as another."""
    return table[table["left_out"] == ""]


def _estimate(table: pd.DataFrame, kind: str, claim: float) -> dict[str, Any]:
    """Return the elasticity of one price in one panel, with every interval and p value."""
    log_price = np.log(table[PRICE_OF[kind]].to_numpy())
    panel = elasticity.Panel(log_price, table["log_tariff"], table["weights"], table["company_group"])
    fit = elasticity.fit(panel)
    low, high = fit.t_interval(level=LEVEL)
    generator = np.random.default_rng(SEED)
    bootstrap = elasticity.WildBootstrap(panel, elasticity.webb_weights(DRAWS, fit.clusters, generator))
    wild_low, wild_high = bootstrap.interval(level=LEVEL, step=fit.standard_error, **INTERVAL_SEARCH)
    return {
        "estimate": fit.estimate,
        "standard_error": fit.standard_error,
        "low": low,
        "high": high,
        "wild_low": wild_low,
        "wild_high": wild_high,
        "p_zero": bootstrap.p_value(0.0),
        "p_claim": bootstrap.p_value(claim),
        "p_permutation": elasticity.permutation_p_value(
            panel, table["log_tariff"], table["place"], draws=DRAWS, generator=generator
        ),
        "minimum_detectable": fit.minimum_detectable(level=LEVEL, power=POWER),
        "rows": fit.rows,
        "weights": fit.effects,
        "companies": fit.clusters,
        "effective_companies": fit.effective_clusters,
        "tariffs": table["log_tariff"].round(9).nunique(),
        "r2_weights": fit.r2_effects,
        "r2_added": fit.r2_added,
        "r2_partial": fit.r2_partial,
    }


def headlines(specifications: pd.DataFrame) -> dict[str, Headline]:
    """Return the median elasticity of what could be estimated, with the envelope of the intervals."""
    estimated = estimated_specifications(specifications)
    median = float(estimated["estimate"].median())
    low, high = float(estimated["wild_low"].min()), float(estimated["wild_high"].max())
    return {"tariff_elasticity": Headline(median, low, high, "ratio")}
