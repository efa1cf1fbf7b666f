"""The rule of the ledger."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.share import cost_ratio_share_at_cheap_site, cost_ratio_share_at_dear_site
from analysis.model.verdict import CLAIM_VERDICTS, Reading, judge_claim, judge_statement


def judge(low: float, high: float, *readings: Reading, basis: str = "own", half_digit: float = 0.0) -> str:
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
def test_by_hand(low: float, high: float, found: Reading, half_digit: float, verdict: str) -> None:
    assert judge(low, high, found, half_digit=half_digit) == verdict


def test_right_about_something_else() -> None:
    assert judge(0.8, 0.8, reading(0.2), reading(0.8, basis="other")) == "misattributed"
    assert judge(0.8, 0.8, reading(0.8, basis="other")) == "misattributed"
    assert judge(0.8, 0.8, reading(0.2), reading(0.5, basis="other")) == "false"
    assert judge(0.8, 0.8, reading(0.5, basis="other")) == "overstated"


def test_the_claimed_basis_comes_first() -> None:
    assert judge(0.8, 0.8, reading(0.8), reading(0.1, basis="other")) == "holds"


@pytest.mark.parametrize("readings", [(), (reading(0.8, grade="C"),)])
def test_weak_or_no_evidence_supports_nothing(readings: tuple) -> None:
    assert judge(0.8, 0.8, *readings) == "unsupported"
    assert judge(0.1, 0.1, *readings) == "unsupported"


def test_weak_evidence_does_not_misattribute() -> None:
    assert judge(0.8, 0.8, reading(0.2), reading(0.8, basis="other", grade="C")) == "false"


@pytest.mark.parametrize(
    ("true", "grade", "verdict"), [(True, "A", "holds"), (False, "B", "false"), (False, "C", "unsupported")]
)
def test_statements(true: bool, grade: str, verdict: str) -> None:
    assert judge_statement(true, grade) == verdict


positive = st.floats(0.01, 100)


@given(positive, positive, positive)
def test_the_unit_does_not_matter(claim: float, low: float, width: float) -> None:
    plain = judge(claim, claim, reading(low, low + width))
    scaled = judge(claim * 2.0, claim * 2.0, reading(low * 2.0, (low + width) * 2.0))
    assert plain in CLAIM_VERDICTS
    assert plain == scaled


@given(st.floats(0, 1), st.floats(1, 100))
def test_cost_ratios_lie_between_one_and_the_tariff_ratio(share: float, ratio: float) -> None:
    for function in (cost_ratio_share_at_dear_site, cost_ratio_share_at_cheap_site):
        assert 1 - 1e-12 <= function(share, ratio) <= ratio * (1 + 1e-12)
    assert cost_ratio_share_at_dear_site(share, ratio) <= cost_ratio_share_at_cheap_site(share, ratio) * (
        1 + 1e-12
    )


def test_cost_ratio_limits() -> None:
    assert cost_ratio_share_at_dear_site(0.7, math.inf) == pytest.approx(1 / 0.3)
    assert cost_ratio_share_at_cheap_site(0.7, 1.2 / 0.13) == pytest.approx(6.7615, abs=1e-4)
