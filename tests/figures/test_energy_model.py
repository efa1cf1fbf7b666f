"""The energy model: as many dots as rows, shares that reach one, the curve as computed."""

import pandas as pd
import pytest

from analysis import figures
from analysis.tables import energy_model


@pytest.fixture(scope="module")
def predictions() -> pd.DataFrame:
    table = energy_model.held_out_predictions("source")
    return table[table["plain"]]


def test_every_prediction_is_a_dot(predictions) -> None:
    figure = figures.measured_against_predicted(predictions, energy_model.prediction_scores(predictions))
    dots = [line for axes in figure.axes for line in axes.lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in dots) == len(predictions)


def test_residuals_have_a_panel_for_each_grouping(predictions) -> None:
    assert len(figures.residuals_by_group(predictions).axes) == 6


def test_errors_end_with_all_rows(predictions) -> None:
    axes = figures.error_distributions({"a": predictions["log_ratio"]}).axes[0]
    assert axes.lines[0].get_ydata()[-1] == 1.0


def test_energy_by_batch_is_the_median_curve() -> None:
    curve = energy_model.energy_by_batch()
    line = figures.energy_by_batch(curve, "x").axes[0].lines[0]
    assert line.get_ydata().tolist() == pytest.approx(curve["kwh_per_mtok_p50"].tolist())
