"""Checks on energy, tariffs and the GPU offset."""

from __future__ import annotations

from typing import Any

from analysis.claims.checks.base import Check, Context, Finding, check, reading_over
from analysis.inputs import datasets
from analysis.inputs.money import column_in_currency
from analysis.inputs.units import (
    DAYS_PER_YEAR,
    TOKENS_PER_MTOK,
    in_base,
    joules_per_token,
    kwh_per_mtok,
    worst_grade,
)
from analysis.model.verdict import Reading
from analysis.tables import gpu_offset, price_evidence

TOKENS_OF_CLAIM = 100.0
"""Tokens that the printed energy is for."""


@check
def electricity_share(claim: Any, context: Context) -> Finding:
    """Return electricity over total and over cash cost of a published data centre."""
    shares = gpu_offset.published_shares()
    bases = ("operating cost with depreciation", "cash operating expense without depreciation")
    readings = tuple(
        Reading(basis, row["low"], row["value"], row["high"], row["grade"])
        for basis, (_, row) in zip(bases, shares.iterrows(), strict=True)
    )
    implied = gpu_offset.pairs(context.article, "CNY", 1, 0.0).loc[gpu_offset.MID, "electricity_share_us"]
    reasoning = (
        f"With depreciation it is {readings[0].low:.0%} to {readings[0].high:.0%}; the article's own GPU "
        f"offset makes it {implied:.0%} of GPUs and electricity."
    )
    return Finding(readings, reproduced=float(implied), reasoning=reasoning)


@check
def other_share(claim: Any, context: Context) -> Finding:
    """Return what electricity leaves of the cost."""
    readings = tuple(
        Reading(found.basis, 1.0 - found.high, 1.0 - found.value, 1.0 - found.low, found.grade)
        for found in electricity_share(claim, context).readings
    )
    with_depreciation, without = readings
    reasoning = (
        f"Electricity leaves {with_depreciation.value:.0%} of cost with depreciation, "
        f"{without.value:.0%} without it."
    )
    return Finding(readings, reasoning=reasoning)


@check
def town_day(claim: Any, context: Context) -> Finding:
    """Return how many people use a training run's energy in a day."""
    consumption, people, medium = (row for _, row in context.cited(claim).iterrows())
    run_kwh, _ = in_base(datasets.load_claims().loc["p11-training-energy", "value_low"], "GWh")
    year_kwh, _ = in_base(consumption["value"], consumption["unit"])
    per_head_day = year_kwh / in_base(people["value"], people["unit"])[0] / DAYS_PER_YEAR
    supplied = run_kwh / per_head_day / in_base(1.0, claim.unit)[0]
    reading = reading_over(
        "people at mean use", [supplied], [consumption["grade"], people["grade"], medium["grade"]]
    )
    reasoning = (
        f"At {per_head_day:.1f} kWh a head and day it serves {supplied:.1f} million people; "
        f"a medium-sized city ends at {medium['value']:g} million."
    )
    return Finding((reading,), reasoning=reasoning)


@check
def energy_per_token(claim: Any, context: Context) -> Finding:
    """Set the claim as printed beside measured energy, and show the reading per million tokens."""
    rows = context.cited(claim)
    per_million = TOKENS_PER_MTOK / TOKENS_OF_CLAIM
    measured = kwh_per_mtok(rows["value"]) / per_million
    reading = reading_over("GPU energy, measured", measured, rows["grade"])
    low, high = (joules_per_token(end, TOKENS_PER_MTOK) for end in (claim.value_low, claim.value_high))
    least, most = rows["value"].min(), rows["value"].max()
    place = "inside" if least <= low and high <= most else "not all inside"
    reasoning = (
        f"Printed, {claim.value_low * per_million:,.0f} to {claim.value_high * per_million:,.0f} kWh per "
        f"million; read per million tokens it is {low:.1f} to {high:.1f} J a token, {place} the "
        f"measured {least:.2f} to {most:.0f} J: a 万 after the 100 may be lost."
    )
    return Finding((reading,), reasoning=reasoning)


@check
def pue_rank(claim: Any, context: Context) -> Finding:
    """Tell whether the Chinese mean is at or below the other one."""
    own, other = (row for _, row in context.cited(claim).iterrows())
    reasoning = (
        f"{own['value']:g} over Chinese green data centres, "
        f"{other['value']:g} over the fleet of one US operator: one better fleet refutes a first rank."
    )
    grade = worst_grade([own["grade"], other["grade"]])
    return Finding(statement=own["value"] <= other["value"], statement_grade=grade, reasoning=reasoning)


def _tariff(region: str) -> Check:
    def tariff(claim: Any, context: Context) -> Finding:
        readings, found = [], []
        for layer in (price_evidence.WITHOUT_TAX, price_evidence.WITH_VAT, price_evidence.ENERGY):
            if (layer, region) in context.price_cells.index:
                cell = context.price_cells.loc[(layer, region)]
                basis = "energy only" if layer == price_evidence.ENERGY else "delivered price"
                readings.append(Reading(basis, cell["low"], cell["value"], cell["high"], cell["grade"]))
                found.append(f"{layer} {cell['low']:.2f}-{cell['high']:.2f}")
        return Finding(tuple(readings), reasoning=f"Yuan of {price_evidence.MAIN_YEAR}: {'; '.join(found)}.")

    tariff.__name__ = price_evidence.TARIFF_OF[region]
    return tariff


for _region in price_evidence.REGIONS:
    check(_tariff(_region))


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
    inside = int(((prices >= home["low"]) & (prices <= home["high"])).sum())
    reasoning = (
        f"{below} of {len(prices)} cited prices lie below {region} ({home['low']:.2f} to {home['high']:.2f} "
        f"yuan), {inside} inside; the cheapest is {prices.min():.2f} ({prices.idxmin()})."
    )
    unsettled = below == 0 and inside > 0
    return Finding(
        statement=below == 0,
        statement_grade="C" if unsettled else worst_grade([*rows["grade"], home["grade"]]),
        reasoning=reasoning,
    )


@check
def pjm_growth(claim: Any, context: Context) -> Finding:
    """Return growth of PJM wholesale cost and of what industry pays there, on the year."""
    rows = context.cited(claim)
    values, grades = rows["value"].tolist(), rows["grade"].tolist()
    growth = [now / before - 1.0 for now, before in zip(values[::2], values[1::2], strict=True)]
    wholesale = reading_over("wholesale cost", growth[:1], grades[:2])
    retail = reading_over("price that industry pays", growth[1:], grades[2:])
    paid = f"{min(growth[1:]):.0%} to {max(growth[1:]):.0%}"
    reasoning = f"Wholesale cost rose {growth[0]:.0%}; industry paid {paid} more."
    return Finding((retail, wholesale), reasoning=reasoning)


@check
def annual_saving(claim: Any, context: Context) -> Finding:
    """Say what the saving implies; no centre reports it."""
    load = gpu_offset.pairs(context.article, "CNY", 1, 0.0)["load_mw"]
    saved = gpu_offset.pairs(context.audited, "CNY", 1, 0.0).loc[gpu_offset.MID, "annual_saving"]
    reasoning = (
        f"No centre is named; it implies {load.min():.1f} to {load.max():.1f} MW, a small site, "
        f"which at tariffs of {price_evidence.MAIN_YEAR} saves {saved / 1e6:.1f} million."
    )
    return Finding(reasoning=reasoning)


def _offset_grade(context: Context) -> str:
    return worst_grade([context.audited.tariff_us.grade, context.audited.tariff_cn_hub.grade])


@check
def offset_share(claim: Any, context: Context) -> Finding:
    """Return the share that the article's load and years offset at the audited tariffs."""
    years = int(context.article.offset_years.value)
    shares = gpu_offset.pairs(context.audited, "CNY", years, 0.0)["offset_share"]
    reading = reading_over("tariffs of 2025", shares, [_offset_grade(context)], float(shares[gpu_offset.MID]))
    reasoning = (
        "The purchase follows from this very share; at delivered tariffs, with VAT in the Chinese one, "
        f"the same load saves {reading.value:.1%} of it."
    )
    return Finding((reading,), reasoning=reasoning)


@check
def offset_years(claim: Any, context: Context) -> Finding:
    """Return the years that the audited tariffs need for the claimed share."""
    saving = gpu_offset.pairs(context.audited, "CNY", 1, 0.0)["annual_saving"]
    target = gpu_offset.purchase(context.article, "CNY") * context.article.offset_share.value
    years = target / saving
    reading = reading_over("tariffs of 2025", years, [_offset_grade(context)], float(years[gpu_offset.MID]))
    reasoning = f"At delivered tariffs, with VAT in the Chinese one, it takes {reading.value:.0f} years."
    return Finding((reading,), reasoning=reasoning)
