"""What the cost stack rests on: the ends of its assumptions, other cards, domestic cards by hand."""

import pytest

from analysis.tables import cost_stack, cost_variants
from analysis.tables.cost_stack import CHINA, FLAGSHIP, OPEN_MODEL, US


@pytest.fixture(scope="module")
def sensitivity(audited):
    return cost_variants.cost_share_sensitivity(audited)


def test_the_hour_of_a_mix_gives_its_cost_back_whatever_is_replaced(audited):
    """The shares at the ends, from one hour, are those of the whole stack run anew."""
    table = cost_variants.cost_share_sensitivity(audited)
    names = cost_stack.assumptions_of(US, "US")
    for argument in ("gpu_price_usd", "utilisation", "discount_rate", "pue", "tariff_usd_per_kwh"):
        row = table.loc[("US", names[argument])]
        anew = cost_stack.cost_parts(audited, FLAGSHIP, US, "US", **{argument: row["high"]}).loc["mix"]
        assert row["share_at_high"] == pytest.approx(anew["electricity_share"]), argument


def test_shares_in_the_middle_are_those_of_the_stack(audited, sensitivity):
    mix = cost_stack.token_cost_parts(audited).xs("mix", level="kind")["electricity_share"]
    assert sensitivity.loc["China, hub", "share"].to_numpy() == pytest.approx(mix[(OPEN_MODEL, "China, hub")])
    assert sensitivity.loc["US", "share"].to_numpy() == pytest.approx(mix[(FLAGSHIP, "US")])


def test_a_dearer_kilowatt_hour_raises_the_share_and_a_dearer_card_lowers_it(sensitivity):
    rising = sensitivity["share_at_high"] > sensitivity["share_at_low"]
    for place, tariff in (("China, hub", "tariff_cn_hub"), ("US", "tariff_us")):
        assert rising[(place, tariff)]
    for name in ("network_cost", "facility_capex", "other_opex"):
        assert not rising.xs(name, level="assumption").any()
    assert not rising[("US", "gpu_price_us")]
    assert not rising[("China, hub", "cost_of_capital_cn")]


def test_the_widest_comes_first(sensitivity):
    width = (sensitivity["share_at_high"] - sensitivity["share_at_low"]).abs()
    for _, of_place in width.groupby(level="served_on"):
        assert of_place.is_monotonic_decreasing
    money = sensitivity["unit"].str.startswith("USD")
    assert money.xs("gpu_price_cn", level="assumption").all()


def test_the_base_case_is_the_stack_with_one_card_on_both_sides(audited):
    variants = cost_variants.card_variants(audited)
    mix = cost_stack.token_cost_parts(audited).xs("mix", level="kind")["total"]
    base = variants.iloc[0]
    assert CHINA.gpu_model == US.gpu_model == "H200"
    assert base["cost_cn_usd"] == pytest.approx(mix[(OPEN_MODEL, "China, hub")])
    assert base["cost_us_usd"] == pytest.approx(mix[(OPEN_MODEL, "US")])
    assert base["cost_ratio"] == pytest.approx(base["cost_us_usd"] / base["cost_cn_usd"])
    assert variants.loc["H200 against the H100 server of 2023", "price_us_usd"] == 270_000 / 8
    retail = variants.loc["H200 on both, US server at retail"]
    assert retail["price_us_usd"] == 370_000 / 8
    assert retail["electricity_share_us"] < base["electricity_share_us"]


def test_domestic_energy_by_hand(audited):
    """559 kW for 384 cards, at 1,943 tokens a second each: 0.75 J a token."""
    table = cost_variants.domestic_energy(audited)
    stated, modelled, hopper = (row for _, row in table.iterrows())
    assert stated["kwh_per_mtok"] == pytest.approx(559_000 / 384 / 1943 / 3.6)
    for row in (modelled, hopper):
        assert row["low"] < row["kwh_per_mtok"] < row["high"]
        assert row["kwh_per_mtok"] == pytest.approx(row["kw"] / row["tokens_per_s"] * 1e6 / 3600)
    assert modelled["low"] < stated["kwh_per_mtok"] < modelled["high"], "the maker's figure is within ours"
    assert hopper["kwh_per_mtok"] < modelled["kwh_per_mtok"]
    assert modelled["electricity_share"] < stated["electricity_share"]
