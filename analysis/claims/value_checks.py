"""Checks of what a kilowatt-hour is worth once it is sold as tokens."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.claims.checks import Finding, check, in_unit
from analysis.claims.context import Context
from analysis.inputs import datasets
from analysis.inputs.assumption import Assumption, Range
from analysis.inputs.cards import card_of
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import HOURS_PER_DAY, in_base, worst_grade
from analysis.model.verdict import WEAK, Reading
from analysis.tables import api_spread, china_grids, cost_stack, price_evidence

OF_MODEL = "tokens at list price over the power they take, our model"
OF_DAY = "tokens at list price over the power they take, a published day"
"""What the readings count, as ``bases.csv`` calls it."""


@check
def value_per_kwh(claim: Any, context: Context) -> Finding:
    """Return what the tokens of a kilowatt-hour sell for at list price, over the price of that power.

    The first row is a model of the catalogue, whose energy is that of the cost stack on the hubs' grid. The
    others are a published day of service: its tokens at the dearer and at the cheaper list price, mean
    number of servers, rated power of one. No server draws more than that, so the day is a lower bound.
    """
    rows = context.cited(claim)
    published = china_grids.published_average(context.audited, price_evidence.MAIN_YEAR)
    tariff, grade = published.without_tax, published.grade
    label = datasets.load_flagships().loc[rows["id"].iloc[0], "label"]
    sold = _model_cny_per_kwh(label, context.audited)
    day = _day_cny_per_kwh(claim, rows.iloc[1:], context.audited.pue)
    grades = [*rows["grade"].iloc[1:], context.audited.pue.grade, grade]
    readings = (
        Reading(OF_DAY, *_over(day, tariff), worst_grade(grades)),
        Reading(OF_MODEL, *_over(Range(sold, sold, sold), tariff), WEAK),
    )
    told = (
        f"A kWh sells for at least {day.low:.0f} to {day.high:.0f} yuan on the published day, its servers at "
        f"rated power, and for {sold:.0f} as tokens of {label} by our model (weak); power costs "
        f"{tariff.value:.2f} yuan without recoverable tax. Most of that pays for hardware: it is the price "
        "of a service, no gain on power."
    )
    return Finding(readings, reasoning=told, unit="ratio")


def _over(value: Range, tariff: Range) -> Range:
    """Return a range over another one, the widest that both allow [1]."""
    return Range(value.low / tariff.high, value.value / tariff.value, value.high / tariff.low)


def _model_cny_per_kwh(label: str, scenario: Scenario) -> float:
    """Return the list price of a model's mix of tokens over the electricity they take [CNY/kWh]."""
    price = api_spread.price_list(scenario, "CNY").loc[label, "blended"]
    parts = cost_stack.cost_parts(scenario, card_of(label).model, cost_stack.CHINA, "hub")
    return float(price / parts.loc["mix", "kwh_per_mtok"])


def _day_cny_per_kwh(claim: Any, rows: pd.DataFrame, pue: Assumption) -> Range:
    """Return what a day of tokens sells for over the electricity of its servers at rated power [CNY/kWh].

    The low end has the cheaper list price and the highest power usage effectiveness, the high end the dearer
    one and the lowest.
    """
    dearer, cheaper = in_unit(claim, rows.iloc[:2], "CNY")["value"]
    servers, power = rows.iloc[2:].itertuples()
    kw, _ = in_base(power.value, power.unit)
    kwh = servers.value * kw * HOURS_PER_DAY
    return Range(cheaper / kwh / pue.high, dearer / kwh / pue.value, dearer / kwh / pue.low)
