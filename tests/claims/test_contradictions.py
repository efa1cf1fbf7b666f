"""What the article says beside what follows from its other figures."""

import pytest

from analysis.claims import contradictions
from analysis.inputs.scenario import load_scenario


def test_contradictions_by_hand(article) -> None:
    table = contradictions.said_and_implied(article).set_index("follows")
    power = table.loc["electricity alone at the article's hub tariffs"]
    assert power["follows_low"] == pytest.approx(8000 * 0.13 / 6.930154, rel=1e-4)
    assert power["follows_high"] == pytest.approx(12000 * 0.30 / 6.930154, rel=1e-4)
    week = table.loc["electricity of that week at the claimed energy per token"]
    assert (week["follows_low"], week["follows_high"]) == pytest.approx(
        (5.16e6 * 8000 / 1e9, 5.16e6 * 12000 / 1e9)
    )
    head = table.loc["its own generation over the population"]
    assert head["follows_low"] == pytest.approx(7.905, abs=1e-3)
    growth = table.loc["US growth in the last week of the source of the Chinese growth"]
    assert (growth["said_value"], growth["follows_low"]) == pytest.approx((1.27 / 3, 2.70 / 2.94 - 1))
    share = table.loc["the weekly peak over Chinese and US models of that week"]
    assert share["follows_low"] == pytest.approx(5.16 / 7.86)
    town = table.loc["people whose day it is at mean use"]
    assert town["follows_low"] == pytest.approx(2.475, abs=1e-3)
    gpu = table.loc["electricity of GPUs and electricity, from the GPU offset at US tariffs"]
    assert (gpu["follows_low"], gpu["follows_high"]) == pytest.approx((0.144, 0.1935), abs=1e-4)
    hub = table.loc["electricity of GPUs and electricity, from the GPU offset at hub tariffs"]
    assert (hub["follows_low"], hub["follows_high"]) == pytest.approx((0.0179, 0.0826), abs=1e-4)
    full = table.loc["electricity of total cost of ownership, published data centre"]
    assert (full["follows_low"], full["follows_high"]) == pytest.approx((0.6 / 12, 0.6 / 7))
    cash = table.loc["electricity of cash operating expense, published data centre"]
    assert cash["follows_low"] == pytest.approx(0.6 / 0.9)
    volume = table.loc["tokens that it takes from Claude Opus 4.6 to MiniMax-M2.5 at list price"]
    blended = [(3.619 * i + o) / 4.619 for i, o in ((5, 25), (0.3, 1.2))]
    assert volume["follows_low"] == pytest.approx(5e6 / (blended[0] - blended[1]) / 1e3)


def test_the_factor_is_that_of_the_nearer_end(article) -> None:
    table = contradictions.said_and_implied(article)
    apart = table["unit"].str.contains(";")
    assert table["factor"].isna().tolist() == apart.tolist()
    assert apart.sum() == 2
    one_unit = table[~apart & (table["follows_low"] > 0)]
    for row in one_unit.itertuples():
        end = row.follows_low if row.follows_low > row.said_value else row.follows_high
        assert row.factor == pytest.approx(end / row.said_value), row.follows


def test_the_claims_are_those_of_the_root(article, audited) -> None:
    """Another scenario changes nothing, unless it is the root and says something else."""
    table = contradictions.said_and_implied(article)
    assert contradictions.said_and_implied(audited).equals(table)
    dearer = load_scenario("article", {"electricity_share": {"low": 0.9, "value": 0.9, "high": 0.9}})
    changed = contradictions.said_and_implied(dearer)
    share = table["said"] == "electricity in operating cost"
    assert changed.loc[share, "said_value"].tolist() == [0.9] * 4
    assert changed.loc[share, "follows_low"].equals(table.loc[share, "follows_low"])


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_shares_at_their_bounds_have_a_table(end: float) -> None:
    """Nothing is a multiple of no share; a share of one at the dear site makes free power free of cost."""
    scenario = load_scenario("article", {"electricity_share": {"low": end, "value": end, "high": end}})
    table = contradictions.said_and_implied(scenario)
    share = table["said"] == "electricity in operating cost"
    assert table.loc[share, "factor"].isna().all() == (end == 0.0)
    at_us = table["follows"].str.endswith("where power is expensive")
    assert table.loc[at_us, "follows_high"].tolist() == pytest.approx([1.0 if end == 0.0 else 1.2 / 0.13])
