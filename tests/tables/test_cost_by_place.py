"""Costs by place: the cost stack at the tariff of the place, ranked, beside the two base cases."""

import pandas as pd
import pytest

from analysis.inputs.errors import ParameterError
from analysis.inputs.place_entries import OURS
from analysis.model.gpu_hour import PARTS
from analysis.tables import cost_stack
from analysis.tables.cost_by_place import (
    BASES,
    OF_STACK,
    cost_by_place,
    costs_at_places,
    ranked_for_figure,
    with_base_case,
)
from analysis.tables.places import chosen_places, places

MINE = {"name": "Rjukan", "tariff": "0.03 EUR/kWh", "pue": 1.1, "cost_of_capital": 0.05}
NAMES = ["germany", "norway", "ningxia", MINE]
SETUP, _ = with_base_case({"model": "minimax-m2.5"})


@pytest.fixture(scope="module")
def table(audited) -> pd.DataFrame:
    return cost_by_place(audited, NAMES)


@pytest.fixture(scope="module")
def costs():
    return costs_at_places(SETUP, NAMES, {})


def test_the_base_cases_are_those_of_the_cost_stack(audited, table) -> None:
    for name, (side, grid) in OF_STACK.items():
        mix = cost_stack.cost_parts(audited, cost_stack.OPEN_MODEL, side, grid).loc["mix"]
        for part in ("electricity", "total", "electricity_share"):
            assert table.loc[name, part] == pytest.approx(mix[part])
        assert table.loc[name, "is_base"]
        assert table.loc[name, "grade"] == getattr(audited, cost_stack.GRIDS[grid]).grade


def test_only_what_the_place_tells_differs_from_the_side(audited, table) -> None:
    us, norway = table.loc["US (base case)"], table.loc["Norway"]
    tariff = places().loc["Norway", "value"]
    # Norway tells its tariff alone: the bill moves with it, and nothing else does
    assert norway["electricity"] == pytest.approx(us["electricity"] * tariff / us["tariff_value"])
    assert norway["total"] - norway["electricity"] == pytest.approx(us["total"] - us["electricity"])
    germany, pue = table.loc["Germany"], places().loc["Germany", "pue"]
    assert germany["kwh_per_mtok"] == pytest.approx(us["kwh_per_mtok"] * pue / us["pue"])
    assert germany["g_per_mtok"] == pytest.approx(
        germany["kwh_per_mtok"] * places().loc["Germany", "carbon_g_per_kwh"]
    )
    assert table.loc["Rjukan", "discount_rate"] == 0.05
    premium = places().loc["France", "capital_premium"]
    assert premium > 0
    france = cost_by_place(audited, ["france"]).loc["France", "discount_rate"]
    assert france == pytest.approx(audited.cost_of_capital_us.value + premium)


def test_places_are_ranked_and_electricity_is_its_share(table, costs) -> None:
    assert table["total"].is_monotonic_increasing
    assert (table["electricity"] / table["total"]).to_numpy() == pytest.approx(table["electricity_share"])
    assert ((table["low"] <= table["total"]) & (table["total"] <= table["high"])).all()
    ranked = ranked_for_figure(costs)
    assert ranked["total"].is_monotonic_increasing
    assert ((ranked["low"] <= ranked["total"]) & (ranked["total"] <= ranked["high"])).all()
    assert ranked.index[ranked["is_base"]].tolist() == ["China western hubs", "US data centre"]


def test_a_set_up_that_is_left_out_costs_what_the_cost_stack_says(table, costs) -> None:
    found = costs.found.table
    for name in ("Norway", "Germany", "Rjukan"):
        assert found.loc[name, "mix_total_usd_per_mtok"] == pytest.approx(table.loc[name, "total"])
        assert found.loc[name, "mix_electricity_usd_per_mtok"] == pytest.approx(
            table.loc[name, "electricity"]
        )
    us = found.loc["US data centre"]
    assert us["mix_total_usd_per_mtok"] == pytest.approx(table.loc["US (base case)", "total"])
    assert us["mix_kwh_per_mtok"] == pytest.approx(table.loc["US (base case)", "kwh_per_mtok"])


def test_parts_add_up_and_lie_between_their_quantiles(costs) -> None:
    found = costs.found.table
    parts = [f"mix_{part}_usd_per_mtok" for part in PARTS]
    assert found[parts].sum(axis=1).to_numpy() == pytest.approx(found["mix_total_usd_per_mtok"])
    for name in [*parts, "mix_total_usd_per_mtok", "mix_electricity_share"]:
        assert ((found[f"{name}_p5"] <= found[name]) & (found[name] <= found[f"{name}_p95"])).all()
    # the mix lies between its kinds
    assert (
        found["mix_total_usd_per_mtok"]
        .between(found["input_total_usd_per_mtok"], found["output_total_usd_per_mtok"])
        .all()
    )


def test_what_is_told_is_of_the_places_asked_for_alone() -> None:
    told = costs_at_places(SETUP, ["norway"], {"tariff": 0.05, "pue": 2.0}).found.table
    base = costs_at_places(SETUP, ["norway"], {}).found.table
    norway = told.loc["Norway"]
    assert (norway["tariff_usd_per_kwh"], norway["pue"]) == (0.05, 2.0)
    assert (norway["tariff_source"], norway["tariff_grade"], norway["pue_source"]) == (OURS, "C", OURS)
    for name in BASES:
        for column in ("tariff_usd_per_kwh", "pue", "mix_total_usd_per_mtok", "tariff_source"):
            assert told.loc[name, column] == base.loc[name, column]


def test_a_base_case_that_is_asked_for_stands_once() -> None:
    costs = costs_at_places(SETUP, ["us", "norway", "Norway"], {})
    assert costs.found.table.index.tolist() == ["US data centre", "Norway", "China western hubs"]
    assert costs.asked == 2


def test_names_that_would_mislead_are_refused(audited) -> None:
    with pytest.raises(ParameterError, match="'US data centre' is the name of a base case"):
        costs_at_places(SETUP, [{**MINE, "name": "US data centre"}], {})
    with pytest.raises(ParameterError, match=r"'US \(base case\)' is the name of a base case"):
        cost_by_place(audited, [{**MINE, "name": "US (base case)"}])
    with pytest.raises(ParameterError, match="two places are called 'Rjukan'"):
        chosen_places([MINE, {**MINE, "pue": 1.2}])
    with pytest.raises(ParameterError, match="places: 'Noway' is not known; did you mean Norway"):
        cost_by_place(audited, ["Noway"])


def test_a_card_that_is_told_brings_no_batch_of_another() -> None:
    filled, taken = with_base_case({"model": "minimax-m2.5", "gpu_model": "L4"})
    assert filled["gpu_model"] == "L4"
    assert not {"batch", "gpu_count", "gpu_model"} & set(taken)
    filled, taken = with_base_case({"model": "minimax-m2.5", "load": "saturated"})
    assert taken["gpu_model"] == cost_stack.US.gpu_model
    assert "batch" not in filled
    assert with_base_case({"output_tokens": 10.0, "model": "x", "load": "saturated"})[1][
        "input_tokens"
    ] == pytest.approx(SETUP["input_tokens"] / SETUP["output_tokens"] * 10.0)


def test_all_the_article_can_be_asked_too(article) -> None:
    found = cost_by_place(article, ["norway"])
    assert len(found) == 1 + len(OF_STACK)
    us = cost_stack.cost_parts(article, cost_stack.OPEN_MODEL, cost_stack.US, "US").loc["mix"]
    assert found.loc["US (base case)", "total"] == pytest.approx(us["total"])
