"""The ranked chart of places: bars as long as the numbers behind them, base cases marked."""

import pandas as pd
import pytest

from analysis import figures

RANKED = pd.DataFrame(
    {
        "electricity": [0.01, 0.02, 0.05],
        "total": [0.10, 0.12, 0.16],
        "low": [0.10, 0.11, 0.15],
        "high": [0.10, 0.13, 0.19],
        "electricity_share": [0.1, 1 / 6, 0.3125],
        "is_base": [False, True, False],
    },
    index=["Norway", "US (base case)", "$\\frac{"],
)


def test_electricity_comes_first_and_the_rest_adds_up_to_the_total(names, texts) -> None:
    figure = figures.cost_by_place(RANKED, "vendor/Model")
    axes = figure.axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    assert widths[:3] == pytest.approx(RANKED["electricity"])
    assert [a + b for a, b in zip(widths[:3], widths[3:], strict=True)] == pytest.approx(RANKED["total"])
    assert [line.get_xdata().tolist() for line in axes.lines] == RANKED[["low", "high"]].to_numpy().tolist()
    assert names(axes) == RANKED.index.tolist()
    assert texts(axes)[0] == "0.100, electricity 10.0%"
    assert "Model [USD per million tokens" in axes.get_xlabel()
    bold = [label.get_fontweight() == "bold" for label in axes.get_yticklabels()]
    assert bold == RANKED["is_base"].tolist()


def test_the_title_states_what_is_found_and_any_name_can_be_drawn(clipped_texts) -> None:
    figure = figures.cost_by_place(RANKED, "Model")
    title = " ".join(figure.axes[0].get_title(loc="left").split())
    assert title == (
        "From Norway to $\\frac{ the cost of a token rises by a factor of 1.60; "
        "electricity is 10.0% to 31.2% of it"
    )
    figure.canvas.draw()
    assert clipped_texts(figure) == []


def test_a_long_name_is_folded_and_leaves_the_title_its_room(names, clipped_texts) -> None:
    """Labels as wide as this one pushed the title over the edge."""
    long = RANKED.rename(index={"Norway": "Western hubs (Gansu, Guizhou, Inner Mongolia)"})
    figure = figures.cost_by_place(long, "Model")
    assert names(figure.axes[0])[0] == "Western hubs (Gansu,\nGuizhou, Inner Mongolia)"
    figure.canvas.draw()
    assert clipped_texts(figure) == []
