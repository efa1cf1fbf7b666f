import numpy as np
import pandas as pd
import pytest

from analysis.inputs.scenario import load_scenario
from analysis.tables import explained_share, tariff_effect

DRAWS = 1024


@pytest.fixture(scope="module")
def effects(audited):
    return tariff_effect.tariff_effect_definitions(audited, DRAWS)


def test_each_class_has_its_scenario_and_the_own_one_comes_first(article, audited):
    classes = tariff_effect.by_us_class(audited)
    assert set(classes) == set(audited.definition("tariff_us").choices)
    assert next(iter(classes.values())).tariff_us == audited.tariff_us
    assert classes["commercial"].tariff_us == audited.tariff_us_commercial
    other = audited.choosing("tariff_us", "commercial")
    assert next(iter(tariff_effect.by_us_class(other))) == "commercial"
    assert tariff_effect.by_us_class(article) == {"article's own": article}


def test_a_subsidised_hub_stands_beside_evidence_alone(article, audited):
    assert tariff_effect.chinese_grids(article) == ["hub", "average"]
    assert tariff_effect.chinese_grids(audited) == ["hub", "subsidised hub", "average"]
    what_if = load_scenario("audited", {"tariff_cn_hub": 0.3, "tariff_us": 0.9})
    assert tariff_effect.chinese_grids(what_if) == ["hub", "average"]
    assert list(tariff_effect.by_us_class(what_if)) == ["this run's own"]


def test_every_class_grid_and_way_to_count_has_a_row(audited, effects):
    assert len(effects) == 3 * 3 * 5
    assert effects["right_for"].notna().all()
    numbers = effects[["factor_low", "factor", "factor_high"]]
    assert (numbers.diff(axis=1).iloc[:, 1:] >= 0.0).all(axis=None)
    in_dollars = effects["share_of_price_gap"].notna()
    assert set(effects.index[in_dollars].get_level_values("definition")) == {"moved", "bill"}


def test_a_row_is_the_quantiles_of_its_class_and_grid(audited, effects):
    chosen = audited.choosing("tariff_us", "commercial")
    quantiles = explained_share.output_quantiles(chosen, "average", DRAWS)
    row = effects.loc[("commercial", "average", "cash")]
    shown = ["factor_low", "factor", "factor_high", "grade"]
    assert row[shown].tolist() == quantiles.loc["effect: cash", ["p5", "p50", "p95", "grade"]].tolist()
    assert row["share_of_log_spread"] == pytest.approx(np.log(row["factor"]) / np.log(16.7))
    dollars = effects.loc[("commercial", "average", "bill"), "share_of_price_gap"]
    assert dollars == quantiles.loc["of the price gap: bill", "p50"]


def test_a_more_expensive_class_has_the_larger_factor_in_every_way_to_count(audited, effects):
    values = {name: chosen.tariff_us.value for name, chosen in tariff_effect.by_us_class(audited).items()}
    low, high = min(values, key=values.get), max(values, key=values.get)
    factors = effects["factor"].unstack("us_tariff")
    assert (factors[high] > factors[low]).all()


def test_in_words_a_factor_of_one_is_no_difference_and_no_zero_has_a_sign():
    index = pd.MultiIndex.from_tuples(
        [("data_centre", "average", "all_orders"), ("data_centre", "average", "moved")],
        names=["us_tariff", "grid", "definition"],
    )
    table = pd.DataFrame(
        {
            "factor": [1.002, 1.26],
            "factor_low": [0.99, 1.2],
            "factor_high": [1.02, 1.3],
            "share_of_log_spread": [-0.0003, 0.02],
            "share_of_log_spread_low": [-0.005, 0.01],
            "share_of_log_spread_high": [-0.0001, 0.03],
            "share_of_price_gap": [np.nan, 0.0012],
            "share_of_price_gap_low": [np.nan, -0.00001],
            "share_of_price_gap_high": [np.nan, 0.002],
            "right_for": ["one?", "two?"],
        },
        index=index,
    )
    words = tariff_effect.effects_in_words(table)
    assert words.iloc[0].tolist() == [
        "no difference (x0.99 to x1.02)",
        "about zero (-0.5% to 0.0%)",
        "",
        "one?",
    ]
    assert words.iloc[1].tolist() == [
        "x1.26 (x1.20 to x1.30)",
        "2.0% (1.0% to 3.0%)",
        "0.12% (0.00% to 0.20%)",
        "two?",
    ]
    assert words.index[0][::2] == ("data centre", tariff_effect.DEFINITIONS.all_orders.name)


def test_pairs_by_hand(article):
    """Where all list prices are points, a pair's spread is one, and the share goes by its logarithm."""
    point = {
        f"price_{country}_{kind}": {"low": price, "value": price, "high": price}
        for country, kind, price in (
            ("cn", "input", 1.0),
            ("cn", "output", 2.0),
            ("us", "input", 5.0),
            ("us", "output", 6.0),
        )
    }
    scenario = load_scenario("article", point)
    table = tariff_effect.explained_by_pair(scenario, "hub", DRAWS)
    assert list(table.index) == ["claimed", "input", "output", "mix"]
    assert table.loc["claimed", "spread"] == 16.7
    assert table["spread"][["input", "output"]].tolist() == pytest.approx([5.0, 3.0], rel=1e-3)
    assert 3.0 < table.loc["mix", "spread"] < 5.0
    shares = table["share_of_log_spread"]
    assert shares["input"] / shares["claimed"] == pytest.approx(np.log(16.7) / np.log(5.0), rel=1e-3)
    left = table["spread_if_free"] / table["spread"]
    assert left[["claimed", "input", "output"]].to_numpy() == pytest.approx(left["claimed"], rel=2e-3)
