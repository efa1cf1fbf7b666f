"""Generation, capacity and token shares."""

import pytest

from analysis import claims
from analysis.tables import generation_history, token_share


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


def test_capacity_ratios() -> None:
    table = generation_history.capacity_by_year()
    assert table.loc[2023, "wind, China over US"] == pytest.approx(2.995, abs=1e-3)
    assert table.loc[2025, "solar, China over US"] == pytest.approx(5.681, abs=1e-3)
    assert table.loc[1949, "China, total"] == 1.85


def test_dated_claims_know_whether_they_are_met() -> None:
    ledger = claims.evaluate()
    dated = generation_history.dated_claims(ledger, "TWh")
    assert dated["met"].all()
    assert dated["year"].tolist() == [1949, 1978, 2000, 2011, 2023, 1949, 2024]
    ratios = generation_history.dated_claims(ledger, "ratio").set_index("quantity")["met"]
    assert not ratios["solar capacity over that of the US"]


def test_denominators_by_hand() -> None:
    shares = token_share.token_share_by_denominator()["share"].tolist()
    by_hand = [5.3 / 8.7, 14.69 / 28.7, 4.12 / 7.06, 5.16 / 7.86, 4.69 / 7.984, 10.84 / 21.67, 12.96 / 27]
    assert shares == pytest.approx(by_hand)


def test_weeks_and_billing() -> None:
    weekly = token_share.weekly_tokens()
    assert weekly.index.tolist() == ["2026-01-26", "2026-02-09", "2026-02-16", "2026-03-09"]
    assert weekly["US models"].isna().tolist() == [True, False, False, False]
    assert token_share.token_share_by_billing_country()["share"].to_dict() == {
        "United States": 0.4717,
        "China": 0.0601,
    }
