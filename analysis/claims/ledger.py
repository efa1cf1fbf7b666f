"""The ledger: every figure of the article, evaluated by one rule.

`evaluate` runs the check that each row names and turns what it finds into a verdict. Nothing is typed:
numbers come from data rows, grades travel with them, and the verdict follows from both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis.claims.article import Figure, load_figures
from analysis.claims.checks import CHECKS, Context, Finding, default_context
from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError
from analysis.inputs.units import in_base
from analysis.model.verdict import CLAIM_VERDICTS, UNDEFINED, Reading, judge_claim, judge_statement
from analysis.tables.headline import Headline

NOT_CLAIMS = {
    (3, "2026-03-13 00:19:17"): "publication time",
    (4, "0"): "a counter of the page",
    (11, "千亿参数"): "size class that a claim is about",
    (11, "100Token"): "denominator of a claim",
    (17, "2026年"): "year of the comparison that follows",
    (21, "百万Token"): "denominator of prices",
    (21, "GPT-4o"): "model name",
    (26, "GPT-4o"): "model name",
    (30, "百年"): "a heading",
}
"""Figures of the text that claim nothing by themselves, and why."""

_PLAIN_UNITS = ("share", "ratio", "rank", "calendar year")
"""Units that go without saying beside a number."""

_DENOMINATOR_UNITS = {"USD/Mtok": "USD", "kWh/100tok": "kWh"}


def evaluate(claims: pd.DataFrame | None = None, context: Context | None = None) -> pd.DataFrame:
    """Return the audited ledger.

    Parameters
    ----------
    claims : pandas.DataFrame, optional
        As returned by `datasets.load_claims`, the default.
    context : Context, optional
        What the checks look at.

    Returns
    -------
    pandas.DataFrame
        Indexed by id, the ledger's columns and ``reproduced``, ``evidence_low``, ``evidence_value``,
        ``evidence_high`` (in the claim's unit), ``grade``, ``source``, ``ratio`` of claim to evidence [1],
        ``verdict`` and ``reasoning``.

    Raises
    ------
    ValueError
        If a row names a check that is not there, or its evidence has another unit.
    """
    claims = datasets.load_claims() if claims is None else claims
    context = context or default_context()
    tolerance = context.article.verdict_tolerance.value
    figures = load_figures()
    records = []
    for claim in claims.itertuples(index=False):
        if claim.check not in CHECKS:
            raise ValueError(f"claims.csv, claim {claim.id}: no check {claim.check!r} in analysis/checks/")
        finding = CHECKS[claim.check](claim, context)
        verdict, reading = _verdict(claim, finding, _half_digit(claim, figures), tolerance)
        records.append(_record(claim, finding, verdict, reading, context))
    return pd.DataFrame(records).set_index("id", drop=False)


def _ends(claim: Any) -> tuple[float, float]:
    """Return the claim's ends; an open one is infinite."""
    low = -math.inf if math.isnan(claim.value_low) else claim.value_low
    high = math.inf if math.isnan(claim.value_high) else claim.value_high
    return low, high


def _verdict(claim: Any, finding: Finding, half_digit: float, tolerance: float) -> tuple[str, Reading | None]:
    if finding.undefined:
        return UNDEFINED, None
    if finding.statement is not None:
        return judge_statement(finding.statement, finding.statement_grade), None
    low, high = _ends(claim)
    return judge_claim(
        claim_low=low,
        claim_high=high,
        claimed_basis=claim.claimed_basis,
        readings=finding.readings,
        half_digit=half_digit,
        tolerance=tolerance,
    )


def _record(
    claim: Any, finding: Finding, verdict: str, reading: Reading | None, context: Context
) -> dict[str, Any]:
    cited = context.rows.loc[claim.evidence]
    grade = reading.grade if reading else finding.statement_grade
    low, high = _ends(claim)
    stated = [end for end in (low, high) if math.isfinite(end)]
    ratio = sum(stated) / len(stated) / reading.value if reading and reading.value else math.nan
    return {
        **claim._asdict(),
        "evidence": ";".join(claim.evidence),
        "reproduced": math.nan if finding.reproduced is None else finding.reproduced,
        "evidence_low": reading.low if reading else math.nan,
        "evidence_value": reading.value if reading else math.nan,
        "evidence_high": reading.high if reading else math.nan,
        "evidence_used": reading.basis if reading else "",
        "grade": grade,
        "source": ";".join(dict.fromkeys(cited["source"])),
        "ratio": ratio,
        "verdict": verdict,
        "reasoning": _reasoning(claim, finding, reading),
    }


def _reasoning(claim: Any, finding: Finding, reading: Reading | None) -> str:
    """Return one sentence or two: what the evidence is, and what the check says of it."""
    if reading is None:
        return finding.reasoning or "No evidence with a source was found."
    ends = dict.fromkeys(_shown(end, claim.unit) for end in (reading.low, reading.high))
    weak = "Weak evidence" if reading.grade == "C" else "Evidence"
    basis = "" if reading.basis == claim.unit else f" ({reading.basis})"
    unit = "" if claim.unit in _PLAIN_UNITS else f" {claim.unit}"
    return f"{weak}{basis}: {' to '.join(ends)}{unit}. {finding.reasoning}".strip()


def _shown(number: float, unit: str) -> str:
    if unit == "share":
        return f"{number * 100:.3g} %"
    return f"{number:,.0f}" if abs(number) >= 1000.0 and unit != "calendar year" else f"{number:.4g}"


def _half_digit(claim: Any, figures: Iterable[Figure]) -> float:
    """Return half a unit of the last digit that the article prints, in the claim's unit; 0 without a figure.

    Of a range the end with more decimals counts.
    """
    for figure in figures:
        if figure.unit != "calendar year" and says(claim, figure):
            numbers = re.findall(r"\d+(?:\.\d+)?", figure.token)
            if not numbers or not float(numbers[0]):
                return 0.0
            last_digit = min(10.0 ** -len(number.partition(".")[2]) for number in numbers)
            scale = figure.value_low / float(numbers[0])
            factor, _ = in_base(1.0, _DENOMINATOR_UNITS.get(claim.unit, claim.unit))
            return 0.5 * last_digit * in_base(scale, figure.unit)[0] / factor
    return 0.0


def says(claim: Any, figure: Figure) -> bool:
    """Tell whether a claim of the ledger is about a figure of the text."""
    if claim.paragraph != figure.paragraph:
        return False
    if figure.unit == "calendar year":
        return str(claim.as_of).startswith(f"{figure.value_low:.0f}")
    unit = _DENOMINATOR_UNITS.get(claim.unit, claim.unit)
    _, base = in_base(1.0, unit)
    figure_base = in_base(1.0, figure.unit)[1]
    if base != figure_base and {base, figure_base} not in ({"ratio", "number"}, {"share", "ratio"}):
        return False
    stated = [in_base(end, unit)[0] for end in (claim.value_low, claim.value_high) if not math.isnan(end)]
    printed = (in_base(figure.value_low, figure.unit)[0], in_base(figure.value_high, figure.unit)[0])
    return all(any(math.isclose(end, one, rel_tol=1e-9) for one in printed) for end in stated)


def uncovered_figures(claims: pd.DataFrame, figures: Iterable[Figure]) -> list[Figure]:
    """Return the figures of the text that no claim is about and that `NOT_CLAIMS` does not explain."""
    rows = list(claims.itertuples(index=False))
    return [
        figure
        for figure in figures
        if (figure.paragraph, figure.token) not in NOT_CLAIMS
        and not any(says(claim, figure) for claim in rows)
    ]


def counts(ledger: pd.DataFrame) -> pd.Series:
    """Return the number of claims by verdict, every verdict named."""
    return ledger["verdict"].value_counts().reindex(CLAIM_VERDICTS, fill_value=0)


def on_topic(ledger: pd.DataFrame, topic: str) -> pd.DataFrame:
    """Return the claims of a topic, or all for an empty string.

    Raises
    ------
    ParameterError
        If no claim has the topic.
    """
    topics = list(dict.fromkeys(ledger["topic"]))
    if topic and topic not in topics:
        raise ParameterError(f"topic {topic!r}: no claim has it; topics: {', '.join(topics)}")
    return ledger if not topic else ledger[ledger["topic"] == topic]


def headlines(ledger: pd.DataFrame) -> dict[str, Headline]:
    """Return the number of claims, in all and by verdict."""
    found = {"claims_total": Headline.of(float(len(ledger)), "claims")}
    for verdict, number in counts(ledger).items():
        found[f"claims_{str(verdict).replace(' ', '_')}"] = Headline.of(float(number), "claims")
    return found
