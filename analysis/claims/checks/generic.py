"""Checks by plain arithmetic on the rows that a claim cites."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.claims.checks.base import Context, Finding, check, in_unit_of, reading_over
from analysis.inputs import periods
from analysis.inputs.units import in_base, worst_grade
from analysis.model.verdict import Reading

_SOVIET_UNION_ENDED = 1992


@check
def compare(claim: Any, context: Context) -> Finding:
    """Set the claim beside its rows as they are, one reading a basis."""
    readings = []
    for basis, rows in context.cited(claim).groupby("basis", sort=False):
        ends = [
            end
            for column in ("low", "value", "high")
            for end in in_unit_of(claim, rows[column], rows["unit"])
        ]
        middle = pd.Series(in_unit_of(claim, rows["value"], rows["unit"])).median()
        readings.append(reading_over(str(basis), ends, rows["grade"], float(middle)))
    (period, *others) = dict.fromkeys(context.cited(claim)["period"]) or ("",)
    elsewhen = period and not others and periods.bounds(period) != periods.bounds(claim.as_of)
    return Finding(tuple(readings), reasoning=f"Period of the evidence: {period}." if elsewhen else "")


@check
def undefined(claim: Any, context: Context) -> Finding:
    """No measure could decide the claim."""
    return Finding(undefined=True, reasoning="The text names no measure that could decide it.")


@check
def share_of_total(claim: Any, context: Context) -> Finding:
    """Return the first row over the second; further pairs came after the text and are told, not judged by."""
    part, total, *later = (row for _, row in context.cited(claim).iterrows())
    share = part["value"] / total["value"]
    reading = reading_over(part["basis"], [share], [part["grade"], total["grade"]])
    told = [f"{part['value']:g} of {total['value']:g} {part['unit']}."]
    told += [
        f"After the text ({one['period']}), on {one['basis']}, at least {one['value'] / whole['value']:.0%}."
        for one, whole in zip(later[::2], later[1::2], strict=True)
    ]
    return Finding((reading,), reasoning=" ".join(told))


@check
def rest_of_total(claim: Any, context: Context) -> Finding:
    """Return what the first row leaves of the second."""
    share = share_of_total(claim, context)
    (reading,) = share.readings
    rest = 1.0 - reading.value
    told = f"No count of its own, but what is left by {share.reasoning}"
    return Finding((Reading(reading.basis, rest, rest, rest, reading.grade),), reasoning=told)


@check
def ratio_of_two(claim: Any, context: Context) -> Finding:
    """Return the first row over the second, as a ratio."""
    top, base = (row for _, row in context.cited(claim).iterrows())
    told = f"{top['value']:,.0f} over {base['value']:,.0f} {top['unit']}."
    return share_of_total(claim, context)._replace(reasoning=told)


@check
def per_head(claim: Any, context: Context) -> Finding:
    """Return generation and consumption a head of population."""
    generated, used, people = (row for _, row in context.cited(claim).iterrows())
    persons, _ = in_base(people["value"], people["unit"])
    heads = [in_base(row["value"], row["unit"])[0] / persons for row in (generated, used)]
    grades = [generated["grade"], used["grade"], people["grade"]]
    needed = in_base(generated["value"], generated["unit"])[0] / claim.value_high / 1e6
    reasoning = (
        f"The article's own {generated['value']:g} TWh over {people['value']:.0f} million people is "
        f"{heads[0]:.1f} kWh; "
        f"it would take {needed:,.0f} million people."
    )
    return Finding(
        (reading_over("per head of population", heads, grades, heads[0]),),
        reproduced=heads[0],
        reasoning=reasoning,
    )


@check
def rank_of_china(claim: Any, context: Context) -> Finding:
    """Return the rank of the first row among all cited ones."""
    rows = context.cited(claim)
    rank = 1 + int((rows["value"] > rows["value"].iloc[0]).sum())
    ahead = rows["id"][rows["value"] > rows["value"].iloc[0]].str.split("-").str[1]
    leaders = ", ".join(sorted(ahead)).title().replace("Us", "US")
    reasoning = f"By {claim.evidence_basis} China stood at rank {rank}" + (
        f", behind {leaders}." if rank > 1 else "."
    )
    if "Russia" in leaders and rows["year"].max() < _SOVIET_UNION_ENDED:
        reasoning += " Russia is counted alone, without the rest of the Soviet Union."
    return Finding(
        statement=rank == claim.value_low, statement_grade=worst_grade(rows["grade"]), reasoning=reasoning
    )


@check
def exceeds_sum(claim: Any, context: Context) -> Finding:
    """Tell whether the first row is more than the sum of the others."""
    rows = context.cited(claim)
    ratio = rows["value"].iloc[0] / rows["value"].iloc[1:].sum()
    total = rows["value"].iloc[1:].sum()
    reasoning = f"{rows['value'].iloc[0]:,.0f} against {total:,.0f} TWh, {ratio:.2f} times as much."
    return Finding(
        statement=ratio > 1.0,
        statement_grade=worst_grade(rows["grade"]),
        reproduced=ratio,
        reasoning=reasoning,
    )


@check
def ahead_of_us(claim: Any, context: Context) -> Finding:
    """Tell whether China exceeds the US; the rows come as China, the US, the world."""
    rows = context.cited(claim)
    values = rows["value"].tolist()
    triples = list(zip(values[::3], values[1::3], values[2::3], strict=True))
    told = "; ".join(
        f"{china:.0f} GW against {us:.0f} of the US and {world - china - us:.0f} of all others together"
        for china, us, world in triples
    )
    return Finding(
        statement=all(china > us for china, us, _ in triples),
        statement_grade=worst_grade(rows["grade"]),
        reasoning=f"{told}.",
    )


@check
def years_between(claim: Any, context: Context) -> Finding:
    """Return the years between two rows."""
    later, earlier = (row for _, row in context.cited(claim).iterrows())
    dates = [
        row["value"] if row["unit"] == "calendar year" else float(row["year"]) for row in (later, earlier)
    ]
    reading = reading_over("calendar year", [dates[0] - dates[1]], [later["grade"], earlier["grade"]])
    return Finding((reading,), reasoning=f"From {dates[1]:.0f} to {dates[0]:.0f}.")
