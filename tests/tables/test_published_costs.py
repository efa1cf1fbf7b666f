import pytest

from analysis.inputs import datasets
from analysis.tables import published_costs
from analysis.tables.cost_stack import usd


@pytest.fixture(scope="module")
def checks():
    return published_costs.published_cost_checks()


def test_published_figures_lie_in_their_bands(checks):
    assert checks["inside"].all(), checks[~checks["inside"]]
    assert (checks["low"] <= checks["published"]).all()
    assert (checks["published"] <= checks["high"]).all()


def test_a_figure_out_of_its_band_is_told(monkeypatch):
    rows = datasets.load_published_cost_checks()
    name = "DeepSeek's day: electricity of rent, full load"
    rows.loc[name, "absolute_tolerance"] = 1e-6
    monkeypatch.setattr(datasets, "load_published_cost_checks", lambda: rows)
    found = published_costs.published_cost_checks()
    assert found.index[~found["inside"]].tolist() == [name]


def test_shares_of_a_data_centre_by_hand(checks, audited):
    ours = 0.9 * usd(audited, "tariff_us") * 8766 / 1000  # billion USD a year and gigawatt
    total = checks.loc["Epoch AI, 1 GW: electricity of total cost"]
    assert total["published"] == pytest.approx(0.6 / 8.5)
    assert total["computed"] == pytest.approx(ours / (8.5 - 0.6 + ours))
    assert (total["low"], total["high"]) == pytest.approx((0.6 / 12, 0.6 / 7))
    grades = {"A": 0, "B": 1, "C": 2}
    assert total["grade"] == max(audited.tariff_us.grade, audited.load_factor.grade, "B", key=grades.get)
    cash = checks.loc["Epoch AI, 1 GW: electricity of cash operating cost"]
    assert cash["published"] == pytest.approx(2 / 3)
    assert (cash["low"], cash["high"]) == pytest.approx((0.85 * 2 / 3, 1.15 * 2 / 3))


def test_deepseeks_day_by_hand(checks):
    rent = checks.loc["DeepSeek's day: rent"]
    assert rent["computed"] == 226.75 * 8 * 24 * 2
    assert (rent["low"], rent["high"]) == pytest.approx((87072 * 0.999, 87072 * 1.001))
    for load, end in ((0.7, "70 % load"), (1.0, "full load")):
        share = checks.loc[f"DeepSeek's day: electricity of rent, {end}"]
        assert share["computed"] == pytest.approx(10.2 * load / 8 * 1.25 * 0.08 / 2)
        assert share["high"] - share["low"] == pytest.approx(0.001)
        assert share["why_this_band"] == "as printed, at 0.08 USD/kWh and a PUE of 1.25"
        assert share["grade"] == "C", "the power of a server is assumed"


def test_cost_of_an_hour_by_hand(checks):
    hardware = checks.loc["Lokshin's trade model: hardware of a used hour", "computed"]
    assert hardware == pytest.approx(25_000 / (3 * 8766 * 0.7))


def test_every_quantity_of_a_row_is_compared_and_every_comparison_has_a_row():
    assert set(datasets.load_published_cost_checks()["quantity"]) == set(published_costs.COMPARISONS)
