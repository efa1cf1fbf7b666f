"""Delivered prices of Chinese grids, against values computed by hand from the notices."""

import pytest

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables import china_grids


@pytest.mark.parametrize(
    ("grid", "published"),
    [  # energy rate + demand charge / 657.45 h, from the notices
        ("Inner Mongolia West", 0.442525 + 31.2 / 657.45),
        ("Zhejiang", 0.5672 + 41.6 / 657.45),
        ("Jiangsu", 0.5999 + 44.8 / 657.45),
        ("Beijing", 0.61971175 + 48.0 / 657.45),
    ],
)
def test_published_tariffs_by_hand(article, grid: str, published: float) -> None:
    assert china_grids.delivered_prices(article).loc[grid, "published"] == pytest.approx(published)


def test_build_ups_by_hand(article) -> None:
    """Gansu: 0.23749 + 0.23749 x 0.0231 / 0.9769 + 0.0799 + 0.05 + 0.022925 + 32.8 / 657.45 = 0.44582."""
    grids = china_grids.delivered_prices(article)
    assert grids.loc["Gansu", "built_up"] == pytest.approx(0.44582, abs=1e-5)
    assert grids.loc["Hubei", "built_up"] == pytest.approx(grids.loc["Hubei", "published"])
    assert grids["error"].abs().max() < 0.15


def test_losses_stand_as_a_rate_or_as_money(article) -> None:
    """Hubei's table gives the losses in money, with a system cost of its own."""
    grids = china_grids.delivered_prices(article)
    assert grids.loc["Hubei", ["loss", "system"]].tolist() == [0.013643, 0.082273]
    assert grids.loc["Sichuan", "loss"] == pytest.approx(0.2595 * 0.0564 / 0.9436)
    assert grids.loc["Sichuan", "system"] == article.system_cost_cn.value


def test_the_published_tariff_is_the_best_price_where_there_is_one(article) -> None:
    grids = china_grids.delivered_prices(article)
    zhejiang, gansu, hebei = (grids.loc[grid] for grid in ("Zhejiang", "Gansu", "Hebei North"))
    assert (zhejiang["basis"], zhejiang["best"]) == ("published tariff", zhejiang["published"])
    assert zhejiang["rows"] == "cn-zhejiang-rate-110kv-2025-06; cn-zhejiang-demand-2025-06"
    assert (gansu["basis"], gansu["best"]) == ("built up", gansu["built_up"])
    assert gansu["rows"] == gansu["build_up_rows"]
    assert hebei[["energy", "built_up", "error"]].isna().all()
    assert hebei["best"] == hebei["published"]


def test_half_the_load_factor_doubles_the_demand_charge(article) -> None:
    full, half = (china_grids.delivered_prices(article, factor, 0.0) for factor in (1.0, 0.5))
    assert half["demand"].to_numpy() == pytest.approx(2 * full["demand"].to_numpy())
    rise = (half["best"] - full["best"]).to_numpy()
    assert rise == pytest.approx(full["demand"].to_numpy())
    assert full.loc["Gansu", "system"] == 0.0
    assert full.loc["Hubei", "system"] > 0.0


def test_an_override_reaches_the_build_ups() -> None:
    dearer = load_scenario("article", {"system_cost_cn": 0.08})
    plain = china_grids.delivered_prices(load_scenario("article"))["built_up"]
    rise = (china_grids.delivered_prices(dearer)["built_up"] - plain).dropna()
    assert rise.drop("Hubei").to_numpy() == pytest.approx(0.03)
    assert rise["Hubei"] == 0.0


def prices_by_hand(year: int, load_factor: float, system: float, missing: float = 0.0) -> dict[str, float]:
    """Plain loops over the same rows: the best price of each grid, more for what its build-up lacks."""
    prices, facts = datasets.load_prices()["value"], datasets.load_facts()["value"]
    hours, found = 8766 / 12 * load_factor, {}
    for grid in datasets.load_build_ups().to_dict("records"):
        if grid["year"] != year:
            continue
        demand = sum(prices[row] for row in grid["demand_rows"]) / len(grid["demand_rows"]) / hours
        if grid["rate_rows"]:
            price = sum(prices[row] for row in grid["rate_rows"]) / len(grid["rate_rows"]) + demand
        else:
            traded = [facts[row] for row in grid["energy_volume_rows"]] or [1.0] * len(grid["energy_rows"])
            energy = sum(prices[row] * twh for row, twh in zip(grid["energy_rows"], traded, strict=True))
            rest = prices[grid["t_and_d_rows"][0]] + prices[grid["funds_rows"][0]] + system
            price = energy / sum(traded) / (1 - prices[grid["loss_rows"][0]]) + rest + demand
            price /= 1 + missing
        found[grid["grid"]] = price
    return found


TWH = {
    "Inner Mongolia West": 519.3 / 2, "Zhejiang": 678, "Guizhou": 190.2, "Hebei North": 495.67,
    "Jiangsu": 848.7, "Beijing": 138.94, "Shandong": 831.97, "Pearl River Delta": 912.1, "Ningxia": 139,
    "Gansu": 174.6, "Inner Mongolia East": 519.3 / 2, "Sichuan": 399.969, "Chongqing": 161.26,
}  # fmt: skip
"""Consumption of 2024 [TWh]; the two grids of Inner Mongolia share theirs."""


def weighted(prices: dict[str, float]) -> float:
    return sum(price * TWH[grid] for grid, price in prices.items()) / sum(TWH[grid] for grid in prices)


def test_the_chinese_average_by_a_second_way(article) -> None:
    """The build-up of western Inner Mongolia, the lowest of five that can be checked, lacks 13.6 %."""
    best = prices_by_hand(2025, 0.9, 0.05)
    cheap, expensive = prices_by_hand(2025, 1.0, 0.0209), prices_by_hand(2025, 0.75, 0.05, -0.136308)
    means = china_grids.average_prices(article, 2025)
    ends = [*means.loc[china_grids.BY_CONSUMPTION, ["low", "value", "high"]]]
    assert ends == pytest.approx([weighted(cheap), weighted(best), weighted(expensive)], abs=1e-5)
    plain = means.loc["unweighted"]
    assert plain["value"] == pytest.approx(sum(best.values()) / 13)
    assert plain["cheapest"] == pytest.approx(best["Ningxia"])
    assert plain["most_expensive"] == pytest.approx(best["Chongqing"])
    assert means["coverage"].iloc[0] == pytest.approx(sum(TWH.values()) / 9848.965)
    assert means["grade"].tolist() == ["C", "C", "B"]
    assert means["grids"].tolist() == [13, 13, 8]
    assert means["built_up"].tolist() == [5, 5, 0]
    money = ["low", "value", "high", "cheapest", "most_expensive"]
    dollars = china_grids.average_prices(article, 2025, "USD")[money] * mean_rate("USD", "CNY", "2025")
    assert dollars.to_numpy() == pytest.approx(means[money].to_numpy())


def test_the_average_of_published_tariffs_holds_nothing_built_up(article) -> None:
    best = prices_by_hand(2025, 0.9, 0.05)
    published = [
        grid
        for grid, price in best.items()
        if china_grids.delivered_prices(article).loc[grid, "basis"] == "published tariff"
    ]
    alone = china_grids.average_prices(article, 2025).iloc[2]
    assert alone["value"] == pytest.approx(weighted({grid: best[grid] for grid in published}))
    assert "energy-contracts" not in alone["rows"]


def test_build_ups_that_can_be_checked_are_low(article) -> None:
    errors = china_grids.delivered_prices(article).query("year == 2025")["error"].dropna()
    assert errors.size == 5
    assert (errors < 0).all()
    built = 0.24425 / 0.9719 + 0.052 + 0.05 + 0.022425 + 31.2 / 657.45  # western Inner Mongolia
    assert errors.min() == pytest.approx(built / (0.442525 + 31.2 / 657.45) - 1)


def test_a_year_of_published_tariffs(article) -> None:
    by_hand = {
        "Hubei": (0.613986 + 39.0 / 657.45, 294.38),
        "Shandong": ((0.64876875 + 0.63296875 + 0.58406875) / 3 + 36.0 / 657.45, 831.97),
        "Shanxi": (0.53251075 + 33.6 / 657.45, 297.17),
    }
    means = china_grids.average_prices(article, 2026)
    twh = sum(weight for _, weight in by_hand.values())
    value = sum(price * weight for price, weight in by_hand.values()) / twh
    assert means.loc[china_grids.BY_CONSUMPTION, "value"] == pytest.approx(value)
    assert means.iloc[2].equals(means.iloc[0])
    assert means["grade"].tolist() == ["B"] * 3


def test_energy_is_weighted_by_what_was_settled(article) -> None:
    """Coal 77.02, wind 220.44, sun 30.90, green 10.74 x 0.1 TWh: 0.27958, not 0.29059 (plain)."""
    energy = china_grids.delivered_prices(article)["energy"]
    settled = (0.32104 * 77.02 + 0.2651 * 220.44 + 0.27039 * 30.90 + 0.30581 * 10.74) / 339.10
    assert energy["Inner Mongolia East"] == pytest.approx(settled)
    assert settled == pytest.approx(0.27958, abs=1e-5)
    assert energy["Guizhou"] == pytest.approx((0.401 + 0.3986 + 0.3966 + 0.3977) / 4)


def test_what_is_assumed_lowers_the_grade() -> None:
    """The load factor is in every price, the system cost in build-ups without one of their own."""
    grids = china_grids.delivered_prices(load_scenario("article"))
    assert grids.loc[["Zhejiang", "Ningxia", "Hubei", "Gansu"], "grade_of_rows"].tolist() == [
        "A",
        "C",
        "A",
        "C",
    ]
    assert grids.loc[["Zhejiang", "Ningxia", "Hubei", "Gansu"], "grade"].tolist() == ["B", "C", "B", "C"]
    assert grids.loc[["Zhejiang", "Hubei"], "build_up_grade"].tolist() == ["C", "B"]
    known = {"value": 0.9, "low": 0.9, "high": 0.9, "grade": "A"}
    metered = china_grids.delivered_prices(load_scenario("article", {"load_factor": known}))
    assert metered.loc[["Zhejiang", "Ningxia"], "grade"].tolist() == ["A", "C"]
    guessed = china_grids.delivered_prices(load_scenario("article", {"load_factor": 0.8}))
    assert set(guessed["grade"]) == {"C"}


def test_no_ceiling_and_no_other_year_stands_for_a_price() -> None:
    prices, build_ups = datasets.load_prices(), datasets.load_build_ups()
    used = {row for ids in build_ups["energy_rows"] for row in ids}
    assert not prices.loc[sorted(used), "component"].str.contains("ceiling").any()
    for year, ids in zip(build_ups["year"], build_ups["energy_rows"], strict=True):
        assert set(prices.loc[ids, "year"]) <= {year}
    assert prices["component"].str.contains("ceiling").sum() == 2


def test_rows_of_one_personal_repository_are_grade_c() -> None:
    prices, sources = datasets.load_prices(), datasets.load_sources().set_index("id", drop=False)
    compiled = sources.index[sources["publisher"].str.contains("BladeBend")]
    rows = prices[prices["source"].isin(compiled)]
    assert rows.shape[0] == 37
    assert set(rows["grade"]) == {"C"}


def test_grids_are_shown_with_weight_and_grade(article) -> None:
    grids = china_grids.grid_prices(article, "CNY")
    assert grids.loc["Gansu", "price"] == pytest.approx(0.44582, abs=1e-5)
    assert grids.loc["Inner Mongolia West", "consumption_twh"] == 519.3 / 2
    assert grids.groupby("year")["price"].is_monotonic_increasing.all()


def test_parts_sum_to_the_build_up_in_either_currency(article) -> None:
    tables = {money: china_grids.delivered_price_parts(article, money) for money in ("CNY", "USD")}
    for parts in tables.values():
        total = parts[list(china_grids.PARTS)].sum(axis=1)
        assert total.to_numpy() == pytest.approx(parts["built_up"].to_numpy())
        assert parts["built_up"].is_monotonic_increasing
    rate = mean_rate("USD", "CNY", "2025")
    assert tables["USD"].loc["Gansu", "built_up"] * rate == pytest.approx(0.44582, abs=1e-5)


def test_best_prices_have_the_columns_of_price_rows(article) -> None:
    rows = china_grids.best_prices_as_rows(article)
    assert set(rows.columns) <= set(datasets.load_prices().columns)
    assert set(rows["component"]) == {"delivered: published tariff", "delivered: built up"}
    assert rows.loc["Hubei", "period"] == "2026-01..2026-04"


def test_mean_funds_by_hand() -> None:
    funds, rows = china_grids.mean_funds(2025, hubs_only=True)
    assert funds == pytest.approx((0.022425 + 0.025325 + 0.021325 + 0.022925) / 4)
    assert len(rows) == 4
    assert china_grids.mean_funds(2026) == (0.0452, ["cn-hubei-funds-2026-01"])
