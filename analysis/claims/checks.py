"""How each claim of the ledger is evaluated: one small function a kind of claim.

A check takes a claim and the context and returns a `Finding`. The ledger names it in its column ``check``;
adding a kind of claim is adding a function with the decorator `check`. Here are those that do plain
arithmetic on the rows that a claim cites; those that need more stand in `article_checks`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.errors import DataError
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.inputs.units import in_base, period_bounds, worst_grade
from analysis.model.verdict import Reading
from analysis.tables import price_evidence

_COLUMNS = ["id", "value", "low", "high", "unit", "currency", "period", "year", "basis", "source", "grade"]
"""What all data rows have."""

_SOVIET_UNION_ENDED = 1992


class Finding(NamedTuple):
    """What a check found, in the unit of the claim.

    `reproduced` is what the article's own figures give; `readings` are the evidence, one a basis;
    `statement` decides a rank or a yes-no claim, with the grade of its rows; an undefined claim has no
    measure. `follows` says what else follows from the article's figures, low and high by how it does.
    """

    readings: tuple[Reading, ...] = ()
    reproduced: float | None = None
    statement: bool | None = None
    statement_grade: str = ""
    undefined: bool = False
    reasoning: str = ""
    follows: Mapping[str, tuple[float, float]] = MappingProxyType({})


@dataclass(frozen=True)
class Context:
    """What the checks look at: all data rows, the article's scenario and the audited one."""

    article: Scenario
    audited: Scenario

    @cached_property
    def rows(self) -> pd.DataFrame:
        """All data rows by id, with the columns that they share."""
        generation, models = datasets.load_generation(), datasets.load_flagships()
        metric = generation["metric"].str.replace("^electricity |.*(?=capacity$)", "", regex=True)
        tables = [
            datasets.load_facts(),
            datasets.load_prices().rename(columns={"component": "basis"}),
            datasets.load_gpu_economics().rename(columns={"quantity": "basis"}),
            datasets.load_energy_measured().assign(basis="GPU energy, measured"),
            generation.assign(basis=metric),
            models.assign(value=models["input_usd_per_mtok"], unit="USD/Mtok", basis="list price"),
        ]
        rows = pd.concat([table.reindex(columns=_COLUMNS) for table in tables], ignore_index=True)
        rows["low"], rows["high"] = rows["low"].fillna(rows["value"]), rows["high"].fillna(rows["value"])
        return rows.set_index("id", drop=False)

    @cached_property
    def price_cells(self) -> pd.DataFrame:
        """The evidence on tariffs in the main year [CNY/kWh]."""
        layers = price_evidence.price_evidence_by_layer(self.article, "CNY")
        return layers[layers["year"] == price_evidence.MAIN_YEAR].set_index(["layer", "region"])

    def cited(self, claim: Any) -> pd.DataFrame:
        """Return the rows that a claim cites, in its order."""
        return self.rows.loc[claim.evidence]


Check = Callable[[Any, Context], Finding]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    """Make a function known to the ledger by its name."""
    CHECKS[function.__name__] = function
    return function


def default_context() -> Context:
    """Return the context of the project's own scenarios."""
    return Context(load_scenario("article"), load_scenario("audited"))


def reading_over(basis: str, values: Sequence[float], grades: Any, value: float | None = None) -> Reading:
    """Return a reading over some values: their ends and their median, unless a value is given."""
    series = pd.Series(values, dtype=float)
    middle = float(series.median()) if value is None else value
    return Reading(basis, float(series.min()), middle, float(series.max()), worst_grade(grades))


def finding_over(
    basis: str, values: Sequence[float], grades: Any, reasoning: str, value: float | None = None, **rest: Any
) -> Finding:
    """Return a finding of one reading over some values; the rest are other fields of the finding."""
    return Finding((reading_over(basis, values, grades, value),), reasoning=reasoning, **rest)


def finding_that(statement: bool, grades: Any, reasoning: str, **rest: Any) -> Finding:
    """Return a finding whether a statement is true, with the weakest of the grades of its rows."""
    return Finding(statement=statement, statement_grade=worst_grade(grades), reasoning=reasoning, **rest)


def in_unit_of(claim: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the columns ``low``, ``value`` and ``high`` of data rows in the claim's unit.

    Raises
    ------
    DataError
        If a row has a unit of another kind.
    """
    claim_factor, base = in_base(1.0, claim.unit)
    factors = []
    for unit in rows["unit"]:
        factor, row_base = in_base(1.0, unit)
        if row_base != base:
            problem = f"evidence in {unit} does not fit a claim in {claim.unit}"
            raise DataError(f"claims.csv, row {claim.id!r}, column unit: {problem}")
        factors.append(factor)
    return rows[["low", "value", "high"]].mul(factors, axis="index") / claim_factor


@check
def compare(claim: Any, context: Context) -> Finding:
    """Set the claim beside its rows as they are, one reading a basis."""
    cited = context.cited(claim)
    readings = []
    for basis, rows in cited.groupby("basis", sort=False):
        ends = in_unit_of(claim, rows)
        middle = float(ends["value"].median())
        readings.append(reading_over(str(basis), ends.to_numpy().ravel(), rows["grade"], middle))
    cited_periods = cited["period"].unique()
    reasoning = ""
    if len(cited_periods) == 1 and period_bounds(cited_periods[0]) != period_bounds(claim.as_of):
        reasoning = f"Period of the evidence: {cited_periods[0]}."
    return Finding(tuple(readings), reasoning=reasoning)


@check
def undefined(claim: Any, context: Context) -> Finding:
    """No measure could decide the claim."""
    return Finding(undefined=True, reasoning="The text names no measure that could decide it.")


@check
def share_of_total(claim: Any, context: Context) -> Finding:
    """Return the first row over the second; further pairs came after the text and are told, not judged by."""
    part, total, *later = context.cited(claim).itertuples()
    told = [f"{part.value:g} of {total.value:g} {part.unit}."]
    told += [
        f"After the text ({one.period}), on {one.basis}, at least {one.value / whole.value:.0%}."
        for one, whole in zip(later[::2], later[1::2], strict=True)
    ]
    return finding_over(part.basis, [part.value / total.value], [part.grade, total.grade], " ".join(told))


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
    top, base = context.cited(claim).itertuples()
    told = f"{top.value:,.0f} over {base.value:,.0f} {top.unit}."
    return share_of_total(claim, context)._replace(reasoning=told)


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
    return Finding((reading,), reproduced=own, reasoning=reasoning, follows=follows)


@check
def rank_of_china(claim: Any, context: Context) -> Finding:
    """Return the rank of the first row among all cited ones."""
    rows = context.cited(claim)
    ahead = rows[rows["value"] > rows["value"].iloc[0]]
    rank = 1 + len(ahead)
    leaders = ", ".join(sorted(ahead["id"].str.split("-").str[1])).title().replace("Us", "US")
    behind = f", behind {leaders}" if leaders else ""
    reasoning = f"By {claim.evidence_basis} China stood at rank {rank}{behind}."
    if "Russia" in leaders and rows["year"].max() < _SOVIET_UNION_ENDED:
        reasoning += " Russia is counted alone, without the rest of the Soviet Union."
    return finding_that(rank == claim.value_low, rows["grade"], reasoning)


@check
def exceeds_sum(claim: Any, context: Context) -> Finding:
    """Tell whether the first row is more than the sum of the others."""
    rows = context.cited(claim)
    own, others = rows["value"].iloc[0], rows["value"].iloc[1:].sum()
    reasoning = f"{own:,.0f} against {others:,.0f} TWh, {own / others:.2f} times as much."
    return finding_that(own > others, rows["grade"], reasoning, reproduced=own / others)


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
    return finding_that(all(china > us for china, us, _ in triples), rows["grade"], f"{told}.")


@check
def years_between(claim: Any, context: Context) -> Finding:
    """Return the years between two rows."""
    rows = context.cited(claim)
    later, earlier = rows["value"].where(rows["unit"] == "calendar year", rows["year"])
    reasoning = f"From {earlier:.0f} to {later:.0f}."
    return finding_over("calendar year", [later - earlier], rows["grade"], reasoning)
