"""What changes with other assumptions: the main results before and after, and the assumptions themselves."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs.assumption import Range
from analysis.inputs.money import in_currency
from analysis.inputs.names import plain
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import currency_of, worst_grade
from analysis.model.sensitivity import NOISE
from analysis.tables import explained_share, gpu_offset, price_gap, strongest_case
from analysis.tables.headline import Headline

QUANTITIES = {
    "tariff_ratio_us_to_hub": "US tariff over that of the hub",
    "tariff_ratio_us_to_cn_average": "US tariff over the Chinese average",
    "tariff_factor": "factor of the tariff gap on the cost of a token",
    "cash_cost_factor": "the same on running cost alone",
    "electricity_share_of_cost_cn": "electricity in the cost of a token, hub",
    "electricity_share_of_cost_us": "electricity in the cost of a token, US",
    "spread_if_electricity_free": "US over Chinese token price if power were free",
    "gpu_offset_share": "GPUs paid by the saved bill in the claimed years",
    "gpu_offset_years": "years in which it pays the claimed share",
    "strongest_case_factor": "strongest single channel",
}
"""Results that a what-if shows, and what they are."""

GRID = "hub"
"""The Chinese grid of factors and shares."""


class Answer(NamedTuple):
    """The results of `QUANTITIES` by name, and the channel that is the strongest."""

    results: dict[str, Headline]
    channel: str


def answer_of(scenario: Scenario, draws: int) -> Answer:
    """Return the main results of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Whose results.
    draws : int
        Of the Monte Carlo.

    Returns
    -------
    Answer
        Ends are 5 and 95 % of the draws for factors, shares and prices; all pairings of ends for ratios of
        tariffs and for the GPUs; all corners for the strongest channel.
    """
    channels = strongest_case.strongest_channels(scenario)
    channel = strongest_case.strongest_channel(channels)
    strongest = Range(*map(float, channels.loc[channel, [*Range._fields]]))
    found = {
        **price_gap.headlines(scenario),
        **explained_share.headlines_at_grid(explained_share.output_quantiles(scenario, GRID, draws)),
        **gpu_offset_of_claim(scenario),
        "strongest_case_factor": Headline.ranged(strongest, "ratio", worst_grade(channels["grade"])),
    }
    return Answer({name: found[name] for name in QUANTITIES}, channel)


def gpu_offset_of_claim(scenario: Scenario) -> dict[str, Headline]:
    """Return the GPUs paid by the saved bill in the claimed years, and the years that it takes.

    Notes
    -----
    With a part ``p`` of the purchase that a year saves, claimed years ``y`` and share ``s``: ``p y`` and
    ``s / p``, which is infinite without a gap.
    """
    a_year = gpu_offset.offset_by_tariff_pair(scenario, "CNY", 1, 0.0)["offset_share"]
    paid = a_year * scenario.offset_years.value
    taken = scenario.offset_share.value / a_year.where(a_year > 0.0, 0.0)
    grade = gpu_offset.headlines(scenario, 1)["gpu_offset_electricity_share_us"].grade
    return {
        name: Headline(
            float(of_pair[gpu_offset.MID]), float(of_pair.min()), float(of_pair.max()), unit, grade
        )
        for name, of_pair, unit in (("gpu_offset_share", paid, "share"), ("gpu_offset_years", taken, "years"))
    }


def before_and_after(before: Answer, after: Answer) -> pd.DataFrame:
    """Return the main results side by side, those that change first.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``quantity`` (of `QUANTITIES`): ``meaning``, ``unit``, ``before_low``, ``before``,
        ``before_high``, ``before_grade``, the same ``after``, and ``changes``, whether any of them does
        beyond noise.
    """
    names = {"low": "{}_low", "value": "{}", "high": "{}_high", "grade": "{}_grade"}
    sides = {
        side: pd.DataFrame(answer.results, index=[*Headline._fields]).T.rename(
            columns={end: name.format(side) for end, name in names.items()}
        )
        for side, answer in (("before", before), ("after", after))
    }
    table = sides["before"].join(sides["after"].drop(columns="unit")).rename_axis("quantity")
    numbers = [name for end, name in names.items() if end != "grade"]
    ends = {side: table[[name.format(side) for name in numbers]].astype(float) for side in sides}
    same = np.isclose(ends["before"], ends["after"], rtol=NOISE, atol=NOISE, equal_nan=True)
    table["changes"] = ~same.all(axis=1)
    table.insert(0, "meaning", pd.Series(QUANTITIES))
    return table.sort_values("changes", ascending=False, kind="stable")


def changed_assumptions(before: Scenario, after: Scenario, names: Collection[str]) -> pd.DataFrame:
    """Return what the assumptions that are named were and are.

    Parameters
    ----------
    before, after : Scenario
        The same scenario without and with other assumptions.
    names : collection of str
        Those that were given.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``name``: ``meaning``; ``low``, ``value``, ``high``, ``unit``, ``source`` and ``grade``,
        each with ``before_`` and ``after_``; ``after_exchanged``, the value in the currency of the former
        one (blank where it has that), and ``period``, whose mean rate exchanges it; ``apart``, other
        assumptions that share a name with it and stay.
    """
    records = {}
    for name in names:
        old, new = before.entries[name], after.entries[name]
        shown = ("low", "value", "high", "unit", "source", "grade")
        currency = currency_of(old.unit)
        exchanged = currency is not None and currency != currency_of(new.unit)
        records[name] = {
            "meaning": before.definition(name).meaning,
            **{f"before_{field}": getattr(old, field) for field in shown},
            **{f"after_{field}": getattr(new, field) for field in shown},
            "after_exchanged": in_currency(new, str(currency)).value if exchanged else np.nan,
            "period": new.period or "",
            "apart": "; ".join(one for one in _apart(before, name) if one not in names),
        }
    return pd.DataFrame.from_dict(records, orient="index").rename_axis("name")


def _apart(scenario: Scenario, name: str) -> list[str]:
    """Return other assumptions that share a name with one."""
    called = {
        other: {plain(word) for word in (other, *scenario.definition(other).also_called)}
        for other in scenario.entries
    }
    return [other for other, words in called.items() if other != name and words & called[name]]
