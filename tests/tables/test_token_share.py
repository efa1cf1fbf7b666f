"""Shares of tokens by what is counted."""

import pytest

from analysis.inputs import datasets
from analysis.tables import token_share


def test_denominators_by_hand() -> None:
    shares = token_share.token_share_by_denominator()["share"].tolist()
    by_hand = [5.3 / 8.7, 14.69 / 28.7, 4.12 / 7.06, 5.16 / 7.86, 4.69 / 7.984, 10.84 / 21.67, 12.96 / 27]
    assert shares == pytest.approx(by_hand)


def test_a_share_names_its_rows_and_their_weakest_grade(monkeypatch) -> None:
    counted = "Chinese and US models on the list, 9-15 March"
    rows = ["or-cn-list-2026-03-09", "or-us-list-2026-03-09"]
    found = token_share.token_share_by_denominator().loc[counted]
    assert found["rows"] == "; ".join(rows)
    assert (found["basis"], found["grade"]) == ("models on the weekly list", "B")
    assert found["period"] == "2026-03-09..2026-03-15"
    facts = datasets.load_facts()
    facts.loc[rows[1], "grade"] = "C"
    monkeypatch.setattr(datasets, "load_facts", facts.copy)
    assert token_share.token_share_by_denominator().loc[counted, "grade"] == "C"


def test_a_share_without_its_row_is_refused(monkeypatch) -> None:
    facts = datasets.load_facts().drop("or-all-total-2026-03-22")
    monkeypatch.setattr(datasets, "load_facts", facts.copy)
    with pytest.raises(KeyError, match="or-all-total-2026-03-22"):
        token_share.token_share_by_denominator()


def test_weeks_hold_sourced_values_alone() -> None:
    weekly = token_share.weekly_tokens()
    assert weekly.index.tolist() == ["2026-01-26", "2026-02-09", "2026-02-16", "2026-03-09"]
    assert weekly["Chinese models"].tolist() == [2.27, 4.12, 5.16, 4.69]
    assert weekly["US models"].isna().tolist() == [True, False, False, False]


def test_shares_by_billing_country() -> None:
    shares = token_share.token_share_by_billing_country()["share"]
    assert shares.to_dict() == {"United States": 0.4717, "China": 0.0601}
    assert shares.sum() < 1
