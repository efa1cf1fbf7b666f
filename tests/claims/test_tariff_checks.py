"""Checks that rest on tariffs: regions, classes of US customers, growth, and what a saved bill pays."""

import math

import pandas as pd
import pytest

from analysis import claims
from analysis.claims import tariff_checks
from analysis.claims.context import Context
from analysis.inputs import datasets, packs
from analysis.inputs.assumption import Assumption
from analysis.inputs.money import in_currency
from analysis.inputs.scenario import Scenario


def priced(value: float, grade: str = "B") -> Assumption:
    return Assumption(
        value=value, low=value, high=value, unit="CNY/kWh", period="2025", source="project", grade=grade
    )


def with_prices(context: Context, hub: float, **us: float) -> Context:
    """Return the context with a hub tariff and US tariffs by class, all certain and of grade B."""
    entries = {f"tariff_us_{word}": priced(value) for word, value in us.items()}
    entries |= {"tariff_cn_hub_subsidised": priced(hub), "tariff_us": entries["tariff_us_data_centre"]}
    audited = context.audited
    return Context(context.article, audited.model_copy(update={"entries": audited.entries | entries}))


@pytest.fixture(scope="module")
def two_worlds(context: Context) -> Context:
    """Return one in which industry saves a fifth of a yuan, and commerce more than half."""
    return with_prices(context, 0.2, industrial=0.4, commercial=0.75, data_centre=0.4)


def test_a_contract_is_judged_as_energy(finding, ledger: pd.DataFrame) -> None:
    """Spot, contract and mechanism prices of the hubs, all of grade C; what is delivered decides nothing."""
    found = finding("p18-cn-hub")
    (energy,) = found.readings
    assert (energy.basis, energy.low, energy.high, energy.grade) == ("energy", 0.153, 0.401, "C")
    for told in ("with a subsidy, for domestic accelerators alone, 0.31-0.40", "0.20 (cn-hub-western-hubs"):
        assert told in found.reasoning
    assert ledger.loc[["p18-cn-hub", "p38-cn-hub"], "verdict"].tolist() == ["unsupported"] * 2


def test_an_average_is_judged_at_both_tax_levels(finding, ledger: pd.DataFrame) -> None:
    """By hand: 0.659 yuan as billed; 13 % taken out of all but the funds leave 0.587, inside the claim."""
    average = finding("p18-cn-average").readings
    assert {reading.basis for reading in average} == {"delivered", "energy"}
    both = average[-1]
    assert both.grade == "B"
    assert both.row_values == pytest.approx(((0.659 - 0.0276) / 1.13 + 0.0276, 0.659), abs=0.002)
    assert both.low < both.row_values[0] < both.value < both.row_values[1] < both.high
    row = ledger.loc["p18-cn-average"]
    assert row["evidence_inside"] == 0.5
    assert row["verdict"] == "partly holds"
    for told in ("0.59 (0.", "0.66 (0."):
        assert told in row["reasoning"]


def test_each_class_is_a_basis_of_its_own(context: Context, finding) -> None:
    """The claim speaks of industry; that it fits commerce is another basis."""
    found = finding("p19-us-average")
    for reading in found.readings:
        word = reading.basis.removeprefix("delivered, ").removesuffix(" class").replace(" ", "_")
        if word != "energy":
            chosen = context.audited.choosing("tariff_us", word).tariff_us
            assert (reading.low, reading.value, reading.high) == in_currency(chosen, "CNY")
            assert reading.grade == chosen.grade
    assert {"delivered, industrial class", "delivered, commercial class"} <= {
        reading.basis for reading in found.readings
    }


def test_a_price_of_commerce_is_misattributed_to_industry(two_worlds: Context) -> None:
    row = packs.load_claims().loc[["p19-us-average"]].assign(value_low=0.7, value_high=0.8)
    (found,) = claims.judged(row, two_worlds).itertuples()
    assert (found.verdict, found.evidence_used) == ("misattributed", "delivered, commercial class")
    low = claims.judged(row.assign(value_low=0.38, value_high=0.42), two_worlds)
    assert low["verdict"].tolist() == ["holds"]


def test_the_own_class_comes_first(audited: Scenario) -> None:
    by_class = tariff_checks.by_us_class(audited)
    assert next(iter(by_class.values())).tariff_us == audited.tariff_us
    assert set(by_class) == {word.replace("_", " ") for word in audited.definition("tariff_us").choices}


def test_a_claim_that_names_no_class_depends_on_it(two_worlds: Context) -> None:
    """By hand: 0.15 x 0.2 / 0.785 = 3.8 % is off by four, 0.15 x 0.55 / 0.785 = 10.5 % by less than two."""
    rows = packs.load_claims().loc[["p28-offset-share", "p28-offset-years"]]
    found = claims.judged(rows, two_worlds)
    assert found["verdict"].tolist() == ["depends on the class"] * 2
    told = found["reasoning"]
    for words in ("industrial 3.8%", "commercial 10.5%", "industrial: false", "commercial: overstated"):
        assert words in told["p28-offset-share"]
    for words in ("industrial 20", "commercial 7", "industrial: false", "commercial: overstated"):
        assert words in told["p28-offset-years"]
    assert found.loc["p28-offset-share", "evidence_value"] == pytest.approx(0.15 * 0.2 / 0.785)


def test_a_weak_hub_tariff_gives_way_to_a_graded_one(context: Context, audited: Scenario) -> None:
    """The delivered price is built up from assumptions; a subsidised one is reported."""
    weak, fair = priced(0.5, "C"), priced(0.4)
    entries = {"tariff_cn_hub": weak, "tariff_cn_hub_delivered": weak, "tariff_cn_hub_subsidised": fair}
    changed = audited.model_copy(update={"entries": audited.entries | entries})
    assert tariff_checks.with_graded_hub(changed).tariff_cn_hub == fair
    own = changed.model_copy(update={"entries": changed.entries | {"tariff_cn_hub": priced(0.5)}})
    assert tariff_checks.with_graded_hub(own).tariff_cn_hub == priced(0.5)
    row = packs.load_claims().loc[["p28-offset-share"]]
    told = claims.judged(row, Context(context.article, changed))["reasoning"].item()
    assert "at a hub tariff of 0.40 yuan (subsidised)" in told


def test_one_word_for_all_classes_is_the_verdict(context: Context) -> None:
    alike = with_prices(context, 0.2, industrial=0.4, commercial=0.4, data_centre=0.4)
    rows = packs.load_claims().loc[["p28-offset-share", "p28-offset-years"]]
    assert claims.judged(rows, alike)["verdict"].tolist() == ["false", "false"]


def test_what_saves_nothing_never_pays(context: Context, finding) -> None:
    dear = with_prices(context, 0.5, industrial=0.4, commercial=0.4, data_centre=0.4)
    for reading in finding("p28-offset-years", dear).by_class.values():
        assert math.isinf(reading.value)
    row = claims.judged(packs.load_claims().loc[["p28-offset-years"]], dear).iloc[0]
    assert row["verdict"] == "false"
    assert math.isnan(row["evidence_high"])
    assert math.isnan(row["ratio"])
    assert "industrial never" in row["reasoning"]


def test_growth_is_told_pair_by_pair(ledger: pd.DataFrame, finding) -> None:
    prices = datasets.load_prices()["value"]
    virginia = prices["us-virginia-com-2026-02"] / prices["us-virginia-com-2025-02"] - 1
    paid, wholesale = finding("p19-pjm-growth").readings
    assert paid.high == pytest.approx(virginia) == pytest.approx(0.1301 / 0.091 - 1)
    assert wholesale.value == pytest.approx(76.15 / 53.86 - 1)
    assert sum(value > 0.3 for value in paid.row_values) == 1
    assert ledger.loc["p19-pjm-growth", "verdict"] == "partly holds"


def test_prices_are_compared_in_yuan(finding, context: Context) -> None:
    """The cheapest cited price is in dollars; a row in another currency is exchanged at its own period."""
    rows = context.cited(next(packs.load_claims().loc[["p29-lowest-cost"]].itertuples()))
    assert set(rows["currency"]) == {"USD", "EUR"}
    assert "0.32 (tariff-quebec-2024)" in finding("p29-lowest-cost").reasoning


def test_a_first_rank_is_held_against_the_cheapest_published_grid(finding, ledger: pd.DataFrame) -> None:
    """What is assumed of unpublished grids does not enter, so that its grade does not either."""
    found = finding("p29-lowest-cost")
    assert found.statement is False
    assert "the cheapest published Chinese grid" in found.reasoning
    assert found.statement_grade == "B"
    dear = finding("p29-lowest-cost", evidence=["us-virginia-ind-2025"])
    assert dear.statement is True
    assert ledger.loc[["p29-lowest-cost", "p38-lowest-price"], "verdict"].tolist() == ["false", "false"]
