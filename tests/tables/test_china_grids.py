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


def test_the_chinese_average_by_a_second_way(article) -> None:
    """Plain loops over the same rows."""
    prices = datasets.load_prices()["value"]
    hours = 8766 / 12 * 0.9
    published, best = [], []
    for grid in datasets.load_build_ups().to_dict("records"):
        if grid["year"] != 2025:
            continue
        demand = sum(prices[row] for row in grid["demand_rows"]) / len(grid["demand_rows"]) / hours
        if grid["rate_rows"]:
            price = sum(prices[row] for row in grid["rate_rows"]) / len(grid["rate_rows"]) + demand
            published.append(price)
        else:
            energy = sum(prices[row] for row in grid["energy_rows"]) / len(grid["energy_rows"])
            loss = prices[grid["loss_rows"][0]]
            rest = prices[grid["t_and_d_rows"][0]] + prices[grid["funds_rows"][0]] + 0.05
            price = energy / (1 - loss) + rest + demand
        best.append(price)
    means = [sum(best) / len(best), sum(published) / len(published)]
    found, grade, method = china_grids.average_delivered_price(article, 2025)
    assert found.value == pytest.approx(sum(means) / 2)
    assert found.low < min(means)
    assert max(means) < found.high
    assert grade == "B"
    assert (len(published), len(best)) == (8, 13)
    assert method == "middle of the means over 8 published tariffs and over 13 grids with build-ups"


def test_a_year_of_published_tariffs_is_their_mean(article) -> None:
    by_hand = [
        0.613986 + 39.0 / 657.45,  # Hubei
        (0.64876875 + 0.63296875 + 0.58406875) / 3 + 36.0 / 657.45,  # Shandong
        0.53251075 + 33.6 / 657.45,  # Shanxi
    ]
    found, _, method = china_grids.average_delivered_price(article, 2026)
    assert found == pytest.approx((min(by_hand), sum(by_hand) / 3, max(by_hand)))
    assert method == "mean and range of 3 published tariffs"


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
