"""Checks that rest on tariffs: the delivered price of a region, its growth, and what a saved bill pays."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.claims.checks import CHECKS, Finding, check, finding_that, in_one_unit, in_unit, reading_over
from analysis.claims.context import Context
from analysis.inputs.assumption import Range
from analysis.inputs.money import in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import in_base, worst_grade
from analysis.model.verdict import WEAK, Reading
from analysis.tables import china_grids, gpu_offset, price_evidence, us_classes

ENERGY, DELIVERED, TARIFFS = "energy", "delivered", "tariffs of 2025"
"""What the readings of these checks count, as ``bases.csv`` calls it."""


_IN: dict[str, Any] = {"unit": "CNY/kWh", "period": str(price_evidence.MAIN_YEAR)}
"""What the tariffs of the evidence are in."""


def tariff_pairs(scenario: Scenario, years: int = 1) -> pd.DataFrame:
    """Return what each tariff pair of a scenario implies over some years, in yuan and undiscounted."""
    return gpu_offset.offset_by_tariff_pair(scenario, "CNY", years, 0.0)


def by_us_class(scenario: Scenario) -> dict[str, Scenario]:
    """Return a scenario with the tariff of each class of US customers, its own class first."""
    own, classes = us_classes.class_of(scenario), us_classes.us_classes(scenario)
    return {word.replace("_", " "): classes[word] for word in dict.fromkeys((own, *classes))}


def with_graded_hub(scenario: Scenario) -> Scenario:
    """Return a scenario whose hub tariff settles something, another of its choices where its own is weak."""
    choices = scenario.definition("tariff_cn_hub").choices
    chosen = [scenario, *(scenario.choosing("tariff_cn_hub", word) for word in choices)]
    return min(chosen, key=lambda one: one.tariff_cn_hub.grade == WEAK)


def hub_told(scenario: Scenario) -> str:
    """Return the hub tariff of a scenario in words."""
    tariff, choices = scenario.tariff_cn_hub, scenario.definition("tariff_cn_hub").choices
    words = [word for word in choices if scenario.choosing("tariff_cn_hub", word).tariff_cn_hub == tariff]
    return (
        f"at a hub tariff of {in_currency(tariff, 'CNY').value:.2f} yuan ({', '.join(words) or 'as given'})"
    )


def _tariff(region: str, claim: Any, context: Context) -> Finding:
    """Return the delivered prices of a region, and its energy alone where that is known."""
    readings, told = [], []
    for layer in (price_evidence.WITHOUT_TAX, price_evidence.WITH_VAT, price_evidence.ENERGY):
        if (layer, region) in context.price_cells.index:
            cell = context.price_cells.loc[(layer, region)]
            basis = ENERGY if layer == price_evidence.ENERGY else DELIVERED
            readings.append(Reading(basis, cell["low"], cell["value"], cell["high"], cell["grade"]))
            told.append(f"{layer} {cell['low']:.2f}-{cell['high']:.2f}")
    return Finding(
        tuple(readings), reasoning=f"Yuan of {price_evidence.MAIN_YEAR}: {'; '.join(told)}.", **_IN
    )


@check
def tariff_cn_average(claim: Any, context: Context) -> Finding:
    """Return the delivered price of large users in China, that of published tariffs apart, and the energy.

    A claim that does not say whether the tax is in it is judged at both: without and with recoverable tax.
    """
    plain = _tariff(price_evidence.CN_AVERAGE, claim, context)
    mean = china_grids.published_average(context.audited, price_evidence.MAIN_YEAR)
    net, billed = mean.without_tax, mean.with_vat
    ends = [f"{price.value:.2f} ({price.low:.2f}-{price.high:.2f})" for price in (net, billed)]
    told = (
        f"published tariffs alone, {mean.grids} grids: {ends[0]} without recoverable tax, {ends[1]} with it, "
        "and the text does not say whether it is in"
    )
    both = reading_over(DELIVERED, (net.value, billed.value), [mean.grade])
    both = both._replace(low=net.low, high=billed.high)
    return plain._replace(
        readings=(*plain.readings, both), reasoning=f"{plain.reasoning.rstrip('.')}; {told}."
    )


@check
def tariff_cn_hub(claim: Any, context: Context) -> Finding:
    """Return the energy of the western hubs, which a contract prices; what is delivered is told besides."""
    plain = _tariff(price_evidence.CN_HUB, claim, context)
    energy = tuple(reading for reading in plain.readings if reading.basis == ENERGY)
    chosen = context.audited.choosing("tariff_cn_hub", "subsidised").tariff_cn_hub
    price = in_currency(chosen, "CNY")
    told = f"with a subsidy, for domestic accelerators alone, {price.low:.2f}-{price.high:.2f}"
    rows = context.cited(claim)
    weak = rows[(rows["basis"] == DELIVERED) & (rows["grade"] == WEAK)]
    reports = ", ".join(
        f"{one:.2f} ({name})" for name, one in in_unit(claim, weak, claim.unit)["value"].items()
    )
    told += f"; reports of grade C that do not say what they count: {reports}" if reports else ""
    return plain._replace(
        readings=energy, reasoning=f"{plain.reasoning.rstrip('.')}; {told}. A contract is for energy."
    )


CHECKS.update(
    {
        name: partial(_tariff, region)
        for region, name in price_evidence.TARIFF_OF.items()
        if name not in CHECKS
    }
)


@check
def tariff_us(claim: Any, context: Context) -> Finding:
    """Return the delivered US price of each class of customers, and the energy alone."""
    alone = _tariff(price_evidence.US_AVERAGE, claim, context).readings
    readings, told = [], []
    for word, scenario in by_us_class(context.audited).items():
        price = in_currency(scenario.tariff_us, "CNY")
        readings.append(Reading(f"{DELIVERED}, {word} class", *price, scenario.tariff_us.grade))
        told.append(f"{word} {price.value:.2f} ({price.low:.2f}-{price.high:.2f})")
    readings += [reading for reading in alone if reading.basis == ENERGY]
    return Finding(tuple(readings), reasoning=f"Yuan delivered, by class: {'; '.join(told)}.", **_IN)


def _chinese_price(claim: Any, context: Context) -> tuple[str, float, float, str]:
    """Return a Chinese price [CNY/kWh] without recoverable tax: of what, its ends, its grade.

    Of the hubs it is the evidence of the main year. Elsewhere it is the cheapest grid with a published
    tariff, which no assumption on unpublished parts enters: what lies below it lies below China.
    """
    if "hubs" in claim.claimed_basis:
        cell = context.price_cells.loc[(price_evidence.WITHOUT_TAX, price_evidence.CN_HUB)]
        return price_evidence.CN_HUB, cell["low"], cell["high"], cell["grade"]
    grids = china_grids.delivered_prices(context.article).dropna(subset="published")
    name, cheapest = grids["published"].idxmin(), grids.loc[grids["published"].idxmin()]
    billed = cheapest["published"]
    price = Range(billed, billed, billed)
    net = china_grids.without_vat(context.article, price, price_evidence.MAIN_YEAR).value
    return f"the cheapest published Chinese grid, {name}", net, net, cheapest["grade"]


@check
def lowest_price(claim: Any, context: Context) -> Finding:
    """Tell whether no cited price lies below the Chinese one, recoverable tax out.

    Where the cheapest lies inside the Chinese range the evidence settles nothing.
    """
    rows = context.cited(claim)
    prices = in_unit(claim, rows, "CNY/kWh")["value"]
    home, low, high, grade = _chinese_price(claim, context)
    below, inside = int((prices < low).sum()), int(prices.between(low, high).sum())
    span = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    reasoning = (
        f"{below} of {len(prices)} cited prices lie below {home} ({span} yuan), {inside} inside; "
        f"the cheapest is {prices.min():.2f} ({prices.idxmin()})."
    )
    unsettled = [WEAK] if below == 0 and inside > 0 else []
    return finding_that(below == 0, [*rows["grade"], grade, *unsettled], reasoning)


@check
def pjm_growth(claim: Any, context: Context) -> Finding:
    """Return the yearly growth of delivered prices in PJM states and of the wholesale cost.

    Rows come in pairs, later over earlier; those of one basis make one reading.
    """
    rows = context.cited(claim)
    values, later = in_one_unit(claim, rows), rows.iloc[::2]
    growth = pd.Series(values.to_numpy()[::2] / values.to_numpy()[1::2] - 1.0, index=later.index)
    delivered = later["basis"] == DELIVERED
    paid, wholesale = growth[delivered], growth[~delivered]
    highest = f"{paid.idxmax()} {paid.max():+.0%}"
    reasoning = (
        f"Customers paid {paid.min():.0%} to {paid.max():.0%} more, {(paid > claim.value_low).mean():.0%} of "
        f"{len(paid)} pairs above the claim ({highest}, one winter month); "
        f"wholesale cost rose {wholesale.max():.0%}."
    )
    grades = rows["grade"].to_numpy().reshape(-1, 2).max(axis=1)
    readings = (
        reading_over(DELIVERED, paid, grades[delivered]),
        reading_over("wholesale cost", wholesale, grades[~delivered]),
    )
    return Finding(readings, reasoning=reasoning, unit="share")


@check
def annual_saving(claim: Any, context: Context) -> Finding:
    """Say what the saving implies; no centre reports it."""
    own = context.own_scenario(claim)
    load, audited = tariff_pairs(own)["load_mw"], with_graded_hub(context.audited)
    million, _ = in_base(1.0, "million CNY")
    saved = [
        tariff_pairs(scenario).loc[gpu_offset.MID, "annual_saving"] / million
        for scenario in by_us_class(audited).values()
    ]
    reasoning = (
        f"No centre is named; it implies {load.min():.1f} to {load.max():.1f} MW, a small site, "
        f"which saves {min(saved):.1f} to {max(saved):.1f} million, by US class, {hub_told(audited)}."
    )
    return Finding(reasoning=reasoning)


def _over_pairs(values: pd.Series[float], scenario: Scenario) -> Reading:
    """Return a reading over the tariff pairs, its middle that of the mid pair."""
    grade = worst_grade([scenario.tariff_us.grade, scenario.tariff_cn_hub.grade])
    return Reading(TARIFFS, float(values.min()), float(values[gpu_offset.MID]), float(values.max()), grade)


@check
def offset_share(claim: Any, context: Context) -> Finding:
    """Return the share that the article's load and years offset at the audited tariffs, by US class."""
    own = context.own_scenario(claim)
    years, audited = int(own.offset_years.value), with_graded_hub(context.audited)
    found = {
        word: _over_pairs(tariff_pairs(scenario, years)["offset_share"], scenario)
        for word, scenario in by_us_class(audited).items()
    }
    shares = ", ".join(f"{word} {reading.value:.1%}" for word, reading in found.items())
    told = f"The purchase follows from this very share; the same load saves of it, {hub_told(audited)}"
    return Finding(by_class=found, reasoning=f"{told}, by US class: {shares}.", unit="share")


@check
def offset_years(claim: Any, context: Context) -> Finding:
    """Return the years that the audited tariffs need for the claimed share, by US class."""
    own = context.own_scenario(claim)
    target = gpu_offset.implied_purchase(own, "CNY") * own.offset_share.value
    audited, found = with_graded_hub(context.audited), {}
    for word, scenario in by_us_class(audited).items():
        saved = tariff_pairs(scenario)["annual_saving"]
        found[word] = _over_pairs((target / saved.where(saved > 0.0)).fillna(np.inf), scenario)
    years = ", ".join(
        f"{word} {reading.value:.0f}" if np.isfinite(reading.value) else f"{word} never"
        for word, reading in found.items()
    )
    return Finding(
        by_class=found, reasoning=f"Years {hub_told(audited)}, by US class: {years}.", unit="years"
    )
