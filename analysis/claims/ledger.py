"""The ledger: every claim of the article, evaluated by one rule.

`evaluate` runs the check that each row names and turns what it finds into a verdict. Nothing is typed:
numbers come from data rows, grades travel with them, and the verdict follows from both.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.claims.checks import CHECKS, Context, Finding, default_context
from analysis.inputs import datasets
from analysis.inputs.errors import DataError, ParameterError
from analysis.inputs.units import in_base
from analysis.model.verdict import CLAIM_VERDICTS, UNDEFINED, Reading, judge_claim, judge_statement
from analysis.tables.headline import Headline

_PLAIN_UNITS = ("share", "ratio", "rank", "calendar year")
"""Units that go without saying beside a number."""

_PRINTED_UNITS = {"USD/Mtok": "USD", "kWh/100tok": "kWh"}
"""Units that the article prints without what they are for."""

_INTERCHANGEABLE = ({"ratio", "number"}, {"share", "ratio"})
"""Base units of a claim and of a printed number that may mean the same."""


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
    DataError
        If a row names a check that is not there, or its evidence has another unit.
    """
    claims = datasets.load_claims() if claims is None else claims
    context = context or default_context()
    tolerance = context.article.verdict_tolerance.value
    printed = datasets.load_printed_numbers()
    records = []
    for claim, finding in findings(claims, context):
        verdict, reading = _verdict(claim, finding, half_digit(claim, printed), tolerance)
        records.append(_record(claim, finding, verdict, reading, context))
    return pd.DataFrame(records).set_index("id", drop=False)


def findings(claims: pd.DataFrame, context: Context) -> Iterator[tuple[Any, Finding]]:
    """Yield each claim with what its check finds.

    Raises
    ------
    DataError
        If a row names a check that is not there.
    """
    for claim in claims.itertuples(index=False):
        if claim.check not in CHECKS:
            raise DataError(f"claims.csv, row {claim.id!r}, column check: there is no check {claim.check!r}")
        yield claim, CHECKS[claim.check](claim, context)


def _verdict(claim: Any, finding: Finding, half_digit: float, tolerance: float) -> tuple[str, Reading | None]:
    if finding.undefined:
        return UNDEFINED, None
    if finding.statement is not None:
        return judge_statement(finding.statement, finding.statement_grade), None
    return judge_claim(  # an open end is infinite
        claim_low=-math.inf if math.isnan(claim.value_low) else claim.value_low,
        claim_high=math.inf if math.isnan(claim.value_high) else claim.value_high,
        claimed_basis=claim.claimed_basis,
        readings=finding.readings,
        half_digit=half_digit,
        tolerance=tolerance,
    )


def _record(
    claim: Any, finding: Finding, verdict: str, reading: Reading | None, context: Context
) -> dict[str, Any]:
    used = reading or Reading("", math.nan, math.nan, math.nan, finding.statement_grade)
    stated = pd.Series([claim.value_low, claim.value_high]).mean()
    return {
        **claim._asdict(),
        "evidence": ";".join(claim.evidence),
        "reproduced": math.nan if finding.reproduced is None else finding.reproduced,
        "evidence_low": used.low,
        "evidence_value": used.value,
        "evidence_high": used.high,
        "evidence_used": used.basis,
        "grade": used.grade,
        "source": ";".join(context.cited(claim)["source"].unique()),
        "ratio": stated / used.value if used.value else math.nan,
        "verdict": verdict,
        "reasoning": _reasoning(claim, finding, reading),
    }


def _reasoning(claim: Any, finding: Finding, reading: Reading | None) -> str:
    """Return one sentence or two: what the evidence is, and what the check says of it."""
    if reading is None:
        return finding.reasoning or "No evidence with a source was found."
    ends = dict.fromkeys(_as_text(end, claim.unit) for end in (reading.low, reading.high))
    weak = "Weak evidence" if reading.grade == "C" else "Evidence"
    basis = "" if reading.basis == claim.unit else f" ({reading.basis})"
    unit = "" if claim.unit in _PLAIN_UNITS else f" {claim.unit}"
    return f"{weak}{basis}: {' to '.join(ends)}{unit}. {finding.reasoning}".strip()


def _as_text(number: float, unit: str) -> str:
    if unit == "share":
        return f"{number * 100:.3g} %"
    return f"{number:,.0f}" if abs(number) >= 1000.0 and unit != "calendar year" else f"{number:.4g}"


def half_digit(claim: Any, printed: pd.DataFrame) -> float:
    """Return half a unit of the last digit that the article prints, in the claim's unit.

    Parameters
    ----------
    claim : row of the claims
        The claim.
    printed : pandas.DataFrame
        As returned by `datasets.load_printed_numbers`.

    Returns
    -------
    float
        Of a range the end with more decimals counts; 0 where no number is printed in digits.
    """
    number: Any = next((row for row in printed.itertuples() if is_about(claim, row)), None)
    digits = re.findall(r"\d+(?:\.\d+)?", number.token) if number else []
    if not digits or not float(digits[0]):
        return 0.0
    last_digit = min(10.0 ** -len(text.partition(".")[2]) for text in digits)
    scale = number.value_low / float(digits[0])
    in_claim_unit, _ = in_base(1.0, _PRINTED_UNITS.get(claim.unit, claim.unit))
    return 0.5 * last_digit * in_base(scale, number.unit)[0] / in_claim_unit


def is_about(claim: Any, number: Any) -> bool:
    """Tell whether a claim is about a printed number: same paragraph, kind of unit, and stated ends."""
    unit = _PRINTED_UNITS.get(claim.unit, claim.unit)
    factor, base = in_base(1.0, unit)
    printed_factor, printed_base = in_base(1.0, number.unit)
    if claim.paragraph != number.paragraph or number.unit == "calendar year":
        return False
    if base != printed_base and {base, printed_base} not in _INTERCHANGEABLE:
        return False
    stated = [end * factor for end in (claim.value_low, claim.value_high) if not math.isnan(end)]
    printed = [end * printed_factor for end in (number.value_low, number.value_high)]
    return all(any(math.isclose(end, one, rel_tol=1e-9) for one in printed) for end in stated)


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
