"""Every test of a figure draws in the house style and closes what it drew."""

from collections.abc import Callable, Iterator

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis import claims, figures


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    figures.apply_style()
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def ledger() -> pd.DataFrame:
    return claims.evaluate()


@pytest.fixture(scope="session")
def texts() -> Callable[[Axes], list[str]]:
    """Return a function that gives the words written into an axes."""
    return lambda axes: [text.get_text() for text in axes.texts]


@pytest.fixture(scope="session")
def names() -> Callable[[Axes], list[str]]:
    """Return a function that gives the names along the vertical axis."""
    return lambda axes: [label.get_text() for label in axes.get_yticklabels()]


@pytest.fixture(scope="session")
def clipped_texts() -> Callable[[Figure], list[str]]:
    """Return a function that gives the visible texts that do not lie inside the figure."""

    def clipped(figure: Figure) -> list[str]:
        figure.draw_without_rendering()
        frame = figure.bbox.padded(3)
        boxes = {text.get_text(): text.get_window_extent() for text in _visible_texts(figure)}
        return [
            words
            for words, box in boxes.items()
            if box.x0 < frame.x0 or box.x1 > frame.x1 or box.y0 < frame.y0 or box.y1 > frame.y1
        ]

    return clipped


def _visible_texts(figure: Figure) -> list[Text]:
    found = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        found += [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        for axis, (start, end) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            inside = sorted((start, end))
            found += [
                tick.label1 for tick in axis.get_major_ticks() if inside[0] <= tick.get_loc() <= inside[1]
            ]
    return [text for text in found if text.get_text() and text.get_visible()]
