"""What checks are given, and those that do plain arithmetic on the cited rows."""

import pandas as pd
import pytest

from analysis import claims
from analysis.claims import checks
from analysis.claims.checks import Context
from analysis.inputs import datasets
from analysis.inputs.errors import DataError


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [  # by hand
        ("p06-cn-share", 5.3 / 8.7),
        ("p06-us-share", 1 - 5.3 / 8.7),
        ("p32-per-head-1949", 4.3e9 / 543.941e6),
        ("p37-world-share", 9456.44 / 30049.4),
        ("p37-renewables-half", 1516 / 2920),
        ("p37-wind-us", 441.895 / 147.52),
        ("p37-solar-us", 609.921 / 139.927),
        ("p39-years", 2025 - 1949),
    ],
)
def test_evidence_by_hand(ledger: pd.DataFrame, claim: str, evidence: float) -> None:
    assert ledger.loc[claim, "evidence_value"] == pytest.approx(evidence, rel=1e-4)


def test_every_check_is_used_and_every_used_one_is_there() -> None:
    assert set(datasets.load_claims()["check"]) == set(checks.CHECKS)


def test_rows_of_all_tables_share_their_columns(context: Context) -> None:
    """A row without ends has them at its value; capacity and generation are told apart."""
    assert context.rows.index.is_unique
    assert (
        context.rows[["low", "high"]]
        .notna()
        .equals(context.rows[["value", "value"]].notna().set_axis(["low", "high"], axis=1))
    )
    basis = context.rows["basis"]
    assert basis[["wind-capacity-china-2023", "gen-china-2023"]].tolist() == ["capacity", "generation"]
    assert basis[["us-texas-ind-2025", "dc-1gw-tco", "opus-4-6"]].tolist() == [
        datasets.load_prices().loc["us-texas-ind-2025", "component"],
        datasets.load_gpu_economics().loc["dc-1gw-tco", "quantity"],
        "list price",
    ]


def test_the_stated_bases_are_those_of_the_evidence(context: Context) -> None:
    """What the ledger says of its evidence agrees with the basis of the facts that it compares with."""
    for claim in datasets.load_claims().itertuples():
        if claim.check == "compare" and claim.evidence:
            bases = set(context.rows.loc[claim.evidence, "basis"])
            assert set(claim.evidence_basis.split("; ")) == bases, claim.id


def test_a_kind_of_claim_can_be_added_by_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(claim, context):
        (reading,) = checks.CHECKS["compare"](claim, context).readings
        ends = {end: 2 * getattr(reading, end) for end in ("low", "value", "high")}
        return checks.Finding((reading._replace(**ends),))

    monkeypatch.setitem(checks.CHECKS, "doubled", doubled)
    row = datasets.load_claims().loc[["p34-capacity-1987"]].assign(check="doubled", value_high=100.0)
    assert claims.evaluate(row).iloc[0]["verdict"] == "understated"


def test_a_finding_is_no_better_than_its_weakest_row() -> None:
    """Its reading runs from the least to the greatest value; the middle one is the median unless given."""
    (reading,) = checks.finding_over("tariff", [3.0, 1.0, 8.0], ["A", "B"], "because").readings
    assert reading == ("tariff", 1.0, 3.0, 8.0, "B")
    (reading,) = checks.finding_over("tariff", [3.0, 1.0, 8.0], ["A"], "because", 7.5).readings
    assert reading.value == 7.5
    found = checks.finding_that(False, ["A", "C", "B"], "because", reproduced=0.5)
    assert (found.statement, found.statement_grade, found.reasoning) == (False, "C", "because")
    assert (found.readings, found.reproduced) == ((), 0.5)


def test_evidence_in_another_unit_is_named() -> None:
    row = datasets.load_claims().loc[["p37-capacity-2023"]].assign(unit="TWh")
    message = "row 'p37-capacity-2023', column unit: evidence in GW does not fit a claim in TWh"
    with pytest.raises(DataError, match=message):
        claims.evaluate(row)


def test_a_rank_names_who_stands_ahead(ledger: pd.DataFrame) -> None:
    """Russia's rows of 1987 are Russia alone; in 2011 nobody is ahead."""
    reasoning = ledger["reasoning"]
    assert "rank 5, behind Germany, Japan, Russia, US." in reasoning["p34-rank-1987"]
    assert "without the rest of the Soviet Union" in reasoning["p34-rank-1987"]
    assert "rank 1." in reasoning["p35-rank-2011"]


def test_the_period_of_the_evidence_is_told_only_where_it_is_one_and_differs(ledger: pd.DataFrame) -> None:
    told = ledger["reasoning"].str.contains("Period of the evidence")
    assert told["p22-transformers"]  # of 2012, the claim of 2026
    assert not told["p37-capacity-2023"]  # the same year
    assert not told["p11-training-energy"]  # several years
