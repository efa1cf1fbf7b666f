"""Generation and capacity: lines only where every year is known, claims met and missed."""

import pandas as pd
import pytest

from analysis import figures
from analysis.tables import generation_history


@pytest.fixture(scope="module")
def generation() -> pd.DataFrame:
    return generation_history.generation_by_year()


@pytest.fixture(scope="module")
def capacity() -> pd.DataFrame:
    return generation_history.capacity_by_year()


def test_known_years_are_joined_and_single_ones_are_not(generation, ledger, clipped_texts) -> None:
    claims = generation_history.dated_claims(ledger, "TWh")
    figure = figures.generation_history(generation, claims, generation_history.FIRST_COMPLETE_YEAR)
    joined, single = figure.axes[0].lines[:2]
    assert joined.get_xdata().tolist() == list(range(1985, 2026))
    assert single.get_xdata().tolist() == [1949, 1978]
    assert single.get_linestyle() == "None"
    assert clipped_texts(figure) == []


def test_claims_met_and_missed_have_marks_of_their_own(capacity, ledger, clipped_texts) -> None:
    ratios = generation_history.dated_claims(ledger, "ratio")
    figure = figures.capacity_ratios(capacity, ratios[ratios["quantity"].str.contains("capacity")])
    lines = figure.axes[0].lines
    assert {line.get_marker(): line.get_ydata()[0] for line in lines if line.get_marker() in "oX"} == {
        "o": 3,
        "X": 6,
    }
    assert clipped_texts(figure) == []


def test_nothing_is_clipped(generation, capacity, ledger, clipped_texts) -> None:
    shares = generation_history.dated_claims(ledger, "share").iloc[[1]]
    for figure in (
        figures.world_share(generation, shares),
        figures.capacity_history(capacity, generation_history.dated_claims(ledger, "GW")),
    ):
        assert clipped_texts(figure) == []
