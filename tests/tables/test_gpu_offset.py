"""Tables of the GPU offset."""

import json

import pytest

from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.runs.outputs import as_entries
from analysis.tables import gpu_offset


def test_the_article_by_hand(article) -> None:
    found = gpu_offset.headlines(article, 5)
    assert found["gpu_offset_implied_purchase_cny"].value == pytest.approx(23e6 * 5 / 0.15)
    assert found["gpu_offset_savings_cny"][:3] == pytest.approx((115e6, 115e6, 115e6))
    load = found["gpu_offset_implied_load_mw"]
    assert load.value == pytest.approx(23e6 / 0.785 / 8766 / 1000)
    assert (load.low, load.high) == pytest.approx((23e6 / 1.07 / 8766e3, 23e6 / 0.5 / 8766e3))
    assert found["gpu_offset_electricity_share_cn"].value == pytest.approx(0.0395, abs=5e-5)
    assert found["gpu_offset_electricity_share_us"].value == pytest.approx(0.1604, abs=5e-5)


def test_savings_run_over_the_horizon_and_the_purchase_does_not(article) -> None:
    short, long = (gpu_offset.headlines(article, years) for years in (5, 40))
    assert long["gpu_offset_savings_cny"].value == pytest.approx(40 * 23e6)
    for key in ("gpu_offset_implied_purchase_cny", "gpu_offset_electricity_share_cn"):
        assert short[key] == long[key]


def test_audited_keeps_the_load_and_the_purchase(article, audited) -> None:
    plain, checked = (
        gpu_offset.offset_by_tariff_pair(article, "CNY", 5, 0.0),
        gpu_offset.offset_by_tariff_pair(audited, "CNY", 5, 0.0),
    )
    assert checked["load_mw"].tolist() == pytest.approx([plain.loc[gpu_offset.MID, "load_mw"]] * 3)
    assert checked["purchase"].tolist() == pytest.approx(plain["purchase"].tolist())
    gap = 0.0893 * mean_rate("USD", "CNY", "2024") - audited.tariff_cn_hub.value
    mid = checked.loc[gpu_offset.MID]
    assert mid["savings_undiscounted"] == pytest.approx(23e6 / 0.785 * gap * 5)
    assert mid["offset_share"] == pytest.approx(0.15 * gap / 0.785)


def test_amounts_follow_the_currency_and_shares_do_not(article) -> None:
    yuan, dollars = (gpu_offset.offset_by_tariff_pair(article, money, 5, 0.08) for money in ("CNY", "USD"))
    rate = mean_rate("USD", "CNY", article.annual_saving.period)
    assert (yuan["purchase"] / dollars["purchase"]).tolist() == pytest.approx([rate] * 3)
    assert yuan["load_mw"].tolist() == pytest.approx(dollars["load_mw"].tolist())
    assert yuan["offset_share_present_value"].tolist() == pytest.approx(
        dollars["offset_share_present_value"].tolist()
    )


def test_without_a_gap_nothing_is_implied_and_nothing_breaks() -> None:
    level = load_scenario("article", {"tariff_us": {"value": 0.2, "low": 0.2, "high": 0.2}})
    table = gpu_offset.offset_by_tariff_pair(level, "CNY", 5, 0.08)
    assert table["load_mw"].isna().tolist() == [True, True, False]
    entry = as_entries(gpu_offset.headlines(level, 5), "03-gpu-offset")["gpu_offset_implied_load_mw"]
    assert entry["value"] is None
    assert "NaN" not in json.dumps(entry)


def test_the_grid_agrees_with_the_pairs(article) -> None:
    grid = gpu_offset.offset_by_gap_and_horizon(article, "CNY", discount_rate=0.0)
    assert grid.shape == (gpu_offset.GAP_STEPS, 40)
    energy = 23e6 / 0.785
    gap = grid.index[10]
    assert grid.loc[gap, 5] == pytest.approx(energy * gap * 5 / (23e6 * 5 / 0.15))
    assert grid.index[0] == 0.0


def test_the_grid_reaches_below_a_negative_gap() -> None:
    low = {"value": 0.1, "low": 0.01, "high": 0.1, "unit": "USD/kWh"}
    scenario = load_scenario("audited", {"tariff_us": low})
    gap = gpu_offset.offset_by_tariff_pair(scenario, "CNY", 5, 0.08)["tariff_gap"].min()
    grid = gpu_offset.offset_by_gap_and_horizon(scenario, "CNY", discount_rate=0.0)
    assert grid.index[0] < gap < 0.0
    assert (grid.iloc[0] < 0.0).all()


def test_savings_add_up_from_nothing(article) -> None:
    savings = gpu_offset.cumulative_savings(article, "CNY", horizon_years=5, discount_rate=0.08)
    assert savings["year"].tolist() == [year for year in range(6) for _ in gpu_offset.PAIRS]
    mid = savings[savings["pair"] == gpu_offset.MID].set_index("year")
    assert mid.loc[0, ["undiscounted", "present_value"]].tolist() == [0.0, 0.0]
    assert mid["undiscounted"].diff().dropna().tolist() == pytest.approx([23e6] * 5)
    assert mid["present_value"].diff().dropna().tolist() == pytest.approx(
        [23e6 / 1.08**year for year in range(1, 6)]
    )


def test_the_last_year_of_savings_is_that_of_the_pairs(audited) -> None:
    pairs = gpu_offset.offset_by_tariff_pair(audited, "USD", 7, 0.05)
    savings = gpu_offset.cumulative_savings(audited, "USD", horizon_years=7, discount_rate=0.05)
    last = savings[savings["year"] == 7].set_index("pair")
    assert last["undiscounted"].tolist() == pytest.approx(pairs["savings_undiscounted"].tolist())
    assert last["present_value"].tolist() == pytest.approx(pairs["savings_present_value"].tolist())


def test_published_shares_by_hand() -> None:
    shares = gpu_offset.published_electricity_shares()
    assert shares.loc["total cost of ownership", "value"] == pytest.approx(0.6 / 8.5)
    assert shares.loc["total cost of ownership", ["low", "high"]].tolist() == pytest.approx(
        [0.6 / 12, 0.6 / 7]
    )
    assert shares.loc["cash operating expense", "value"] == pytest.approx(0.6 / 0.9)


def test_street_prices_by_hand() -> None:
    prices = gpu_offset.accelerator_prices("CNY")["price_per_accelerator"]
    assert prices["8 x H100 NVLink server in China"] == 337_500
    assert prices["Huawei CloudMatrix 384 (384 x Ascend 910C)"] == 156_250


def test_grades_are_those_of_the_claim_and_of_the_tariffs_that_enter(article) -> None:
    """With a better claim the purchase rests on it alone, the rest on tariffs, too."""
    names = ("annual_saving", "offset_years", "offset_share")
    better = {name: getattr(article, name).model_copy(update={"grade": "A"}) for name in names}
    scenario = article.model_copy(update={"entries": article.entries | better})
    grades = {key: entry.grade for key, entry in gpu_offset.headlines(scenario, 5).items()}
    assert grades.pop("gpu_offset_implied_purchase_cny") == "A"
    assert set(grades.values()) == {"C"}
    assert {entry.grade for entry in gpu_offset.headlines(article, 5).values()} == {"C"}
