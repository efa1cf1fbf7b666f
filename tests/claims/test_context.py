"""What the checks look at."""

import pytest

from analysis import claims
from analysis.claims.context import Context, default_context, refused
from analysis.inputs import datasets, packs
from analysis.inputs.errors import DataError

PACK = "goldman-power-2025-11"


def test_the_article_is_identified() -> None:
    told = claims.article_identity()
    for words in ("中国AI模型何以横扫海外?", "创始人", "outlet not stated", "2026-03-13 00:19:17"):
        assert words in told


def test_a_title_in_english_is_told_once() -> None:
    told = claims.article_identity(PACK)
    assert told.count("Goldman Sachs on power") == 1
    assert "signed Goldman Sachs, Hongcen Wei and others; outlet not stated; published 2025-11-13." in told


def test_rows_are_those_of_all_tables_and_of_the_own_pack() -> None:
    own, first = default_context(PACK), default_context()
    assert own.rows.index.is_unique
    assert set(own.rows.index) - set(first.rows.index) == set(own.rows.index) - {
        *datasets.load_facts().index,
        *first.rows.index,
    }
    assert "gs-capacity-us-2024" in own.rows.index
    assert "gs-capacity-us-2024" not in first.rows.index
    assert own.subjects["gs-capacity-us-2024"] == "US"
    assert own.rows.loc["gs-margin-miso-2016", ["low", "high"]].tolist() == [0.152, 0.152]


def test_claims_and_printed_numbers_are_those_of_the_pack() -> None:
    own, first = default_context(PACK), default_context()
    assert own.claims.index.tolist() == packs.load_claims(PACK).index.tolist()
    assert own.printed.empty
    assert not first.printed.empty


def test_a_pack_without_a_scenario_has_the_audited_one(context: Context) -> None:
    assert context.has_own_scenario
    assert context.article.name == "article"
    own = default_context(PACK)
    assert (own.has_own_scenario, own.article.name) == (False, "audited")


def test_what_computes_with_assumptions_of_the_article_needs_some() -> None:
    """Those of the first article never stand in for another's."""
    rows = packs.load_claims(PACK).loc[["gs-share-now"]]
    for check in ("offset_share", "offset_years", "annual_saving"):
        told = f"column check: {check} computes with what the article assumes; article.yaml names no scenario"
        with pytest.raises(DataError, match=f"{PACK}/claims.csv, row 'gs-share-now', {told}"):
            claims.judged(rows.assign(check=check), default_context(PACK))


def test_claims_of_the_first_article_do_not_help_another() -> None:
    rows = packs.load_claims(PACK).loc[["gs-share-now"]].copy()
    rows["evidence"] = [packs.load_claims().loc["p06-us-growth-third", "evidence"]]
    with pytest.raises(DataError, match="row 'gs-share-now', column evidence: growth_ratio cannot use these"):
        claims.judged(rows.assign(check="growth_ratio"), default_context(PACK))


def test_an_error_names_the_file_of_the_pack() -> None:
    (claim,) = packs.load_claims(PACK).loc[["gs-share-now"]].itertuples()
    assert str(refused(claim, "unit", "odd")) == f"{PACK}/claims.csv, row 'gs-share-now', column unit: odd"
