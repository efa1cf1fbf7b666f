"""The parts of the spread: bars as long as the numbers behind them."""

import numpy as np
import pandas as pd
import pytest

from analysis import figures
from analysis.model.uncertainty import Bar, SobolIndex
from analysis.tables import explained_share


def test_parts_of_the_spread_are_drawn_with_their_ends(article, names) -> None:
    parts = explained_share.log_spread_parts(
        article, "hub", explained_share.output_quantiles(article, "hub", 512)
    )
    axes = figures.spread_parts(parts, 16.7).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(parts["share_of_log_spread"].tolist())
    ends = np.array([segment[:, 0] for segment in axes.collections[0].get_segments()])
    assert ends == pytest.approx(parts[["share_low", "share_high"]].to_numpy())
    assert names(axes)[-1] == "remainder"


def test_the_answer_names_its_numbers(texts) -> None:
    axes = figures.answer_at_a_glance({"one": (0.01, 0.02, 0.03)}, 16.7).axes[0]
    assert "2.0% (1.0% to 3.0%)" in texts(axes)
    assert "16.7" in axes.get_title(loc="left")


def test_energy_beyond_any_number_is_said_so(texts) -> None:
    row = pd.Series({"p5": 900.0, "p50": np.inf, "p95": np.inf})
    axes = figures.needed_energy({"average": row}, (0.01, 0.15, 9.0)).axes[0]
    assert "median: none would do" in texts(axes)


def test_tornado_bars_end_at_low_and_high() -> None:
    axes = figures.tornado({"x": Bar(0.1, 0.4), "y": Bar(0.25, 0.2)}, 0.2, shown=2).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([-0.1, 0.2, 0.05, 0.0])


def test_sobol_bars_begin_with_the_largest_total(names) -> None:
    indices = {"x": SobolIndex(0.5, 0.4, 0.6, 0.7, 0.6, 0.8), "y": SobolIndex(0.1, 0.0, 0.2, 0.9, 0.8, 1.0)}
    axes = figures.sobol_bars(indices, "title", shown=1).axes[0]
    assert names(axes) == ["y"]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([0.1, 0.9])
