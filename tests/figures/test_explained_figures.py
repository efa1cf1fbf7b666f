import numpy as np
import pandas as pd
import pytest

from analysis import figures
from analysis.inputs.scenario import load_scenario
from analysis.model.gpu_hour import PARTS
from analysis.model.uncertainty import Bar, SobolIndex
from analysis.tables import cost_stack, energy_model, explained_share


@pytest.fixture(scope="module")
def stacks():
    return cost_stack.token_cost_parts(load_scenario("article"))


def test_waterfalls_stack_up_to_the_total(stacks):
    figure = figures.cost_waterfalls(stacks, "mix")
    chosen = stacks.xs("mix", level="kind")
    assert len(figure.axes) == len(chosen)
    for axes, (_, row) in zip(figure.axes, chosen.iterrows(), strict=True):
        heights = [bar.get_height() for bar in axes.patches]
        assert heights == pytest.approx([*(row[part] for part in PARTS), row["total"]])
        tops = [bar.get_y() + bar.get_height() for bar in axes.patches[:-1]]
        assert tops == pytest.approx(np.cumsum(heights[:-1]))


def test_electricity_bars_are_the_shares(stacks):
    axes = figures.electricity_in_cost(stacks, (0.6, 0.7)).axes[0]
    shown = [bar.get_width() for bar in axes.patches if bar.get_height() == pytest.approx(0.62)]
    expected = stacks[~stacks.index.isin(["cached_input"], level="kind")]["electricity_share"]
    assert shown == pytest.approx(expected.tolist())


def test_parts_of_the_spread_are_drawn_with_their_ends():
    scenario = load_scenario("article")
    parts = explained_share.log_spread_parts(
        scenario, "hub", explained_share.output_quantiles(scenario, "hub", 512)
    )
    axes = figures.spread_parts(parts, 16.7).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(parts["share_of_log_spread"].tolist())
    assert [text.get_text() for text in axes.get_yticklabels()][-1] == "remainder"


def test_the_answer_names_its_numbers():
    axes = figures.answer_at_a_glance({"one": (0.01, 0.02, 0.03)}, 16.7).axes[0]
    assert "2.0% (1.0% to 3.0%)" in [text.get_text() for text in axes.texts]
    assert "16.7" in axes.get_title(loc="left")


def test_energy_beyond_any_number_is_said_so():
    row = pd.Series({"p5": 900.0, "p50": np.inf, "p95": np.inf})
    axes = figures.needed_energy({"average": row}, (0.01, 0.15, 9.0)).axes[0]
    assert "median: none would do" in [text.get_text() for text in axes.texts]


def test_tornado_and_sobol_bars():
    axes = figures.tornado({"x": Bar(0.1, 0.4), "y": Bar(0.25, 0.2)}, 0.2, shown=2).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([-0.1, 0.2, 0.05, 0.0])
    indices = {"x": SobolIndex(0.5, 0.4, 0.6, 0.7, 0.6, 0.8), "y": SobolIndex(0.1, 0.0, 0.2, 0.9, 0.8, 1.0)}
    axes = figures.sobol_bars(indices, "title", shown=1).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["y"], "largest total first"
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([0.1, 0.9])


def test_energy_model_figures_draw_their_rows():
    table = energy_model.held_out_predictions("family")
    figure = figures.measured_against_predicted(table, energy_model.prediction_scores(table))
    drawn = sum(
        len(line.get_xdata()) for axes in figure.axes for line in axes.lines if line.get_marker() == "o"
    )
    assert drawn == len(table)
    assert len(figures.residuals_by_group(table).axes) == 6
    errors = figures.error_distributions({"a": table["log_ratio"]}).axes[0]
    assert errors.lines[0].get_ydata()[-1] == 1.0
    curve = energy_model.energy_by_batch()
    line = figures.energy_by_batch(curve, "x").axes[0].lines[0]
    assert line.get_ydata().tolist() == pytest.approx(curve["kwh_per_mtok_p50"].tolist())
