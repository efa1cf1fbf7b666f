"""The rules behind a verdict."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.verdict import (
    CLAIM_VERDICTS,
    HOLDS,
    TOO_HIGH,
    TOO_LOW,
    UNSETTLED,
    Reading,
    judge_claim,
    judge_range,
    judge_statement,
)


def judge(low: float, high: float, evidence: tuple[float, float, float], grade: str | None = "A"):
    return judge_range(
        claim_low=low,
        claim_high=high,
        evidence_low=evidence[0],
        evidence_value=evidence[1],
        evidence_high=evidence[2],
        grade=grade,
        tolerance=0.02,
    )


@pytest.mark.parametrize(
    ("low", "high", "evidence", "text"),
    [
        (0.48, 0.61, (0.58, 0.62, 0.66), HOLDS),
        (0.40, 0.57, (0.58, 0.62, 0.66), HOLDS),  # 0.57 lies within 2 % of 0.58
        (0.40, 0.56, (0.58, 0.62, 0.66), "too low by 10-35 %"),
        (0.8, 1.2, (0.47, 0.6187, 0.73), "too high by 29-94 %"),
        (1.0, 1.0, (0.5, 0.5, 0.5), "too high by 100 %"),
    ],
)
def test_by_hand(low: float, high: float, evidence: tuple[float, float, float], text: str) -> None:
    assert judge(low, high, evidence).text == text


@pytest.mark.parametrize("grade", [None, "C"])
def test_weak_or_no_evidence_settles_nothing(grade: str | None) -> None:
    assert judge(0.8, 1.2, (0.5, 0.6, 0.7), grade).word == UNSETTLED


def test_missing_evidence_has_no_deviation() -> None:
    verdict = judge(0.8, 1.2, (math.nan, math.nan, math.nan))
    assert verdict.word == UNSETTLED
    assert math.isnan(verdict.low_deviation)


positive = st.floats(0.01, 100)


@given(
    st.lists(positive, min_size=2, max_size=2).map(sorted),
    st.lists(positive, min_size=3, max_size=3).map(sorted),
)
def test_the_unit_does_not_matter(claim: list[float], evidence: list[float]) -> None:
    low, high = claim
    plain = judge(low, high, tuple(evidence))
    doubled = judge(2 * low, 2 * high, tuple(2 * end for end in evidence))
    assert plain.word in {HOLDS, TOO_HIGH, TOO_LOW}
    assert plain == doubled


@given(
    st.lists(positive, min_size=2, max_size=2).map(sorted),
    st.lists(positive, min_size=3, max_size=3).map(sorted),
)
def test_overlap_and_only_overlap_holds(claim: list[float], evidence: list[float]) -> None:
    word = judge(*claim, tuple(evidence)).word
    overlap = claim[0] <= evidence[2] and evidence[0] <= claim[1]
    if overlap:
        assert word == HOLDS
    if claim[0] > evidence[2] * 1.03:
        assert word == TOO_HIGH
    if claim[1] < evidence[0] * 0.97:
        assert word == TOO_LOW


def judged(low: float, high: float, *readings: Reading, basis: str = "own", half_digit: float = 0.0) -> str:
    return judge_claim(
        claim_low=low,
        claim_high=high,
        claimed_basis=basis,
        readings=readings,
        half_digit=half_digit,
        tolerance=0.02,
    )[0]


def reading(low: float, high: float | None = None, basis: str = "own", grade: str = "A") -> Reading:
    high = low if high is None else high
    return Reading(basis, low, (low + high) / 2, high, grade)


@pytest.mark.parametrize(
    ("low", "high", "found", "half_digit", "verdict"),
    [
        (9.5, math.inf, reading(9.456), 0.0, "holds"),  # within 2 %
        (3.0, 3.0, reading(3.3), 0.5, "holds within rounding"),
        (3.0, 3.0, reading(3.3), 0.05, "understated"),
        (6.0, 6.0, reading(4.36), 0.5, "overstated"),
        (0.8, 1.2, reading(0.47, 0.73), 0.0, "overstated"),
        (5.0, 5.0, reading(2.5), 0.0, "overstated"),  # exactly a factor of two
        (25.0, 25.0, reading(10.0), 0.0, "false"),
        (-math.inf, 3.0, reading(6.4, 7.9), 0.0, "false"),
        (-math.inf, 1.1, reading(1.2), 0.0, "understated"),
        (50.0, math.inf, reading(1.3, 43.3), 0.0, "overstated"),
        (0.33, 0.33, reading(-0.06), 0.0, "false"),
        (0.48, 0.61, reading(0.58, 0.66), 0.0, "holds"),
    ],
)
def test_claims_by_hand(low: float, high: float, found: Reading, half_digit: float, verdict: str) -> None:
    assert judged(low, high, found, half_digit=half_digit) == verdict


def test_right_about_something_else() -> None:
    assert judged(0.8, 0.8, reading(0.2), reading(0.8, basis="other")) == "misattributed"
    assert judged(0.8, 0.8, reading(0.8, basis="other")) == "misattributed"
    assert judged(0.8, 0.8, reading(0.2), reading(0.5, basis="other")) == "false"
    assert judged(0.8, 0.8, reading(0.5, basis="other")) == "overstated"


def test_the_claimed_basis_comes_first() -> None:
    assert judged(0.8, 0.8, reading(0.8), reading(0.1, basis="other")) == "holds"


@pytest.mark.parametrize("readings", [(), (reading(0.8, grade="C"),)])
def test_weak_or_no_evidence_supports_nothing(readings: tuple) -> None:
    assert judged(0.8, 0.8, *readings) == "unsupported"
    assert judged(0.1, 0.1, *readings) == "unsupported"


def test_weak_evidence_does_not_misattribute() -> None:
    assert judged(0.8, 0.8, reading(0.2), reading(0.8, basis="other", grade="C")) == "false"


@pytest.mark.parametrize(
    ("true", "grade", "verdict"), [(True, "A", "holds"), (False, "B", "false"), (False, "C", "unsupported")]
)
def test_statements(true: bool, grade: str, verdict: str) -> None:
    assert judge_statement(true, grade) == verdict


@given(positive, positive, positive)
def test_the_unit_of_a_claim_does_not_matter(claim: float, low: float, width: float) -> None:
    plain = judged(claim, claim, reading(low, low + width))
    scaled = judged(claim * 2.0, claim * 2.0, reading(low * 2.0, (low + width) * 2.0))
    assert plain in CLAIM_VERDICTS
    assert plain == scaled
