"""Energy per token, claimed and measured, and what an electricity share can make of a cost ratio."""

import math

import pytest

from analysis.inputs import datasets
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.tables import electricity_to_token


def greatest(scenario: Scenario) -> float:
    return electricity_to_token.headlines(scenario)["max_cost_ratio_from_tariff"].value


def test_the_ladder_descends_from_the_claim_to_measurements() -> None:
    """0.8 kWh per 100 tokens is 8,000 kWh per million; 1 kWh per million is 3.6 J a token."""
    ladder = electricity_to_token.energy_ladder()
    printed, per_million = ladder.iloc[0], ladder.iloc[1]
    assert printed[["low", "value", "high"]].tolist() == pytest.approx([8000, 10000, 12000])
    assert per_million[["low", "value", "high"]].tolist() == pytest.approx([0.8, 1.0, 1.2])
    for end in ("low", "value", "high"):
        assert (ladder[f"{end}_j_per_token"] / ladder[end]).tolist() == pytest.approx([3.6] * len(ladder))
    assert ladder["grade"].tolist() == ["C", "C", "A", "A", "A", "A", "A"]


@pytest.mark.parametrize(
    ("low", "high", "name"),
    [(0, 15, "up to 15"), (15, 50, "15 to 50"), (50, 150, "50 to 150"), (150, math.inf, "above")],
)
def test_a_size_class_holds_the_models_up_to_its_largest(low: float, high: float, name: str) -> None:
    rows = electricity_to_token.newest_measurements()
    energy = rows.loc[(rows["params_total_b"] > low) & (rows["params_total_b"] <= high), "value"] / 3.6
    ladder = electricity_to_token.energy_ladder()
    (reading,) = [reading for reading in ladder.index if reading.startswith(f"measured, {name}")]
    assert reading.endswith(f"(n = {len(energy)})")
    found = ladder.loc[reading, ["low", "value", "high"]].tolist()
    assert found == pytest.approx([energy.min(), energy.median(), energy.max()])


def test_measurements_are_those_of_the_newest_year() -> None:
    rows = electricity_to_token.newest_measurements()
    assert set(rows["year"]) == {datasets.load_energy_measured()["year"].max()}
    assert electricity_to_token.energy_ladder().index[-1] == f"measured, all (n = {len(rows)})"


def test_what_tariffs_can_explain_by_hand(article) -> None:
    """1 / (1 - s + s / r) and 1 - s + s r, for r = 1.0 / 0.215, 1.2 / 0.13, and free power."""
    table = electricity_to_token.cost_ratios(article).set_index(["tariffs", "end"])
    mid = "mid: US mid, hub mid"
    assert table.loc[(mid, "low"), "share_at_expensive_site"] == pytest.approx(1 / (0.4 + 0.6 * 0.215))
    assert table.loc[(mid, "high"), "share_at_expensive_site"] == pytest.approx(1 / (0.3 + 0.7 * 0.215))
    assert table.loc[("wide: US high, hub low", "high"), "share_at_expensive_site"] == pytest.approx(
        2.6626, abs=5e-3
    )
    assert table.loc[("free power", "high"), "share_at_expensive_site"] == pytest.approx(1 / 0.3)
    assert greatest(article) == pytest.approx(0.3 + 0.7 * 1.2 / 0.13)
    assert math.isinf(table.loc[("free power", "low"), "share_at_cheap_site"])


def test_energy_headlines_by_hand(article) -> None:
    found = electricity_to_token.headlines(article)
    median = datasets.load_energy_measured().query("source == 'mlenergy_v3'")["value"].median() / 3.6
    assert found["kwh_per_mtok_article_low"].value == pytest.approx(8000)
    assert found["kwh_per_mtok_article_high"].value == pytest.approx(12000)
    assert found["kwh_per_mtok_measured_median"].value == pytest.approx(median)
    assert found["energy_claim_ratio"][:3] == pytest.approx((10000 / median, 8000 / median, 12000 / median))
    assert found["max_cost_ratio_from_tariff"].value == pytest.approx(6.7615, abs=1e-4)


def test_no_share_explains_nothing() -> None:
    scenario = load_scenario("article", {"electricity_share": {"low": 0.0, "value": 0.0, "high": 0.0}})
    assert greatest(scenario) == 1.0
    ratios = electricity_to_token.cost_ratios(scenario)[electricity_to_token.SHARE_COUNTED_AT]
    assert (ratios == 1.0).all(axis=None)  # of free power too


def test_grades_of_the_claim_of_the_measurements_and_of_both(article, audited) -> None:
    for scenario in (article, audited):
        found = {key: entry.grade for key, entry in electricity_to_token.headlines(scenario).items()}
        assert found == {
            "kwh_per_mtok_article_low": "C",
            "kwh_per_mtok_article_high": "C",
            "kwh_per_mtok_measured_median": "A",
            "energy_claim_ratio": "C",
            "max_cost_ratio_from_tariff": "C",
        }
