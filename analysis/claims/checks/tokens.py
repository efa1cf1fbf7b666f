"""Checks on token volumes, token prices and training cost."""

from __future__ import annotations

from typing import Any

from analysis.claims.checks.base import Check, Context, Finding, check, reading_over
from analysis.inputs import datasets
from analysis.inputs.units import TOKENS_PER_MTOK
from analysis.model import spread
from analysis.tables import api_spread


@check
def growth_ratio(claim: Any, context: Context) -> Finding:
    """Return US growth over the growth of Chinese models, both in the last week of one source."""
    rows = context.cited(claim)
    us_now, us_before, cn_now, cn_before = rows["value"]
    us_growth, cn_growth = us_now / us_before - 1.0, cn_now / cn_before - 1.0
    reading = reading_over(rows["basis"].iloc[0], [us_growth / cn_growth], rows["grade"])
    total = datasets.load_claims().loc["p06-growth", "value_low"]
    reasoning = (
        f"A third of {total:.0%} would be {claim.value_low * total:.0%}; in the last week of the same source "
        f"US models went by {us_growth:+.1%}, Chinese ones by {cn_growth:+.1%}."
    )
    return Finding((reading,), reasoning=reasoning)


def _list_prices(country: str, kind: str) -> Check:
    def list_price(claim: Any, context: Context) -> Finding:
        models = datasets.load_flagships().loc[claim.evidence]
        reading = reading_over("list price", models[f"{kind}_usd_per_mtok"], models["grade"])
        names = f"{len(models)} models" if len(models) > 1 else models["label"].iloc[0]
        return Finding((reading,), reasoning=f"Catalogue on the eve of the article, {names}.")

    list_price.__name__ = f"list_price_{country}_{kind}"
    return list_price


for _country in ("cn", "us"):
    for _kind in ("input", "output"):
        check(_list_prices(_country, _kind))


@check
def spread_pair(claim: Any, context: Context) -> Finding:
    """Return the input price of the first model over that of the second."""
    us, china = (row for _, row in context.cited(claim).iterrows())
    ratio = us["value"] / china["value"]
    best = api_spread.claimed_pairings(context.article, "USD").iloc[0]
    reasoning = f"A list price, {best['us']} over {best['china']}; what either costs to serve is not known."
    reading = reading_over("list price of one pair", [ratio], [us["grade"], china["grade"]])
    return Finding((reading,), reproduced=float(best["ratio"]), reasoning=reasoning)


@check
def spread_all_pairs(claim: Any, context: Context) -> Finding:
    """Return the input price ratios of all pairs of flagships."""
    prices = api_spread.price_list(context.article, "USD")
    ratios = api_spread.ranked_price_ratios(prices)["input"]
    reading = reading_over("list price, all pairs of flagships", ratios, prices["grade"])
    above = (ratios > claim.value_low).mean()
    return Finding(
        (reading,), reasoning=f"{above:.0%} of the pairs of flagships differ that much in list price."
    )


def tokens_for_saving(claim: Any, context: Context) -> float:
    """Return the tokens that save the claimed sum between the two cited models, blended [tokens/year]."""
    models = datasets.load_flagships().loc[claim.evidence]
    dear, cheap = spread.blended_price(
        input_price=models["input_usd_per_mtok"],
        output_price=models["output_usd_per_mtok"],
        input_tokens_per_output_token=context.article.input_tokens_per_output_token.value,
    )
    return float(claim.value_low / (dear - cheap) * TOKENS_PER_MTOK)


@check
def saving_volume(claim: Any, context: Context) -> Finding:
    """Say what volume the saving needs; nobody reports the saving."""
    labels = " to ".join(datasets.load_flagships().loc[claim.evidence, "label"])
    billion = tokens_for_saving(claim, context) / 1e9
    return Finding(reasoning=f"No source; from {labels} it takes {billion:,.0f} billion tokens a year.")


@check
def training_cost_ratio(claim: Any, context: Context) -> Finding:
    """Return the cost of the first training over each of the others."""
    rows = context.cited(claim)
    ratios = rows["value"].iloc[0] / rows["value"].iloc[1:]
    reading = reading_over(rows["basis"].iloc[0], ratios, rows["grade"])
    reasoning = f"A final run without research, against an older class: {reading.value:.2f} of its cost."
    return Finding((reading,), reasoning=reasoning)
