"""The API spread: every cell, pair and median is drawn where its ratio lies."""

import numpy as np
import pandas as pd
import pytest

from analysis import figures
from analysis.tables import api_spread


@pytest.fixture(scope="module")
def prices(article) -> pd.DataFrame:
    return api_spread.price_list(article, "USD")


def test_spread_matrix_annotates_every_cell(prices, texts, clipped_texts) -> None:
    matrices = {kind: api_spread.price_ratio_matrix(prices, kind) for kind in ("input", "output")}
    figure = figures.spread_matrix(matrices, 16.7)
    for axes, ratios in zip(figure.axes, matrices.values(), strict=False):
        assert texts(axes) == [f"{value:.1f}" for value in ratios.to_numpy().ravel()]
        assert np.asarray(axes.collections[0].get_array()).ravel() == pytest.approx(ratios.to_numpy().ravel())
    frames = [patch.get_xy() for patch in figure.axes[0].patches]
    assert frames == [(1, 0)]  # Opus 4.6 over MiniMax-M2.5
    assert clipped_texts(figure) == []


def test_spread_ranked_draws_both_kinds(prices, names, clipped_texts) -> None:
    ranked = api_spread.ranked_price_ratios(prices)
    figure = figures.spread_ranked(ranked, 16.7)
    axes = figure.axes[0]
    by_label = {line.get_label(): line for line in axes.lines}
    assert by_label["input over input"].get_xdata() == pytest.approx(ranked["input"].to_numpy())
    assert by_label["output over output"].get_xdata() == pytest.approx(ranked["output"].to_numpy())
    assert by_label["the article: 16.7"].get_xdata()[0] == 16.7
    assert names(axes)[1] == "Claude Opus 4.6 : MiniMax-M2.5"
    assert clipped_texts(figure) == []


def test_spread_strip_marks_medians(prices, texts, clipped_texts) -> None:
    ranked = api_spread.ranked_price_ratios(prices)
    figure = figures.spread_strip(ranked, api_spread.KINDS, 16.7)
    shown = texts(figure.axes[0])
    for kind in api_spread.KINDS:
        assert f"median {ranked[kind].median():.1f}" in shown
    assert clipped_texts(figure) == []
