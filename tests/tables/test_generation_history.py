"""Generation, capacity and the dated claims on them."""

import pandas as pd
import pytest

from analysis import claims
from analysis.inputs import datasets
from analysis.tables import generation_history


def test_only_sourced_years_are_there() -> None:
    table = generation_history.generation_by_year()
    assert table["China"].dropna().index.tolist() == [1949, 1978, *range(1985, 2026)]
    assert table.loc[2023, "China"] == 9456.44
    assert table.loc[2023, "four countries"] == pytest.approx(4499.11 + 1925.96 + 1178.25 + 1006.72)
    assert table.loc[2023, "China share of world"] == pytest.approx(0.3147, abs=5e-5)


def test_china_passes_the_us_in_2011_and_the_four_in_2021() -> None:
    table = generation_history.generation_by_year()
    ahead = table.index[table["China"] > table["US"]]
    assert ahead.min() == 2011
    assert table.index[table["China"] > table["four countries"]].min() == 2021
    assert not (table["China share of world"] > 1 / 3).any()


def test_four_countries_need_all_four(monkeypatch) -> None:
    rows = datasets.load_generation()
    of_japan = (rows["metric"] == "electricity generation") & (rows["entity"] == "Japan")
    monkeypatch.setattr(datasets, "load_generation", lambda: rows[~(of_japan & (rows["year"] == 2023))])
    table = generation_history.generation_by_year()
    assert pd.isna(table.loc[2023, "four countries"])
    assert table.loc[2022, "four countries"] > 0


def test_the_best_grade_comes_first_then_the_order_of_the_file(monkeypatch) -> None:
    """Two sources give 1978, both of grade B: 58 GW stands first."""
    assert generation_history.capacity_by_year().loc[1978, "China, total"] == 58
    rows = datasets.load_generation()
    rows.loc["installed-capacity-china-1978-nbs", "grade"] = "A"
    monkeypatch.setattr(datasets, "load_generation", rows.copy)
    assert generation_history.capacity_by_year().loc[1978, "China, total"] == 57


def test_capacity_ratios() -> None:
    table = generation_history.capacity_by_year()
    assert table.loc[2000, "solar, China over US"] == pytest.approx(0.0335 / 0.595)
    assert table.loc[2023, "wind, China over US"] == pytest.approx(2.995, abs=1e-3)
    assert table.loc[2025, "solar, China over US"] == pytest.approx(5.681, abs=1e-3)
    assert table.loc[1949, "China, total"] == 1.85
    assert table.loc[1949].drop("China, total").isna().all()


def test_dated_claims_know_whether_they_are_met() -> None:
    ledger = claims.evaluate()
    dated = generation_history.dated_claims(ledger, "TWh")
    assert dated["met"].all()
    assert dated["year"].tolist() == [1949, 1978, 2000, 2011, 2023, 1949, 2024]
    ratios = generation_history.dated_claims(ledger, "ratio").set_index("quantity")["met"]
    assert not ratios["solar capacity over that of the US"]
    assert generation_history.dated_claims(ledger, "furlong").empty
