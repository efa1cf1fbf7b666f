"""The weakest grade of what the cost of a token is made of."""

import pytest

from analysis.inputs import datasets
from analysis.inputs.scenario import Scenario
from analysis.model.evidence import evidence
from analysis.tables import cost_grade
from analysis.tables.cost_grade import energy_grade, output_grade, stack_grade
from analysis.tables.cost_stack import CHINA, DOMESTIC, OPEN_MODEL, US


def graded(scenario: Scenario, grade: str, **others: str) -> Scenario:
    """Return a scenario whose assumptions all have one grade, but some."""
    entries = {
        name: entry.model_copy(update={"grade": others.get(name, grade)})
        for name, entry in scenario.entries.items()
    }
    return scenario.model_copy(update={"entries": entries})


@pytest.fixture
def sure_of_energy(monkeypatch) -> None:
    monkeypatch.setattr(cost_grade, "energy_grade", lambda: "A")


def test_the_energy_model_is_no_better_than_what_it_assumes() -> None:
    fitted = {grade for table in evidence().fitted() for grade in table["grade"]}
    assumed = set(datasets.load_energy_assumptions()["grade"])
    assert energy_grade() == max(fitted | assumed) == "C"


@pytest.mark.usefixtures("sure_of_energy")
def test_a_cost_is_as_weak_as_the_weakest_assumption_of_its_side(audited) -> None:
    card = datasets.load_gpu_specs().loc[US.gpu_model, "grade"]
    assert stack_grade(graded(audited, "A"), US) == card == "B", "an undisclosed model has no row"
    model = datasets.load_model_cards().loc[OPEN_MODEL, "grade"]
    assert stack_grade(graded(audited, "A"), CHINA) == max(card, model) == "B"
    for name in ("gpu_price_us", "cost_of_capital_us", "other_opex", "batch_per_gpu", "closed_model_active"):
        assert stack_grade(graded(audited, "A", **{name: "C"}), US) == "C", name
    for name in ("gpu_price_us", "gpu_price_cn_domestic", "closed_model_active", "tariff_us"):
        assert stack_grade(graded(audited, "A", **{name: "C"}), CHINA) == "B", name
    assert stack_grade(graded(audited, "A", gpu_price_cn_domestic="C"), DOMESTIC) == "C"
    assert stack_grade(graded(audited, "A", gpu_price_us="C"), CHINA, US) == "C"


@pytest.mark.usefixtures("sure_of_energy")
def test_the_ratio_of_tariffs_rests_on_these_alone(audited) -> None:
    weak = graded(audited, "A", gpu_price_us="C", tariff_us="B")
    assert output_grade(weak, "hub", "effect: electricity") == "B"
    assert output_grade(weak, "hub", "effect: all_orders") == "C"
    assert output_grade(graded(audited, "A", tariff_cn_hub="C"), "average", "effect: electricity") == "A"


def test_without_better_evidence_every_cost_is_weak(article, audited) -> None:
    for scenario in (article, audited):
        assert stack_grade(scenario, CHINA) == stack_grade(scenario, US) == "C"
