"""Figures are drawn in the house style, whatever ran before."""

from collections.abc import Iterator

import matplotlib as mpl
import pytest

from analysis import figures


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    with mpl.rc_context():
        figures.apply_style()
        yield
