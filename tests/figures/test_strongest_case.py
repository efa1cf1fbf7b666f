"""The channels: marks at the factors, lines between the ends, and the finding in the title."""

import pytest

from analysis import figures
from analysis.figures.strongest_case import PATHS
from analysis.tables import strongest_case


@pytest.fixture(scope="module")
def tables(audited):
    return strongest_case.strongest_channels(audited), strongest_case.strongest_together(audited)


def test_marks_stand_at_the_factors_and_lines_reach_their_ends(tables, names, clipped_texts) -> None:
    channels, together = tables
    figure = figures.strongest_channels(channels, together, 16.7)
    axes = figure.axes[0]
    assert names(axes) == [*channels.index, *PATHS]
    rows = [*channels.itertuples(), *together.iloc[-3:].itertuples()]
    lines = axes.get_lines()[: 2 * len(rows)]
    for row, line, mark in zip(rows, lines[::2], lines[1::2], strict=True):
        assert line.get_xdata() == pytest.approx([row.low, row.high])
        assert mark.get_xdata() == pytest.approx([row.value])
    least, most = axes.get_xlim()
    assert least < min(row.low for row in rows)
    assert most > max(row.high for row in rows)
    assert clipped_texts(figure) == []


def test_the_title_names_the_strongest_and_all_that_fits_together(tables) -> None:
    channels, together = tables
    title = figures.strongest_channels(channels, together, 16.7).axes[0].get_title(loc="left")
    best = strongest_case.strongest_channel(channels)
    assert best[1:] in title
    assert f"x {channels.loc[best, 'value']:.2f}" in title
    assert f"{best[1:]} (1 year, assumed): x" in title
    assert f"x {together['value'].iloc[-3:-1].max():.1f}, of a claimed 16.7" in title


def test_the_claim_is_written_over_no_other_label(tables) -> None:
    channels, together = tables
    changed = channels.copy()
    changed["high"] = 14.0
    axes = figures.strongest_channels(changed, together, 16.7).axes[0]
    axes.figure.draw_without_rendering()
    boxes = {text.get_text(): text.get_window_extent() for text in axes.texts}
    claim = boxes.pop("claimed: 16.7")
    assert not any(claim.overlaps(box) for box in boxes.values())


def test_another_number_makes_another_title(tables) -> None:
    channels, together = tables
    changed = channels.copy()
    changed.loc["Training", ["low", "value", "high"]] = [2.0, 3.0, 4.0]
    title = figures.strongest_channels(changed, together, 16.7).axes[0].get_title(loc="left")
    assert title.startswith("The best single case is training: x 3.00.")
