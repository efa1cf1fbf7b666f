"""Every test of a figure draws in the house style and closes what it drew."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest

from analysis import figures


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    figures.apply_style()
    yield
    plt.close("all")
