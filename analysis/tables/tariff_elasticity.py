"""The elasticity of list prices to tariffs, for the same open weights, under every combination of choices.

The rule for a specification to count, which does not look at its estimate: it could have found the claimed
share of electricity, were that the elasticity (smallest detectable elasticity at most the middle of the
claim), and it rests on at least `LEAST_CLUSTERS` effective companies. The others are counted, not shown.
"""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import worst_grade
from analysis.model import elasticity
from analysis.tables import same_weights
from analysis.tables.pass_through import LEAST_CLUSTERS, LEVEL, POWER
from analysis.tables.same_weights import HOST_KINDS, KINDS, PRICE_OF, one_a_host, standard

DRAWS, SEED = 999, 20260312
INTERVAL_SEARCH = {"doublings": 7, "halvings": 24}
HEADQUARTERS, SERVED, SERVED_MEAN = "headquarters", "served, one country", "served, mean of several"
COUNTRY_OF = {
    HEADQUARTERS: "headquarters_country",
    SERVED: "served_countries",
    SERVED_MEAN: "served_countries",
}
"""Where the electricity of a host is bought, and the column that says so."""

NATIONAL, HUB = "Chinese average", "Chinese hubs"

DOCUMENTED_SAMPLES = ("well documented hosts", "well documented hosts without Alibaba")
_IS_DOCUMENTED = "is_standard and is_vendor_or_host and repeats.isna() and grade != 'C'"
SAMPLES = {
    "vendors and hosts": "is_standard and is_vendor_or_host",
    "hosts only": "is_standard and is_host",
    "without Alibaba": "is_standard and is_vendor_or_host and company_group != 'alibaba'",
    "Chinese weights only": "is_standard and is_vendor_or_host and is_of_chinese_vendor",
    "repeated quotes out": "is_standard and is_vendor_or_host and repeats.isna()",
    "faster and secure tiers in": "not suspect and is_vendor_or_host",
    "resellers and aggregators in": "is_standard",
    DOCUMENTED_SAMPLES[0]: _IS_DOCUMENTED,
    DOCUMENTED_SAMPLES[1]: f"{_IS_DOCUMENTED} and company_group != 'alibaba'",
}
"""Which of the `classified_quotes` a specification uses; the first is the base."""


def classified_quotes() -> pd.DataFrame:
    """Return every usable quote with what `SAMPLES` ask of it.

    ``is_of_chinese_vendor``: its weights are of a Chinese vendor that the catalogue lists as a host itself.
    """
    rows, hosts = datasets.load_quotes(), datasets.load_hosts()
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


def elasticity_by_specification(scenario: Scenario, tariffs: pd.DataFrame) -> pd.DataFrame:
    """Return the elasticity of prices to tariffs under every combination of choices that identifies one.

    Parameters
    ----------
    scenario : Scenario
        At its root: the share of electricity that is claimed.
    tariffs : pandas.DataFrame
        Of the hosts' countries, as returned by `same_weights.host_tariffs`.

    Returns
    -------
    pandas.DataFrame
        One row for price, sample, country and Chinese tariff: ``estimate``, ``standard_error``,
        ``minimum_detectable`` [1], numbers, ``qualifies`` (by the rule at the head of this module), ``low``
        and ``high`` end of the wild cluster bootstrap by company (where it qualifies, and of the
        `DOCUMENTED_SAMPLES`), ``grade`` of hosts and tariffs. Choices that lead to the same rows stand once.
    """
    national = tariffs["value"].drop(same_weights.CHINESE_HUB)
    hub = tariffs.loc[same_weights.CHINESE_HUB, "value"]
    by_tariff = {NATIONAL: national, HUB: national.where(national.index != same_weights.CHINA, hub)}
    quotes, claim = classified_quotes(), scenario.root.electricity_share.value
    quotes_of = {sample: one_a_host(quotes.query(rule)) for sample, rule in SAMPLES.items()}
    records, seen = [], set[Any]()
    for sample, country, tariff in product(SAMPLES, COUNTRY_OF, by_tariff):
        table = elasticity_panel(quotes_of[sample], country, by_tariff[tariff])
        rows = tuple(zip(table["provider_id"], table["model_id"], table["log_tariff"], strict=True))
        if rows in seen:
            continue
        seen.add(rows)
        places = set("; ".join({*table["place"], same_weights.US}).split("; "))
        grade = worst_grade([*table["grade"], *tariffs.loc[sorted(places), "grade"]])
        for kind in KINDS:
            try:
                found = _estimate(table, kind, claim, always=sample in DOCUMENTED_SAMPLES)
            except ValueError:  # the tariff does not vary, or there is one company
                continue
            choices = {"price": kind, "sample": sample, "country": country, "tariff": tariff}
            records.append({**choices, **found, "grade": grade})
    return pd.DataFrame(records)


def _estimate(table: pd.DataFrame, kind: str, claim: float, *, always: bool) -> dict[str, Any]:
    """Return the elasticity of one price in one panel, with its interval where it qualifies, or always."""
    log_price = np.log(table[PRICE_OF[kind]].to_numpy())
    panel = elasticity.Panel(log_price, table["log_tariff"], table["weights"], table["company_group"])
    fit = elasticity.fit(panel)
    detectable = elasticity.minimum_detectable(
        fit.standard_error, freedom=fit.clusters - 1, level=LEVEL, power=POWER
    )
    qualifies = detectable <= claim and fit.effective_clusters >= LEAST_CLUSTERS
    low = high = np.nan
    if qualifies or always:
        draws = elasticity.webb_weights(DRAWS, fit.clusters, np.random.default_rng(SEED))
        bootstrap = elasticity.WildBootstrap(panel, draws)
        low, high = bootstrap.interval(level=LEVEL, step=fit.standard_error, **INTERVAL_SEARCH)
    return {
        "estimate": fit.estimate,
        "standard_error": fit.standard_error,
        "low": low,
        "high": high,
        "minimum_detectable": detectable,
        "rows": fit.rows,
        "weights": fit.effects,
        "hosts": table["provider_id"].nunique(),
        "companies": fit.clusters,
        "effective_companies": fit.effective_clusters,
        "tariffs": table["log_tariff"].round(9).nunique(),
        "qualifies": qualifies,
    }


def documented_places(specifications: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates on hosts of grade A or B that serve from one country, with and without Alibaba."""
    chosen = specifications["sample"].isin(DOCUMENTED_SAMPLES)
    return specifications[chosen & (specifications["country"] == SERVED)]
