"""The main results before and after: hand-computed ratios, and nothing moves without a change."""

import math

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analysis.inputs.entries import assumption_names
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables import explained_share, gpu_offset, price_gap, what_if
from analysis.tables.what_if import QUANTITIES, answer_of, before_and_after, changed_assumptions

DRAWS = 1024


@pytest.fixture(scope="module")
def before(audited) -> what_if.Answer:
    return answer_of(audited, DRAWS)


def test_the_ratio_of_two_fixed_tariffs_by_hand(before) -> None:
    """0.09 USD at 7.195 CNY, the rate of the tariff's own year, are 0.648 CNY; over 0.20 CNY that is 3.24."""
    after = answer_of(
        load_scenario("audited", {"tariff_cn_hub": "0.20CNY/kWh", "tariff_us": "0.09USD/kWh"}), DRAWS
    )
    ratio = after.results["tariff_ratio_us_to_hub"]
    assert round(ratio.value, 2) == 3.24
    assert ratio.low == ratio.high == pytest.approx(0.09 * mean_rate("USD", "CNY", "2024") / 0.20)
    table = before_and_after(before, after)
    assert table.loc["tariff_ratio_us_to_hub", "changes"]
    assert (
        after.results["electricity_share_of_cost_cn"].value
        < before.results["electricity_share_of_cost_cn"].value
    )
    assert after.results["tariff_factor"].value > before.results["tariff_factor"].value


def test_the_results_are_those_of_the_notebooks(audited, before) -> None:
    quantiles = explained_share.output_quantiles(audited, "hub", DRAWS)
    own = {**price_gap.headlines(audited), **explained_share.headlines_at_grid(quantiles)}
    shared = set(own) & set(QUANTITIES)
    assert len(shared) == 7
    assert all(before.results[name] == own[name] for name in shared)


def test_the_gpu_offset_by_hand(audited) -> None:
    """Savings of a year are energy times the gap; years are what the claimed share takes at that rate."""
    found = what_if.gpu_offset_of_claim(audited)
    tariffs = gpu_offset.pair_tariffs(audited, "CNY").loc[gpu_offset.MID]
    energy_kwh = 1e6 * gpu_offset.implied_energy(audited, "CNY")[gpu_offset.MID]
    saved = energy_kwh * (tariffs["tariff_us"] - tariffs["tariff_hub"])
    share = saved * 5.0 / gpu_offset.implied_purchase(audited, "CNY")
    assert found["gpu_offset_share"].value == pytest.approx(share)
    assert found["gpu_offset_years"].value == pytest.approx(audited.offset_share.value * 5.0 / share)
    assert found["gpu_offset_years"].high == math.inf, "the narrowest pair has no gap"
    swapped = load_scenario("audited", {"tariff_us": "0.01USD/kWh"})
    assert what_if.gpu_offset_of_claim(swapped)["gpu_offset_years"].value == math.inf


@hypothesis_settings(max_examples=8)
@given(st.sampled_from(assumption_names()))
def test_what_stays_as_it_is_changes_nothing(name: str) -> None:
    scenario = load_scenario("audited")
    entry = scenario.entries[name]
    whole = {"low": entry.low, "value": entry.value, "high": entry.high}
    same = load_scenario("audited", {name: whole})
    table = before_and_after(answer_of(scenario, 256), answer_of(same, 256))
    assert not table["changes"].any()
    assert list(table.index) == list(QUANTITIES)


def test_what_changes_comes_first(audited, before) -> None:
    after = answer_of(load_scenario("audited", {"pue": 1.5}), DRAWS)
    table = before_and_after(before, after)
    changes = list(table["changes"])
    assert changes == sorted(changes, reverse=True)
    assert not table.loc["tariff_ratio_us_to_hub", "changes"]
    assert table.loc["electricity_share_of_cost_cn", "changes"]


def test_an_assumption_says_what_it_was_and_is(audited) -> None:
    after = load_scenario("audited", {"tariff_us": "0.6 CNY/kWh", "pue": 1.15})
    table = changed_assumptions(audited, after, ["tariff_us", "pue"])
    us, pue = table.loc["tariff_us"], table.loc["pue"]
    assert (us["before_value"], us["before_unit"]) == (audited.tariff_us.value, "USD/kWh")
    assert (us["after_value"], us["after_unit"], us["after_source"], us["after_grade"]) == (
        0.6,
        "CNY/kWh",
        "override",
        "C",
    )
    assert us["after_exchanged"] == pytest.approx(0.6 / mean_rate("USD", "CNY", "2024"))
    assert math.isnan(pue["after_exchanged"])
    assert (us["apart"], pue["apart"]) == ("", "pue_us"), "the US side has a PUE of its own"
