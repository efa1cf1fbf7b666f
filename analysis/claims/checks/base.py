"""What a check is given and what it returns, and the register of all checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.inputs.units import in_base, worst_grade
from analysis.model.verdict import Reading
from analysis.tables import price_evidence


class Finding(NamedTuple):
    """What a check found, in the unit of the claim.

    `reproduced` is what the article's own figures give; `readings` are the evidence, one a basis;
    `statement` decides a rank or a yes-no claim, with the grade of its rows; an undefined claim has no
    measure.
    """

    readings: tuple[Reading, ...] = ()
    reproduced: float | None = None
    statement: bool | None = None
    statement_grade: str = ""
    undefined: bool = False
    reasoning: str = ""


@dataclass(frozen=True)
class Context:
    """What the checks look at: all data rows, the article's scenario and the audited one."""

    article: Scenario
    audited: Scenario

    @cached_property
    def rows(self) -> pd.DataFrame:
        """All data rows by id, with the columns that they share."""
        shared = [
            "id",
            "value",
            "low",
            "high",
            "unit",
            "currency",
            "period",
            "year",
            "basis",
            "source",
            "grade",
        ]
        flagships = datasets.load_flagships().assign(
            value=lambda table: table["input_usd_per_mtok"], unit="USD/Mtok", basis="list price"
        )
        generation = datasets.load_generation().assign(basis=lambda table: table["metric"].map(_metric_basis))
        tables = [
            datasets.load_prices().assign(basis=lambda table: table["component"]),
            datasets.load_facts(),
            generation,
            datasets.load_energy_measured().assign(basis="GPU energy, measured"),
            datasets.load_gpu_economics().assign(basis=lambda table: table["quantity"]),
            flagships,
        ]
        frame = pd.concat([table.reindex(columns=shared) for table in tables], ignore_index=True)
        frame["low"], frame["high"] = (
            frame["low"].fillna(frame["value"]),
            frame["high"].fillna(frame["value"]),
        )
        return frame.set_index("id", drop=False)

    @cached_property
    def price_cells(self) -> pd.DataFrame:
        """The evidence on tariffs in the main year [CNY/kWh]."""
        layers = price_evidence.price_evidence_by_layer(self.article, "CNY")
        return layers[layers["year"] == price_evidence.MAIN_YEAR].set_index(["layer", "region"])

    def cited(self, claim: Any) -> pd.DataFrame:
        """Return the rows that a claim cites, in its order."""
        return self.rows.loc[claim.evidence]


def _metric_basis(metric: str) -> str:
    return "capacity" if metric.endswith("capacity") else metric.removeprefix("electricity ")


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


def in_unit_of(claim: Any, values: pd.Series, units: pd.Series) -> list[float]:
    """Return values in the claim's unit."""
    factor, base = in_base(1.0, claim.unit)
    converted = []
    for value, unit in zip(values, units, strict=True):
        own, own_base = in_base(value, unit)
        if own_base != base:
            raise ValueError(f"claim {claim.id}: evidence in {unit} does not fit a claim in {claim.unit}")
        converted.append(own / factor)
    return converted
