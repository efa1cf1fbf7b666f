"""The rule behind a verdict."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.verdict import HOLDS, TOO_HIGH, TOO_LOW, UNSETTLED, VERDICTS, judge_range


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
    assert plain.word in VERDICTS
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
