"""All headline values in one table."""

import pytest

from analysis import claims
from analysis.runs.suite import SUITE
from analysis.tables import overview


@pytest.fixture(scope="module", params=["article", "audited"])
def table(request):
    return overview.all_headlines(
        request.getfixturevalue(request.param), 5, claims.headlines(claims.evaluate())
    )


def test_the_overview_holds_every_headline(table) -> None:
    declared = {key for notebook in SUITE.values() for key in notebook.headlines}
    assert set(table.index) == declared
    assert table["unit"].str.len().gt(0).all()
    assert (table["low"].dropna() <= table["high"].dropna()).all()


def test_every_headline_has_a_grade_or_counts_claims(table) -> None:
    counts = table["unit"] == "claims"
    assert counts.any()
    assert table.loc[~counts, "grade"].isin(["A", "B", "C"]).all()
    assert (table.loc[counts, "grade"] == "").all()


def test_in_words_each_number_keeps_its_grade(table) -> None:
    words = overview.in_words(table)
    energy = "energy of a million output tokens as measured at GPUs"
    assert words.loc[("energy of a token", energy), "grade"] == "A"
    shown = table[(table["unit"] != "claims") | (table["value"] > 0.0)]
    assert words["grade"].value_counts().to_dict() == shown["grade"].value_counts().to_dict()
