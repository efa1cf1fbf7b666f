"""Tariffs of the western hubs: two bundles, by hand from the rows."""

import pytest

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables import china_hubs
from analysis.tables.china_hubs import CEILING, DELIVERED, REPORTED, SUBSIDISED

ENDS = ["low", "value", "high"]
HOURS = 730.5 * 0.9


def test_delivered_is_the_mean_of_four_grids_by_hand(article) -> None:
    west, guizhou = 0.442525 + 31.2 / HOURS, 0.583744 + 31.0 / HOURS
    ningxia = 0.2595 / 0.9742 + 0.0567 + 0.05 + 0.021325 + 25.6 / HOURS
    gansu = 0.23749 / 0.9769 + 0.0799 + 0.05 + 0.022925 + 32.8 / HOURS
    hub = china_hubs.hub_bundles(article).loc[DELIVERED]
    by_hand = [ningxia, (west + guizhou + ningxia + gansu) / 4, guizhou]
    assert hub[ENDS].tolist() == pytest.approx(by_hand)
    assert (hub["grade"], hub["accelerators"], hub["subsidy"]) == ("C", "any", "no")
    assert "2 of 4 published" in hub["method"]


def test_the_subsidised_tariff_is_one_report_and_no_mean(article) -> None:
    hub = china_hubs.hub_bundles(article).loc[SUBSIDISED]
    assert hub[ENDS].tolist() == [0.35, 0.40, 0.40]
    assert (hub["grade"], hub["accelerators"], hub["subsidy"]) == ("B", "domestic alone", "yes")
    prices = datasets.load_prices()
    assert (prices["source"] == "ft_2025_11").sum() == 1


def test_reports_without_terms_and_ceilings_stand_apart(article) -> None:
    hubs = china_hubs.hub_bundles(article)
    assert hubs.loc[REPORTED, ENDS].tolist() == [0.35, 0.35, 0.398]
    assert hubs.loc[CEILING, "rows"] == "cn-hub-gui-an-guizhou-2025"
    for bundle in (DELIVERED, SUBSIDISED, REPORTED):
        assert "gui-an" not in hubs.loc[bundle, "rows"]
    assert "cn-hub-subsidised-2025-11" not in hubs.loc[REPORTED, "rows"]


def test_a_subsidy_makes_no_unsubsidised_price_cheaper(article, monkeypatch) -> None:
    cheaper = datasets.load_prices()
    cheaper.loc["cn-hub-subsidised-2025-11", "value"] = 0.3
    before = china_hubs.hub_bundles(article)
    monkeypatch.setattr(datasets, "load_prices", cheaper.copy)
    after = china_hubs.hub_bundles(article)
    assert after.loc[SUBSIDISED, ENDS].tolist() == [0.3, 0.3, 0.398]
    assert after.loc[DELIVERED, ENDS].tolist() == before.loc[DELIVERED, ENDS].tolist()
    assert after.loc[REPORTED, ENDS].tolist() == before.loc[REPORTED, ENDS].tolist()


def test_a_load_factor_of_ones_own_reaches_the_delivered_tariff_alone() -> None:
    plain, half = (
        china_hubs.hub_bundles(load_scenario("article", {"load_factor": factor})) for factor in (0.9, 0.45)
    )
    demand = (31.2 + 31.0 + 25.6 + 32.8) / 4 / HOURS
    assert half.loc[DELIVERED, "value"] - plain.loc[DELIVERED, "value"] == pytest.approx(demand)
    assert half.loc[SUBSIDISED, "value"] == plain.loc[SUBSIDISED, "value"]


def test_either_currency(article) -> None:
    yuan, dollars = (china_hubs.hub_bundles(article, money)[ENDS].to_numpy() for money in ("CNY", "USD"))
    assert dollars * mean_rate("USD", "CNY", "2025") == pytest.approx(yuan)
    with pytest.raises(ValueError, match="unknown currency 'XYZ'"):
        china_hubs.hub_bundles(article, "XYZ")


@pytest.mark.parametrize("name", ["article", "audited"])
@pytest.mark.parametrize("choice", [DELIVERED, SUBSIDISED])
def test_the_choices_of_scenarios_are_what_the_rows_give(name: str, choice: str) -> None:
    scenario = load_scenario(name)
    tariff = scenario.choosing("tariff_cn_hub", choice).tariff_cn_hub
    hub = china_hubs.hub_bundles(scenario).loc[choice]
    assert [tariff.low, tariff.value, tariff.high] == pytest.approx(hub[ENDS].tolist(), abs=1e-6)
    assert (tariff.grade, tariff.unit) == (hub["grade"], "CNY/kWh")
    if name == "audited":
        assert set(tariff.rows) == set(hub["rows"].split("; "))
