import numpy as np
import pytest

from analysis.inputs.scenario import load_scenario
from analysis.model.spread import shapley
from analysis.tables import cost_stack, explained_share, tariff_effect

DRAWS = 1024


@pytest.fixture(scope="module")
def quantiles(article):
    return explained_share.output_quantiles(article, "hub", DRAWS)


def test_parts_of_the_spread_sum_to_its_logarithm(article, audited):
    for scenario, grids in ((article, ("hub", "average")), (audited, ("hub", "subsidised hub", "average"))):
        for grid in grids:
            parts = explained_share.explained_spread_at_values(scenario, grid).parts
            assert sum(float(part[0]) for part in parts.values()) == pytest.approx(np.log(16.7), abs=1e-12)


def test_parts_are_efficient_and_what_only_one_factor_moves_is_its_own():
    """Shapley parts sum to the whole change; a factor beside which nothing changes has all of it."""
    values = {frozenset(): 1.0, frozenset("a"): 3.0, frozenset("b"): 1.0, frozenset("ab"): 3.0}
    assert shapley(("a", "b"), values.__getitem__) == {"a": 2.0, "b": 0.0}


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


def test_ways_to_count_by_hand(article):
    """The open model's cost, running cost and electricity, at the US tariff over those at the hub's."""
    found = explained_share.explained_spread_at_values(article, "hub")
    table = cost_stack.token_cost_parts(article).xs("mix", level="kind")
    home, away = table.iloc[0], table.iloc[3]
    ratio = article.tariff_us.value / article.tariff_cn_hub.value
    added = home["electricity"] * (ratio - 1)
    cash = home["electricity"] + home["other"]
    bill = away["electricity"] - home["electricity"]
    effects = {name: float(effect[0]) for name, effect in found.effects._asdict().items()}
    assert effects == pytest.approx(
        {
            "all_orders": np.exp(found.parts["tariff"][0]),
            "moved": (home["total"] + added) / home["total"],
            "bill": (home["total"] + bill) / home["total"],
            "cash": (cash + added) / cash,
            "electricity": ratio,
        },
        rel=1e-3,  # one rate of exchange for both tariffs
    )
    price = (
        3.619 * cost_stack.usd(article, "price_cn_input") + cost_stack.usd(article, "price_cn_output")
    ) / 4.619
    assert found.shares_of_gap["moved"][0] == pytest.approx(added / (15.7 * price), rel=1e-3)
    assert found.shares_of_gap["bill"][0] == pytest.approx(bill / (15.7 * price))


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


def test_distributions_are_ordered_reproducible_and_near_the_middle(article, quantiles):
    assert (quantiles["p5"] <= quantiles["p50"]).all()
    assert (quantiles["p50"] <= quantiles["p95"]).all()
    assert quantiles.equals(explained_share.output_quantiles(article, "hub", DRAWS))
    middle = explained_share.explained_spread_at_values(article, "hub").share_of_log_spread[0]
    assert quantiles.loc["share_of_log_spread", "p5"] < middle < quantiles.loc["share_of_log_spread", "p95"]


def test_a_factor_and_its_share_are_one_and_the_same(quantiles):
    factor, share = quantiles.loc["effect: all_orders"], quantiles.loc["share_of_log_spread"]
    ends = [*explained_share.QUANTILES]
    logs = np.log(factor[ends].to_numpy(dtype=float))
    assert logs == pytest.approx(share[ends].to_numpy(dtype=float) * np.log(16.7), rel=1e-3)


def test_list_prices_are_drawn(article):
    """Whose range is a point has no quantiles apart; the dollars of the gap have some."""
    fixed = {f"price_cn_{kind}": {"low": 1.0, "value": 1.0, "high": 1.0} for kind in ("input", "output")}
    wide = {name: {"low": 0.5, "value": 1.0, "high": 2.0} for name in fixed}
    narrow, broad = (
        explained_share.output_quantiles(load_scenario("article", prices), "hub", DRAWS)
        for prices in (fixed, wide)
    )
    spans = [
        np.log(table.loc["of the price gap: moved", "p95"] / table.loc["of the price gap: moved", "p5"])
        for table in (narrow, broad)
    ]
    assert spans[1] > spans[0]
    same = narrow.loc["share_of_log_spread"] == broad.loc["share_of_log_spread"]
    assert same.all(), "list prices are no part of cost"


def test_the_mix_is_drawn(article):
    uncertain = cost_stack.uncertain_inputs(article, "hub").uncertain
    mixes = np.array([0.0, 3.619, 15.0])
    draws = explained_share.at_values(uncertain, 3) | {"input_tokens_per_output_token": mixes}
    price = explained_share.list_price(draws, "cn")
    cn = {kind: cost_stack.usd(article, f"price_cn_{kind}") for kind in ("input", "output")}
    assert price == pytest.approx([(m * cn["input"] + cn["output"]) / (m + 1) for m in mixes])
    needed = explained_share.explained_spread(article, "hub", draws).tariff_needed_usd_per_kwh
    assert len(set(needed.round(6))) == 3


@pytest.mark.parametrize("output", ["part: hardware price and cost of capital", "part: utilisation"])
def test_inputs_that_move_together_leave_less_between_the_sides(article, output):
    spans = []
    for correlation in (0.0, 0.5, 0.9):
        table = explained_share.output_quantiles(article, "hub", DRAWS, correlation)
        spans.append(table.loc[output, "p95"] - table.loc[output, "p5"])
    assert spans == sorted(spans, reverse=True)
    assert spans[2] < 0.7 * spans[0]


def test_headlines_hold_the_factor_first_and_the_range_over_classes_and_grids(article, quantiles):
    definitions = tariff_effect.tariff_effect_definitions(article, DRAWS)
    found = explained_share.headlines(quantiles, definitions)
    for name, headline in found.items():
        if headline.low is not None:
            assert headline.low <= headline.value <= headline.high, name
    factors = definitions.xs("all_orders", level="definition")["factor"]
    assert found["tariff_factor_lowest"].value == factors.min()
    assert found["tariff_factor_highest"].value == factors.max()
    assert found["tariff_factor"].value == factors.loc["article's own", "hub"]
    cash = definitions.xs("cash", level="definition")
    assert found["cash_cost_factor_highest"].value == cash["factor"].max()
    assert found["cash_cost_factor_highest"].high == cash["factor_high"].max()


def test_parts_hold_medians_beside_the_sum_at_the_central_values(article, quantiles):
    table = explained_share.log_spread_parts(article, "hub", quantiles)
    found = explained_share.explained_spread_at_values(article, "hub")
    assert list(table.index) == [*explained_share.GROUPS, "remainder"]
    assert table["share_at_central_values"].sum() == pytest.approx(1.0)
    assert table.loc["tariff", "share_at_central_values"] == found.share_of_log_spread[0]
    shown = table.loc["PUE", ["share_low", "share_of_log_spread", "share_high"]].tolist()
    assert shown == quantiles.loc["part: PUE", ["p5", "p50", "p95"]].tolist()
    assert table.loc["tariff", "factor"] == pytest.approx(
        quantiles.loc["effect: all_orders", "p50"], rel=1e-4
    )


def test_an_energy_that_no_gap_makes_up_is_infinite_and_noise_is_zero():
    point = {name: {"low": 1.0, "value": 1.0, "high": 1.0} for name in ("tariff_cn_hub", "tariff_us")}
    same = load_scenario("article", point)
    table = explained_share.output_quantiles(same, "hub", DRAWS).drop(columns="grade")
    assert np.isinf(table.loc["kwh_needed_per_mtok"]).all()
    assert np.isfinite(table.drop(index="kwh_needed_per_mtok")).all(axis=None)
    assert (table.loc["share_of_log_spread"] == 0.0).all()
    assert (table.loc["effect: electricity"] == 1.0).all()


def test_headlines_carry_the_weakest_grade_of_their_table(audited):
    """Tariffs alone make the ratio of electricity; the least and greatest rest on every class and grid."""
    quantiles = explained_share.output_quantiles(audited, "subsidised hub", 256)
    tariffs = max(audited.tariff_us.grade, audited.tariff_cn_hub_subsidised.grade)
    definitions = tariff_effect.tariff_effect_definitions(audited, 256)
    found = explained_share.headlines(quantiles, definitions)
    assert found["electricity_alone_factor"].grade == tariffs == "B"
    assert audited.batch_per_gpu.grade == "C"
    assert {found[name].grade for name in found if name != "electricity_alone_factor"} == {"C"}
    better = definitions.assign(grade="A")
    assert explained_share.headlines(quantiles, better)["tariff_factor_lowest"].grade == "A"
