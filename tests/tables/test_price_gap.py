"""Tables of the price gap, against hand-computed values."""

import pytest

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables import china_grids, price_evidence, price_gap


def test_the_ratios_of_the_article_by_hand(article) -> None:
    headlines = price_gap.headlines(article)
    average = headlines["tariff_ratio_us_to_cn_average"]
    assert average.value == pytest.approx(1.0 / 0.545)
    assert (average.low, average.high) == pytest.approx((0.8 / 0.61, 1.2 / 0.48))
    assert headlines["tariff_ratio_us_to_hub"].value == pytest.approx(1.0 / 0.215)
    assert headlines["tariff_ratio_widest"].value == pytest.approx(1.2 / 0.13)
    assert round(average.value, 2) == 1.83
    assert round(headlines["tariff_ratio_us_to_hub"].value, 2) == 4.65
    assert round(headlines["tariff_ratio_widest"].value, 2) == 9.23


def test_the_audited_ratio_compares_delivered_prices_of_2025(audited) -> None:
    ratio = price_gap.headlines(audited)["tariff_ratio_us_to_cn_average"]
    us = 0.086075 * mean_rate("USD", "CNY", "2025")
    assert ratio.value == pytest.approx(us / 0.619005)
    assert ratio.low < 1 < ratio.high


def test_ratios_do_not_depend_on_the_currency(article) -> None:
    matrices = [
        price_gap.tariff_ratios(price_gap.scenario_tariffs(article, money)) for money in ("CNY", "USD")
    ]
    assert matrices[0].to_numpy() == pytest.approx(matrices[1].to_numpy())


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
    found, grade, _ = china_grids.average_delivered_price(article, 2025)
    assert found.value == pytest.approx(sum(means) / 2)
    assert found.low < min(means)
    assert max(means) < found.high
    assert grade == "B"
    assert (len(published), len(best)) == (8, 13)


def test_every_audited_tariff_is_what_the_rows_give(audited) -> None:
    layers = price_evidence.price_evidence_by_layer(audited, "CNY")
    main = layers[layers["year"] == price_evidence.MAIN_YEAR].set_index(["layer", "region"])
    native = {"US average": "USD", "Europe average": "EUR"}
    for region, name in price_evidence.TARIFF_OF.items():
        layer = price_evidence.WITHOUT_TAX if region == price_evidence.EUROPE else price_evidence.WITH_VAT
        figure, cell = getattr(audited, name), main.loc[(layer, region)]
        rate = mean_rate(native.get(region, "CNY"), "CNY", figure.period)
        for end in ("low", "value", "high"):
            assert getattr(figure, end) * rate == pytest.approx(cell[end], abs=1e-6 * rate), (name, end)
        assert figure.grade == cell["grade"]
        assert set(figure.rows) <= set(cell["rows"].split("; "))


def test_the_evidence_names_its_rows(article) -> None:
    known = set(datasets.load_prices().index)
    for cell in price_evidence.price_evidence_by_layer(article, "CNY").to_dict("records"):
        rows = cell["rows"].split("; ")
        assert rows
        assert set(rows) <= known
        assert cell["low"] <= cell["value"] <= cell["high"]


def test_a_weak_row_makes_a_weak_cell(article) -> None:
    prices = datasets.load_prices()
    order = "ABC"
    for cell in price_evidence.price_evidence_by_layer(article, "CNY").to_dict("records"):
        if cell["year"] == price_evidence.MAIN_YEAR and cell["region"] != price_evidence.CN_AVERAGE:
            weakest = max(prices.loc[cell["rows"].split("; "), "grade"], key=order.index)
            assert order.index(cell["grade"]) >= order.index(weakest)


def test_verdicts_of_the_article(article) -> None:
    words = price_gap.tariff_verdicts(article, article, "CNY").set_index(["layer", "region"])["word"]
    assert words[price_evidence.WITH_VAT, price_evidence.CN_AVERAGE] == "holds"
    assert words[price_evidence.ENERGY, price_evidence.CN_HUB] == "holds"
    assert words[price_evidence.WITHOUT_TAX, price_evidence.CN_HUB] == "too low"
    assert words[price_evidence.WITHOUT_TAX, price_evidence.US_AVERAGE] == "too high"
    assert words[price_evidence.WITHOUT_TAX, price_evidence.EUROPE] == "holds"
    assert words[price_evidence.WITH_VAT, price_evidence.EUROPE] == "unsettled"
    assert len(words) == 12


def test_verdicts_do_not_depend_on_the_currency(article) -> None:
    """A claim is judged in its own currency, whatever is shown."""
    tables = [price_gap.tariff_verdicts(article, article, money) for money in ("CNY", "USD")]
    assert tables[0]["verdict"].tolist() == tables[1]["verdict"].tolist()
    assert tables[1].loc[0, "claim_low"] == pytest.approx(
        0.48 / mean_rate("USD", "CNY", "2026-01..2026-03-13")
    )


def test_ratios_stay_within_a_layer_and_year(article) -> None:
    layers = price_evidence.price_evidence_by_layer(article, "CNY")
    table = price_gap.price_ratios_by_layer(layers).set_index(["layer", "year", "ratio"])
    cells = layers.set_index(["layer", "region", "year"])["value"]
    expected = (
        cells[price_evidence.WITH_VAT, "US average", 2025]
        / cells[price_evidence.WITH_VAT, "China average", 2025]
    )
    assert table.loc[(price_evidence.WITH_VAT, 2025, "US average / China average"), "value"] == pytest.approx(
        expected
    )


def test_history_never_interpolates(article) -> None:
    history = price_gap.price_history("CNY", price_evidence.price_evidence_by_layer(article, "CNY"))
    points = history[history["kind"] == "point"]
    assert set(points["series"]) == {"China, national figures", "China, hub reports"}
    us = history[history["series"] == "US industrial (EIA)"]
    assert us["time"].round(1).tolist() == [year + 0.5 for year in range(2010, 2026)]
    known = set(datasets.load_prices().index)
    assert all(set(rows.split("; ")) <= known for rows in history["id"])
    assert history["time"].between(2010, 2026).all()


def test_independent_prices_keep_kinds_apart(article) -> None:
    table = price_gap.independent_prices(article, "CNY")
    assert {"industrial", "commercial", "IC", "IG", "large two-part 110 kV", "data centre"} <= set(
        table["consumer_class"]
    )
    assert not table[["tax_level", "component", "grade", "source", "id"]].isna().any().any()
    assert "us-virginia-com-2023" in set(table["id"])


def test_states_and_bands(article) -> None:
    states, bands = price_gap.us_prices_by_state("USD"), price_gap.europe_prices_by_band("CNY")
    assert states.loc["Virginia", "industrial 2025"] == pytest.approx(0.0945)
    assert states.loc["Virginia", "commercial 2023"] == pytest.approx(0.0895)
    assert bands.loc["EU-27 average", "IE"] == pytest.approx(0.1382 * mean_rate("EUR", "CNY", "2025-S1"))
    assert list(bands.columns) == ["IC", "ID", "IE", "IF", "IG"]
    assert bands.loc["France", "IG"] < bands.loc["Ireland", "IG"]


def test_components_sum_to_the_build_up(article) -> None:
    for money in ("CNY", "USD"):
        parts = china_grids.delivered_price_parts(article, money)
        assert parts[list(china_grids.PARTS)].sum(axis=1).to_numpy() == pytest.approx(
            parts["built_up"].to_numpy()
        )


def test_an_override_reaches_the_build_ups() -> None:
    dearer = load_scenario("article", {"system_cost_cn": 0.08})
    plain = china_grids.delivered_prices(load_scenario("article"))["built_up"]
    assert (
        (china_grids.delivered_prices(dearer)["built_up"] - plain).dropna().round(6).isin([0.03, 0.0]).all()
    )
