"""Where the article contradicts itself: what it says beside what follows from its other figures."""

import math
from collections.abc import Mapping

import pandas as pd

from analysis.claims import ledger
from analysis.claims.context import Context
from analysis.inputs import datasets, packs
from analysis.inputs.money import in_currency
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.inputs.units import KWH_PER_TWH, TOKENS_PER_MTOK, in_base
from analysis.tables import electricity_to_token

Implied = Mapping[str, tuple[float, float]]
"""What follows, low and high, by how it does."""

# Claims whose checks say what follows.
PER_HEAD, US_GROWTH, TOWN = "p32-per-head-1949", "p06-us-growth-third", "p11-training-town"
SHARE, SAVING = "p11-electricity-share", "p21-saving"


def said_and_implied(scenario: Scenario) -> pd.DataFrame:
    """Return each contradiction: what is said, what follows, and by what factor they differ.

    Parameters
    ----------
    scenario : Scenario
        One that starts from what the article says; its root is taken.

    Returns
    -------
    pandas.DataFrame
        ``said`` and ``said_value``, ``follows``, ``follows_low`` and ``follows_high``, ``unit``, and the
        ``factor`` between what follows (its nearer end) and what is said [1]; blank where the units differ
        or zero is said.
    """
    article, claims = scenario.root, packs.load_claims()
    low, high = claims["value_low"], claims["value_high"]
    context = Context(article, load_scenario("audited"))
    checked = claims.loc[[SHARE, PER_HEAD, US_GROWTH, TOWN, SAVING]]
    implied = {claim.id: finding.follows for claim, finding in ledger.findings(checked, context)}
    third_of_growth = low[US_GROWTH] * low["p06-growth"]
    rows = [
        ("price of a million output tokens", article.price_cn_output.high, "USD/Mtok", power_cost(article)),
        ("electricity in operating cost", article.electricity_share.low, "share", implied[SHARE]),
        ("US over Chinese cost", article.api_spread_claim.value, "ratio", cost_ratios(article)),
        ("electricity a head in 1949", high[PER_HEAD], "kWh", implied[PER_HEAD]),
        ("US growth, a third of the Chinese", third_of_growth, "share", implied[US_GROWTH]),
        ("people whose day a training run equals", high[TOWN], "million persons", implied[TOWN]),
        ("Chinese share of tokens", low["p06-cn-share"], "share", share_of_weekly_list()),
        ("tokens of the peak week", high["p06-weekly-peak"], "trillion tokens; TWh", energy_of_peak_week()),
        ("development cost saved in a year", low[SAVING], "USD; billion tokens", implied[SAVING]),
    ]
    records = [
        (said, value, follows, *ends, unit, math.nan if ";" in unit else _nearer_ratio(value, ends))
        for said, value, unit, found in rows
        for follows, ends in found.items()
    ]
    columns = ["said", "said_value", "follows", "follows_low", "follows_high", "unit", "factor"]
    return pd.DataFrame(records, columns=columns)


def _nearer_ratio(said: float, ends: tuple[float, float]) -> float:
    """Return what follows over what is said, at the end that lies nearer on a logarithmic scale.

    Nothing is a multiple of zero: its ratio is NaN.
    """
    if not said:
        return math.nan
    ratios = [end / said for end in ends]
    return min(ratios, key=lambda ratio: abs(math.log(ratio)) if ratio > 0 else math.inf)


def power_cost(article: Scenario) -> Implied:
    """Return what electricity costs at the claimed energy per token and the hub tariffs [USD/Mtok]."""
    energy = electricity_to_token.claimed_kwh_per_mtok()
    tariff = in_currency(article.tariff_cn_hub, "USD")
    ends = (energy.low * tariff.low, energy.high * tariff.high)
    return {"electricity alone at the article's hub tariffs": ends}


def cost_ratios(article: Scenario) -> Implied:
    """Return the cost ratios that the claimed electricity share and tariffs make [1]."""
    ends = electricity_to_token.cost_ratio_ends(article)
    counted = "cost ratio from the claimed share and tariffs, the share counted where power is"
    sites = {"expensive": ends["share_at_expensive_site"], "cheap": ends["share_at_cheap_site"]}
    return {f"{counted} {site}": (ratios["min"], ratios["max"]) for site, ratios in sites.items()}


def share_of_weekly_list() -> Implied:
    """Return the Chinese models' weekly peak over the tokens of Chinese and US models in that week [1]."""
    tokens = datasets.load_facts()["value"]
    chinese, american = tokens["or-cn-list-2026-02-16"], tokens["or-us-list-2026-02-16"]
    share = chinese / (chinese + american)
    return {"the weekly peak over Chinese and US models of that week": (share, share)}


def energy_of_peak_week() -> Implied:
    """Return the electricity of the peak week's tokens at the claimed energy per token [TWh]."""
    peak = packs.load_claims().loc["p06-weekly-peak"]
    twh_per_kwh_per_mtok = in_base(peak["value_high"], peak["unit"])[0] / TOKENS_PER_MTOK / KWH_PER_TWH
    energy = electricity_to_token.claimed_kwh_per_mtok().times(twh_per_kwh_per_mtok)
    return {"electricity of that week at the claimed energy per token": (energy.low, energy.high)}
