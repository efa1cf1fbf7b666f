"""Checks that need more than the cited rows."""

import pandas as pd
import pytest

from analysis.claims.checks import CHECKS, Context, Finding
from analysis.inputs import datasets


def finding(claim: str, context: Context) -> Finding:
    (row,) = datasets.load_claims().loc[[claim]].itertuples(index=False)
    return CHECKS[row.check](row, context)


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [  # by hand
        ("p06-us-growth-third", (2.70 / 2.94 - 1) / (5.16 / 4.12 - 1)),
        ("p11-electricity-share", 0.6 / 0.9),
        ("p11-other-share", 1 - 0.6 / 8.5),
        ("p11-training-town", 50e6 / (10368.2e9 / 1404.89e6 / 365.25) / 1e6),
        ("p19-pjm-growth", 76.15 / 53.86 - 1),
        ("p21-spread", 5 / 0.3),
        ("p26-tenth-cost", (5.576 / 78 + 5.576 / 100) / 2),
        ("p28-offset-share", 0.15 * (0.086075 * 7.187359 - 0.375) / 0.785),
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


def test_a_tariff_has_a_reading_for_each_layer(context: Context) -> None:
    """Hubs publish their energy too; the average has the delivered price alone, with and without tax."""
    hub = [reading.basis for reading in finding("p18-cn-hub", context).readings]
    assert hub == ["delivered price", "delivered price", "energy only"]
