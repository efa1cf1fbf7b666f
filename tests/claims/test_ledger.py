"""The audited ledger."""

import pandas as pd
import pytest

from analysis import claims
from analysis.claims import ledger as ledger_of
from analysis.claims.context import Context, default_context
from analysis.inputs import datasets, packs
from analysis.inputs.errors import DataError, ParameterError
from analysis.model.verdict import CLAIM_VERDICTS


def test_every_claim_gets_a_verdict_and_a_reason(ledger: pd.DataFrame) -> None:
    assert len(ledger) == len(packs.load_claims())
    assert set(ledger["verdict"]) <= set(CLAIM_VERDICTS)
    assert (ledger["reasoning"].str.len() > 10).all()
    assert claims.counts(ledger)["claims"].sum() == len(ledger)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("p06-cn-share", "misattributed"),
        ("p06-weekly-peak", "holds"),
        ("p06-growth", "holds"),
        ("p06-us-growth-third", "unsupported"),
        ("p06-us-users", "misattributed"),
        ("p11-electricity-share", "false"),
        ("p11-other-share", "false"),
        ("p11-energy-per-token", "false"),
        ("p11-training-energy", "misattributed"),
        ("p11-training-town", "false"),
        ("p14-pue", "misattributed"),
        ("p18-cn-average", "partly holds"),
        ("p18-cn-hub", "unsupported"),
        ("p19-us-average", "misattributed"),
        ("p19-pjm-growth", "partly holds"),
        ("p20-europe-average", "holds"),
        ("p21-us-input-opus", "holds"),
        ("p21-us-output-gpt-4o", "false"),
        ("p21-spread", "misattributed"),
        ("p21-startups", "misattributed"),
        ("p21-saving", "unsupported"),
        ("p22-permits", "partly holds"),
        ("p21-cn-input", "partly holds"),
        ("p21-cn-output", "partly holds"),
        ("p22-own-plants", "misattributed"),
        ("p23-tech-gap", "holds"),
        ("p23-cost-gap", "overstated"),
        ("p25-lag", "partly holds"),
        ("p26-tenth-cost", "unsupported"),
        ("p26-performance", "holds"),
        ("p38-steadiest", "false"),
        ("p38-amplest", "unsupported"),
        ("p26-gpt4o-training", "unsupported"),
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
        ("p39-generation-now", "holds within rounding"),
    ],
)
def test_verdicts_that_the_evidence_compels(ledger: pd.DataFrame, claim: str, verdict: str) -> None:
    assert ledger.loc[claim, "verdict"] == verdict


def test_weak_price_cells_settle_nothing(ledger: pd.DataFrame, context: Context) -> None:
    """Averages that hold assumptions are told; what decides is published and of grade B, if there is any."""
    for claim, region, grade in (
        ("p18-cn-average", "China average", "B"),
        ("p18-cn-hub", "China western hubs", "C"),
    ):
        cells = [cell for cell in context.price_cells.itertuples() if cell.Index[1] == region]
        row = ledger.loc[claim]
        assert {cell.grade for cell in cells} == {"C"}
        assert row["grade"] == grade
        assert (row["evidence_value"] in [cell.value for cell in cells]) == (grade == "C")
        assert f"{cells[0].low:.2f}" in row["reasoning"]


def test_grades_are_not_lost_on_the_way(ledger: pd.DataFrame, context: Context) -> None:
    for claim in ledger.itertuples():
        if (
            claim.evidence
            and claim.evidence_used
            and claim.check in {"compare", "share_of_total", "ratio_of_two"}
        ):
            cited = context.rows.loc[claim.evidence.split(";")]
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


@pytest.mark.parametrize(
    ("claim", "half"),
    [
        ("p35-generation-2011", 5.0),  # 4.73 PWh, in TWh
        ("p37-solar-us", 0.5),  # 6
        ("p18-cn-hub", 0.005),  # 0.13-0.3: the end with more decimals
        ("p11-energy-per-token", 0.05),  # 0.8-1.2 kWh, printed without the hundred tokens
        ("p21-cn-input", 0.05),  # 0.3-0.5 USD, printed without the million tokens
        ("p37-four-countries", 0.0),  # no number is printed
        ("p06-us-growth-third", 0.0),  # printed in words
    ],
)
def test_rounding_counts_only_the_printed_digits(claim: str, half: float) -> None:
    (row,) = packs.load_claims().loc[[claim]].itertuples()
    assert ledger_of.half_digit(row, packs.load_pack().printed) == pytest.approx(half)


def test_a_claim_holds_within_rounding(context: Context) -> None:
    """The article prints 6 times for solar; evidence of 5.6 is off by more than the tolerance."""
    row = packs.load_claims().loc[["p37-solar-us"]]
    evidence = context.rows.copy()
    (china, us) = row["evidence"].iloc[0]
    evidence.loc[china, "value"] = 5.6 * evidence.loc[us, "value"]
    other = Context(context.article, context.audited)
    other.__dict__["rows"] = evidence
    assert claims.judged(row, other)["verdict"].tolist() == ["holds within rounding"]


def test_a_claim_can_be_added_by_a_row() -> None:
    """The recipe of CONTRIBUTING: a row, and here no function, since `compare` fits."""
    row = (
        packs.load_claims()
        .loc[["p37-capacity-2023"]]
        .assign(id="my-claim", value_low=5000.0, value_high=5000.0, quantity="capacity, as my uncle says")
    )
    added = claims.judged(row.set_index("id", drop=False))
    assert added.loc["my-claim", "verdict"] == "overstated"
    assert added.loc["my-claim", "ratio"] == pytest.approx(5000 / 2920)


def test_an_unknown_check_is_named() -> None:
    row = packs.load_claims().iloc[[0]].assign(check="magic")
    with pytest.raises(
        DataError, match=r"claims\.csv, row 'p06-cn-share', column check: there is no check 'magic'"
    ):
        claims.judged(row)


def test_a_misspelt_check_is_suggested() -> None:
    row = packs.load_claims().iloc[[0]].assign(check="compere")
    with pytest.raises(DataError, match="did you mean compare"):
        claims.judged(row)


def test_topics_are_named(ledger: pd.DataFrame) -> None:
    assert set(claims.on_topic(ledger, "PUE")["topic"]) == {"PUE"}
    assert len(claims.on_topic(ledger, "")) == len(ledger)
    with pytest.raises(ParameterError, match="topics: token share"):
        claims.on_topic(ledger, "cooking")


def test_headlines_count_every_verdict(ledger: pd.DataFrame) -> None:
    found = claims.headlines(ledger)
    repeats = (ledger["same_as"] != "").sum()
    assert {headline.grade for headline in found.values()} == {""}, "counts have none"
    assert found["claims_total"].value == len(ledger)
    assert found["claims_distinct_total"].value == len(ledger) - repeats
    for start in ("claims", "claims_outside_history"):
        words = [f"{start}_{verdict.replace(' ', '_')}" for verdict in CLAIM_VERDICTS]
        assert sum(found[word].value for word in words) == found[f"{start}_total"].value


def test_repeats_are_counted_once_and_history_apart(ledger: pd.DataFrame) -> None:
    """Paragraphs 38 and 39 repeat figures of 18, 29, 31 and 32."""
    counts = claims.counts(ledger)
    first = packs.load_claims()["same_as"]
    assert set(first[first != ""]) == {
        "p18-cn-average", "p18-cn-hub", "p29-lowest-cost", "p31-century", "p32-generation-1949",
    }  # fmt: skip
    assert (counts["distinct"] == counts["outside_history"] + counts["history"]).all()
    assert counts["distinct"].sum() == len(ledger) - (first != "").sum()
    assert counts["history"].sum() == ((ledger["topic"] == "history") & (ledger["same_as"] == "")).sum()
    one = ledger.loc[["p38-cn-hub", "p35-rank-2011"]]
    assert claims.counts(one).sum().tolist() == [2, 1, 0, 1]


def test_what_rests_on_the_number_of_another_is_told(ledger: pd.DataFrame) -> None:
    """The same rows, the other part of one whole, or one statement of one source; both are counted."""
    shared = ledger[ledger["same_number"] != ""]
    assert shared["same_number"].to_dict() == {
        "p06-us-share": "p06-cn-share",
        "p06-growth-window": "p06-growth",
        "p11-other-share": "p11-electricity-share",
        "p26-performance": "p23-tech-gap",
        "p28-offset-years": "p28-offset-share",
    }
    assert (shared["same_as"] == "").all()
    for claim in shared.itertuples():
        other = ledger.loc[claim.same_number]
        ours, theirs = (set(one.evidence.split(";")) for one in (claim, other))
        assert ours & theirs or claim.source == other["source"]
    for claim, other in (("p26-performance", "p23-tech-gap"), ("p11-other-share", "p11-electricity-share")):
        assert ledger.loc[claim, "evidence_value"] + ledger.loc[other, "evidence_value"] == pytest.approx(1)


def test_what_repeats_a_claim_has_its_verdict(ledger: pd.DataFrame) -> None:
    for claim in ledger[ledger["same_as"] != ""].itertuples():
        first = ledger.loc[claim.same_as]
        assert first["same_as"] == ""
        assert first["paragraph"] < claim.paragraph
        assert first["verdict"] == claim.verdict, claim.id


def test_the_share_inside_is_told(ledger: pd.DataFrame) -> None:
    """One of seven output prices lies inside 1 to 1.2 dollars; a single figure has no share to tell."""
    assert ledger.loc["p21-cn-output", "evidence_inside"] == pytest.approx(1 / 7)
    assert "middle 2.4, 14% of 7 values inside the claim" in ledger.loc["p21-cn-output", "reasoning"]
    assert "inside" not in ledger.loc["p06-weekly-peak", "reasoning"]


def test_headlines_are_those_of_the_pack() -> None:
    """A run on another article told the counts of the first; its own stood in the table beside it."""
    other = ledger_of.evaluate("goldman-power-2025-11")
    found = ledger_of.headlines(other)
    assert found["claims_distinct_total"].value == (other["same_as"] == "").sum()
    assert found["claims_total"].value == len(other)
    assert found["claims_unsupported"].value == (other["verdict"] == "unsupported").sum() > 0


def test_a_ledger_for_reading_has_words_for_columns(ledger: pd.DataFrame) -> None:
    shown = claims.for_reading(ledger)
    assert shown.columns.tolist() == ["paragraph", "claim", "verdict", "grade", "why"]
    assert shown["why"].tolist() == ledger["reasoning"].tolist()


@pytest.mark.parametrize(
    ("pack", "verdicts"),
    [
        (
            "goldman-power-2025-11",
            {
                "gs-spare-2030": "unsupported",
                "gs-spare-over-demand": "unsupported",
                "gs-demand-2030": "overstated",
                "gs-share-now": "overstated",
                "gs-share-2030": "partly holds",
                "gs-spare-us-2025": "unsupported",
                "gs-critical": "holds",
                "gs-capacity-us": "holds",
                "gs-capacity-cn": "holds",
                "gs-capacity-us-over-five": "holds",
            },
        ),
        (
            "token-export-2026",
            {
                "techflow-share": "holds",
                "techflow-price": "holds",
                "chinadaily-cn-week": "misattributed",
                "chinadaily-us-users": "misattributed",
                "chinadaily-power": "overstated",
                "chinadaily-value": "understated",
                "scmp-electricity": "holds",
                "scmp-day": "holds",
            },
        ),
    ],
)
def test_verdicts_of_the_other_packs(pack: str, verdicts: dict[str, str]) -> None:
    ledger = claims.evaluate(pack)
    assert ledger["verdict"][[*verdicts]].to_dict() == verdicts
    assert set(ledger["verdict"]) <= set(CLAIM_VERDICTS)
    assert claims.counts(ledger)["distinct"].sum() == len(ledger)


def test_a_slip_of_a_unit_is_caught() -> None:
    """A copy of the first text prints 87 and 53 trillion for 8.7 and 5.3; their ratio still holds."""
    rows = packs.load_claims("token-export-2026").loc[
        ["techflow-share", "techflow-total", "techflow-chinese"]
    ]
    ends = ["value_low", "value_high"]
    rows.loc[["techflow-total", "techflow-chinese"], ends] = [[87.0, 87.0], [53.0, 53.0]]
    found = claims.judged(rows, default_context("token-export-2026"))
    assert found["verdict"].tolist() == ["holds", "false", "false"]
    assert found["ratio"].tolist()[1:] == pytest.approx([10.0, 10.0])
    assert "8.7 trillion tokens" in found["reasoning"].iloc[1]


def test_claims_of_several_packs_are_not_counted_together(ledger: pd.DataFrame) -> None:
    other = claims.evaluate("token-export-2026")
    with pytest.raises(ParameterError, match="china-tokens-2026-03, token-export-2026"):
        claims.counts(pd.concat([ledger, other]))
