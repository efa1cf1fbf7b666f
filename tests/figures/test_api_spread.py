"""The API spread: every pair and median is drawn where its ratio lies."""

import pandas as pd
import pytest

from analysis import figures
from analysis.tables import api_spread


@pytest.fixture(scope="module")
def prices(article) -> pd.DataFrame:
    return api_spread.price_list(article, "USD")


def test_spread_ranked_draws_both_kinds(prices, names, clipped_texts) -> None:
    ranked = api_spread.ranked_price_ratios(prices)
    figure = figures.spread_ranked(ranked, 16.7)
    axes = figure.axes[0]
    by_label = {line.get_label(): line for line in axes.lines}
    assert by_label["input over input"].get_xdata() == pytest.approx(ranked["input"].to_numpy())
    assert by_label["output over output"].get_xdata() == pytest.approx(ranked["output"].to_numpy())
    assert by_label["the article: 16.7"].get_xdata()[0] == 16.7
    assert names(axes)[1] == "Claude Opus 4.6 : MiniMax-M2.5"
    assert axes.get_title(loc="left").startswith("2 of 42 pairs")
    assert clipped_texts(figure) == []


def test_spread_strip_marks_medians(prices, texts, clipped_texts) -> None:
    ranked = api_spread.ranked_price_ratios(prices)
    figure = figures.spread_strip(ranked, api_spread.KINDS, 16.7)
    shown = texts(figure.axes[0])
    assert "4.8 to 6.2 times apart" in figure.axes[0].get_title(loc="left")
    for kind in api_spread.KINDS:
        assert f"median {ranked[kind].median():.1f}" in shown
    assert clipped_texts(figure) == []
