"""Checks that need more than the cited rows."""

import pandas as pd
import pytest

from analysis.inputs import datasets


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [  # by hand
        ("p11-electricity-share", 0.6 / 8.5),
        ("p11-other-share", 1 - 0.6 / 8.5),
        ("p11-training-town", 50e6 / (10368.2e9 / 1404.89e6 / 365.25) / 1e6),
        ("p21-spread", 5 / 0.3),
        ("p26-tenth-cost", 5.576 / 78),
        ("p26-performance", 2 / (1 + 10 ** (39 / 400))),
        ("p23-tech-gap", 1 - 2 / (1 + 10 ** (39 / 400))),
    ],
)
def test_evidence_by_hand(ledger: pd.DataFrame, claim: str, evidence: float) -> None:
    assert ledger.loc[claim, "evidence_value"] == pytest.approx(evidence, rel=1e-4)


def test_the_energy_claim_is_judged_as_printed(ledger: pd.DataFrame) -> None:
    claim = ledger.loc["p11-energy-per-token"]
    median = datasets.load_energy_measured().query("source == 'mlenergy_v3'")["value"].median()
    assert claim["ratio"] == pytest.approx(1.0 / (median / 3.6e6 * 100), rel=1e-9)
    assert "8,000 to 12,000 kWh" in claim["reasoning"]
    assert "2.9 to 4.3 J a token" in claim["reasoning"]


def test_two_halves_of_one_sentence_have_one_basis(ledger: pd.DataFrame, finding) -> None:
    """The sentence counts depreciation in: what electricity is of cash cost is told and does not decide."""
    assert ledger.loc[["p11-electricity-share", "p11-other-share"], "verdict"].tolist() == ["false", "false"]
    share = finding("p11-electricity-share")
    assert [reading.basis for reading in share.readings] == ["operating cost with depreciation"]
    assert "67% of cash cost" in share.reasoning


def test_one_week_is_no_evidence_on_three(finding) -> None:
    found = finding("p06-us-growth-third")
    assert found.readings == ()
    assert "US models went by -8.2%, Chinese ones by +25.2%" in found.reasoning
    assert [*found.follows.values()] == [pytest.approx((2.70 / 2.94 - 1, 2.70 / 2.94 - 1))]


def test_a_gap_and_a_standing_add_up(finding) -> None:
    """Points alone would make the gap 2.6 %: they have no zero, and are the second reading."""
    gap, standing = finding("p23-tech-gap"), finding("p26-performance")
    for one, other in zip(gap.readings, standing.readings, strict=True):
        assert one.value + other.value == pytest.approx(1.0)
    assert gap.readings[1].value == pytest.approx(39 / 1503)
    assert "chance of 44%" in gap.reasoning
