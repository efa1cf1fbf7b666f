"""The class of the US tariff: the rows behind each, and what each decides, by hand."""

import math

import pytest

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables import gpu_offset, price_evidence
from analysis.tables.us_classes import class_effects, class_of, state_ends, us_classes, usd_year_so_far


def test_the_scenario_itself_is_among_its_classes(article, audited) -> None:
    assert us_classes(article)["article's own"] is article
    assert us_classes(audited)["data_centre"].tariff_us == audited.tariff_us
    assert class_of(audited) == "data_centre"
    assert class_of(load_scenario("article", {"tariff_us": "commercial"})) == "commercial"
    changed = load_scenario("audited", {"tariff_us": 0.09})
    assert next(iter(us_classes(changed))) == class_of(changed) == "this run's own"
    assert class_of(load_scenario("audited", {"tariff_us_data_centre": 0.2})) == "data_centre"


def test_every_class_is_what_its_rows_give(audited) -> None:
    """The value is the last annual one; the ends are the least and greatest from 2024 to 2026."""
    evidence = price_evidence.price_evidence_by_layer(audited, "USD")
    evidence = evidence[evidence["layer"] == price_evidence.WITHOUT_TAX]
    rows = datasets.load_prices()["value"]
    for word, region in price_evidence.US_CLASSES.items():
        tariff, cells = audited.entries[f"tariff_us_{word}"], evidence[evidence["region"] == region]
        assert tariff.value == pytest.approx(cells.loc[cells["year"] == 2025, "value"].item())
        assert (tariff.low, tariff.high) == pytest.approx((cells["low"].min(), cells["high"].max()))
        assert {tariff.low, tariff.value, tariff.high} == set(rows[[*tariff.rows]])
        assert tariff.grade == max(cells["grade"])


def test_the_note_on_data_centres_tells_what_the_rows_give(audited) -> None:
    """Commerce rose from 12.75 to 13.41 cents; 13.01 cents of February 2026 at 6.91 yuan are 0.90."""
    rows, note = datasets.load_prices()["value"], audited.tariff_us_data_centre.note
    assert rows["us-avg-com-2025"] / rows["us-avg-com-2024"] - 1 == pytest.approx(0.0518, abs=1e-4)
    assert "5 % from 2024 to 2025" in note
    assert f"industry in Virginia was {rows['us-virginia-ind-2025']}" in note
    assert f"{audited.tariff_us_data_centre.high:g} USD were then 0.90 yuan" in note
    assert rows["us-virginia-com-2026-02"] * mean_rate("USD", "CNY", "2026-02") == pytest.approx(
        0.90, abs=5e-3
    )


def test_ratios_by_hand(audited) -> None:
    """Cents of the rows times the rate of their year, over the Chinese tariffs of the scenario."""
    table = class_effects(audited, "CNY")
    for word, usd, year in (
        ("industrial", 0.0862, "2025"),
        ("commercial", 0.1341, "2025"),
        ("data_centre", 0.0893, "2024"),
    ):
        yuan = usd * mean_rate("USD", "CNY", year)
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
    moved = yuan["to_average"] / dollars["to_average"]
    rates = mean_rate("USD", "CNY", "2024") / mean_rate("USD", "CNY", "2025")
    assert moved.tolist() == pytest.approx([1, 1, rates]), "the rate of the year 2024 stands for its price"


def test_states_are_a_spread_and_no_error_of_a_mean(audited) -> None:
    """Texas and Illinois in 2025; Texas and Arizona in 2023, of Indiana no price of commerce was found."""
    ends = state_ends("USD")
    assert ends == {"industrial": (0.0655, 0.1014, "7 in 2025"), "commercial": (0.0882, 0.1179, "6 in 2023")}
    for word, (cheapest, most_expensive, _) in ends.items():
        tariff = audited.entries[f"tariff_us_{word}"]
        assert (cheapest, most_expensive) != (tariff.low, tariff.high)


def test_the_year_so_far_lies_below_its_summer_month(audited) -> None:
    """January to July 2026: above the year before, below July alone, which is the high end."""
    assert usd_year_so_far() == {"industrial": 0.0903, "commercial": 0.1397}
    for word, price in usd_year_so_far().items():
        tariff = audited.entries[f"tariff_us_{word}"]
        assert tariff.value < price < tariff.high
