"""A natural experiment: the same open weights at the same moment on different grids.

List prices of the pinned catalogue, never costs: what they can and cannot tell stands in the notebook.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.inputs import catalogue, datasets
from analysis.inputs.catalogue import first_party, one_a_host, standard
from analysis.inputs.money import column_in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import elasticity
from analysis.model.spread import blended_price
from analysis.tables import price_evidence
from analysis.tables.headline import Headline

DRAWS, SEED = 999, 20260312
LEVEL, POWER = 0.05, 0.8
_SEARCH = {"doublings": 7, "halvings": 24}
_SAME = 1e-6
"""Prices that differ by less than this share are equal."""

KINDS = ("input", "output", "blended")
PRICE_OF = {kind: f"{kind}_usd_per_mtok" for kind in KINDS}
US, CHINA, EUROPE = "US", "CN", "EU"
HEADQUARTERS, SERVED, SERVED_MEAN = "headquarters", "served, one country", "served, mean of several"
COUNTRY_OF = {
    HEADQUARTERS: "headquarters_country",
    SERVED: "served_countries",
    SERVED_MEAN: "served_countries",
}
SAME_ROWS = "the same rows as "
NATIONAL, HUB = "Chinese average", "Chinese hubs"
CHEAPEST, INTERNATIONAL = "cheapest endpoint", "international endpoint"
SINGAPORE = "SG"
LISTED, REPEATED = "list prices", "the catalogue repeats one price"
CLOSED, DOCUMENTED = "list prices, closed weights", "documentation: one factor for both"
_RUN_GPUS = ("host", "hyperscaler")
_OWN = ("first_party", *_RUN_GPUS)


def tariffs(scenario: Scenario) -> pd.DataFrame:
    """Return industrial tariffs of the hosts' countries [USD/kWh], each at its own period's exchange rate.

    Parameters
    ----------
    scenario : Scenario
        Gives what the American and Chinese evidence rests on.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``country``: ``low``, ``value``, ``high`` [USD/kWh] (equal where one figure is known), and
        what the value is: ``area``, ``consumer_class``, ``tax_treatment``, ``period``, ``source``, ``grade``.
        ``CN-hub`` is China's western computing hubs.
    """
    rows = datasets.load_host_tariffs()
    numbers = rows[rows["tariff"].notna()]
    rows.loc[numbers.index, "usd"] = column_in_currency(numbers, "USD", "tariff")
    chosen = rows[rows["role"] == "value"].set_index("country")
    table = chosen[["area", "consumer_class", "tax_treatment", "period", "source", "grade"]].copy()
    table.insert(0, "value", chosen["usd"])
    ends = rows.groupby("country")["usd"]
    table.insert(0, "low", ends.min())
    table.insert(2, "high", ends.max())
    layers = price_evidence.price_evidence_by_layer(scenario, "USD")
    main = (layers["layer"] == price_evidence.WITHOUT_TAX) & (layers["year"] == price_evidence.MAIN_YEAR)
    by_region = layers[main].set_index("region")
    table.loc[f"{CHINA}-hub"] = table.loc[CHINA]
    table.loc[f"{CHINA}-hub", ["area", "consumer_class"]] = [price_evidence.CN_HUB, "data centre"]
    chosen_from = chosen["taken_from"].to_dict() | {f"{CHINA}-hub": price_evidence.CN_HUB}
    for country in table.index[table["value"].isna()]:
        cell = by_region.loc[chosen_from[country]]
        table.loc[country, ["low", "value", "high", "grade"]] = [
            cell[name] for name in ("low", "value", "high", "grade")
        ]
        table.loc[country, "source"] = f"rows: {cell['rows']}"
    return table.sort_index()


def quotes(input_tokens_per_output_token: float) -> pd.DataFrame:
    """Return every usable quote with its host, and the blended price at a mix [USD/Mtok]."""
    return _with_blend(datasets.load_quotes(), input_tokens_per_output_token)


def _with_blend(table: pd.DataFrame, mix: float) -> pd.DataFrame:
    prices = {"input_price": table[PRICE_OF["input"]], "output_price": table[PRICE_OF["output"]]}
    return table.assign(blended_usd_per_mtok=blended_price(**prices, input_tokens_per_output_token=mix))


def ratios(scenario: Scenario, endpoint: str = CHEAPEST) -> pd.DataFrame:
    """Return prices of American hosts over those of the Chinese vendor, for the vendor's own open weights.

    Parameters
    ----------
    scenario : Scenario
        Gives the mix of the blended price.
    endpoint : str
        Of the vendor: the cheapest (the mainland one, where prices differ), or the international one.

    Returns
    -------
    pandas.DataFrame
        One row for weights and host: ``input_ratio``, ``output_ratio``, ``blended_ratio`` [1], ``equal``
        (input and output both), the two output prices [USD/Mtok], ``vendor``, ``host``, ``served_countries``,
        ``grade`` of the two hosts' rows.
    """
    rows = standard(quotes(scenario.input_tokens_per_output_token.value))
    vendor = rows[first_party(rows) & (rows["headquarters_country"] == CHINA)]
    if endpoint == INTERNATIONAL:
        vendor = vendor[vendor["served_countries"].fillna(CHINA) != CHINA]
    vendor = vendor.sort_values(["weights", "output_usd_per_mtok", "input_usd_per_mtok", "provider_id"])
    base = vendor.drop_duplicates("weights").set_index("weights")
    american = rows["kind"].isin(_RUN_GPUS) & (rows["headquarters_country"] == US) & rows["repeats"].isna()
    pairs = one_a_host(rows[american & rows["weights"].isin(base.index)]).reset_index(drop=True)
    against = base.loc[pairs["weights"]].reset_index(drop=True)
    table = pairs[["weights", "vendor", "provider_id", "name", "served_countries"]].copy()
    for kind, column in PRICE_OF.items():
        table[f"{kind}_ratio"] = pairs[column] / against[column]
    table["equal"] = _equal(table["input_ratio"]) & _equal(table["output_ratio"])
    table["host_output_usd_per_mtok"] = pairs["output_usd_per_mtok"]
    table["vendor_output_usd_per_mtok"] = against["output_usd_per_mtok"]
    table["grade"] = [worst_grade(two) for two in zip(pairs["grade"], against["grade"], strict=True)]
    return table


def _equal(ratio: pd.Series) -> pd.Series:
    return (ratio - 1.0).abs() < _SAME


def ratio_summary(scenario: Scenario) -> pd.DataFrame:
    """Return medians, quartiles and the share of equal prices: all pairs, by vendor, and other readings.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``pairs_of``: ``pairs``, ``weights``, ``hosts`` [number], ``input_median``,
        ``output_median``, ``blended_median``, ``output_q25``, ``output_q75`` [ratio], ``input_equal``,
        ``output_equal``, ``both_equal`` [share], ``grade``.
    """
    pairs, abroad = ratios(scenario), ratios(scenario, INTERNATIONAL)
    groups = {"all": pairs, **dict(list(pairs.groupby("vendor")))}
    groups["all but Qwen"] = pairs[pairs["vendor"] != "Qwen"]
    groups["hosts with American sites alone"] = pairs[pairs["served_countries"] == US]
    groups[f"all, {INTERNATIONAL}"] = abroad
    groups[f"Qwen, {INTERNATIONAL}"] = abroad[abroad["vendor"] == "Qwen"]
    records = []
    for name, part in groups.items():
        quartiles = part["output_ratio"].quantile([0.25, 0.75])
        records.append(
            {
                "pairs_of": name,
                "pairs": len(part),
                "weights": part["weights"].nunique(),
                "hosts": part["provider_id"].nunique(),
                **{f"{kind}_median": part[f"{kind}_ratio"].median() for kind in KINDS},
                "output_q25": quartiles[0.25],
                "output_q75": quartiles[0.75],
                "input_equal": _equal(part["input_ratio"]).mean(),
                "output_equal": _equal(part["output_ratio"]).mean(),
                "both_equal": part["equal"].mean(),
                "grade": worst_grade(part["grade"]),
            }
        )
    return pd.DataFrame(records).set_index("pairs_of")


def _any_kind(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["kind"].isin(_OWN)]


def _chinese(rows: pd.DataFrame) -> pd.DataFrame:
    """Return quotes for weights of Chinese vendors that the catalogue lists as hosts themselves."""
    vendors = datasets.load_hosts().query("headquarters_country == @CHINA")["first_party_for"].dropna()
    return rows[(rows["vendor"] + "/").isin(set(vendors))]


SAMPLES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "vendors and hosts": lambda rows: _any_kind(standard(rows)),
    "hosts only": lambda rows: standard(rows)[standard(rows)["kind"].isin(_RUN_GPUS)],
    "without Alibaba": lambda rows: _any_kind(standard(rows)).query("company_group != 'alibaba'"),
    "Chinese weights only": lambda rows: _chinese(_any_kind(standard(rows))),
    "repeated quotes out": lambda rows: _any_kind(standard(rows)).query("repeats.isna()"),
    "suspect quotes in": lambda rows: _any_kind(rows[rows["variant"] == "standard"]),
    "faster and secure tiers in": lambda rows: _any_kind(rows[~rows["suspect"]]),
    "resellers and aggregators in": standard,
    "resellers and aggregators alone": lambda rows: standard(rows)[~standard(rows)["kind"].isin(_OWN)],
}
"""Which quotes a specification uses; the first is the base."""


def panel(rows: pd.DataFrame, country: str, tariff: pd.Series) -> pd.DataFrame:
    """Return the quotes of a specification, one a host and weights, with the log tariff of the country.

    Parameters
    ----------
    rows : pandas.DataFrame
        Quotes of one of `SAMPLES`.
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
    table = one_a_host(rows).assign(place=lambda found: found[COUNTRY_OF[country]])
    table = table[table["place"].notna()]
    log_tariff = {}
    for place in table["place"].unique():
        names = place.split("; ")
        if set(names) <= set(tariff.index) and (len(names) == 1 or country == SERVED_MEAN):
            log_tariff[place] = float(np.log(tariff[names].to_numpy()).mean())
    table["log_tariff"] = table["place"].map(log_tariff)
    table = table[table["log_tariff"].notna()]
    table = table.sort_values(["weights", "company_group", "place", "repeats"], na_position="first")
    again = table["repeats"].notna() & table.duplicated(["weights", "company_group", "place"])
    table = table[~again]
    return table[table.groupby("weights")["weights"].transform("size") > 1].reset_index(drop=True)


def specifications(scenario: Scenario) -> pd.DataFrame:
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
    found = tariffs(scenario)
    return _specifications(
        tuple(found["value"].items()),
        tuple(found["grade"].items()),
        scenario.input_tokens_per_output_token.value,
        scenario.root.electricity_share.value,
    ).copy()


def curve(table: pd.DataFrame) -> pd.DataFrame:
    """Return the specifications that could be estimated and are not the same as another."""
    return table[table["left_out"] == ""]


@lru_cache(maxsize=4)
def _specifications(
    values: tuple[tuple[str, float], ...], grades: tuple[tuple[str, str], ...], mix: float, claim: float
) -> pd.DataFrame:
    national, grade_of = pd.Series(dict(values)), dict(grades)
    chinese = {NATIONAL: national, HUB: national.rename({CHINA: "", f"{CHINA}-hub": CHINA})}
    rows = quotes(mix)
    records, seen = [], dict[Any, str]()
    for sample, choose in SAMPLES.items():
        for country in COUNTRY_OF:
            for tariff, by_country in chinese.items():
                table = panel(choose(rows), country, by_country)
                key = tuple(zip(table["provider_id"], table["model_id"], table["log_tariff"], strict=True))
                same = seen.get(key)
                seen.setdefault(key, f"{sample}; {country}; {tariff}")
                places = set("; ".join({*table["place"], US}).split("; "))
                grade = worst_grade([*table["grade"], *(grade_of[place] for place in places)])
                for kind in KINDS:
                    choices = {"price": kind, "sample": sample, "country": country, "tariff": tariff}
                    result = {"left_out": SAME_ROWS + same} if same else _estimate(table, kind, claim)
                    records.append({**choices, **result, "grade": grade})
    found = pd.DataFrame(records)
    found["left_out"] = found["left_out"].fillna("")
    return found[[name for name in found if name != "left_out"] + ["left_out"]]


def _estimate(table: pd.DataFrame, kind: str, claim: float) -> dict[str, Any]:
    """Return one specification: its estimate, intervals and tests."""
    price = np.log(table[PRICE_OF[kind]].to_numpy())
    try:
        data = elasticity.Panel(price, table["log_tariff"], table["weights"], table["company_group"])
        summary = elasticity.fit(data)
    except ValueError as error:
        return {"left_out": str(error)}
    low, high = elasticity.t_interval(summary, level=LEVEL)
    generator = np.random.default_rng(SEED)
    bootstrap = elasticity.WildBootstrap(data, elasticity.webb_weights(DRAWS, summary.clusters, generator))
    wild = bootstrap.interval(level=LEVEL, step=summary.standard_error, **_SEARCH)
    return {
        "estimate": summary.estimate,
        "standard_error": summary.standard_error,
        "low": low,
        "high": high,
        "wild_low": wild[0],
        "wild_high": wild[1],
        "p_zero": bootstrap.p_value(0.0),
        "p_claim": bootstrap.p_value(claim),
        "p_permutation": elasticity.permutation_p_value(
            data, table["log_tariff"], table["place"], draws=DRAWS, generator=generator
        ),
        "minimum_detectable": elasticity.minimum_detectable(summary, level=LEVEL, power=POWER),
        "rows": summary.rows,
        "weights": summary.effects,
        "companies": summary.clusters,
        "effective_companies": summary.effective_clusters,
        "tariffs": table["log_tariff"].round(9).nunique(),
        "r2_weights": summary.r2_effects,
        "r2_added": summary.r2_added,
        "r2_partial": summary.r2_partial,
    }


def within_company(scenario: Scenario) -> pd.DataFrame:
    """Return prices of one company for the same weights in two places, beside the ratio of tariffs there.

    Returns
    -------
    pandas.DataFrame
        ``company``, ``weights``, ``place`` and ``reference``; ``input_ratio``, ``output_ratio``,
        ``blended_ratio`` of the place over the reference [1]; ``tariff_low``, ``tariff_ratio``,
        ``tariff_high`` [1]; ``share_needed``: the share of cost at the reference that electricity would need
        for tariffs alone to make the output ratio (above one: impossible); ``basis`` and ``grade``.
    """
    found, mix = tariffs(scenario), scenario.input_tokens_per_output_token.value
    rows = one_a_host(standard(quotes(mix)))
    columns = list(PRICE_OF.values())
    own = rows[first_party(rows) & rows["served_countries"].isin([SINGAPORE, CHINA])]
    records = []
    for (company, weights), part in own.groupby(["company_group", "weights"]):
        if set(part["served_countries"]) == {SINGAPORE, CHINA}:
            prices = part.set_index("served_countries")[columns]
            basis = REPEATED if part["repeats"].notna().any() else LISTED
            records.append(
                [company, weights, SINGAPORE, CHINA, *(prices.loc[SINGAPORE] / prices.loc[CHINA]), basis]
            )
    pinned = catalogue.load_pinned_quotes()
    american, european = (
        _with_blend(pinned.xs(region, axis=1, level="region"), mix)[columns] for region in ("us", "eu")
    )
    for model, ratio in (european / american).dropna().iterrows():
        records.append([catalogue.PINNED_HOST, model, EUROPE, US, *ratio, CLOSED])
    for company, host in datasets.load_hosts().dropna(subset=["pinned_countries"]).iterrows():
        reference, *others = host["pinned_countries"].split("; ")
        for other in others:
            records.append([company, "all that are pinned", other, reference, 1.0, 1.0, 1.0, DOCUMENTED])
    names = ["company", "weights", "place", "reference", *(f"{kind}_ratio" for kind in KINDS), "basis"]
    table = pd.DataFrame(records, columns=names)
    there, here = found.loc[table["place"]], found.loc[table["reference"]]
    table["tariff_low"] = there["low"].to_numpy() / here["high"].to_numpy()
    table["tariff_ratio"] = there["value"].to_numpy() / here["value"].to_numpy()
    table["tariff_high"] = there["high"].to_numpy() / here["low"].to_numpy()
    table["share_needed"] = (table["output_ratio"] - 1.0) / (table["tariff_ratio"] - 1.0)
    table["grade"] = [worst_grade(two) for two in zip(there["grade"], here["grade"], strict=True)]
    return table


def headlines(scenario: Scenario) -> dict[str, Headline]:
    """Return the median price ratio with its quartiles, and the median elasticity with its envelope."""
    middle, low, high = (float(q) for q in ratios(scenario)["output_ratio"].quantile([0.5, 0.25, 0.75]))
    estimated = curve(specifications(scenario))
    ends = float(estimated["wild_low"].min()), float(estimated["wild_high"].max())
    return {
        "same_weights_price_ratio_median": Headline(middle, low, high, "ratio"),
        "tariff_elasticity": Headline(float(estimated["estimate"].median()), *ends, "ratio"),
    }
