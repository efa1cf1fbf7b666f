"""The class of the US tariff: the rows behind each, and what each decides, by hand."""

import math

import pytest

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables import gpu_offset, price_evidence
from analysis.tables.us_classes import class_effects, class_of, state_ends, us_classes

YEAR = "2025"


def test_the_scenario_itself_is_among_its_classes(article, audited) -> None:
    assert us_classes(article)["article's own"] is article
    assert us_classes(audited)["data_centre"].tariff_us == audited.tariff_us
    assert class_of(audited) == "data_centre"
    assert class_of(load_scenario("article", {"tariff_us": "commercial"})) == "commercial"
    changed = load_scenario("audited", {"tariff_us": 0.09})
    assert next(iter(us_classes(changed))) == class_of(changed) == "this run's own"
    assert class_of(load_scenario("audited", {"tariff_us_data_centre": 0.2})) == "data_centre"


def test_every_class_is_what_its_rows_give(audited) -> None:
    """The value is that of 2025; the ends are the least and greatest of the years from 2024 to 2026."""
    evidence = price_evidence.price_evidence_by_layer(audited, "USD")
    evidence = evidence[evidence["layer"] == price_evidence.WITHOUT_TAX]
    rows = datasets.load_prices()["value"]
    for word, region in price_evidence.US_CLASSES.items():
        tariff, cells = audited.entries[f"tariff_us_{word}"], evidence[evidence["region"] == region]
        assert tariff.value == pytest.approx(cells.loc[cells["year"] == 2025, "value"].item())
        assert (tariff.low, tariff.high) == pytest.approx((cells["low"].min(), cells["high"].max()))
        assert {tariff.low, tariff.value, tariff.high} == set(rows[[*tariff.rows]])
        assert tariff.grade == max(cells["grade"])


def test_ratios_by_hand(audited) -> None:
    """Cents of the rows times the rate of 2025, over the Chinese tariffs of the scenario."""
    table = class_effects(audited, "CNY")
    rate = mean_rate("USD", "CNY", YEAR)
    for word, row in (
        ("industrial", "us-avg-ind-2025"),
        ("commercial", "us-avg-com-2025"),
        ("data_centre", "us-virginia-com-2025-02"),
    ):
        yuan = datasets.load_prices().loc[row, "value"] * rate
        found = table.loc[word]
        assert found["value"] == pytest.approx(yuan)
        assert found["to_average"] == pytest.approx(yuan / audited.tariff_cn_average.value)
        assert found["to_hub"] == pytest.approx(yuan / audited.tariff_cn_hub.value)
        assert found["to_subsidised_hub"] == pytest.approx(yuan / audited.tariff_cn_hub_subsidised.value)
        assert found["to_average_low"] < found["to_average"] < found["to_average_high"]
    assert (table["grade"] == "C").all() == (audited.tariff_cn_hub.grade == "C")


def test_the_offset_by_hand(article, audited) -> None:
    """The load of the claim is 23 million yuan over a gap of 0.785 yuan; years and share go with the gap."""
    energy_kwh = 23e6 / 0.785
    for scenario in (article, audited):
        table = class_effects(scenario, "CNY")
        gap = table["value"] - scenario.tariff_cn_hub.value
        assert table["offset_share"].tolist() == pytest.approx(
            (energy_kwh * gap * 5 / (23e6 * 5 / 0.15)).tolist()
        )
        assert table["offset_years"].tolist() == pytest.approx((5 * 0.785 / gap).tolist())
        assert table["implied_load_mw"].tolist() == pytest.approx((23e6 / gap / 8766 / 1000).tolist())
    own = class_effects(article, "CNY").loc["article's own"]
    assert (own["offset_share"], own["offset_years"]) == pytest.approx((0.15, 5.0))
    pairs = gpu_offset.offset_by_tariff_pair(audited, "CNY", 5, 0.0)
    assert class_effects(audited, "CNY").loc["data_centre", "offset_share"] == pytest.approx(
        pairs.loc[gpu_offset.MID, "offset_share"]
    )


def test_without_a_gap_nothing_pays() -> None:
    dear_hub = load_scenario("audited", {"tariff_cn_hub": {"value": 0.8, "low": 0.8, "high": 0.8}})
    row = class_effects(dear_hub, "CNY").loc["industrial"]
    assert math.isnan(row["offset_years"])
    assert math.isnan(row["implied_load_mw"])
    assert row["offset_share"] < 0


def test_only_amounts_follow_the_currency(audited) -> None:
    yuan, dollars = class_effects(audited, "CNY"), class_effects(audited, "USD")
    assert (dollars["value"] == dollars["usd_value"]).all()
    assert yuan["to_average"].tolist() == pytest.approx(dollars["to_average"].tolist())


def test_states_are_a_spread_and_no_error_of_a_mean(audited) -> None:
    """Texas and Illinois in 2025; Texas and Arizona in 2023."""
    ends = state_ends("USD")
    assert ends["industrial"] == pytest.approx((0.0655, 0.1014))
    assert ends["commercial"] == pytest.approx((0.0882, 0.1179))
    for word, (cheapest, dearest) in ends.items():
        tariff = audited.entries[f"tariff_us_{word}"]
        assert (cheapest, dearest) != (tariff.low, tariff.high)
