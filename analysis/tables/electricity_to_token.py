"""Energy per token, claimed and measured, and the cost ratio that an electricity share can make."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from analysis.inputs import datasets, packs
from analysis.inputs.assumption import Range
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import TOKENS_PER_MTOK, in_base, joules_per_token, kwh_per_mtok, worst_grade
from analysis.model.spread import cost_ratio_share_at_cheap_site, cost_ratio_share_at_expensive_site
from analysis.model.validation import NEWEST
from analysis.tables import gpu_offset
from analysis.tables.headline import Headline

ENERGY_CLAIM = "p11-energy-per-token"
"""The claim on energy per token, in ``claims.csv``."""

ARTICLE = "article_2026_03_13"
"""Source of the claims."""

SIZE_CLASSES = {"up to 15": 15.0, "15 to 50": 50.0, "50 to 150": 150.0, "above 150": math.inf}
"""The largest model of each class of the ladder [billion parameters]."""

SHARE_COUNTED_AT = ["share_at_expensive_site", "share_at_cheap_site"]
"""Columns of the cost ratios: at which site electricity has the claimed share of cost."""


def claimed_kwh_per_mtok() -> Range:
    """Return the claimed energy per token as printed [kWh per million tokens]."""
    claim = packs.load_claims().loc[ENERGY_CLAIM]
    return _number_of(claim).times(in_base(1.0, claim["unit"])[0])


def _number_of(claim: pd.Series[Any]) -> Range:
    """Return the number of a claim in its own unit."""
    low, high = claim["value_low"], claim["value_high"]
    return Range(low, (low + high) / 2, high)


def newest_measurements() -> pd.DataFrame:
    """Return the measured rows of today's serving software under load, from its largest measurement."""
    rows = datasets.load_energy_measured()
    return rows[rows["source"] == NEWEST]


def measured_kwh_per_mtok() -> Range:
    """Return measured energy per output token, GPU alone: least, median, greatest [kWh/Mtok]."""
    energy = kwh_per_mtok(newest_measurements()["value"])
    return Range(float(energy.min()), float(energy.median()), float(energy.max()))


def grades() -> dict[str, str]:
    """Return the grades of the energy per token: as claimed, and of the weakest row of those measured."""
    return {
        "claimed": str(datasets.load_sources().loc[ARTICLE, "grade"]),
        "measured": worst_grade(newest_measurements()["grade"]),
    }


def energy_ladder() -> pd.DataFrame:
    """Return readings of energy per million tokens, from the printed claim down to measurements.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``reading``: ``low``, ``value``, ``high`` [kWh per million tokens], ``grade``, and the
        same three with ``_j_per_token`` [J per token].
    """
    rows = newest_measurements()
    sizes = pd.cut(rows["params_total_b"], [0.0, *SIZE_CLASSES.values()], labels=list(SIZE_CLASSES))
    by_size = kwh_per_mtok(rows["value"]).groupby(sizes, observed=False)
    measured = {
        f"measured, {name} billion parameters (n = {row['size']:.0f})": Range(*row[["min", "median", "max"]])
        for name, row in by_size.agg(["min", "median", "max", "size"]).iterrows()
    }
    readings = {
        "the article, as printed (per 100 tokens)": claimed_kwh_per_mtok(),
        "the article, read per million tokens": _number_of(packs.load_claims().loc[ENERGY_CLAIM]),
        **measured,
        f"measured, all (n = {len(rows)})": measured_kwh_per_mtok(),
    }
    table = pd.DataFrame(readings.values(), index=pd.Index(readings, name="reading"))
    joules = joules_per_token(table, TOKENS_PER_MTOK).add_suffix("_j_per_token")
    of = grades()
    table["grade"] = [of["measured" if name.startswith("measured") else "claimed"] for name in readings]
    return table.join(joules)


def cost_ratios(scenario: Scenario) -> pd.DataFrame:
    """Return the cost ratio that an electricity share and a tariff gap can make [1].

    A row a tariff pair (and free power), for the ends of the electricity share, counted at the dear site and
    at the cheap one; all else equal.
    """
    pairs = gpu_offset.pair_tariffs(scenario, "CNY")
    ratios = {**(pairs["tariff_us"] / pairs["tariff_hub"]), "free power": math.inf}
    shares = [(getattr(scenario.electricity_share, end), end) for end in ("low", "high")]
    table = pd.DataFrame(ratios.items(), columns=["tariffs", "tariff_ratio"]).merge(
        pd.DataFrame(shares, columns=["electricity_share", "end"]), how="cross"
    )
    share, ratio = table["electricity_share"], table["tariff_ratio"]
    at_cheap_site = cost_ratio_share_at_cheap_site(share, ratio)
    # No share leaves the cost as it is, even where power is free and 0 times infinity is not a number.
    return table.assign(
        share_at_expensive_site=cost_ratio_share_at_expensive_site(share, ratio),
        share_at_cheap_site=at_cheap_site.where(share != 0.0, 1.0),
    )


def cost_ratio_ends(scenario: Scenario) -> pd.DataFrame:
    """Return the least and the greatest cost ratio [1] that tariffs above nothing make.

    Rows ``min`` and ``max``, a column for each site where the share can be counted.
    """
    ratios = cost_ratios(scenario)
    return ratios.loc[ratios["tariff_ratio"] < math.inf, SHARE_COUNTED_AT].agg(["min", "max"])


def headlines(scenario: Scenario) -> dict[str, Headline]:
    """Return the energy claim beside the measured median, and the greatest cost ratio from tariffs."""
    claimed, measured = claimed_kwh_per_mtok(), measured_kwh_per_mtok()
    unit = "kWh per million tokens"
    greatest = float(cost_ratio_ends(scenario).loc["max"].max())
    over = claimed.times(1.0 / measured.value)
    of = grades()
    of_gap = scenario.grade_of("electricity_share", "tariff_us", "tariff_cn_hub")
    return {
        "kwh_per_mtok_article_low": Headline.of(claimed.low, unit, of["claimed"]),
        "kwh_per_mtok_article_high": Headline.of(claimed.high, unit, of["claimed"]),
        "kwh_per_mtok_measured_median": Headline.ranged(measured, unit, of["measured"]),
        "energy_claim_ratio": Headline.ranged(over, "ratio", worst_grade(of.values())),
        "max_cost_ratio_from_tariff": Headline.of(greatest, "ratio", of_gap),
    }
