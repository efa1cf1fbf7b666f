"""Checks of ranks and of yes-no statements."""

import pandas as pd
import pytest

from analysis.claims.context import Context


def test_a_rank_names_who_stands_ahead(ledger: pd.DataFrame) -> None:
    """Russia's rows of 1987 are Russia alone; in 2011 nobody is ahead."""
    reasoning = ledger["reasoning"]
    assert "rank 5, behind Germany, Japan, Russia, US." in reasoning["p34-rank-1987"]
    assert "without the rest of the Soviet Union" in reasoning["p34-rank-1987"]
    assert "rank 1." in reasoning["p35-rank-2011"]


def test_a_rank_reached_later_was_not_held_before(finding) -> None:
    """The sentence of 1987 speaks of capacity, where the second place dates from 1996."""
    found = finding("p34-rank-1987")
    assert found.statement is False
    assert found.reasoning.startswith("By capacity China has held this rank since 1996.")
    assert finding("p34-rank-1987", as_of="1996").statement is True
    assert finding("p34-rank-1987", as_of="1995").statement is False


def test_the_grid_is_compared_by_hours_without_power(finding, context: Context) -> None:
    """By hand: (1 - 0.99924) x 8766 = 6.66 hours against 11.7 minutes."""
    found = finding("p38-steadiest")
    assert found.statement is False
    assert "6.7 hours of 2024, against 0.2 in Germany" in found.reasoning
    other = Context(context.article, context.audited)
    rows = context.rows.copy()
    rows.loc["reliability-cn-2024", "value"] = 0.99999
    other.__dict__["rows"] = rows
    assert finding("p38-steadiest", other).statement is True


def test_spare_capacity_is_over_the_highest_load(finding) -> None:
    """By hand: 2071 / 1508 - 1 and 270 / 166.155 - 1; one weak row leaves it unsettled."""
    found = finding("p38-amplest")
    assert "China 37%, Russia 62%, United States 19%" in found.reasoning
    assert (found.statement, found.statement_grade) == (False, "C")


def test_sums_and_triples_are_told_in_their_unit(finding) -> None:
    assert "TWh, 1.10 times as much" in finding("p37-four-countries").reasoning
    assert finding("p37-four-countries").reproduced == pytest.approx(1.098, abs=1e-3)
    assert finding("p37-wind-solar-first").reasoning.startswith("442 GW against 148 of the US")
    assert finding("p37-wind-solar-first").statement is True


def test_one_better_fleet_refutes_a_first_rank(finding) -> None:
    assert finding("p14-pue-rank").statement is False
    assert finding("p14-pue-rank", evidence=["pue-google", "pue-cn-green"]).statement is True
