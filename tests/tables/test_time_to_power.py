"""Availability in money: waits and capacity prices against sums done by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError
from analysis.inputs.scenario import load_scenario
from analysis.tables import time_to_power
from analysis.tables.cost_stack import OPEN_MODEL, token_cost_parts, usd
from analysis.tables.time_to_power import Stack, capacity_price_usd_per_kwh, idle_capital_ratio

RATES = st.floats(0.0, 0.3)
WAITS = st.floats(0.0, 4.5)


def test_one_of_five_years_without_use_costs_a_quarter_more_and_interest_on_top() -> None:
    assert idle_capital_ratio(5.0, 1.0, 0.0) == 1.25
    payments = [1.1**-year for year in range(1, 6)]
    assert idle_capital_ratio(5.0, 1.0, 0.1) == pytest.approx(sum(payments) / sum(payments[1:]))


@given(wait=WAITS, rate=RATES)
def test_waiting_never_pays_and_costs_more_the_longer_it_takes(wait: float, rate: float) -> None:
    here, longer = (idle_capital_ratio(5.0, years, rate) for years in (wait, wait + 0.25))
    assert 1.0 <= here < longer
    assert idle_capital_ratio(5.0, wait, rate) >= idle_capital_ratio(5.0, wait, 0.0) * (1.0 - 1e-12)


@pytest.mark.parametrize("wait", [-0.1, 5.0, 6.0, np.array([1.0, 5.0])])
def test_a_wait_that_takes_the_whole_life_is_refused(wait) -> None:
    with pytest.raises(ParameterError, match="does not leave a part"):
        idle_capital_ratio(5.0, wait, 0.1)


def test_a_megawatt_day_is_twenty_four_thousand_kilowatt_hours_at_full_load() -> None:
    assert capacity_price_usd_per_kwh(333.44, 1.0) == pytest.approx(333.44 / 24_000)
    assert capacity_price_usd_per_kwh(333.44, 0.9) == pytest.approx(0.015437, abs=1e-6)
    prices = np.array([100.0, 200.0])
    assert capacity_price_usd_per_kwh(prices, 0.8) == pytest.approx(
        [capacity_price_usd_per_kwh(price, 0.8) for price in prices]
    )


def test_full_cost_is_cash_cost_and_capital_and_only_accelerators_wait() -> None:
    stack = Stack(0.1, 2.0, 0.5, 0.03, life_years=5.0, discount_rate=0.0)
    assert stack.cash(0.2) == pytest.approx(0.05)
    assert stack.cost(0.2) == pytest.approx(2.55)
    assert stack.cost(0.2, 1.0) == pytest.approx(0.05 + 2.5 + 0.5)


def test_the_stack_at_the_us_tariff_is_the_cost_of_the_token_there(article, audited) -> None:
    for scenario in (article, audited):
        total = token_cost_parts(scenario).loc[(OPEN_MODEL, "US", "mix"), "total"]
        stacks = time_to_power.power_stacks(scenario)
        tariff = usd(scenario, "tariff_us")
        assert stacks["value"].cost(tariff) == pytest.approx(total)
        assert stacks["low"].cost(tariff) < total < stacks["high"].cost(tariff)
        assert len({stack.kwh_per_mtok for stack in stacks.values()}) == 1


def test_waits_are_those_of_the_scenario_and_their_ratio_is_that_of_the_stack(audited) -> None:
    table = time_to_power.power_waits(audited)
    wait = audited.power_wait
    assert table.index.tolist() == [round(12 * years) for years in (wait.low, wait.value, wait.high)]
    stack, tariff = time_to_power.power_stacks(audited)["value"], usd(audited, "tariff_us")
    capital = stack.accelerators / stack.cost(tariff)
    ratios = table["capital_ratio"].to_numpy()
    assert table["cost_ratio"].to_numpy() == pytest.approx(1.0 + capital * (ratios - 1.0))
    assert table["share_of_log"].to_numpy() == pytest.approx(
        np.log(table["cost_ratio"]) / np.log(audited.root.api_spread_claim.value)
    )
    assert (table["cost_ratio_low"] <= table["cost_ratio"]).all()
    assert (table["cost_ratio"] <= table["cost_ratio_high"]).all()
    assert (table["capital_ratio"] > table["life_ratio"]).all()
    assert set(table["grade"]) == {"C"}


def test_without_a_wait_nothing_is_lost() -> None:
    scenario = load_scenario("audited", {"power_wait": {"value": 0.0, "low": 0.0, "high": 0.0}})
    table = time_to_power.power_waits(scenario)
    assert table["cost_ratio"].tolist() == [1.0]


def test_capacity_prices_follow_the_auctions_and_their_ends_the_load_factor(audited) -> None:
    table = time_to_power.capacity_prices(audited)
    facts = datasets.load_facts().loc[list(time_to_power.AUCTIONS)]
    assert table["usd_per_mw_day"].tolist() == facts["value"].tolist()
    load = audited.load_factor
    for column, factor in (("low", load.high), ("value", load.value), ("high", load.low)):
        by_hand = facts["value"].to_numpy() / 24_000 / factor
        assert table[column].to_numpy() == pytest.approx(by_hand)
    stack = time_to_power.power_stacks(audited)["value"]
    raised = stack.cost(usd(audited, "tariff_us") + table["value"].iloc[0])
    assert table["cost_ratio"].iloc[0] == pytest.approx(raised / stack.cost(usd(audited, "tariff_us")))


def test_the_rise_lies_between_its_ends_and_is_latest_less_first(audited) -> None:
    rise = time_to_power.capacity_rise(audited)
    assert rise.low < rise.value < rise.high
    table = time_to_power.capacity_prices(audited)["value"]
    assert rise.value == pytest.approx(table.iloc[3] - table.iloc[0])


def test_ends_of_a_row_are_its_value_where_none_is_published() -> None:
    assert time_to_power.row_range("chips-more-power") == (1.3, 1.4, 1.5)
    assert time_to_power.row_range("cm384-power") == (559.0, 559.0, 559.0)
    assert time_to_power.row_range("pub-training-electricity") == (0.02, 0.04, 0.06)


def test_evidence_is_the_topic_with_source_and_grade() -> None:
    table = time_to_power.power_evidence()
    assert {"spare-cn-2030", "capacity-2027", "tencent-rise-2026"} <= set(table.index)
    assert table[["source", "grade", "unit"]].notna().all(axis=None)
    assert set(table.loc[table["source"] == "aibase_26237", "grade"]) == {"C"}
