"""The evidence on electricity prices, against values computed by hand from the rows."""

import pytest

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables.price_evidence import (
    CN_AVERAGE,
    CN_HUB,
    ENERGY,
    EUROPE,
    LAYERS,
    MAIN_YEAR,
    REGIONS,
    TARIFF_OF,
    US_AVERAGE,
    US_CLASSES,
    US_COMMERCIAL,
    US_DATA_CENTRE,
    WITH_VAT,
    WITHOUT_TAX,
    price_evidence_by_layer,
)

ENDS = ["low", "value", "high"]


def cells_of(scenario, currency: str, year: int = MAIN_YEAR):
    evidence = price_evidence_by_layer(scenario, currency)
    return evidence[evidence["year"] == year].set_index(["layer", "region"])


def test_us_prices_by_hand(article) -> None:
    """Means of the country have no ends; a data centre pays as in Virginia, from Texas to Illinois.

    Of Virginia the last annual mean is that of 2024; its one month of 2025, 0.091, stands for no year.
    """
    cells = cells_of(article, "USD")
    for layer in (WITH_VAT, WITHOUT_TAX):
        assert cells.loc[(layer, US_AVERAGE), ENDS].tolist() == [0.0862] * 3
        assert cells.loc[(layer, US_COMMERCIAL), ENDS].tolist() == [0.1341] * 3
        assert cells.loc[(layer, US_DATA_CENTRE), ENDS].tolist() == [0.0655, 0.0893, 0.1014]
        assert cells.loc[(layer, US_DATA_CENTRE), "period"] == "2024"
    assert cells.loc[(ENERGY, US_AVERAGE), ENDS].tolist() == pytest.approx([0.048, 0.048, 0.05051])
    assert (ENERGY, US_COMMERCIAL) not in cells.index


def test_rows_of_one_year_stay_in_it(article) -> None:
    """Offers and PJM prices of 2024 are no ends of 2025; a data centre alone has its value from 2024."""
    evidence = price_evidence_by_layer(article, "USD")
    years = datasets.load_prices()["year"]
    for cell in evidence[evidence["region"].isin(US_CLASSES.values())].itertuples():
        rows = cell.rows.split("; ")
        if (cell.region, cell.year) == (US_DATA_CENTRE, MAIN_YEAR):
            assert years[rows].tolist() == [2024] + [2025] * 7
            continue
        assert set(years[rows]) == {cell.year}
    before = cells_of(article, "USD", 2024).loc[(ENERGY, US_AVERAGE)]
    assert before[ENDS].tolist() == pytest.approx([0.03374, 0.03374, 0.05])


def test_the_twelve_months_agree_with_the_annual_mean() -> None:
    rows = datasets.load_prices()
    months = rows[rows["id"].str.fullmatch(r"us-avg-ind-2025-\d\d")]["value"]
    assert len(months) == 12
    assert months.mean() == pytest.approx(rows.loc["us-avg-ind-2025", "value"], rel=0.003)


def test_other_years_of_the_us_by_hand(article) -> None:
    """Annual means of 2024; three months of 2026 with their range, one of Virginia."""
    months = {US_AVERAGE: (0.0929, 0.0871, 0.0977), US_COMMERCIAL: (0.1437, 0.1354, 0.1453)}
    for region, price in ((US_AVERAGE, 0.0813), (US_COMMERCIAL, 0.1275), (US_DATA_CENTRE, 0.0893)):
        assert cells_of(article, "USD", 2024).loc[(WITHOUT_TAX, region), ENDS].tolist() == [price] * 3
    after = cells_of(article, "USD", 2026)
    for region, prices in months.items():
        expected = [min(prices), sum(prices) / 3, max(prices)]
        assert after.loc[(WITHOUT_TAX, region), ENDS].tolist() == pytest.approx(expected)
    assert after.loc[(WITHOUT_TAX, US_DATA_CENTRE), ENDS].tolist() == [0.1301] * 3
    assert after.loc[(WITHOUT_TAX, US_DATA_CENTRE), "period"] == "2026-02"


def test_european_prices_by_hand(article) -> None:
    """Industry: band IE between IG and IC. Energy: the Nordic mean to that of the EU, in dollars."""
    cells = cells_of(article, "EUR")
    assert cells.loc[(WITHOUT_TAX, EUROPE), ENDS].tolist() == [0.1126, 0.1382, 0.1902]
    assert cells.loc[(WITHOUT_TAX, EUROPE), "method"].endswith("ends are bands IG and IC")
    rate = mean_rate("USD", "EUR", "2025-H1")
    assert cells.loc[(ENERGY, EUROPE), ENDS].tolist() == pytest.approx(
        [0.04 * rate, 0.09 * rate, 0.09 * rate]
    )
    assert (WITH_VAT, EUROPE) not in cells.index


def test_hub_prices_by_hand(article) -> None:
    """Ningxia to Guizhou, with the mean of four grids; their funds, 0.023 yuan, carry no VAT."""
    cells = cells_of(article, "CNY")
    hours = 730.5 * 0.9
    ningxia = 0.2595 / 0.9742 + 0.0567 + 0.05 + 0.021325 + 25.6 / hours
    gansu = 0.23749 / 0.9769 + 0.0799 + 0.05 + 0.022925 + 32.8 / hours
    west, guizhou = 0.442525 + 31.2 / hours, 0.583744 + 31.0 / hours
    delivered = [ningxia, (ningxia + gansu + west + guizhou) / 4, guizhou]
    assert cells.loc[(WITH_VAT, CN_HUB), ENDS].tolist() == pytest.approx(delivered)
    assert delivered == pytest.approx([0.4333, 0.5000, 0.6309], abs=1e-4)
    net = [(price - 0.023) / 1.13 + 0.023 for price in delivered]
    assert cells.loc[(WITHOUT_TAX, CN_HUB), ENDS].tolist() == pytest.approx(net)
    west = (0.344 + 0.28 + 0.2 + 0.153) / 4  # four months of spot prices
    guizhou = (0.401 + 0.3986 + 0.3966 + 0.3977) / 4
    energy = [0.153, (west + guizhou + 0.2595 + 0.23749) / 4, 0.401]
    assert cells.loc[(ENERGY, CN_HUB), ENDS].tolist() == pytest.approx(energy)


def test_press_figures_are_grade_c_and_converted_each_at_its_period(article) -> None:
    cell = cells_of(article, "CNY", 2024).loc[(WITH_VAT, CN_AVERAGE)]
    figures = {"2024-03": 0.09, "2024": 0.088, "2024..2025": 0.079}
    yuan = [price * mean_rate("USD", "CNY", period) for period, price in figures.items()]
    assert cell[ENDS].tolist() == pytest.approx([min(yuan), sum(yuan) / 3, max(yuan)])
    assert cell["grade"] == "C"


def test_without_vat_both_delivered_layers_are_one() -> None:
    untaxed = load_scenario("article", {"vat_rate_cn": {"value": 0.0, "low": 0.0, "high": 0.0}})
    cells = cells_of(untaxed, "CNY")
    for region in (CN_AVERAGE, CN_HUB):
        taxed, net = (cells.loc[(layer, region), ENDS].tolist() for layer in (WITH_VAT, WITHOUT_TAX))
        assert net == pytest.approx(taxed)


def test_layers_and_regions_are_ordered(article) -> None:
    evidence = price_evidence_by_layer(article, "CNY")
    for column, names in (("layer", LAYERS), ("region", REGIONS)):
        assert evidence[column].cat.ordered
        assert tuple(evidence[column].cat.categories) == names
    keys = evidence[["layer", "region", "year"]]
    assert keys.equals(keys.sort_values(["layer", "region", "year"]))
    assert not keys.duplicated().any()


def test_every_cell_names_rows_and_holds_a_range(article) -> None:
    known = set(datasets.load_prices().index)
    for cell in price_evidence_by_layer(article, "CNY").to_dict("records"):
        rows = cell["rows"].split("; ")
        assert set(rows) <= known
        assert len(set(rows)) == len(rows), "none is named twice"
        assert cell["low"] <= cell["value"] <= cell["high"]


@pytest.mark.parametrize(
    ("row", "layer", "region"),
    [("us-pjm-lmp-2025-9m", ENERGY, US_AVERAGE), ("eu-eu27-ic-xvat-2025-s1", WITHOUT_TAX, EUROPE)],
)
def test_a_weak_row_makes_a_weak_cell(article, monkeypatch, row: str, layer: str, region: str) -> None:
    weaker = datasets.load_prices()
    weaker.loc[row, "grade"] = "C"
    assert cells_of(article, "CNY").loc[(layer, region), "grade"] in {"A", "B"}
    monkeypatch.setattr(datasets, "load_prices", weaker.copy)
    assert cells_of(article, "CNY").loc[(layer, region), "grade"] == "C"


def test_every_audited_tariff_is_what_the_rows_give(audited) -> None:
    cells = cells_of(audited, "CNY")
    native = {EUROPE: "EUR"}
    for region, name in TARIFF_OF.items():
        if region == US_AVERAGE:  # its classes: test_us_classes
            continue
        tariff, cell = getattr(audited, name), cells.loc[(WITHOUT_TAX, region)]
        rate = mean_rate(native.get(region, "CNY"), "CNY", tariff.period)
        for end in ENDS:
            assert getattr(tariff, end) * rate == pytest.approx(cell[end], abs=1e-6 * rate), (name, end)
        assert tariff.grade == cell["grade"]
        assert set(tariff.rows) <= set(cell["rows"].split("; "))


def test_an_unknown_currency_is_refused(article) -> None:
    with pytest.raises(ValueError, match="unknown currency 'XYZ'"):
        price_evidence_by_layer(article, "XYZ")
