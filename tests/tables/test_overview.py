"""All headline values in one table."""

from analysis import claims
from analysis.runs.suite import SUITE
from analysis.tables import overview


def test_the_overview_holds_every_headline(article) -> None:
    table = overview.all_headlines(article, 5, claims.headlines(claims.evaluate()))
    declared = {key for notebook in SUITE.values() for key in notebook.headlines}
    assert set(table.index) == declared
    assert table["unit"].str.len().gt(0).all()
    assert (table["low"].dropna() <= table["high"].dropna()).all()
