"""The rules behind a verdict."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.verdict import (
    CLAIM_VERDICTS,
    HOLDS,
    PARTLY,
    TOO_HIGH,
    TOO_LOW,
    UNSETTLED,
    Reading,
    fit_of,
    judge_claim,
    judge_classes,
    judge_range,
    judge_statement,
    share_inside,
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
        (0.40, 0.57, (0.58, 0.62, 0.66), PARTLY),  # 0.57 lies within 2 % of 0.58, and no more
        (0.48, 0.63, (0.58, 0.62, 0.90), PARTLY),  # the middle is inside, of the range a fifth
        (0.61, 0.80, (0.40, 0.60, 0.80), HOLDS),  # the middle lies within 2 %, and half inside
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
    assert plain.word in {HOLDS, PARTLY, TOO_HIGH, TOO_LOW}
    assert plain == doubled


@given(
    st.lists(positive, min_size=2, max_size=2).map(sorted),
    st.lists(positive, min_size=3, max_size=3).map(sorted),
)
def test_what_holds_overlaps_and_what_is_apart_does_not(claim: list[float], evidence: list[float]) -> None:
    word = judge(*claim, tuple(evidence)).word
    overlap = claim[0] <= evidence[2] and evidence[0] <= claim[1]
    if overlap:
        assert word in {HOLDS, PARTLY}
    if claim[0] <= evidence[0] and evidence[2] <= claim[1]:
        assert word == HOLDS
    if not claim[0] * 0.97 <= evidence[1] <= claim[1] * 1.03:
        assert word != HOLDS
    if claim[0] > evidence[2] * 1.03:
        assert word == TOO_HIGH
    if claim[1] < evidence[0] * 0.97:
        assert word == TOO_LOW


def judged(
    low: float,
    high: float,
    *readings: Reading,
    basis: str = "own",
    half_digit: float = 0.0,
    lower_is_stronger: bool = False,
) -> str:
    return judge_claim(
        claim_low=low,
        claim_high=high,
        claimed_basis=basis,
        readings=readings,
        half_digit=half_digit,
        tolerance=0.02,
        lower_is_stronger=lower_is_stronger,
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
        (0.48, 0.60, reading(0.58, 0.66), 0.0, "partly holds"),  # the middle is outside
        (0.48, 0.64, reading(0.58, 0.66), 0.0, "holds"),
        (5.0, 7.0, Reading("own", 4.0, 4.0, 11.0, "B"), 0.0, "partly holds"),  # the middle is outside
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


SEVEN_PRICES = (0.42, 1.2, 2.2, 2.4, 3.0, 3.2, 6.0)


def prices(values: tuple[float, ...], basis: str = "own") -> Reading:
    return Reading(basis, min(values), sorted(values)[len(values) // 2], max(values), "B", values)


def test_touching_ranges_are_not_enough() -> None:
    """One price of seven inside, the median at twice the claim; with both inside it holds."""
    assert share_inside(1.0, 1.2, prices(SEVEN_PRICES)) == pytest.approx(1 / 7)
    assert judged(1.0, 1.2, prices(SEVEN_PRICES)) == "partly holds"
    assert judged(2.0, 3.1, prices(SEVEN_PRICES)) == "partly holds"  # the median, and three of seven
    assert judged(2.0, 3.2, prices(SEVEN_PRICES)) == "holds"  # and four


def test_the_middle_alone_decides_nothing_in_a_gap() -> None:
    """The claim lies between all prices: their ranges overlap and none is inside."""
    assert share_inside(1.5, 2.0, prices((0.4, 1.0, 3.0))) == 0.0
    assert judged(1.5, 2.0, prices((0.4, 1.0, 3.0))) == "partly holds"


def test_on_another_basis_the_middle_tells() -> None:
    """Prices of 42 pairs reach 18 and have a median of 5: ten on cost is beyond what they bear."""
    assert judged(10.0, math.inf, prices((1.5, 5.0, 17.9), basis="other")) == "overstated"
    assert judged(11.0, math.inf, prices((1.5, 5.0, 17.9), basis="other")) == "false"
    assert judged(4.9, math.inf, prices((1.5, 5.0, 17.9), basis="other")) == "misattributed"


def test_a_claim_that_holds_in_part_on_its_own_basis_is_not_misattributed() -> None:
    assert judged(0.3, math.inf, prices((0.05, 0.17, 0.43)), reading(0.41, basis="other")) == "partly holds"
    assert judged(0.5, math.inf, prices((0.05, 0.17, 0.43)), reading(0.51, basis="other")) == "misattributed"


def test_what_is_more_depends_on_the_claim() -> None:
    """A tenth of the cost is too high a number where it was a fifteenth, and says too little."""
    assert judged(0.1, 0.1, reading(0.07)) == "overstated"
    assert judged(0.1, 0.1, reading(0.07), lower_is_stronger=True) == "understated"
    assert judged(0.1, 0.1, reading(0.15), lower_is_stronger=True) == "overstated"
    assert judged(0.1, 0.1, reading(0.03), lower_is_stronger=True) == "false"


def test_an_open_range_of_evidence_lies_outside() -> None:
    """Years of saving that never pay: the range runs to infinity."""
    never = Reading("own", 5.0, 9.0, math.inf, "B")
    assert share_inside(4.0, 6.0, never) == 0.0
    assert fit_of(4.0, 6.0, never, tolerance=0.02) == PARTLY


def test_one_word_for_all_classes_or_that_it_depends() -> None:
    assert judge_classes({"industrial": "false", "commercial": "false"}) == "false"
    assert judge_classes({"industrial": "false", "commercial": "overstated"}) == "depends on the class"


@given(st.lists(positive, min_size=1, max_size=9), st.lists(positive, min_size=2, max_size=2).map(sorted))
def test_a_claim_that_holds_has_the_median_and_half_of_the_values(
    values: list[float], claim: list[float]
) -> None:
    low, high = claim[0] - 0.02 * claim[0], claim[1] + 0.02 * claim[1]
    inside = sum(low <= value <= high for value in values) / len(values)
    word = judged(*claim, prices(tuple(values)))
    middle = sorted(values)[len(values) // 2]
    assert (word == "holds") == (inside >= 0.5 and low <= middle <= high)
