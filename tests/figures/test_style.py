"""Marks, labels, axes and legends that charts share."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from analysis.figures import style

PALETTE = ("BLUE", "ORANGE", "GREEN", "VERMILION", "PURPLE", "SKY", "YELLOW", "BLACK", "CLAIM")


@pytest.fixture
def axes() -> Axes:
    return plt.subplots()[1]


def test_colours_differ() -> None:
    colours = np.array([to_rgb(getattr(style, name)) for name in PALETTE])
    distances = np.linalg.norm(colours[:, None] - colours[None, :], axis=2)
    assert distances[~np.eye(len(colours), dtype=bool)].min() > 0.2


def test_a_chart_has_its_size_and_its_title_at_the_left() -> None:
    figure, axes = style.chart((4.0, 3.0), "finding", pad=18)
    assert figure.get_size_inches().tolist() == [4.0, 3.0]
    assert figure.axes == [axes]
    assert (axes.get_title(loc="left"), axes.get_title(loc="center")) == ("finding", "")


def test_the_style_holds_over_what_seaborn_sets() -> None:
    assert plt.rcParams["axes.titlesize"] == 10.5
    assert plt.rcParams["svg.hashsalt"] == "kwh2token"


def test_the_style_starts_from_the_defaults() -> None:
    """Whatever the user, or a figure before, has set."""
    before = dict(plt.rcParams)
    plt.rcParams.update(
        {"savefig.bbox": "tight", "savefig.facecolor": "yellow", "axes.formatter.limits": (-1, 1)}
    )
    style.apply_style()
    assert {key: plt.rcParams[key] for key in before} == before


def test_an_interval_has_ends_and_a_value(axes) -> None:
    style.draw_interval(axes, 3, (1.0, 4.0), 2.0, (style.BLUE, "D"), width=1.5, ms=5)
    line, mark = axes.lines
    assert np.array(line.get_xydata()).tolist() == [[1.0, 3.0], [4.0, 3.0]]
    assert np.array(mark.get_xydata()).tolist() == [[2.0, 3.0]]
    assert (line.get_linewidth(), mark.get_marker(), mark.get_markersize()) == (1.5, "D", 5)


@pytest.mark.parametrize(
    ("ends", "value", "drawn"),
    [((1, 2), 1.5, 2), ((1, 2), np.inf, 1), ((np.inf, 9), 2, 1), ((np.nan, 9), np.nan, 0)],
)
def test_a_band_leaves_out_what_is_infinite(axes, ends, value, drawn) -> None:
    style.draw_band(axes, 0, ends, value, style.BLUE)
    assert len(axes.lines) == drawn


def test_the_claim_is_a_line_with_its_text(axes, texts) -> None:
    style.mark_claim(axes, 16.7, "the article", 0.5)
    assert axes.lines[0].get_xdata() == [16.7, 16.7]
    assert (texts(axes), axes.texts[0].xy) == (["the article"], (16.7, 0.5))


def test_a_label_stands_beside_its_point_even_outside(axes) -> None:
    style.label_point(axes, "far", (9, 9), (4, 2), fontsize=6)
    (label,) = axes.texts
    assert (label.xy, label.xyann, label.get_fontsize()) == ((9, 9), (4, 2), 6)
    assert label.get_annotation_clip() is False


@pytest.mark.parametrize(
    ("room", "limits"),
    [
        ({"above": 0.6}, (2.5, -0.6)),
        ({"above": 1.0, "below": 0.7}, (2.7, -1.0)),
        ({"above": 0.9, "below": 0.6, "upwards": True}, (-0.6, 2.9)),
    ],
)
def test_rows_are_named_from_the_top_or_upwards(axes, names, room, limits) -> None:
    style.name_rows(axes, ["a", "b", "c"], **room)
    assert names(axes) == ["a", "b", "c"]
    assert axes.get_yticks().tolist() == [0, 1, 2]
    assert axes.get_ylim() == pytest.approx(limits)


def test_rows_without_room_given_take_what_the_marks_need(axes) -> None:
    axes.barh([0, 1], [1, 2])
    bottom, top = axes.get_ylim()
    style.name_rows(axes, ["a", "b"])
    assert axes.get_ylim() == (top, bottom)


@pytest.mark.parametrize("axis", ["x", "y"])
def test_log_axes_show_plain_numbers_at_their_ticks(axes, axis) -> None:
    style.log_axis(axes, axis, [0.01, 1, 1000])
    axes.set(xlim=(0.001, 1e4), ylim=(0.001, 1e4))
    axes.figure.draw_without_rendering()
    shown = axes.get_xticklabels() if axis == "x" else axes.get_yticklabels()
    assert [label.get_text() for label in shown] == ["0.01", "1", "1000"]
    assert (axes.get_xscale(), axes.get_yscale()) == (("log", "linear") if axis == "x" else ("linear", "log"))


def test_shares_are_shown_in_percent(axes) -> None:
    style.percent_axis(axes.xaxis, digits=1)
    assert axes.xaxis.get_major_formatter()(0.125, 0) == "12.5%"
    assert axes.xaxis.get_major_formatter()(-1e-17, 0) == "0.0%"


def test_a_legend_below_explains_what_it_is_given(axes) -> None:
    axes.plot([1, 2], label="of the axes")
    style.legend_below(axes.figure, ncols=2)
    style.legend_below(
        axes.figure,
        [style.legend_entry("dot", style.BLUE, "o"), style.legend_entry("line", style.INK)],
        ncols=2,
    )
    first, second = axes.figure.legends
    assert [text.get_text() for text in first.get_texts()] == ["of the axes"]
    assert [text.get_text() for text in second.get_texts()] == ["dot", "line"]
    assert [line.get_linestyle() for line in second.get_lines()] == ["None", "-"]


def test_a_title_stands_over_all_panels(axes) -> None:
    style.figure_title(axes.figure, "finding")
    assert axes.figure.get_suptitle() == "finding"
