"""Prices over time: dates, ranges and moves are drawn where they lie, and titles follow the numbers."""

import numpy as np
import pandas as pd
import pytest

from analysis import figures
from analysis.tables import price_over_time as over_time


@pytest.fixture(scope="module")
def spreads(audited) -> pd.DataFrame:
    return over_time.spread_by_date(audited)


def test_spread_over_time_joins_only_medians_of_enough_models(spreads, texts, clipped_texts) -> None:
    figure = figures.spread_over_time(spreads, 16.7, over_time.article_date())
    axes = figure.axes[0]
    by_label = {line.get_label(): line for line in axes.lines}
    joined, alone = by_label["median flagship"], by_label["median, too few Chinese models"]
    assert joined.get_ydata() == pytest.approx(spreads.loc[~spreads["few"], "blended"].to_numpy())
    assert alone.get_ydata() == pytest.approx(spreads.loc[spreads["few"], "blended"].to_numpy())
    assert alone.get_linestyle() == "None"
    assert list(by_label["the article: 16.7 (input price, not blended)"].get_ydata()) == [16.7]
    ends = [segment[:, 1] for segment in axes.collections[0].get_segments()]
    assert np.array(ends) == pytest.approx(spreads[["pair_low", "pair_high"]].to_numpy())
    assert (texts(axes)[0], texts(axes)[-1]) == ("4:1", "4:5")
    assert clipped_texts(figure) == []


def test_the_title_follows_the_numbers(spreads) -> None:
    changed = spreads.assign(blended=spreads["blended"] * 2)
    title = figures.spread_over_time(changed, 16.7, over_time.article_date()).axes[0].get_title(loc="left")
    assert f"cost {2 * spreads.loc[over_time.article_date(), 'blended']:.1f} times" in title
    assert "November 2026" in title


def test_moves_stand_beside_tariffs(audited, spreads, names, clipped_texts) -> None:
    moves = over_time.largest_moves(over_time.price_steps(audited))
    tariffs = over_time.tariff_moves(spreads.index[0], spreads.index[-1])
    figure = figures.moves_beside_tariffs(moves, tariffs, over_time.WHOLESALE)
    axes = figure.axes[0]
    assert len(names(axes)) == len(moves) + len(tariffs)
    assert names(axes)[0] == "o3 (OpenAI), 2025-06 to 2025-06"
    ends = [line.get_xdata()[-1] for line in axes.lines if line.get_marker() == "None"]
    retail = over_time.retail_moves(tariffs)
    rest = tariffs.drop(retail.index)
    assert ends == pytest.approx([*moves["factor"], *retail["factor"], *rest["factor"]])
    assert f"up to {retail['factor'].max():.2f}" in axes.get_title(loc="left")
    assert clipped_texts(figure) == []
