"""The strongest case: factors against sums done by hand, their order, and what they leave."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inputs import datasets
from analysis.inputs.scenario import load_scenario
from analysis.tables import strongest_case
from analysis.tables.cost_stack import OPEN_MODEL, cash_cost_ratio, token_cost_parts, usd
from analysis.tables.strongest_case import CASH, OF_DEVELOPMENT, REFERENCE, SUNK, WAITING, corners
from analysis.tables.time_to_power import Stack, power_stacks, power_waits, row_range

TARIFFS = st.floats(0.01, 0.5)


@pytest.fixture(scope="module", params=["article", "audited"])
def scenario(request):
    return load_scenario(request.param)


@pytest.fixture(scope="module")
def channels(scenario):
    return strongest_case.strongest_channels(scenario)


@pytest.fixture(scope="module")
def together(scenario):
    return strongest_case.strongest_together(scenario)


def test_corners_hold_the_values_in_the_middle_and_every_corner() -> None:
    found = corners(lambda a, b: a - b, (1.0, 5.0, 9.0), (0.0, 1.0, 4.0))
    assert found == (-3.0, 4.0, 9.0)


@given(tariff=TARIFFS, base=TARIFFS, other=st.floats(0.0, 1.0), capital=st.floats(0.01, 5.0))
def test_cash_cost_lies_between_full_cost_and_electricity_alone(tariff, base, other, capital) -> None:
    stack = Stack(0.1, capital, 0.1, other, 5.0, 0.1)
    full = np.log(stack.cost(tariff) / stack.cost(base))
    cash = np.log(strongest_case.cash_ratio(stack, tariff, base))
    alone = np.log(tariff / base)
    assert abs(full) <= abs(cash) + 1e-12
    assert abs(cash) <= abs(alone) + 1e-12


def test_every_row_has_a_factor_and_every_factor_a_row(scenario, channels) -> None:
    rows = datasets.load_table("strongest_channels")
    assert channels.index.tolist() == rows["channel"].tolist()
    assert set(strongest_case.channel_factors(scenario)) == set(rows["channel"])
    assert channels["argument"].tolist() == rows["argument"].tolist()
    assert channels["against"].tolist() == rows["against"].tolist()


def test_ends_enclose_values_and_shares_are_their_logarithms(scenario, channels) -> None:
    assert (channels["low"] <= channels["value"]).all()
    assert (channels["value"] <= channels["high"]).all()
    spread = scenario.root.api_spread_claim.value
    assert channels["share"].to_numpy() == pytest.approx(np.log(channels["value"]) / np.log(spread))
    assert spread ** channels["share_high"].to_numpy() == pytest.approx(channels["high"].to_numpy())


def test_channels_by_hand(scenario, channels) -> None:
    stack = power_stacks(scenario)["value"]
    us, hub = usd(scenario, "tariff_us"), usd(scenario, "tariff_cn_hub")
    rest = stack.accelerators + stack.facility + stack.other
    kwh = stack.kwh_per_mtok
    facts = datasets.load_facts()["value"]
    share = row_range(strongest_case.TRAINING).value
    expected = {
        REFERENCE: (kwh * us + rest) / (kwh * hub + rest),
        CASH: (kwh * us + stack.other) / (kwh * hub + stack.other),
        WAITING: power_waits(scenario)["cost_ratio"].iloc[1],
        "Own gas plant": (kwh * usd(scenario, "onsite_power_us") + rest) / (kwh * us + rest),
        "Chips that take more power": (kwh * hub + rest) / (kwh * hub * facts["chips-more-power"] + rest),
        OF_DEVELOPMENT: 1 / (1 - share * (1 - hub / us)),
        "Power by the hour": (kwh * hub + rest) / (kwh * hub * facts["cn-zhejiang-valley-2026-07"] + rest),
    }
    for name, factor in expected.items():
        assert channels.loc[name, "value"] == pytest.approx(factor), name


def test_a_plant_of_ones_own_goes_by_its_rows(audited) -> None:
    """Combined cycle from 48 to 107 dollars a MWh, 77.5 in the middle; a peaker at most, 262."""
    own, rows = audited.onsite_power_us, datasets.load_facts()
    cycle, peaker = rows.loc["onsite-combined-cycle"], rows.loc["onsite-peaker"]
    assert cycle["value"] == (cycle["low"] + cycle["high"]) / 2
    per_mwh = [1000 * end for end in (own.low, own.value, own.high)]
    assert per_mwh == pytest.approx([cycle["low"], cycle["value"], peaker["high"]])
    assert own.grade == max(cycle["grade"], peaker["grade"])


def test_chips_that_take_more_power_never_help_and_the_other_ways_of_paying_never_hurt(channels) -> None:
    assert channels.loc["Chips that take more power", "high"] <= 1.0
    for name in (WAITING, "Capacity price", "Power by the hour"):
        assert channels.loc[name, "low"] >= 1.0


def test_a_system_of_domestic_chips_by_hand(audited) -> None:
    found = strongest_case.subsidy_a_year(audited)
    used = audited.utilisation_cn.value
    busy = used + audited.idle_power.value * (1 - used)
    assert found["kwh_a_year"] == pytest.approx(559 * 8766 * busy * audited.pue.value)
    full, paid = (usd(audited, f"tariff_cn_hub_{word}") for word in ("delivered", "subsidised"))
    assert found["usd_a_year"] == pytest.approx(found["kwh_a_year"] * (full - paid))
    mix = token_cost_parts(audited).loc[(OPEN_MODEL, strongest_case.DOMESTIC_HUB, "mix")].astype(float)
    assert found["usd_per_mtok"] == pytest.approx(mix["kwh_per_mtok"] * (full - paid))
    factor = strongest_case.channel_factors(audited)["Subsidised hub power"].value
    assert factor == pytest.approx(1 + found["usd_per_mtok"] / mix["total"])
    assert found["share"] == pytest.approx(1 - 1 / factor)


def test_grades_are_the_weakest_of_what_enters(channels, scenario) -> None:
    assert channels.loc[WAITING, "own_grade"] == scenario.power_wait.grade == "C"
    assert (channels["own_grade"] <= channels["grade"]).all()
    assert channels.loc[OF_DEVELOPMENT, "own_grade"] == channels.loc[OF_DEVELOPMENT, "grade"]
    capped = datasets.load_facts().loc["capacity-2027", "grade"]
    assert channels.loc["Capacity price", "own_grade"] == max(capped, scenario.load_factor.grade)


def test_steps_multiply_to_the_ratio_and_none_is_lost(together) -> None:
    path = together[together["path"] == "full cost"]
    assert path["factor"].prod() == pytest.approx(path["value"].iloc[-1])
    assert (path["factor"].iloc[1:] >= 1.0 - 1e-12).all()
    assert together["factor"].isna().tolist() == [False] * len(path) + [True, True]
    assert (together["low"] <= together["value"]).all()
    assert (together["value"] <= together["high"]).all()


def test_what_remains_times_what_is_reached_is_the_claim(scenario, together) -> None:
    claimed = scenario.root.api_spread_claim.value
    assert (together["value"] * together["remains"]).to_numpy() == pytest.approx(claimed)


def test_where_one_side_alone_asks_cash_cost_capital_makes_the_ratio(scenario, together) -> None:
    sunk = together.loc[together["path"] == SUNK, "value"].item()
    assert sunk > together["value"].drop(together.index[-1]).max()
    prices = strongest_case.price_over_cost(scenario)
    assert prices["over_cash_cost"] > prices["over_full_cost"]
    stack, us = power_stacks(scenario)["value"], usd(scenario, "tariff_us")
    assert prices["full_over_cash_us"] == pytest.approx(
        1 + (stack.accelerators + stack.facility) / (stack.kwh_per_mtok * us + stack.other)
    )
    mix = scenario.input_tokens_per_output_token.value
    root = scenario.root
    blended = (mix * usd(root, "price_cn_input") + usd(root, "price_cn_output")) / (mix + 1)
    assert prices["price_usd_per_mtok"] == pytest.approx(blended)


def test_each_class_of_us_power_is_set_beside_each_kind_of_chinese(scenario) -> None:
    table = strongest_case.marginal_costs(scenario)
    classes = [*scenario.definition("tariff_us").choices, "scenario"]
    assert len(table) == len(classes) * len(strongest_case.CHINESE_POWER)
    spread = scenario.root.api_spread_claim.value
    for grid in strongest_case.CHINESE_POWER:
        theirs = cash_cost_ratio(scenario, grid).xs(OPEN_MODEL, level="model")
        assert table.loc[grid, "cash_ratio"].tolist() == theirs["cash_ratio"].tolist()
    assert spread ** table["cash_share"].to_numpy() == pytest.approx(table["cash_ratio"].to_numpy())
    assert spread ** table["electricity_share"].to_numpy() == pytest.approx(
        table["electricity_ratio"].to_numpy()
    )


def test_headlines_are_the_largest_channel_and_the_larger_path(scenario, channels, together) -> None:
    found = strongest_case.headlines(scenario)
    best = channels["value"].drop(REFERENCE).max()
    assert found["strongest_case_factor"].value == pytest.approx(best)
    most = together.loc[together["path"] != SUNK, "value"].max()
    assert found["strongest_case_together"].value == pytest.approx(most)
    assert found["stranded_year_factor"].value == pytest.approx(power_waits(scenario)["cost_ratio"].iloc[1])
    assert found["capacity_price_usd_per_kwh"].unit == "USD/kWh"
    for headline in found.values():
        assert headline.low <= headline.value <= headline.high


def test_a_wider_gap_in_tariffs_makes_every_path_longer() -> None:
    near, far = (
        load_scenario("audited", {"tariff_us": {"value": v, "low": v, "high": v}}) for v in (0.1, 0.2)
    )
    longer = (
        strongest_case.strongest_together(far)["value"] > strongest_case.strongest_together(near)["value"]
    )
    assert longer.all()


def test_headlines_carry_the_grade_of_their_tables(scenario, channels, together) -> None:
    found = strongest_case.headlines(scenario)
    assert found["strongest_case_factor"].grade == max(channels["grade"]) == "C"
    assert found["strongest_case_together"].grade == max(together["grade"]) == "C"
    assert found["stranded_year_factor"].grade == scenario.power_wait.grade == "C"
    auction = datasets.load_facts().loc["capacity-2027", "grade"]
    assert found["capacity_price_usd_per_kwh"].grade == max(auction, scenario.load_factor.grade)
