import numpy as np
import pytest

import analysis
from analysis.inputs.scenario import load_scenario
from analysis.tables import cost_stack, explained_share, published_costs


@pytest.fixture(scope="module")
def article():
    return load_scenario("article")


@pytest.fixture(scope="module")
def audited():
    return load_scenario("audited")


def test_published_figures_lie_in_their_bands():
    table = published_costs.checks()
    assert table["inside"].all(), table[~table["inside"]]
    assert table.loc["DeepSeek's day: rent", "computed"] == 226.75 * 8 * 24 * 2
    assert table.loc["Epoch AI, 1 GW: electricity of total cost", "published"] == pytest.approx(0.6 / 8.5)
    assert table.loc["Epoch AI, 1 GW: electricity of cash operating cost", "published"] == pytest.approx(
        2 / 3
    )
    assert round(table.loc["Lokshin's trade model: hardware of a used hour", "computed"], 3) == 1.358
    assert (table["low"] <= table["high"]).all()
    assert ((table["low"] <= table["published"]) & (table["published"] <= table["high"])).all()


def test_the_stack_equals_the_public_function(audited):
    table = cost_stack.stacks(audited)
    setup = cost_stack.setup_of(audited, cost_stack.CHINA, cost_stack.OPEN_MODEL)
    costs = cost_stack.costs_of(audited, cost_stack.CHINA, "hub")
    row = analysis.token_cost(setup, **costs).iloc[0]
    for kind in ("input", "cached_input", "output"):
        stack = table.loc[(cost_stack.OPEN_MODEL, "China, hub", kind)]
        assert stack["total"] == pytest.approx(row[f"{kind}_total_usd_per_mtok"])
    mix = table.loc[(cost_stack.OPEN_MODEL, "China, hub", "mix"), "total"]
    expected = (3.619 * row["input_total_usd_per_mtok"] + row["output_total_usd_per_mtok"]) / 4.619
    assert mix == pytest.approx(expected)


def test_the_stack_carries_the_scenarios_tariffs(article, audited):
    for scenario in (article, audited):
        table = cost_stack.stacks(scenario).xs("mix", level="kind")
        kwh = table["electricity"] / table["kwh_per_mtok"]
        tariffs = [
            cost_stack.usd(scenario, name) for name in ("tariff_cn_hub", "tariff_cn_average", "tariff_us")
        ]
        assert kwh.to_numpy() == pytest.approx([*tariffs, tariffs[2]])


def test_parts_of_the_spread_sum_to_its_logarithm(article, audited):
    for scenario in (article, audited):
        for grid in ("hub", "average"):
            parts = explained_share.middle(scenario, grid).parts
            assert sum(float(part[0]) for part in parts.values()) == pytest.approx(np.log(16.7), abs=1e-12)


def test_the_middle_of_the_decomposition_is_the_stack(article):
    found = explained_share.middle(article, "hub")
    table = cost_stack.stacks(article).xs("mix", level="kind")
    cheap, dear = table.iloc[0], table.iloc[3]
    assert found.electricity_share_cn[0] == pytest.approx(cheap["electricity_share"])
    assert found.electricity_share_us[0] == pytest.approx(dear["electricity_share"])
    explained_ratio = np.exp(sum(part[0] for name, part in found.parts.items() if name != "remainder"))
    assert explained_ratio == pytest.approx(dear["total"] / cheap["total"])


def test_inverse_questions_by_hand(article):
    found = explained_share.middle(article, "hub")
    table = cost_stack.stacks(article).xs("mix", level="kind")
    cheap = table.iloc[0]
    tariff = cost_stack.usd(article, "tariff_cn_hub")
    wanted = tariff + 15.7 * cheap["total"] / cheap["kwh_per_mtok"]
    assert found.tariff_needed_usd_per_kwh[0] == pytest.approx(wanted)
    price = (
        3.619 * cost_stack.usd(article, "price_cn_input") + cost_stack.usd(article, "price_cn_output")
    ) / 4.619
    gap = cost_stack.usd(article, "tariff_us") - tariff
    assert found.kwh_needed_per_mtok[0] == pytest.approx(price * 15.7 / gap)
    dear = table.iloc[3]
    dollars = (price * 16.7 - dear["electricity"]) / (price - cheap["electricity"])
    assert found.spread_if_free_dollars[0] == pytest.approx(dollars)
    free = 16.7 * (1 - dear["electricity_share"]) / (1 - cheap["electricity_share"])
    assert found.spread_if_free[0] == pytest.approx(free)
    bill = np.log(1 + (dear["electricity"] - cheap["electricity"]) / cheap["total"]) / np.log(16.7)
    assert found.bill_share[0] == pytest.approx(bill)


def test_equal_tariffs_explain_nothing():
    same = load_scenario("article", {"tariff_cn_hub": {"low": 1.0, "value": 1.0, "high": 1.0}})
    found = explained_share.middle(same, "hub")
    assert found.parts["tariff"][0] == pytest.approx(0.0, abs=1e-15)
    assert np.isinf(found.kwh_needed_per_mtok[0])


def test_the_size_of_the_flagship_moves_model_and_remainder_alone(article):
    table = explained_share.by_closed_size(article, "hub", (20.0, 500.0))
    assert table["tariff"].iloc[0] == pytest.approx(table["tariff"].iloc[1], abs=2e-3)
    moved = table["energy and accelerator time per token"] + table["remainder"]
    assert moved.iloc[0] == pytest.approx(moved.iloc[1], abs=5e-3)


def test_distributions_are_ordered_reproducible_and_near_the_middle(article):
    table = explained_share.distribution(article, "hub", 2048)
    assert (table["p5"] <= table["p50"]).all()
    assert (table["p50"] <= table["p95"]).all()
    again = explained_share.distribution(article, "hub", 2048)
    assert table.equals(again)
    middle = explained_share.middle(article, "hub").share_of_log_spread[0]
    assert table.loc["share_of_log_spread", "p5"] < middle < table.loc["share_of_log_spread", "p95"]
    for name, headline in explained_share.headlines(table).items():
        assert headline.low <= headline.value <= headline.high, name


def test_the_corner_is_beyond_the_middle_and_far_from_all(article):
    for grid in ("hub", "average"):
        middle, corner = explained_share.middle(article, grid), explained_share.corner(article, grid)
        assert middle.share_of_log_spread[0] < corner.share_of_log_spread[0] < 0.2


def test_the_tornado_moves_the_way_that_tariffs_say(article):
    bars = explained_share.sensitivity(article, "hub")
    assert bars["tariff_us"].at_low < bars["tariff_us"].at_high
    assert bars["tariff_cn_hub"].at_low > bars["tariff_cn_hub"].at_high
    assert bars["closed_model_active"].at_low == pytest.approx(bars["closed_model_active"].at_high, abs=2e-3)
