"""What checks are given, and those that do plain arithmetic on the cited rows."""

import contextlib

import pandas as pd
import pytest

from analysis import claims
from analysis.claims import checks
from analysis.claims.context import Context
from analysis.inputs import datasets, packs
from analysis.inputs.errors import DataError
from analysis.inputs.money import mean_rate


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
    used = {check for pack in packs.pack_names() for check in packs.load_claims(pack)["check"]}
    assert used == set(checks.CHECKS)


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
    for claim in packs.load_claims().itertuples():
        if claim.check == "compare" and claim.evidence:
            bases = set(context.rows.loc[claim.evidence, "basis"])
            assert set(claim.evidence_basis.split(";")) == bases, claim.id


def test_a_kind_of_claim_can_be_added_by_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(claim, context):
        (reading,) = checks.CHECKS["compare"](claim, context).readings
        ends = {end: 2 * getattr(reading, end) for end in ("low", "value", "high")}
        return checks.Finding((reading._replace(**ends),))

    monkeypatch.setitem(checks.CHECKS, "doubled", doubled)
    row = packs.load_claims().loc[["p34-capacity-1987"]].assign(check="doubled", value_high=100.0)
    assert claims.judged(row).iloc[0]["verdict"] == "understated"


def test_a_finding_is_no_better_than_its_weakest_row() -> None:
    """Its reading runs from the least to the greatest value; the middle one is the median unless given."""
    (reading,) = checks.finding_over("tariff", [3.0, 1.0, 8.0], ["A", "B"], "because").readings
    assert reading == ("tariff", 1.0, 3.0, 8.0, "B", (3.0, 1.0, 8.0))
    (reading,) = checks.finding_over("tariff", [3.0, 1.0, 8.0], ["A"], "because", 7.5).readings
    assert (reading.value, reading.row_values) == (7.5, ())
    found = checks.finding_that(False, ["A", "C", "B"], "because", reproduced=0.5)
    assert (found.statement, found.statement_grade, found.reasoning) == (False, "C", "because")
    assert (found.readings, found.reproduced) == ((), 0.5)


def test_evidence_in_another_unit_is_named() -> None:
    row = packs.load_claims().loc[["p37-capacity-2023"]].assign(unit="TWh")
    message = "row 'p37-capacity-2023', column evidence: installed-capacity-china-2023 is in GW, which does"
    with pytest.raises(DataError, match=message):
        claims.judged(row)


def priced_claim(**cells: object) -> pd.DataFrame:
    """Return a claim on electricity prices, with cells changed."""
    row = packs.load_claims().loc[["p37-wind-us"]].copy()
    cells = {"claimed_basis": "delivered", "evidence_basis": "delivered", "as_of": "2025", **cells}
    for name, cell in cells.items():
        row[name] = [cell]
    return row


def test_a_ratio_of_two_currencies_is_one_of_prices() -> None:
    """By hand: 0.0852 USD at the mean rate of 2025 over 0.0945 USD; a yuan price is exchanged first."""
    us, china = "us-ohio-ind-2025", "cn-zhejiang-rate-110kv-2025-06"
    prices = datasets.load_prices()
    found = claims.judged(priced_claim(check="ratio_of_two", evidence=[us, china])).iloc[0]
    yuan_per_dollar = mean_rate("USD", "CNY", prices.loc[china, "period"])
    expected = 0.0852 / (prices.loc[china, "value"] / yuan_per_dollar)
    assert found["evidence_value"] == pytest.approx(expected)
    assert "CNY/kWh" in found["reasoning"]


def test_dollars_are_compared_with_a_claim_in_yuan() -> None:
    """By hand: 0.0852 x 7.1874; the words of the claim's unit decide what the evidence is shown in."""
    cells = {"unit": "CNY/kWh", "value_low": 0.6, "value_high": 0.62, "check": "compare"}
    found = claims.judged(priced_claim(evidence=["us-ohio-ind-2025"], **cells)).iloc[0]
    assert found["evidence_value"] == pytest.approx(0.0852 * 7.187359, rel=1e-5)
    assert found["verdict"] == "holds"


def test_a_price_a_megawatt_hour_is_a_thousandth() -> None:
    cells = {"unit": "USD/kWh", "value_low": 0.07, "value_high": 0.08, "check": "compare"}
    basis = {"claimed_basis": "wholesale cost in PJM", "evidence_basis": "wholesale cost in PJM"}
    found = claims.judged(priced_claim(evidence=["pjm-total-2025-h1"], **cells, **basis)).iloc[0]
    assert found["evidence_value"] == pytest.approx(0.07615)


@pytest.mark.parametrize("check", ["ratio_of_two", "share_of_total", "rest_of_total", "rank_of_china"])
def test_unlike_units_are_refused_by_row_and_unit(check: str) -> None:
    cells = {"check": check, "evidence": ["us-ohio-ind-2025", "gen-china-2023"]}
    told = r"row 'p37-wind-us', column evidence: gen-china-2023 is in TWh, which does not fit USD/kWh"
    with pytest.raises(DataError, match=told):
        claims.judged(priced_claim(**cells))


def test_a_share_is_given_in_the_unit_of_the_claim() -> None:
    """In percent it is a hundred times as much; as years it is refused."""
    cells = {"check": "share_of_total", "evidence": ["us-ohio-ind-2025", "us-virginia-ind-2025"]}
    found = claims.judged(priced_claim(unit="%", value_low=90.0, value_high=91.0, **cells)).iloc[0]
    assert found["evidence_value"] == pytest.approx(100 * 0.0852 / 0.0945)
    with pytest.raises(DataError, match="column unit: share_of_total gives a share or a ratio, not years"):
        claims.judged(priced_claim(unit="years", **cells))


def test_a_period_without_a_rate_is_named() -> None:
    cells = {"unit": "CNY/Mtok", "check": "compare", "evidence": ["opus-4-6"]}
    basis = {"claimed_basis": "list price", "evidence_basis": "list price"}
    with pytest.raises(DataError, match=r"column evidence: opus-4-6"):
        claims.judged(priced_claim(**cells, **basis))


def test_rows_that_do_not_fit_a_check_are_refused_in_a_line() -> None:
    for check, given in (("ratio_of_two", 0), ("ratio_of_two", 1), ("ahead_of_us", 2)):
        told = f"{check} cannot use these rows, {given} given: it takes another number of them$"
        with pytest.raises(DataError, match=told):
            claims.judged(priced_claim(check=check, evidence=["gen-china-2023"] * given))


@pytest.mark.parametrize("check", ["share_of_total", "rest_of_total"])
@pytest.mark.parametrize("given", [0, 1, 3])
def test_how_many_rows_a_share_takes_is_said(check: str, given: int) -> None:
    told = f"row 'p37-wind-us', column evidence: {check} cannot use these rows, {given} given: it takes"
    with pytest.raises(DataError, match=rf"claims\.csv, {told} two, a part and its whole"):
        claims.judged(priced_claim(check=check, evidence=["gen-china-2023"] * given))


def test_the_basis_of_the_rows_has_to_be_the_stated_one() -> None:
    """Another word for the same would turn what holds into something misattributed."""
    row = packs.load_claims().loc[["p37-capacity-2023"]].assign(evidence_basis="generation")
    with pytest.raises(DataError, match=r"column evidence_basis: .*; the rows that are cited count capacity"):
        claims.judged(row)


def test_a_sum_is_of_what_is_known(finding) -> None:
    """By hand: 500 and 1600 million dollars, in dollars."""
    (reading,) = finding("p22-own-plants").readings
    assert reading.value == pytest.approx(2.1e9)
    assert "Three Mile Island 1" in finding("p22-own-plants").reasoning


def test_the_period_of_the_evidence_is_told_only_where_it_is_one_and_differs(ledger: pd.DataFrame) -> None:
    told = ledger["reasoning"].str.contains("Period of the evidence")
    assert told["p22-transformers"]  # of 2012, the claim of 2026
    assert not told["p37-capacity-2023"]  # the same year
    assert not told["p11-training-energy"]  # several years


@pytest.mark.parametrize(
    ("claim", "unit", "factor"),
    [
        ("p18-cn-average", "USD/kWh", 1 / mean_rate("USD", "CNY", "2025")),
        ("p19-us-average", "EUR/kWh", 1 / mean_rate("EUR", "CNY", "2025")),
        ("p21-cn-input", "CNY/Mtok", mean_rate("USD", "CNY", "2026-03-12")),
        ("p11-electricity-share", "%", 100.0),
        ("p28-offset-years", "months", 12.0),
        ("p39-years", "months", 12.0),
        ("p32-per-head-1949", "GWh", 1e-6),
    ],
)
def test_a_finding_is_told_in_the_unit_of_its_claim(
    ledger: pd.DataFrame, context: Context, claim: str, unit: str, factor: float
) -> None:
    """The same claim in another unit has the same verdict; before it is set beside what a check gives."""
    row = packs.load_claims().loc[[claim]].assign(unit=unit)
    row[["value_low", "value_high"]] *= factor
    found, before = claims.judged(row, context).iloc[0], ledger.loc[claim]
    assert found["verdict"] == before["verdict"]
    for end in ("evidence_low", "evidence_value", "ratio"):
        assert found[end] == pytest.approx(before[end] * (1.0 if end == "ratio" else factor), nan_ok=True)


@pytest.mark.parametrize("check", sorted(checks.CHECKS))
def test_no_check_gives_a_number_in_a_unit_that_the_claim_has_not(context: Context, check: str) -> None:
    """Weeks fit nothing that a check computes: it is refused by name, or its finding holds no number."""
    known = packs.load_claims()
    if check not in set(known["check"]):
        return
    row = known[known["check"] == check].iloc[[0]].assign(unit="weeks")
    with contextlib.suppress(DataError):
        assert pd.isna(claims.judged(row, context).iloc[0]["evidence_value"])
