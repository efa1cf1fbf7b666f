import numpy as np
import pytest

from analysis.inputs.scenario import load_scenario
from analysis.tables import cost_stack, explained_share


def test_parts_of_the_spread_sum_to_its_logarithm(article, audited):
    for scenario in (article, audited):
        for grid in ("hub", "average"):
            parts = explained_share.explained_spread_at_values(scenario, grid).parts
            assert sum(float(part[0]) for part in parts.values()) == pytest.approx(np.log(16.7), abs=1e-12)


def test_the_middle_of_the_decomposition_is_the_stack(article):
    found = explained_share.explained_spread_at_values(article, "hub")
    table = cost_stack.token_cost_parts(article).xs("mix", level="kind")
    cheap, dear = table.iloc[0], table.iloc[3]
    assert found.electricity_share_cn[0] == pytest.approx(cheap["electricity_share"])
    assert found.electricity_share_us[0] == pytest.approx(dear["electricity_share"])
    explained_ratio = np.exp(sum(part[0] for name, part in found.parts.items() if name != "remainder"))
    assert explained_ratio == pytest.approx(dear["total"] / cheap["total"])


def test_inverse_questions_by_hand(article):
    found = explained_share.explained_spread_at_values(article, "hub")
    table = cost_stack.token_cost_parts(article).xs("mix", level="kind")
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
    found = explained_share.explained_spread_at_values(same, "hub")
    assert found.parts["tariff"][0] == pytest.approx(0.0, abs=1e-15)
    assert np.isinf(found.kwh_needed_per_mtok[0])


def test_the_size_of_the_flagship_moves_model_and_remainder_alone(article):
    table = explained_share.log_spread_shares_by_flagship_size(article, "hub", (20.0, 500.0))
    assert table["tariff"].iloc[0] == pytest.approx(table["tariff"].iloc[1], abs=2e-3)
    moved = table["energy and accelerator time per token"] + table["remainder"]
    assert moved.iloc[0] == pytest.approx(moved.iloc[1], abs=5e-3)


def test_distributions_are_ordered_reproducible_and_near_the_middle(article):
    table = explained_share.output_quantiles(article, "hub", 2048)
    assert (table["p5"] <= table["p50"]).all()
    assert (table["p50"] <= table["p95"]).all()
    again = explained_share.output_quantiles(article, "hub", 2048)
    assert table.equals(again)
    middle = explained_share.explained_spread_at_values(article, "hub").share_of_log_spread[0]
    assert table.loc["share_of_log_spread", "p5"] < middle < table.loc["share_of_log_spread", "p95"]
    for name, headline in explained_share.headlines(table).items():
        assert headline.low <= headline.value <= headline.high, name


@pytest.mark.parametrize("grid", ["hub", "average"])
def test_favourable_ends_explain_more_than_the_values_and_still_little(article, grid):
    bars = explained_share.tariff_share_bars(article, grid)
    at_values = explained_share.explained_spread_at_values(article, grid).share_of_log_spread[0]
    found = explained_share.explained_spread_at_favourable_ends(article, grid, bars).share_of_log_spread[0]
    assert max(max(bar) for bar in bars.values()) < found < 0.2
    assert at_values < found


def test_the_tornado_moves_the_way_that_tariffs_say(article):
    bars = explained_share.tariff_share_bars(article, "hub")
    assert bars["tariff_us"].at_low < bars["tariff_us"].at_high
    assert bars["tariff_cn_hub"].at_low > bars["tariff_cn_hub"].at_high
    assert bars["closed_model_active"].at_low == pytest.approx(bars["closed_model_active"].at_high, abs=2e-3)


def test_the_tornado_equals_the_model_at_the_ends_of_an_input(article):
    bars = explained_share.tariff_share_bars(article, "hub")
    table = explained_share.table_by_input(bars)
    assert table.index[0] == "tariff_us", "widest first"
    active = article.closed_model_active
    ends = explained_share.log_spread_shares_by_flagship_size(article, "hub", (active.low, active.high))
    assert table.loc["closed_model_active"].to_numpy() == pytest.approx(ends["tariff"].to_numpy())


def test_parts_hold_the_values_and_the_quantiles_of_the_same_factor(article):
    quantiles = explained_share.output_quantiles(article, "hub", 512)
    table = explained_share.log_spread_parts(article, "hub", quantiles)
    found = explained_share.explained_spread_at_values(article, "hub")
    assert list(table.index) == [*explained_share.GROUPS, "remainder"]
    assert table["share_of_log_spread"].sum() == pytest.approx(1.0)
    assert np.prod(table["ratio"]) == pytest.approx(16.7)
    assert table.loc["tariff", "share_of_log_spread"] == found.share_of_log_spread[0]
    assert table.loc["PUE", ["share_low", "share_high"]].tolist() == [
        quantiles.loc["part: PUE", "p5"],
        quantiles.loc["part: PUE", "p95"],
    ]


def test_an_energy_that_no_gap_makes_up_is_infinite():
    same = load_scenario("article", {"tariff_cn_hub": {"low": 1.0, "value": 1.0, "high": 1.0}})
    table = explained_share.output_quantiles(same, "hub", 512)
    assert np.isinf(table.loc["kwh_needed_per_mtok", "p95"])
    assert np.isfinite(table.drop(index="kwh_needed_per_mtok")).all(axis=None)


def test_sobol_indices_are_named_by_dimension_and_bounded(article, monkeypatch):
    monkeypatch.setitem(explained_share.SOBOL, "points", 256)
    monkeypatch.setitem(explained_share.SOBOL, "resamples", 20)
    indices = explained_share.output_sobol_indices(article, "hub", "share_of_log_spread")
    assert {"tariff_us", "gpu_price_cn (own part)", "factor hardware market"} <= set(indices)
    assert indices["tariff_us"].total == max(entry.total for entry in indices.values())
    assert abs(indices["pue"].total) < 0.05, "the same PUE factor drops out of the tariff's part"
