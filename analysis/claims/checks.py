"""How each claim of the ledger is evaluated: one small function a kind of claim.

A check takes a claim and the context and returns a `Finding`. The ledger names it in its column ``check``;
adding a kind of claim is adding a function with the decorator `check`. Here are those that do plain
arithmetic on the rows that a claim cites; ranks stand in `rank_checks`, tariffs in `tariff_checks`, and
what needs more in `article_checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from analysis.claims.context import Context, refused
from analysis.inputs.money import mean_rate
from analysis.inputs.units import currency_of, in_base, period_bounds, worst_grade
from analysis.model.verdict import WEAK, Reading


class Finding(NamedTuple):
    """What a check found, in its own `unit`, with money of a `period`, or in that of the claim.

    `reproduced` is what the article's own figures give; `readings` are the evidence, one a basis;
    `by_class` holds one for each class of US customers where the claim names none, that of the audited
    scenario first; `statement` decides a rank or a yes-no claim, with the grade of its rows; an undefined
    claim has no measure. `follows` says what else follows from the article's figures, low and high by how
    it does.
    """

    readings: tuple[Reading, ...] = ()
    by_class: Mapping[str, Reading] = MappingProxyType({})
    reproduced: float | None = None
    statement: bool | None = None
    statement_grade: str = ""
    undefined: bool = False
    reasoning: str = ""
    follows: Mapping[str, tuple[float, float]] = MappingProxyType({})
    unit: str = ""
    period: str = ""


Check = Callable[[Any, Context], Finding]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Make a function known to the ledger by its name."""
    CHECKS[function.__name__] = function
    return function


def reading_over(basis: str, values: Sequence[float], grades: Any, value: float | None = None) -> Reading:
    """Return a reading over some values: their ends, their median, and each of them.

    Where a value is given it is the middle, and the values are the ends of a range.
    """
    series = pd.Series(values, dtype=float)
    middle = float(series.median()) if value is None else value
    several = tuple(series) if value is None and len(series) > 1 else ()
    return Reading(basis, float(series.min()), middle, float(series.max()), worst_grade(grades), several)


def finding_over(
    basis: str, values: Sequence[float], grades: Any, reasoning: str, value: float | None = None, **rest: Any
) -> Finding:
    """Return a finding of one reading over some values; the rest are other fields of the finding."""
    return Finding((reading_over(basis, values, grades, value),), reasoning=reasoning, **rest)


def finding_that(statement: bool, grades: Any, reasoning: str, **rest: Any) -> Finding:
    """Return a finding whether a statement is true, with the weakest of the grades of its rows."""
    return Finding(
        statement=bool(statement), statement_grade=worst_grade(grades), reasoning=reasoning, **rest
    )


def in_unit(claim: Any, rows: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return the columns ``low``, ``value`` and ``high`` of data rows in one unit.

    Money is exchanged at the mean rate of each row's own period.

    Raises
    ------
    DataError
        If a row has a unit of another kind, or its period has no rate.
    """
    factors = []
    for row in rows.itertuples():
        try:
            factors.append(_factor(row.unit, unit, str(row.period), row.id))
        except ValueError as error:
            raise refused(claim, "evidence", str(error)) from None
    return rows[["low", "value", "high"]].mul(factors, axis="index")


def _factor(own: str, unit: str, period: str, what: str) -> float:
    """Return how much of a unit one of another is, money at the mean rate of a period; errors say of what."""
    currency, wanted = currency_of(own), currency_of(unit)
    exchanged = own.replace(currency, wanted) if currency and wanted else own
    (factor, base), (whole, wanted_base) = in_base(1.0, exchanged), in_base(1.0, unit)
    if base != wanted_base:
        raise ValueError(f"{what} is in {own}, which does not fit {unit}")
    try:
        rate = mean_rate(currency, wanted, period) if currency and wanted else 1.0
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from None
    return factor * rate / whole


def in_unit_of_claim(claim: Any, finding: Finding) -> Finding:
    """Return a finding in the unit of its claim; what its check gives in no unit of its own is in that.

    Raises
    ------
    DataError
        If the claim has a unit of another kind.
    """
    if finding.unit in {"", claim.unit} or {finding.unit, claim.unit} == {"share", "ratio"}:
        return finding
    try:
        factor = _factor(finding.unit, claim.unit, finding.period, claim.check)
    except ValueError:
        problem = f"{claim.check} gives {finding.unit}, which does not fit {claim.unit}"
        raise refused(claim, "unit", problem) from None
    return finding._replace(
        readings=tuple(_times(reading, factor) for reading in finding.readings),
        by_class={word: _times(reading, factor) for word, reading in finding.by_class.items()},
        reproduced=None if finding.reproduced is None else finding.reproduced * factor,
    )


def _times(reading: Reading, factor: float) -> Reading:
    ends = {end: getattr(reading, end) * factor for end in ("low", "value", "high")}
    return reading._replace(**ends, row_values=tuple(value * factor for value in reading.row_values))


def in_one_unit(claim: Any, rows: pd.DataFrame) -> pd.Series[float]:
    """Return the values of data rows in the unit of the first of them."""
    return in_unit(claim, rows, rows["unit"].iloc[0])["value"]


def _part_of(claim: Any, part: float, whole: float) -> float:
    """Return one value over another in the unit of a claim, which has to be a number without dimension."""
    factor, base = in_base(1.0, claim.unit)
    if base not in ("share", "ratio"):
        problem = f"{claim.check} gives a share or a ratio, not {claim.unit}"
        raise refused(claim, "unit", problem)
    return part / whole / factor


@check
def compare(claim: Any, context: Context) -> Finding:
    """Set the claim beside its rows as they are, one reading a basis; those that settle nothing are told."""
    cited = context.cited(claim)
    stated = set(claim.evidence_basis.split(";")) - {"none found"}
    if missing := stated ^ set(cited["basis"]):
        problem = f"the rows that are cited count {', '.join(sorted(set(cited['basis'])))}"
        one = min(missing)
        raise refused(claim, "evidence_basis", f"{one!r:.60}; {problem}")
    readings = []
    for basis, rows in cited.groupby("basis", sort=False):
        ends = in_unit(claim, rows, claim.unit)
        found = reading_over(str(basis), ends["value"], rows["grade"])
        readings.append(found._replace(low=ends["low"].min(), high=ends["high"].max()))
    cited_periods = cited["period"].dropna().unique()
    reasoning = ""
    if len(cited_periods) == 1 and period_bounds(cited_periods[0]) != period_bounds(claim.as_of):
        reasoning = f"Period of the evidence: {cited_periods[0]}."
    weak = [reading for reading in readings if reading.grade == WEAK]
    if len(weak) < len(readings):
        told = [f" Weak evidence besides ({one.basis}): {one.low:g} to {one.high:g}." for one in weak]
        reasoning = "".join([reasoning, *told]).strip()
    return Finding(tuple(readings), reasoning=reasoning)


@check
def undefined(claim: Any, context: Context) -> Finding:
    """No measure could decide the claim."""
    return Finding(undefined=True, reasoning="The text names no measure that could decide it.")


@check
def share_of_total(claim: Any, context: Context) -> Finding:
    """Return the first row over the second; further pairs came after the text and are told, not judged by."""
    rows = context.cited(claim)
    if rows.empty or len(rows) % 2:
        raise ValueError("it takes two, a part and its whole, or several such pairs")
    values = in_one_unit(claim, rows).tolist()
    (value, whole), *more = zip(values[::2], values[1::2], strict=True)
    part, *later = rows.iloc[::2].itertuples()
    told = [f"{value:g} of {whole:g} {part.unit}."]
    told += [
        f"After the text ({row.period}), on {row.basis}, at least {one / all_of_it:.0%}."
        for row, (one, all_of_it) in zip(later, more, strict=True)
    ]
    share = _part_of(claim, value, whole)
    return finding_over(part.basis, [share], rows["grade"].iloc[:2], " ".join(told))


@check
def rest_of_total(claim: Any, context: Context) -> Finding:
    """Return what the first row leaves of the second."""
    share = share_of_total(claim, context)
    (reading,) = share.readings
    rest = 1.0 / in_base(1.0, claim.unit)[0] - reading.value
    told = f"No count of its own, but what is left by {share.reasoning}"
    return Finding((Reading(reading.basis, rest, rest, rest, reading.grade),), reasoning=told)


@check
def ratio_of_two(claim: Any, context: Context) -> Finding:
    """Return the first row over the second, as a ratio."""
    top, base = context.cited(claim).itertuples()
    first, second = in_one_unit(claim, context.cited(claim))
    told = f"{first:,.4g} over {second:,.4g} {top.unit}."
    if top.unit != base.unit:
        told += f" The second is {base.value:,.4g} {base.unit}."
    return share_of_total(claim, context)._replace(reasoning=told)


@check
def sum_of_rows(claim: Any, context: Context) -> Finding:
    """Return the sum of the rows: what is known of, and no more."""
    rows = context.cited(claim)
    summed = in_unit(claim, rows, claim.unit)["value"].sum()
    told = f"Sum of what has a published price: {'; '.join(context.subjects[rows.index])}."
    return finding_over(rows["basis"].iloc[0], [summed], rows["grade"], told)


@check
def per_head(claim: Any, context: Context) -> Finding:
    """Return generation and consumption a head of population."""
    rows = context.cited(claim)
    generated, used, people = (in_base(row.value, row.unit)[0] for row in rows.itertuples())
    own = generated / people
    reasoning = (
        f"The article's own {rows['value'].iloc[0]:g} TWh over {rows['value'].iloc[2]:.0f} million people is "
        f"{own:.1f} kWh; it would take {generated / claim.value_high / 1e6:,.0f} million people."
    )
    reading = reading_over("per head of population", [own, used / people], rows["grade"], own)
    follows = {"its own generation over the population": (own, own)}
    return Finding((reading,), reproduced=own, reasoning=reasoning, follows=follows, unit="kWh")


@check
def years_between(claim: Any, context: Context) -> Finding:
    """Return the years between two rows."""
    rows = context.cited(claim)
    later, earlier = rows["value"].where(rows["unit"] == "calendar year", rows["year"])
    reasoning = f"From {earlier:.0f} to {later:.0f}."
    return finding_over("calendar year", [later - earlier], rows["grade"], reasoning, unit="years")
