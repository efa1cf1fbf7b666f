"""Checks that need more than the cited rows: energy, tariffs, the GPU offset, token prices, training."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd

from analysis.claims.checks import CHECKS, Context, Finding, check, finding_over, finding_that, reading_over
from analysis.inputs import datasets, units
from analysis.inputs.money import column_in_currency
from analysis.inputs.scenario import Scenario
from analysis.model import spread
from analysis.model.verdict import WEAK, Reading
from analysis.tables import api_spread, gpu_offset, price_evidence


def _tariff_pairs(scenario: Scenario, years: int = 1) -> pd.DataFrame:
    """Return what each tariff pair of a scenario implies over some years, in yuan and undiscounted."""
    return gpu_offset.offset_by_tariff_pair(scenario, "CNY", years, 0.0)


@check
def electricity_share(claim: Any, context: Context) -> Finding:
    """Return electricity over total and over cash cost of a published data centre."""
    published, pairs = gpu_offset.published_electricity_shares(), _tariff_pairs(context.article)
    bases = ("operating cost with depreciation", "cash operating expense without depreciation")
    readings = tuple(
        Reading(basis, row.low, row.value, row.high, row.grade)
        for basis, row in zip(bases, published.itertuples(), strict=True)
    )
    implied = pairs.loc[gpu_offset.MID, "electricity_share_us"]
    reasoning = (
        f"With depreciation it is {readings[0].low:.0%} to {readings[0].high:.0%}; the article's own GPU "
        f"offset makes it {implied:.0%} of GPUs and electricity."
    )
    follows = {}
    for site, shares in (("US", pairs["electricity_share_us"]), ("hub", pairs["electricity_share_cn"])):
        basis = f"electricity of GPUs and electricity, from the GPU offset at {site} tariffs"
        follows[basis] = (shares.min(), shares.max())
    for row in published.itertuples():
        follows[f"electricity of {row.Index}, published data centre"] = (row.low, row.high)
    return Finding(readings, reproduced=float(implied), reasoning=reasoning, follows=follows)


@check
def other_share(claim: Any, context: Context) -> Finding:
    """Return what electricity leaves of the cost."""
    with_depreciation, without = (
        Reading(found.basis, 1.0 - found.high, 1.0 - found.value, 1.0 - found.low, found.grade)
        for found in electricity_share(claim, context).readings
    )
    reasoning = (
        f"Electricity leaves {with_depreciation.value:.0%} of cost with depreciation, "
        f"{without.value:.0%} without it."
    )
    return Finding((with_depreciation, without), reasoning=reasoning)


@check
def town_day(claim: Any, context: Context) -> Finding:
    """Return how many people use a training run's energy in a day."""
    rows = context.cited(claim)
    consumption, people, medium = rows.itertuples()
    run_kwh, _ = units.in_base(datasets.load_claims().loc["p11-training-energy", "value_low"], "GWh")
    year_kwh, _ = units.in_base(consumption.value, consumption.unit)
    per_head_day = year_kwh / units.in_base(people.value, people.unit)[0] / units.DAYS_PER_YEAR
    supplied = run_kwh / per_head_day / units.in_base(1.0, claim.unit)[0]
    reasoning = (
        f"At {per_head_day:.1f} kWh a head and day it serves {supplied:.1f} million people; "
        f"a medium-sized city ends at {medium.value:g} million."
    )
    follows = {"people whose day it is at mean use": (supplied, supplied)}
    return finding_over("people at mean use", [supplied], rows["grade"], reasoning, follows=follows)


@check
def energy_per_token(claim: Any, context: Context) -> Finding:
    """Set the claim as printed beside measured energy, and show the reading per million tokens."""
    rows = context.cited(claim)
    unit_kwh_per_mtok, _ = units.in_base(1.0, claim.unit)
    measured = units.kwh_per_mtok(rows["value"]) / unit_kwh_per_mtok
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
    return finding_over("GPU energy, measured", measured, rows["grade"], reasoning)


@check
def pue_rank(claim: Any, context: Context) -> Finding:
    """Tell whether the Chinese mean is at or below the other one."""
    rows = context.cited(claim)
    own, other = rows["value"]
    reasoning = (
        f"{own:g} over Chinese green data centres, "
        f"{other:g} over the fleet of one US operator: one better fleet refutes a first rank."
    )
    return finding_that(own <= other, rows["grade"], reasoning)


def _tariff(region: str, claim: Any, context: Context) -> Finding:
    """Return the delivered prices of a region, and its energy alone where that is known."""
    readings, told = [], []
    for layer in (price_evidence.WITHOUT_TAX, price_evidence.WITH_VAT, price_evidence.ENERGY):
        if (layer, region) in context.price_cells.index:
            cell = context.price_cells.loc[(layer, region)]
            basis = "energy only" if layer == price_evidence.ENERGY else "delivered price"
            readings.append(Reading(basis, cell["low"], cell["value"], cell["high"], cell["grade"]))
            told.append(f"{layer} {cell['low']:.2f}-{cell['high']:.2f}")
    return Finding(tuple(readings), reasoning=f"Yuan of {price_evidence.MAIN_YEAR}: {'; '.join(told)}.")


CHECKS.update({name: partial(_tariff, region) for region, name in price_evidence.TARIFF_OF.items()})


@check
def lowest_price(claim: Any, context: Context) -> Finding:
    """Tell whether no cited price lies below the Chinese one, of the hubs or on average, recoverable tax out.

    Where the cheapest lies inside the Chinese range the evidence settles nothing.
    """
    rows = context.cited(claim)
    prices = column_in_currency(rows, "CNY")
    region = price_evidence.CN_HUB if "hubs" in claim.claimed_basis else price_evidence.CN_AVERAGE
    home = context.price_cells.loc[(price_evidence.WITHOUT_TAX, region)]
    below = int((prices < home["low"]).sum())
    inside = int(prices.between(home["low"], home["high"]).sum())
    reasoning = (
        f"{below} of {len(prices)} cited prices lie below {region} ({home['low']:.2f} to {home['high']:.2f} "
        f"yuan), {inside} inside; the cheapest is {prices.min():.2f} ({prices.idxmin()})."
    )
    unsettled = [WEAK] if below == 0 and inside > 0 else []
    return finding_that(below == 0, [*rows["grade"], home["grade"], *unsettled], reasoning)


@check
def pjm_growth(claim: Any, context: Context) -> Finding:
    """Return growth of PJM wholesale cost and of what industry pays there, on the year."""
    rows = context.cited(claim)
    values, grades = rows["value"].to_numpy(), rows["grade"]
    wholesale, *paid = values[::2] / values[1::2] - 1.0
    reasoning = f"Wholesale cost rose {wholesale:.0%}; industry paid {min(paid):.0%} to {max(paid):.0%} more."
    readings = (
        reading_over("price that industry pays", paid, grades[2:]),
        reading_over("wholesale cost", [wholesale], grades[:2]),
    )
    return Finding(readings, reasoning=reasoning)


@check
def annual_saving(claim: Any, context: Context) -> Finding:
    """Say what the saving implies; no centre reports it."""
    load = _tariff_pairs(context.article)["load_mw"]
    saved = _tariff_pairs(context.audited).loc[gpu_offset.MID, "annual_saving"]
    reasoning = (
        f"No centre is named; it implies {load.min():.1f} to {load.max():.1f} MW, a small site, "
        f"which at tariffs of {price_evidence.MAIN_YEAR} saves {saved / 1e6:.1f} million."
    )
    return Finding(reasoning=reasoning)


def _finding_over_pairs(values: pd.Series[float], context: Context, reasoning: str) -> Finding:
    """Return a finding over the audited tariff pairs, its value that of the mid pair."""
    grades = [context.audited.tariff_us.grade, context.audited.tariff_cn_hub.grade]
    return finding_over("tariffs of 2025", values, grades, reasoning, float(values[gpu_offset.MID]))


@check
def offset_share(claim: Any, context: Context) -> Finding:
    """Return the share that the article's load and years offset at the audited tariffs."""
    shares = _tariff_pairs(context.audited, int(context.article.offset_years.value))["offset_share"]
    reasoning = (
        "The purchase follows from this very share; at delivered tariffs, with VAT in the Chinese one, "
        f"the same load saves {shares[gpu_offset.MID]:.1%} of it."
    )
    return _finding_over_pairs(shares, context, reasoning)


@check
def offset_years(claim: Any, context: Context) -> Finding:
    """Return the years that the audited tariffs need for the claimed share."""
    target = gpu_offset.implied_purchase(context.article, "CNY") * context.article.offset_share.value
    years = target / _tariff_pairs(context.audited)["annual_saving"]
    mid_years = years[gpu_offset.MID]
    reasoning = f"At delivered tariffs, with VAT in the Chinese one, it takes {mid_years:.0f} years."
    return _finding_over_pairs(years, context, reasoning)


@check
def growth_ratio(claim: Any, context: Context) -> Finding:
    """Return US growth over the growth of Chinese models, both in the last week of one source."""
    rows = context.cited(claim)
    us_now, us_before, cn_now, cn_before = rows["value"]
    us_growth, cn_growth = us_now / us_before - 1.0, cn_now / cn_before - 1.0
    ratio = us_growth / cn_growth
    total = datasets.load_claims().loc["p06-growth", "value_low"]
    reasoning = (
        f"A third of {total:.0%} would be {claim.value_low * total:.0%}; in the last week of the same source "
        f"US models went by {us_growth:+.1%}, Chinese ones by {cn_growth:+.1%}."
    )
    follows = {"US growth in the last week of the source of the Chinese growth": (us_growth, us_growth)}
    return finding_over(rows["basis"].iloc[0], [ratio], rows["grade"], reasoning, follows=follows)


def _list_price(kind: str, claim: Any, context: Context) -> Finding:
    """Return the list prices of the cited models for one kind of token."""
    models = datasets.load_flagships().loc[claim.evidence]
    names = f"{len(models)} models" if len(models) > 1 else models["label"].iloc[0]
    reasoning = f"Catalogue on the eve of the article, {names}."
    return finding_over("list price", models[f"{kind}_usd_per_mtok"], models["grade"], reasoning)


for _kind in ("input", "output"):
    CHECKS[f"list_price_cn_{_kind}"] = CHECKS[f"list_price_us_{_kind}"] = partial(_list_price, _kind)


@check
def spread_pair(claim: Any, context: Context) -> Finding:
    """Return the input price of the first model over that of the second."""
    rows = context.cited(claim)
    us, china = rows["value"]
    best = api_spread.claimed_pairings(context.article, "USD").iloc[0]
    reasoning = f"A list price, {best['us']} over {best['china']}; what either costs to serve is not known."
    reading = reading_over("list price of one pair", [us / china], rows["grade"])
    return Finding((reading,), reproduced=float(best["ratio"]), reasoning=reasoning)


@check
def spread_all_pairs(claim: Any, context: Context) -> Finding:
    """Return the input price ratios of all pairs of flagships."""
    prices = api_spread.price_list(context.article, "USD")
    ratios = api_spread.ranked_price_ratios(prices)["input"]
    above = (ratios > claim.value_low).mean()
    reasoning = f"{above:.0%} of the pairs of flagships differ that much in list price."
    return finding_over("list price, all pairs of flagships", ratios, prices["grade"], reasoning)


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
    ratios = rows["value"].iloc[0] / rows["value"].iloc[1:]
    reasoning = f"A final run without research, against an older class: {ratios.median():.2f} of its cost."
    return finding_over(rows["basis"].iloc[0], ratios, rows["grade"], reasoning)
