"""One rule that sets a claimed range against a range of evidence."""

from __future__ import annotations

import math
from typing import NamedTuple

HOLDS = "holds"
TOO_HIGH = "too high"
TOO_LOW = "too low"
UNSETTLED = "unsettled"
VERDICTS = (HOLDS, TOO_HIGH, TOO_LOW, UNSETTLED)


class Verdict(NamedTuple):
    """A verdict, with the deviation of the claim's low and high end from the evidence value [1]."""

    word: str
    low_deviation: float
    high_deviation: float
    text: str


def judge_range(
    *,
    claim_low: float,
    claim_high: float,
    evidence_low: float,
    evidence_value: float,
    evidence_high: float,
    grade: str | None,
    tolerance: float,
) -> Verdict:
    """Judge a claimed range by the evidence.

    Parameters
    ----------
    claim_low, claim_high : float
        The claim's ends, in the unit of the evidence.
    evidence_low, evidence_value, evidence_high : float
        The evidence; NaN where there is none.
    grade : str or None
        Weakest grade of the rows behind the evidence.
    tolerance : float
        How near the evidence range counts as touching it [1].

    Returns
    -------
    Verdict
        ``holds`` if the ranges overlap within the tolerance; ``too high`` or ``too low`` with the
        deviation of the claim's ends from the evidence value; ``unsettled`` without evidence above
        grade C.

    Examples
    --------
    >>> judge_range(claim_low=0.9, claim_high=1.2, evidence_low=0.5, evidence_value=0.6,
    ...             evidence_high=0.7, grade="A", tolerance=0.02).text
    'too high by 50-100 %'
    """
    if math.isnan(evidence_value) or grade is None:
        return Verdict(UNSETTLED, math.nan, math.nan, "unsettled: no evidence found")
    low, high = claim_low / evidence_value - 1.0, claim_high / evidence_value - 1.0
    if grade == "C":
        return Verdict(UNSETTLED, low, high, "unsettled: the evidence is weak (grade C)")
    if claim_low > evidence_high * (1.0 + tolerance):
        return Verdict(TOO_HIGH, low, high, f"too high by {_percent_span(low, high)}")
    if claim_high < evidence_low * (1.0 - tolerance):
        return Verdict(TOO_LOW, low, high, f"too low by {_percent_span(high, low)}")
    return Verdict(HOLDS, low, high, HOLDS)


def _percent_span(near: float, far: float) -> str:
    first, last = f"{abs(near):.0%}"[:-1], f"{abs(far):.0%}"[:-1]
    return f"{first} %" if first == last else f"{first}-{last} %"
