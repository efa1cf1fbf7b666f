"""The rules that set a claim against evidence: one for a price cell, one for the ledger."""

import math
from collections.abc import Sequence
from typing import NamedTuple

HOLDS = "holds"
TOO_HIGH = "too high"
TOO_LOW = "too low"
UNSETTLED = "unsettled"
OVERSTATED, UNDERSTATED, FALSE = "overstated", "understated", "false"
HOLDS_ROUNDED, MISATTRIBUTED = "holds within rounding", "misattributed"
UNSUPPORTED, UNDEFINED = "unsupported", "undefined"
CLAIM_VERDICTS = (HOLDS, HOLDS_ROUNDED, OVERSTATED, UNDERSTATED, FALSE, MISATTRIBUTED, UNSUPPORTED, UNDEFINED)
"""The verdicts of the ledger, from the best to what cannot be judged."""

WEAK = "C"

FALSE_BEYOND = 2.0
"""Factor between claim and evidence beyond which a claim is false, not overstated or understated [1]."""
"""The grade that settles nothing."""


class Verdict(NamedTuple):
    """A verdict on a claimed range.

    Attributes
    ----------
    word : str
        ``holds``, ``too high``, ``too low`` or ``unsettled``.
    low_deviation, high_deviation : float
        Deviation of the claim's low and high end from the evidence value [1].
    text : str
        The verdict with its reason, as it is shown.
    """

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
    if grade == WEAK:
        return Verdict(UNSETTLED, low, high, "unsettled: the evidence is weak (grade C)")
    if claim_low > evidence_high * (1.0 + tolerance):
        return Verdict(TOO_HIGH, low, high, f"too high by {_percent_span(low, high)}")
    if claim_high < evidence_low * (1.0 - tolerance):
        return Verdict(TOO_LOW, low, high, f"too low by {_percent_span(high, low)}")
    return Verdict(HOLDS, low, high, HOLDS)


def _percent_span(near: float, far: float) -> str:
    first, last = f"{abs(near):.0%}"[:-1], f"{abs(far):.0%}"[:-1]
    return f"{first} %" if first == last else f"{first}-{last} %"


class Reading(NamedTuple):
    """What the evidence says on one basis.

    Attributes
    ----------
    basis : str
        What is counted.
    low, value, high : float
        In the unit of the claim.
    grade : str
        Weakest grade of the rows behind it.
    """

    basis: str
    low: float
    value: float
    high: float
    grade: str


def judge_claim(
    *,
    claim_low: float,
    claim_high: float,
    claimed_basis: str,
    readings: Sequence[Reading],
    half_digit: float = 0.0,
    tolerance: float,
) -> tuple[str, Reading | None]:
    """Judge a claimed range by readings of the evidence.

    Parameters
    ----------
    claim_low, claim_high : float
        The claim's ends; minus or plus infinity where it is open ("more than", "below").
    claimed_basis : str
        What the claim counts.
    readings : sequence of Reading
        The evidence, one reading a basis; those of grade C are shown and settle nothing.
    half_digit : float, optional
        Half a unit of the last digit that the claim prints.
    tolerance : float
        How near the evidence range counts as touching it [1].

    Returns
    -------
    str, Reading or None
        The verdict, and the reading that it rests on.

    Notes
    -----
    On the claimed basis: *holds* if the ranges overlap within the tolerance, *holds within rounding*
    within half a unit of the last digit; *overstated* or *understated* up to a factor of two from the
    nearest end of the evidence, *false* beyond. If that is not met but another basis holds,
    *misattributed*. Without a reading on the claimed basis the others are judged; without any above
    grade C, *unsupported*.

    Examples
    --------
    >>> reading = Reading("users", 0.2, 0.2, 0.2, "A")
    >>> judge_claim(claim_low=0.5, claim_high=0.5, claimed_basis="users", readings=[reading],
    ...             tolerance=0.02)[0]
    'false'
    """
    strong = [reading for reading in readings if reading.grade != WEAK]
    if not strong:
        return UNSUPPORTED, readings[0] if readings else None
    own_first = sorted(strong, key=lambda reading: reading.basis != claimed_basis)
    judged = [(_word(claim_low, claim_high, found, half_digit, tolerance), found) for found in own_first]
    for word, reading in judged:
        if word in (HOLDS, HOLDS_ROUNDED):
            return word if reading.basis == claimed_basis else MISATTRIBUTED, reading
    return judged[0]


def _word(low: float, high: float, reading: Reading, half_digit: float, tolerance: float) -> str:
    if low <= reading.high * (1.0 + tolerance) and high >= reading.low * (1.0 - tolerance):
        return HOLDS
    if low - half_digit <= reading.high and high + half_digit >= reading.low:
        return HOLDS_ROUNDED
    if low > reading.high:
        return OVERSTATED if _within_factor(low, reading.high) else FALSE
    return UNDERSTATED if _within_factor(reading.low, high) else FALSE


def _within_factor(larger: float, smaller: float) -> bool:
    """Tell whether two numbers of one sign lie within `FALSE_BEYOND` of each other."""
    return smaller > 0.0 and larger / smaller <= FALSE_BEYOND


def judge_statement(true: bool, grade: str) -> str:
    """Judge a rank or a yes-no statement: *holds*, *false*, or *unsupported* on grade C.

    Examples
    --------
    >>> judge_statement(False, "A"), judge_statement(True, "C")
    ('false', 'unsupported')
    """
    if grade == WEAK:
        return UNSUPPORTED
    return HOLDS if true else FALSE
