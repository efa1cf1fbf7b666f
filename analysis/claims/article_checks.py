"""Checks that need more than the cited rows: energy, cost, token prices, training, capability."""

from __future__ import annotations

from functools import partial
from typing import Any

from analysis.claims.checks import CHECKS, Finding, check, finding_over, in_one_unit, reading_over
from analysis.claims.context import Context
from analysis.claims.tariff_checks import tariff_pairs
from analysis.inputs import datasets, units
from analysis.inputs.units import worst_grade
from analysis.model import spread
from analysis.model.verdict import Reading
from analysis.tables import api_spread, gpu_offset

WITH_DEPRECIATION, CASH = "operating cost with depreciation", "operating cost once all is built"
"""What the share of electricity is taken of, as ``bases.csv`` calls it."""

ELO_BASE, ELO_SCALE, EVEN_CHANCE = 10.0, 400.0, 0.5
"""An Elo rating: a lead of 400 points makes the odds of a win ten to one; half the games is even."""


@check
def electricity_share(claim: Any, context: Context) -> Finding:
    """Return electricity over the total cost of a published data centre.

    What electricity is of cash cost alone is told; it decides where the claim counts that.
    """
    total, cash = gpu_offset.published_electricity_shares().itertuples()
    reading = Reading(WITH_DEPRECIATION, total.low, total.value, total.high, total.grade)
    of_cash = Reading(CASH, cash.low, cash.value, cash.high, cash.grade)
    if claim.claimed_basis != WITH_DEPRECIATION or not context.has_own_scenario:
        told = (
            f"With depreciation it is {total.value:.0%}, of what is paid once all is built {cash.value:.0%}."
        )
        counted = (reading,) if claim.claimed_basis == WITH_DEPRECIATION else (reading, of_cash)
        return Finding(counted, reasoning=told, unit="share")
    pairs = tariff_pairs(context.own_scenario(claim))
    implied = pairs.loc[gpu_offset.MID, "electricity_share_us"]
    reasoning = (
        "The sentence counts depreciation in; without it electricity would be "
        f"{cash.value:.0%} of cash cost. The article's own GPU offset makes it {implied:.0%} of GPUs and "
        "electricity."
    )
    follows = {}
    for site, shares in (("US", pairs["electricity_share_us"]), ("hub", pairs["electricity_share_cn"])):
        basis = f"electricity of GPUs and electricity, from the GPU offset at {site} tariffs"
        follows[basis] = (shares.min(), shares.max())
    for row in (total, cash):
        follows[f"electricity of {row.Index}, published data centre"] = (row.low, row.high)
    return Finding((reading,), reproduced=float(implied), reasoning=reasoning, follows=follows, unit="share")


@check
def other_share(claim: Any, context: Context) -> Finding:
    """Return what electricity leaves of the cost."""
    found, *_ = electricity_share(claim, context).readings
    rest = Reading(found.basis, 1.0 - found.high, 1.0 - found.value, 1.0 - found.low, found.grade)
    return Finding(
        (rest,), reasoning=f"Electricity leaves {rest.value:.0%} of cost with depreciation.", unit="share"
    )


@check
def town_day(claim: Any, context: Context) -> Finding:
    """Return how many people use a training run's energy in a day."""
    rows = context.cited(claim)
    consumption, people, medium = rows.itertuples()
    run_kwh, _ = units.in_base(context.claims.loc["p11-training-energy", "value_low"], "GWh")
    year_kwh, _ = units.in_base(consumption.value, consumption.unit)
    per_head_day = year_kwh / units.in_base(people.value, people.unit)[0] / units.DAYS_PER_YEAR
    supplied = run_kwh / per_head_day / units.in_base(1.0, "million persons")[0]
    reasoning = (
        f"At {per_head_day:.1f} kWh a head and day it serves {supplied:.1f} million people; "
        f"a medium-sized city ends at {medium.value:g} million."
    )
    follows = {"people whose day it is at mean use": (supplied, supplied)}
    told: dict[str, Any] = {"follows": follows, "unit": "million persons"}
    return finding_over("people at mean use", [supplied], rows["grade"], reasoning, **told)


@check
def energy_per_token(claim: Any, context: Context) -> Finding:
    """Set the claim as printed beside measured energy, and show the reading per million tokens."""
    rows = context.cited(claim)
    unit_kwh_per_mtok, _ = units.in_base(1.0, claim.unit)
    measured = units.kwh_per_mtok(rows["value"])
    stated = (claim.value_low, claim.value_high)
    low, high = (units.joules_per_token(end, units.TOKENS_PER_MTOK) for end in stated)
    least, most = rows["value"].min(), rows["value"].max()
    place = "inside" if least <= low and high <= most else "not all inside"
    printed = [end * unit_kwh_per_mtok for end in stated]
    reasoning = (
        f"Printed, {printed[0]:,.0f} to {printed[1]:,.0f} kWh per million; read per million tokens "
        f"it is {low:.1f} to {high:.1f} J a token, {place} the "
        f"measured {least:.2f} to {most:.0f} J: a 万 after the 100 may be lost."
    )
    return finding_over("GPU energy, measured", measured, rows["grade"], reasoning, unit="kWh/Mtok")


@check
def growth_ratio(claim: Any, context: Context) -> Finding:
    """Say how US and Chinese models grew in the last week of one source; nobody counts the whole span."""
    us_now, us_before, cn_now, cn_before = in_one_unit(claim, context.cited(claim))
    us_growth, cn_growth = us_now / us_before - 1.0, cn_now / cn_before - 1.0
    total, weeks = context.claims.loc[["p06-growth", "p06-growth-window"], "value_low"]
    reasoning = (
        f"No count of US models over the {weeks:.0f} weeks was found. A third of {total:.0%} would be "
        f"{claim.value_low * total:.0%}; in the last week US models went by {us_growth:+.1%}, "
        f"Chinese ones by {cn_growth:+.1%}."
    )
    follows = {"US growth in the last week of the source of the Chinese growth": (us_growth, us_growth)}
    return Finding(reasoning=reasoning, follows=follows)


def _arena(claim: Any, context: Context) -> tuple[Reading, Reading, str]:
    """Return what a model reaches of another, by chance of a win and by points, and a sentence."""
    rows = context.cited(claim)
    own, other = in_one_unit(claim, rows)
    chance = 1.0 / (1.0 + ELO_BASE ** ((other - own) / ELO_SCALE))
    grade = worst_grade(rows["grade"])
    reached, points = chance / EVEN_CHANCE, own / other
    told = (
        f"The text names no measure; Arena, the usual one: {own:.0f} against {other:.0f} points, a chance of "
        f"{chance:.0%} to win a blind comparison (by points, which have no zero, {points:.0%})."
    )
    return (
        Reading("Arena, chance of a win", reached, reached, reached, grade),
        Reading("Arena, points", points, points, points, grade),
        told,
    )


@check
def arena_standing(claim: Any, context: Context) -> Finding:
    """Return what the first model of two reaches of the second in blind comparisons."""
    *readings, told = _arena(claim, context)
    return Finding(tuple(readings), reasoning=told, unit="share")


@check
def arena_gap(claim: Any, context: Context) -> Finding:
    """Return what the first model of two lacks to the second in blind comparisons."""
    *readings, told = _arena(claim, context)
    gaps = (Reading(r.basis, 1.0 - r.high, 1.0 - r.value, 1.0 - r.low, r.grade) for r in readings)
    return Finding(tuple(gaps), reasoning=told, unit="share")


def _list_price(kind: str, claim: Any, context: Context) -> Finding:
    """Return the list prices of the cited models for one kind of token."""
    models = datasets.load_flagships().loc[claim.evidence]
    names = f"{len(models)} models" if len(models) > 1 else models["label"].iloc[0]
    reasoning = f"Catalogue of {api_spread.CATALOGUE_DATE}, {names}."
    in_usd: dict[str, Any] = {"unit": "USD/Mtok", "period": api_spread.CATALOGUE_DATE}
    return finding_over("list price", models[f"{kind}_usd_per_mtok"], models["grade"], reasoning, **in_usd)


for _kind in ("input", "output"):
    CHECKS[f"list_price_cn_{_kind}"] = CHECKS[f"list_price_us_{_kind}"] = partial(_list_price, _kind)


@check
def spread_pair(claim: Any, context: Context) -> Finding:
    """Return the input price of the first model over that of the second."""
    rows = context.cited(claim)
    us, china = in_one_unit(claim, rows)
    best = api_spread.claimed_pairings(context.own_scenario(claim), "USD").iloc[0]
    reasoning = f"A list price, {best['us']} over {best['china']}; what either costs to serve is not known."
    reading = reading_over("list price of one pair", [us / china], rows["grade"])
    return Finding((reading,), reproduced=float(best["ratio"]), reasoning=reasoning, unit="ratio")


@check
def spread_all_pairs(claim: Any, context: Context) -> Finding:
    """Return the input price ratios of all pairs of flagships."""
    prices = api_spread.price_list(context.article, "USD")
    ratios = api_spread.ranked_price_ratios(prices)["input"]
    reasoning = "List prices; what the models cost to serve is not known."
    return finding_over(
        "list price, all pairs of flagships", ratios, prices["grade"], reasoning, unit="ratio"
    )


@check
def saving_volume(claim: Any, context: Context) -> Finding:
    """Say what volume the saving needs between two models at list price; nobody reports the saving."""
    models = datasets.load_flagships().loc[claim.evidence]
    dear, cheap = spread.blended_price(
        input_price=models["input_usd_per_mtok"],
        output_price=models["output_usd_per_mtok"],
        input_tokens_per_output_token=context.article.input_tokens_per_output_token.value,
    )
    billion_tokens = claim.value_low / (dear - cheap) * units.TOKENS_PER_MTOK / units.TOKENS_PER_BILLION
    names = " to ".join(models["label"])
    return Finding(
        reasoning=f"No source; from {names} it takes {billion_tokens:,.0f} billion tokens a year.",
        follows={f"tokens that it takes from {names} at list price": (billion_tokens, billion_tokens)},
    )


@check
def training_cost_ratio(claim: Any, context: Context) -> Finding:
    """Return the cost of the first training over each of the others."""
    rows = context.cited(claim)
    costs = in_one_unit(claim, rows)
    ratios = costs.iloc[0] / costs.iloc[1:]
    reasoning = f"A final run without research, against an older class: {ratios.median():.2f} of its cost."
    return finding_over(rows["basis"].iloc[0], ratios, rows["grade"], reasoning, unit="share")
