"""The audited ledger."""

import json
import math

import pandas as pd
import pytest

from analysis import claims
from analysis.claims import checks, contradictions
from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError
from analysis.inputs.scenario import load_scenario
from analysis.model.verdict import CLAIM_VERDICTS


@pytest.fixture(scope="module")
def ledger() -> pd.DataFrame:
    return claims.evaluate()


def test_every_claim_gets_a_verdict_and_a_reason(ledger: pd.DataFrame) -> None:
    assert len(ledger) == len(datasets.load_claims()) == 81
    assert set(ledger["verdict"]) <= set(CLAIM_VERDICTS)
    assert (ledger["reasoning"].str.len() > 10).all()
    assert claims.counts(ledger).sum() == len(ledger)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("p06-cn-share", "misattributed"),
        ("p06-weekly-peak", "holds"),
        ("p06-growth", "holds"),
        ("p06-us-growth-third", "false"),
        ("p06-us-users", "misattributed"),
        ("p11-electricity-share", "misattributed"),
        ("p11-other-share", "false"),
        ("p11-energy-per-token", "false"),
        ("p11-training-energy", "misattributed"),
        ("p11-training-town", "false"),
        ("p14-pue", "misattributed"),
        ("p18-cn-average", "holds"),
        ("p18-cn-hub", "misattributed"),
        ("p19-us-average", "overstated"),
        ("p19-pjm-growth", "misattributed"),
        ("p20-europe-average", "holds"),
        ("p21-us-input-opus", "holds"),
        ("p21-us-output-gpt-4o", "false"),
        ("p21-spread", "misattributed"),
        ("p21-startups", "misattributed"),
        ("p21-saving", "unsupported"),
        ("p22-permits", "holds"),
        ("p23-tech-gap", "undefined"),
        ("p26-gpt4o-training", "false"),
        ("p32-generation-1949", "holds"),
        ("p32-per-head-1949", "false"),
        ("p33-shortage", "unsupported"),
        ("p34-rank-1987", "false"),
        ("p35-rank-2011", "holds"),
        ("p36-ahead", "holds"),
        ("p37-world-share", "overstated"),
        ("p37-four-countries", "holds"),
        ("p37-wind-us", "holds"),
        ("p37-solar-us", "overstated"),
        ("p38-lowest-price", "false"),
        ("p39-generation-now", "holds"),
    ],
)
def test_verdicts_that_the_evidence_compels(ledger: pd.DataFrame, claim: str, verdict: str) -> None:
    assert ledger.loc[claim, "verdict"] == verdict


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [  # by hand
        ("p06-cn-share", 5.3 / 8.7),
        ("p06-us-share", 1 - 5.3 / 8.7),
        ("p06-us-growth-third", (2.70 / 2.94 - 1) / (5.16 / 4.12 - 1)),
        ("p11-electricity-share", 0.6 / 0.9),
        ("p11-other-share", 1 - 0.6 / 8.5),
        ("p11-training-town", 50e6 / (10368.2e9 / 1404.89e6 / 365.25) / 1e6),
        ("p19-pjm-growth", 76.15 / 53.86 - 1),
        ("p21-spread", 5 / 0.3),
        ("p26-tenth-cost", (5.576 / 78 + 5.576 / 100) / 2),
        ("p28-offset-share", 0.15 * (0.086075 * 7.187359 - 0.375) / 0.785),
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


def test_the_energy_claim_is_judged_as_printed(ledger: pd.DataFrame) -> None:
    claim = ledger.loc["p11-energy-per-token"]
    median = datasets.load_energy_measured().query("source == 'mlenergy_v3'")["value"].median()
    assert claim["ratio"] == pytest.approx(1.0 / (median / 3.6e6 * 100), rel=1e-9)
    assert "8,000 to 12,000 kWh" in claim["reasoning"]
    assert "2.9 to 4.3 J a token" in claim["reasoning"]


def test_grades_are_not_lost_on_the_way(ledger: pd.DataFrame) -> None:
    rows = checks.default_context().rows
    for claim in ledger.itertuples():
        if (
            claim.evidence
            and claim.evidence_used
            and claim.check in {"compare", "share_of_total", "ratio_of_two"}
        ):
            cited = rows.loc[claim.evidence.split(";")]
            used = cited[cited["basis"] == claim.evidence_used]
            assert claim.grade == max(used["grade"]), claim.id
        assert claim.grade in {"A", "B", "C"} or claim.verdict in {"unsupported", "undefined"}, claim.id


def test_evidence_has_sources_or_says_that_none_was_found(ledger: pd.DataFrame) -> None:
    known = set(datasets.load_sources()["id"])
    for claim in ledger.itertuples():
        if claim.evidence:
            assert set(claim.source.split(";")) <= known
        elif claim.verdict != "undefined":
            assert claim.evidence_basis == "none found"
            assert "No evidence with a source was found" in claim.reasoning


def test_the_stated_bases_are_those_of_the_evidence() -> None:
    """What the ledger says of its evidence agrees with the basis of the facts that it compares with."""
    rows = checks.default_context().rows
    for claim in datasets.load_claims().itertuples():
        if claim.check == "compare" and claim.evidence:
            bases = set(rows.loc[claim.evidence, "basis"])
            assert set(claim.evidence_basis.split("; ")) == bases, claim.id


def test_rounding_counts_only_the_printed_digits(ledger: pd.DataFrame) -> None:
    """4.73 PWh against 4713 TWh holds by tolerance; half a unit of its last digit is 5 TWh."""
    rows = {claim.id: claim for claim in datasets.load_claims().itertuples()}
    figures = claims.load_figures()
    assert claims._half_digit(rows["p35-generation-2011"], figures) == pytest.approx(5.0)
    assert claims._half_digit(rows["p37-solar-us"], figures) == pytest.approx(0.5)
    assert claims._half_digit(rows["p18-cn-hub"], figures) == pytest.approx(0.005)
    assert claims._half_digit(rows["p37-four-countries"], figures) == 0.0


def test_a_claim_can_be_added_by_a_row(ledger: pd.DataFrame) -> None:
    """The recipe of CONTRIBUTING: a row, and here no function, since `compare` fits."""
    row = (
        datasets.load_claims()
        .loc[["p37-capacity-2023"]]
        .assign(id="my-claim", value_low=5000.0, value_high=5000.0, quantity="capacity, as my uncle says")
    )
    added = claims.evaluate(row.set_index("id", drop=False))
    assert added.loc["my-claim", "verdict"] == "overstated"
    assert added.loc["my-claim", "ratio"] == pytest.approx(5000 / 2920)


def test_a_kind_of_claim_can_be_added_by_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.base, "CHECKS", dict(checks.CHECKS))

    def doubled(claim, context):
        (reading,) = checks.CHECKS["compare"](claim, context).readings
        return checks.Finding(
            (reading._replace(low=2 * reading.low, value=2 * reading.value, high=2 * reading.high),)
        )

    monkeypatch.setitem(checks.CHECKS, "doubled", doubled)
    row = datasets.load_claims().loc[["p34-capacity-1987"]].assign(check="doubled", value_high=100.0)
    assert claims.evaluate(row).iloc[0]["verdict"] == "understated"


def test_an_unknown_check_is_named() -> None:
    row = datasets.load_claims().iloc[[0]].assign(check="magic")
    with pytest.raises(ValueError, match="claim p06-cn-share: no check 'magic'"):
        claims.evaluate(row)


def test_evidence_in_another_unit_is_named() -> None:
    row = datasets.load_claims().loc[["p37-capacity-2023"]].assign(unit="TWh")
    with pytest.raises(
        ValueError, match="claim p37-capacity-2023: evidence in GW does not fit a claim in TWh"
    ):
        claims.evaluate(row)


def test_unknown_evidence_is_named(data_copy) -> None:
    path = data_copy / "claims.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("gen-china-2011,", "gen-atlantis-2011,", 1), encoding="utf-8"
    )
    with pytest.raises(
        datasets.DataError, match=r"claims\.csv, row \d+, column evidence: no data row 'gen-atlantis-2011'"
    ):
        datasets.load_claims(data_copy)


def test_topics_are_named(ledger: pd.DataFrame) -> None:
    assert set(claims.on_topic(ledger, "PUE")["topic"]) == {"PUE"}
    assert len(claims.on_topic(ledger, "")) == len(ledger)
    with pytest.raises(ParameterError, match="topics: token share"):
        claims.on_topic(ledger, "cooking")


def test_headlines_count_every_verdict(ledger: pd.DataFrame) -> None:
    found = claims.headlines(ledger)
    assert found["claims_total"].value == 81
    assert sum(entry.value for key, entry in found.items() if key != "claims_total") == 81
    assert "claims_holds_within_rounding" in found


def test_contradictions_by_hand(article) -> None:
    table = contradictions.table(article).set_index("follows")
    power = table.loc["electricity alone at the article's hub tariffs"]
    assert power["follows_low"] == pytest.approx(8000 * 0.13 / 6.930154, rel=1e-4)
    assert power["follows_high"] == pytest.approx(12000 * 0.30 / 6.930154, rel=1e-4)
    week = table.loc["electricity of that week at the claimed energy per token"]
    assert (week["follows_low"], week["follows_high"]) == pytest.approx(
        (5.16e6 * 8000 / 1e9, 5.16e6 * 12000 / 1e9)
    )
    head = table.loc["its own generation over the population"]
    assert head["follows_low"] == pytest.approx(7.905, abs=1e-3)
    growth = table.loc["US growth in the last week of the source of the Chinese growth"]
    assert (growth["said_value"], growth["follows_low"]) == pytest.approx((1.27 / 3, 2.70 / 2.94 - 1))
    share = table.loc["the weekly peak over Chinese and US models of that week"]
    assert share["follows_low"] == pytest.approx(5.16 / 7.86)
    town = table.loc["people whose day it is at mean use"]
    assert town["follows_low"] == pytest.approx(2.475, abs=1e-3)
    gpu = table.loc["electricity of GPUs and electricity, from the GPU offset at US tariffs"]
    assert (gpu["follows_low"], gpu["follows_high"]) == pytest.approx((0.144, 0.1935), abs=1e-4)
    hub = table.loc["electricity of GPUs and electricity, from the GPU offset at hub tariffs"]
    assert (hub["follows_low"], hub["follows_high"]) == pytest.approx((0.0179, 0.0826), abs=1e-4)
    full = table.loc["electricity of total cost of ownership, published data centre"]
    assert (full["follows_low"], full["follows_high"]) == pytest.approx((0.6 / 12, 0.6 / 7))
    cash = table.loc["electricity of cash operating expense, published data centre"]
    assert cash["follows_low"] == pytest.approx(0.6 / 0.9)
    volume = table.loc["tokens that it takes from Claude Opus 4.6 to MiniMax-M2.5 at list price"]
    blended = [(3.619 * i + o) / 4.619 for i, o in ((5, 25), (0.3, 1.2))]
    assert volume["follows_low"] == pytest.approx(5e6 / (blended[0] - blended[1]) / 1e3)


def test_what_tariffs_can_explain_by_hand(article) -> None:
    """1 / (1 - s + s / r) and 1 - s + s r, for r = 1.0 / 0.215, 1.2 / 0.13, and free power."""
    table = contradictions.cost_ratios(article).set_index(["tariffs", "end"])
    mid = "mid: US mid, hub mid"
    assert table.loc[(mid, "low"), "share_at_dear_site"] == pytest.approx(1 / (0.4 + 0.6 * 0.215))
    assert table.loc[(mid, "high"), "share_at_dear_site"] == pytest.approx(1 / (0.3 + 0.7 * 0.215))
    assert table.loc[("wide: US high, hub low", "high"), "share_at_dear_site"] == pytest.approx(
        2.6626, abs=5e-3
    )
    assert table.loc[("free power", "high"), "share_at_dear_site"] == pytest.approx(1 / 0.3)
    assert contradictions.max_cost_ratio(article) == pytest.approx(0.3 + 0.7 * 1.2 / 0.13)
    assert math.isinf(table.loc[("free power", "low"), "share_at_cheap_site"])


def test_energy_headlines_by_hand(article) -> None:
    found = contradictions.headlines(article)
    median = datasets.load_energy_measured().query("source == 'mlenergy_v3'")["value"].median() / 3.6
    assert found["kwh_per_mtok_article_low"].value == pytest.approx(8000)
    assert found["kwh_per_mtok_article_high"].value == pytest.approx(12000)
    assert found["kwh_per_mtok_measured_median"].value == pytest.approx(median)
    assert found["energy_claim_ratio"][:3] == pytest.approx((10000 / median, 8000 / median, 12000 / median))
    assert found["max_cost_ratio_from_tariff"].value == pytest.approx(6.7615, abs=1e-4)


def test_no_share_explains_nothing() -> None:
    scenario = load_scenario("article", {"electricity_share": {"low": 0.0, "value": 0.0, "high": 0.0}})
    assert contradictions.max_cost_ratio(scenario) == 1.0


def test_the_command_prints_and_filters(command) -> None:
    shown = command("claims", "--topic", "PUE")
    assert shown.returncode == 0, shown.stderr
    assert "misattributed" in shown.stdout
    machine = json.loads(command("claims", "--json", "--verdict", "undefined").stdout)
    assert {entry["verdict"] for entry in machine} == {"undefined"}
    assert len(machine) == 9
    for arguments, message in (
        (["--topic", "cooking"], "no claim has it"),
        (["--verdict", "maybe"], "not one of holds"),
    ):
        refused = command("claims", *arguments)
        assert refused.returncode == 2
        assert message in refused.stderr
