"""The figure of a sweep."""

import pandas as pd
from matplotlib import pyplot as plt

from analysis import figures
from analysis.runs.sweep_figure import sweep_panels


def quantities(**columns: list) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return quantities and parameters from columns of both."""
    number = len(columns["value"])
    table = pd.DataFrame(
        {"unit": ["MW"] * number, "low": [None] * number, "high": [None] * number, **columns}
    )
    own = ["quantity", "value", "low", "high", "unit"]
    return table[own], table.drop(columns=own)


def test_each_quantity_gets_a_panel_and_each_other_set_a_line() -> None:
    rows = quantities(
        years=[1, 2, 1, 2, 1, 2],
        place=["hub", "hub", "US", "US", "hub", "hub"],
        quantity=["load", "load", "load", "load", "cost", "cost"],
        value=[3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        low=[2.0, 3.0, None, None, None, None],
        high=[4.0, 5.0, None, None, None, None],
    )
    figures.apply_style()
    figure = sweep_panels(*rows)
    load, cost = figure.axes[:2]
    assert (load.get_title(loc="left"), load.get_xlabel(), load.get_ylabel()) == ("load", "years", "[MW]")
    assert [list(line.get_ydata()) for line in load.lines] == [[3.0, 4.0], [5.0, 6.0]]
    assert [list(line.get_xdata()) for line in load.lines] == [[1, 2], [1, 2]]
    assert len(load.collections) == 1, "a band where there are ends"
    assert list(cost.lines[0].get_ydata()) == [7.0, 8.0]
    plt.close(figure)


def test_many_quantities_are_cut_and_it_says_so() -> None:
    rows = quantities(
        years=[1] * 15, quantity=[f"q{n}" for n in range(15)], value=[float(n) for n in range(15)]
    )
    figure = sweep_panels(*rows)
    assert len(figure.axes) == 12
    assert "the first 12 of 15" in figure.get_suptitle()
    plt.close(figure)


def test_a_swept_text_becomes_the_axis() -> None:
    rows = quantities(place=["hub", "US"], quantity=["cost"] * 2, value=[1.0, 2.0])
    figure = sweep_panels(*rows)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["hub", "US"]
    plt.close(figure)
