"""Where the article contradicts itself, computed from its own figures and one outside figure at most."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from analysis.claims.checks import CHECKS, default_context
from analysis.claims.checks.energy import TOKENS_OF_CLAIM
from analysis.claims.checks.tokens import tokens_for_saving
from analysis.inputs import datasets
from analysis.inputs.money import Range, in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import (
    KWH_PER_TWH,
    TOKENS_PER_BILLION,
    TOKENS_PER_MTOK,
    in_base,
    joules_per_token,
    kwh_per_mtok,
)
from analysis.model.spread import cost_ratio_share_at_cheap_site, cost_ratio_share_at_dear_site
from analysis.tables import gpu_offset
from analysis.tables.headline import Headline

_ENERGY_CLAIM = "p11-energy-per-token"


def energy_claim_kwh_per_mtok(claims: pd.DataFrame) -> Range:
    """Return the claimed energy per token as printed [kWh per million tokens]."""
    claim = claims.loc[_ENERGY_CLAIM]
    ends = [claim[end] / TOKENS_OF_CLAIM * TOKENS_PER_MTOK for end in ("value_low", "value_high")]
    return Range(ends[0], sum(ends) / 2, ends[1])


def measured_today() -> pd.DataFrame:
    """Return the measured rows of today's serving software, the newest set."""
    rows = datasets.load_energy_measured()
    return rows[rows["year"] == rows["year"].max()]


def measured_kwh_per_mtok() -> Range:
    """Return measured energy per output token, GPU alone: least, median, greatest [kWh/Mtok]."""
    energy = kwh_per_mtok(measured_today()["value"])
    return Range(float(energy.min()), float(energy.median()), float(energy.max()))


def energy_ladder(scenario: Scenario) -> pd.DataFrame:
    """Return readings of energy per million tokens [kWh], from the printed claim down to measurements.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``reading``: ``low``, ``value``, ``high`` [kWh per million tokens] and in J per token,
        ``grade``.
    """
    printed = energy_claim_kwh_per_mtok(datasets.load_claims())
    per_million = printed.times(TOKENS_OF_CLAIM / TOKENS_PER_MTOK)
    rows = measured_today()
    records = [("the article, as printed (per 100 tokens)", printed, "C")]
    records.append(("the article, read per million tokens", per_million, "C"))
    sizes = (
        (0.0, 15.0, "up to 15"),
        (15.0, 50.0, "15 to 50"),
        (50.0, 150.0, "50 to 150"),
        (150.0, math.inf, "above 150"),
    )
    for low, high, label in sizes:
        chosen = rows[(rows["params_total_b"] > low) & (rows["params_total_b"] <= high)]
        energy = kwh_per_mtok(chosen["value"])
        found = Range(float(energy.min()), float(energy.median()), float(energy.max()))
        records.append((f"measured, {label} billion parameters (n = {len(chosen)})", found, "A"))
    records.append((f"measured, all (n = {len(rows)})", measured_kwh_per_mtok(), "A"))
    table = pd.DataFrame(
        [{"reading": name, **found._asdict(), "grade": grade} for name, found, grade in records]
    )
    for end in ("low", "value", "high"):
        table[f"{end}_j_per_token"] = joules_per_token(table[end], TOKENS_PER_MTOK)
    return table.set_index("reading")


def cost_ratios(scenario: Scenario) -> pd.DataFrame:
    """Return the cost ratio that an electricity share and a tariff gap can make [1].

    A row a tariff pair (and free power), for the ends of the electricity share, counted at the dear site and
    at the cheap one; all else equal.
    """
    pairs = gpu_offset.pair_tariffs(scenario, "CNY")
    ratios = (pairs["tariff_us"] / pairs["tariff_hub"]).to_dict() | {"free power": math.inf}
    share = scenario.electricity_share
    records = []
    for pair, ratio in ratios.items():
        for end, s in (("low", share.low), ("high", share.high)):
            records.append(
                {
                    "tariffs": pair,
                    "tariff_ratio": ratio,
                    "electricity_share": s,
                    "end": end,
                    "share_at_dear_site": cost_ratio_share_at_dear_site(s, ratio),
                    "share_at_cheap_site": cost_ratio_share_at_cheap_site(s, ratio) if s else 1.0,
                }
            )
    return pd.DataFrame(records)


def max_cost_ratio(scenario: Scenario) -> float:
    """Return the greatest cost ratio that the scenario's share and tariffs can make [1]."""
    table = cost_ratios(scenario)
    finite = table[table["tariff_ratio"] < math.inf]
    return float(finite[["share_at_dear_site", "share_at_cheap_site"]].max().max())


def table(scenario: Scenario) -> pd.DataFrame:
    """Return each contradiction: what is said, what follows, and by what factor they differ.

    Returns
    -------
    pandas.DataFrame
        ``said`` and ``said_value``, ``follows``, ``follows_low`` and ``follows_high``, ``unit``, and the
        ``factor`` between what follows (its nearer end) and what is said.
    """
    claims, facts = datasets.load_claims(), datasets.load_facts()
    article = scenario.root
    printed = energy_claim_kwh_per_mtok(claims)
    hub = in_currency(article.tariff_cn_hub, "USD")
    price = article.price_cn_output
    weekly_mtok = in_base(claims.loc["p06-weekly-peak", "value_high"], "trillion tokens")[0] / TOKENS_PER_MTOK
    pairs = gpu_offset.pairs(article, "CNY", 1, 0.0)
    generated = datasets.load_generation()
    per_head = (
        in_base(claims.loc["p32-generation-1949", "value_low"], "TWh")[0]
        / (in_base(generated.loc["population-china-1949", "value"], "million persons")[0])
    )
    chinese, american = (
        facts.loc["or-cn-list-2026-02-16", "value"],
        facts.loc["or-us-list-2026-02-16", "value"],
    )
    us_growth = american / facts.loc["or-us-list-2026-02-09", "value"] - 1.0
    context = default_context()
    (town,) = CHECKS["town_day"](_row(claims, "p11-training-town"), context).readings
    records = [
        (
            "price of a million output tokens",
            price.high,
            "electricity alone at the article's hub tariffs",
            printed.low * hub.low,
            printed.high * hub.high,
            "USD/Mtok",
        ),
        (
            "electricity in operating cost",
            article.electricity_share.low,
            "electricity of GPUs and electricity, from the GPU offset at US tariffs",
            pairs["electricity_share_us"].min(),
            pairs["electricity_share_us"].max(),
            "share",
        ),
        (
            "electricity in operating cost",
            article.electricity_share.low,
            "electricity of GPUs and electricity, from the GPU offset at hub tariffs",
            pairs["electricity_share_cn"].min(),
            pairs["electricity_share_cn"].max(),
            "share",
        ),
        *(
            (
                "electricity in operating cost",
                article.electricity_share.low,
                f"electricity of {basis}, published data centre",
                share["low"],
                share["high"],
                "share",
            )
            for basis, share in gpu_offset.published_shares().iterrows()
        ),
        (
            "US over Chinese cost",
            article.api_spread_claim.value,
            "cost ratio from the claimed share and tariffs, the share counted where power is dear",
            *_ends(cost_ratios(article), "share_at_dear_site"),
            "ratio",
        ),
        (
            "US over Chinese cost",
            article.api_spread_claim.value,
            "cost ratio from the claimed share and tariffs, the share counted where power is cheap",
            *_ends(cost_ratios(article), "share_at_cheap_site"),
            "ratio",
        ),
        (
            "electricity a head in 1949",
            claims.loc["p32-per-head-1949", "value_high"],
            "its own generation over the population",
            per_head,
            per_head,
            "kWh",
        ),
        (
            "US growth, a third of the Chinese",
            claims.loc["p06-us-growth-third", "value_low"] * claims.loc["p06-growth", "value_low"],
            "US growth in the last week of the source of the Chinese growth",
            us_growth,
            us_growth,
            "share",
        ),
        (
            "people whose day a training run equals",
            claims.loc["p11-training-town", "value_high"],
            "people whose day it is at mean use",
            town.low,
            town.high,
            "million persons",
        ),
        (
            "Chinese share of tokens",
            claims.loc["p06-cn-share", "value_low"],
            "the weekly peak over Chinese and US models of that week",
            chinese / (chinese + american),
            chinese / (chinese + american),
            "share",
        ),
    ]
    names = ("said", "said_value", "follows", "follows_low", "follows_high", "unit")
    result = pd.DataFrame(records, columns=list(names))
    result["factor"] = [
        _factor(row["said_value"], row["follows_low"], row["follows_high"]) for _, row in result.iterrows()
    ]
    volume = (
        "tokens of the peak week",
        claims.loc["p06-weekly-peak", "value_high"],
        "electricity of that week at the claimed energy per token",
        printed.low * weekly_mtok / KWH_PER_TWH,
        printed.high * weekly_mtok / KWH_PER_TWH,
        "trillion tokens; TWh",
    )
    saved = tokens_for_saving(_row(claims, "p21-saving"), context) / TOKENS_PER_BILLION
    named = " to ".join(datasets.load_flagships().loc[claims.loc["p21-saving", "evidence"], "label"])
    saving = (
        "development cost saved in a year",
        claims.loc["p21-saving", "value_low"],
        f"tokens that it takes from {named} at list price",
        saved,
        saved,
        "USD; billion tokens",
    )
    return pd.concat([result, pd.DataFrame([volume, saving], columns=list(names))], ignore_index=True)


def _row(claims: pd.DataFrame, claim: str) -> Any:
    """Return one claim as the checks take it."""
    return next(claims.loc[[claim]].itertuples(index=False))


def _ends(ratios: pd.DataFrame, column: str) -> tuple[float, float]:
    finite = ratios[ratios["tariff_ratio"] < math.inf]
    return float(finite[column].min()), float(finite[column].max())


def _factor(said: float, low: float, high: float) -> float:
    """Return what follows over what is said, at the end that lies nearer."""
    ratios = sorted(
        (low / said, high / said), key=lambda ratio: abs(math.log(ratio)) if ratio > 0 else math.inf
    )
    return ratios[0]


def headlines(scenario: Scenario) -> dict[str, Headline]:
    """Return the energy claim beside the measured median, and the greatest cost ratio from tariffs."""
    printed = energy_claim_kwh_per_mtok(datasets.load_claims())
    measured = measured_kwh_per_mtok()
    unit = "kWh per million tokens"
    return {
        "kwh_per_mtok_article_low": Headline.of(printed.low, unit),
        "kwh_per_mtok_article_high": Headline.of(printed.high, unit),
        "kwh_per_mtok_measured_median": Headline.ranged(measured, unit),
        "energy_claim_ratio": Headline.ranged(printed.times(1.0 / measured.value), "ratio"),
        "max_cost_ratio_from_tariff": Headline.of(max_cost_ratio(scenario), "ratio"),
    }
