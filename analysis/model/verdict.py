"""The rules that set a claim against evidence: one for a price cell, one for the ledger."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

HOLDS, PARTLY = "holds", "partly holds"
TOO_HIGH = "too high"
TOO_LOW = "too low"
UNSETTLED = "unsettled"
OVERSTATED, UNDERSTATED, FALSE = "overstated", "understated", "false"
HOLDS_ROUNDED, MISATTRIBUTED = "holds within rounding", "misattributed"
DEPENDS, UNSUPPORTED, UNDEFINED = "depends on the class", "unsupported", "undefined"
CLAIM_VERDICTS = (
    HOLDS,
    HOLDS_ROUNDED,
    PARTLY,
    UNDERSTATED,
    OVERSTATED,
    MISATTRIBUTED,
    DEPENDS,
    FALSE,
    UNSUPPORTED,
    UNDEFINED,
)
"""The verdicts of the ledger, from the best to what cannot be judged."""

WEAK = "C"
"""The grade that settles nothing."""

FALSE_BEYOND = 2.0
"""Factor between claim and evidence beyond which a claim is false, not overstated or understated [1]."""

INSIDE_TO_HOLD = 0.5
"""Share of the evidence that must lie inside a claim for it to hold [1]."""


class Verdict(NamedTuple):
    """A verdict on a claimed range.

    Attributes
    ----------
    word : str
        ``holds``, ``partly holds``, ``too high``, ``too low`` or ``unsettled``.
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
        ``holds`` or ``partly holds`` as `fit_of` has it; ``too high`` or ``too low`` with the deviation
        of the claim's ends from the evidence value; ``unsettled`` without evidence above grade C.

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
    found = Reading("", evidence_low, evidence_value, evidence_high, grade)
    if fit := fit_of(claim_low, claim_high, found, tolerance=tolerance):
        return Verdict(fit, low, high, fit)
    if claim_low > evidence_high:
        return Verdict(TOO_HIGH, low, high, f"too high by {_percent_span(low, high)}")
    return Verdict(TOO_LOW, low, high, f"too low by {_percent_span(high, low)}")


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
        In the unit of the claim; ``value`` is the middle.
    grade : str
        Weakest grade of the rows behind it.
    row_values : tuple of float
        What each row says, where they are several; without them the range counts as a whole.
    """

    basis: str
    low: float
    value: float
    high: float
    grade: str
    row_values: tuple[float, ...] = ()


def share_inside(low: float, high: float, reading: Reading) -> float:
    """Return the share of the evidence inside a range: of its values, or of its own range [1].

    Examples
    --------
    >>> share_inside(1.0, 1.2, Reading("price", 0.4, 2.4, 6.0, "B", (0.4, 1.2, 2.4, 6.0)))
    0.25
    >>> share_inside(1.0, 2.0, Reading("price", 1.5, 2.0, 3.5, "B"))
    0.25
    """
    if reading.row_values:
        return sum(low <= value <= high for value in reading.row_values) / len(reading.row_values)
    if reading.low == reading.high:
        return float(low <= reading.low <= high)
    overlap = max(min(high, reading.high) - max(low, reading.low), 0.0)
    return overlap / (reading.high - reading.low) if math.isfinite(overlap) else 1.0


def fit_of(low: float, high: float, reading: Reading, *, tolerance: float, half_digit: float = 0.0) -> str:
    """Return how a claimed range fits the evidence, nothing where they are apart.

    Parameters
    ----------
    low, high : float
        The claim's ends, in the unit of the evidence; infinite where it is open.
    reading : Reading
        The evidence.
    tolerance : float
        How near counts as touching [1].
    half_digit : float, optional
        Half a unit of the last digit that the claim prints.

    Returns
    -------
    str
        *Holds* where the middle of the evidence and at least `INSIDE_TO_HOLD` of it lie inside the claim,
        widened by the tolerance; *holds within rounding* where they do inside the claim as it may have
        been rounded; *partly holds* where the ranges meet and no more.

    Examples
    --------
    >>> fit_of(1.0, 1.2, Reading("price", 0.4, 2.4, 6.0, "B", (0.4, 1.2, 2.4, 6.0)), tolerance=0.02)
    'partly holds'
    """
    for word, lower, upper in (
        (HOLDS, low - tolerance * abs(low), high + tolerance * abs(high)),
        (HOLDS_ROUNDED, low - half_digit, high + half_digit),
    ):
        if lower <= reading.value <= upper and share_inside(lower, upper, reading) >= INSIDE_TO_HOLD:
            return word
    least = reading.low - tolerance * abs(reading.low)
    greatest = reading.high + tolerance * abs(reading.high)
    meets = low - half_digit <= greatest and high + half_digit >= least
    return PARTLY if meets else ""


def judge_claim(
    *,
    claim_low: float,
    claim_high: float,
    claimed_basis: str,
    readings: Sequence[Reading],
    half_digit: float = 0.0,
    tolerance: float,
    lower_is_stronger: bool = False,
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
    lower_is_stronger : bool, optional
        Whether the claim says more the lower it is: a price that is called low, a lag that is called short.

    Returns
    -------
    str, Reading or None
        The verdict, and the reading that it rests on.

    Notes
    -----
    On the claimed basis *holds*, *holds within rounding* or *partly holds* as `fit_of` has it. If it does
    not even partly hold there, but holds on another basis, *misattributed*. Otherwise *overstated* (it says
    more than the evidence bears) or *understated* up to a factor of two from the nearest end of the
    evidence, *false* beyond. Without a reading on the claimed basis the others are judged, and where a
    range only meets theirs, their middle tells. Without any above grade C, *unsupported*.

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
    for reading in own_first:
        fit = fit_of(claim_low, claim_high, reading, tolerance=tolerance, half_digit=half_digit)
        own = reading.basis == claimed_basis
        if fit and (own or fit != PARTLY):
            return fit if own else MISATTRIBUTED, reading
    return _apart(claim_low, claim_high, own_first[0], lower_is_stronger), own_first[0]


def _apart(low: float, high: float, reading: Reading, lower_is_stronger: bool) -> str:
    """Return by how much a claim misses the evidence, its middle where the ranges meet."""
    least, greatest = reading.low, reading.high
    if low <= greatest and high >= least:
        least = greatest = reading.value
    too_high = low > greatest
    near = _within_factor(low, greatest) if too_high else _within_factor(least, high)
    if not near:
        return FALSE
    return UNDERSTATED if too_high == lower_is_stronger else OVERSTATED


def _within_factor(larger: float, smaller: float) -> bool:
    """Tell whether two numbers of one sign lie within `FALSE_BEYOND` of each other."""
    return smaller > 0.0 and larger / smaller <= FALSE_BEYOND


def judge_classes(words: Mapping[str, str]) -> str:
    """Judge a claim that names no class of customers by its verdict for each: one word, or that it depends.

    Examples
    --------
    >>> judge_classes({"industrial": "false", "commercial": "overstated"})
    'depends on the class'
    """
    return next(iter(words.values())) if len(set(words.values())) == 1 else DEPENDS


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
