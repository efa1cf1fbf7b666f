"""Checks of ranks and of yes-no statements: who stands first, since when, by how much."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.claims.checks import Finding, check, finding_that, in_one_unit, in_unit
from analysis.claims.context import Context
from analysis.inputs.units import HOURS_PER_YEAR, period_bounds

_SOVIET_UNION_ENDED = 1992


@check
def rank_of_china(claim: Any, context: Context) -> Finding:
    """Return the rank of the first row among all cited ones."""
    rows = context.cited(claim)
    rank, told = _rank_of_first(claim, rows)
    return finding_that(rank == claim.value_low, rows["grade"], told)


def _rank_of_first(claim: Any, rows: pd.DataFrame) -> tuple[int, str]:
    """Return the rank of the first row among all, and a sentence on it."""
    values = in_one_unit(claim, rows)
    ahead = rows[values > values.iloc[0]]
    rank = 1 + len(ahead)
    leaders = ", ".join(sorted(ahead["id"].str.split("-").str[1])).title().replace("Us", "US")
    behind = f", behind {leaders}" if leaders else ""
    told = f"By {rows['basis'].iloc[0]} China stood at rank {rank}{behind}."
    if "Russia" in leaders and rows["year"].max() < _SOVIET_UNION_ENDED:
        told += " Russia is counted alone, without the rest of the Soviet Union."
    return rank, told


@check
def rank_since(claim: Any, context: Context) -> Finding:
    """Tell whether a rank, reached in the year of the first row, was so by the claim's; others are told."""
    since, others = context.cited(claim).iloc[0], context.cited(claim).iloc[1:]
    year = period_bounds(claim.as_of)[0].year
    _, told = _rank_of_first(claim, others)
    reasoning = f"By {since['basis']} China has held this rank since {since['value']:.0f}. {told}"
    return finding_that(year >= since["value"], [since["grade"]], reasoning)


@check
def least_interrupted(claim: Any, context: Context) -> Finding:
    """Tell whether customers of the first row are without power for less time than those of the others.

    The first row is the share of the year with supply, the others are hours without.
    """
    rows = context.cited(claim)
    supplied, *others = rows.itertuples()
    own = (1.0 - in_unit(claim, rows.iloc[:1], "share")["value"].iloc[0]) * HOURS_PER_YEAR
    hours = in_unit(claim, rows.iloc[1:], "hours")["value"]
    told = ", ".join(f"{hours[row.id]:.2g} in {context.subjects[row.id]} ({row.period})" for row in others)
    reasoning = (
        f"The mean customer was without power for {own:.1f} hours of {supplied.period}, against {told}. "
        "What counts as an interruption differs; the notes of the rows say how."
    )
    return finding_that((own <= hours).all(), rows["grade"], reasoning)


@check
def most_spare_capacity(claim: Any, context: Context) -> Finding:
    """Tell whether the first pair, capacity and highest load, leaves more to spare than the others.

    A last row without a pair is a published share.
    """
    rows = context.cited(claim)
    pairs, published = rows.iloc[: len(rows) // 2 * 2], rows.iloc[len(rows) // 2 * 2 :]
    values = in_one_unit(claim, pairs)
    spare = values.iloc[::2].to_numpy() / values.iloc[1::2].to_numpy() - 1.0
    named = dict(zip(context.subjects[pairs.index[::2]], spare, strict=True))
    named |= dict(zip(context.subjects[published.index], published["value"], strict=True))
    told = ", ".join(f"{name} {share:.0%}" for name, share in named.items())
    reasoning = f"Spare over the highest load: {told}. The counts differ; no list of all countries was found."
    return finding_that(spare[0] >= max(named.values()), rows["grade"], reasoning)


@check
def exceeds_sum(claim: Any, context: Context) -> Finding:
    """Tell whether the first row is more than the sum of the others."""
    rows = context.cited(claim)
    if len(rows) < 2:
        raise ValueError("a sum takes rows beside the first")
    values = in_one_unit(claim, rows)
    own, others = values.iloc[0], values.iloc[1:].sum()
    reasoning = f"{own:,.0f} against {others:,.0f} {rows['unit'].iloc[0]}, {own / others:.2f} times as much."
    return finding_that(own > others, rows["grade"], reasoning, reproduced=own / others)


@check
def ahead_of_us(claim: Any, context: Context) -> Finding:
    """Tell whether China exceeds the US; the rows come as China, the US, the world."""
    rows = context.cited(claim)
    values, unit = in_one_unit(claim, rows).tolist(), rows["unit"].iloc[0]
    triples = list(zip(values[::3], values[1::3], values[2::3], strict=True))
    told = "; ".join(
        f"{china:.0f} {unit} against {us:.0f} of the US and {world - china - us:.0f} of all others together"
        for china, us, world in triples
    )
    return finding_that(all(china > us for china, us, _ in triples), rows["grade"], f"{told}.")


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
