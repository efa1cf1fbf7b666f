"""What was assumed: each input that a set-up leaves out, with the row that stands in for it."""

import pandas as pd
import pytest

from analysis.inputs import datasets
from analysis.inputs.cards import card_of
from analysis.tables.assumed import assumed_inputs, stand_in
from analysis.tables.estimate import estimate


def listed(**setup: object) -> dict[str, dict[str, object]]:
    return {entry["name"]: entry for entry in estimate(pd.DataFrame([setup])).assumptions(0)}


def test_what_is_told_or_on_the_card_is_not_assumed() -> None:
    everything = {
        "model": "llama-3.1-8b", "gpu_model": "H100", "gpu_count": 1, "batch": 8.0, "engine": "vllm",
        "input_tokens": 100.0, "output_tokens": 100.0, "pue": 1.2, "tariff": 0.1, "gpu_hour_price_usd": 2.0,
        "cached_input_cost": 0.1,
    }  # fmt: skip
    assert listed(**everything) == {}
    for name in ("gpu_model", "gpu_count", "batch", "engine", "input_tokens", "output_tokens", "pue"):
        rest = {key: value for key, value in everything.items() if key != name}
        wanted = {"batch": "load", "gpu_model": "gpu_model"}.get(name, name)
        assert wanted in listed(**rest), name


def test_names_that_stand_in_are_those_of_the_tables() -> None:
    found = listed(params_active_b=8.0)
    assert (found["gpu_model"]["value"], found["gpu_model"]["low"]) == (
        stand_in("gpu_model"),
        stand_in("gpu_model", "low"),
    )
    for name in ("gpu_model", "precision", "engine", "load"):
        assert found[name]["value"] == stand_in(name)
        assert isinstance(found[name]["high"], str)
    assert stand_in("load", "high") == "saturated"
    assert stand_in("engine", "low") == "current", "no engine is better than a current one"


def test_numbers_carry_their_row() -> None:
    rows, found = datasets.load_energy_assumptions(), listed(params_active_b=8.0)
    for name in ("input_tokens", "output_tokens"):
        for end in ("low", "value", "high"):
            assert found[name][end] == rows.loc[name, end]
        assert (found[name]["source"], found[name]["grade"]) == tuple(rows.loc[name, ["source", "grade"]])
    ratio = rows.loc["params_total_over_active"]
    assert found["params_total_b"]["high"] == pytest.approx(8.0 * ratio["high"])
    assert found["params_total_b"]["value"] == 8.0


def test_the_size_of_a_closed_model_is_that_of_its_card() -> None:
    card, found = card_of("gpt-4o"), listed(model="gpt-4o")["params_active_b"]
    assert (found["low"], found["value"], found["high"]) == (
        card.params_active_b_low, card.params_active_b, card.params_active_b_high)  # fmt: skip
    assert (found["source"], found["grade"]) == (card.source, card.grade)
    assert "params_active_b" not in listed(model="gpt-4o", params_active_b=50.0)


def test_rows_are_told_apart() -> None:
    marks = assumed_inputs(pd.DataFrame({"params_active_b": [8.0, 8.0], "engine": ["vllm", None]}))
    assert marks["engine"].tolist() == [False, True]
    assert marks["load"].tolist() == [True, True]


def test_a_library_serves_one_user_unless_a_load_is_told() -> None:
    found = listed(params_active_b=8.0, engine="transformers")["load"]
    row = datasets.load_energy_assumptions().loc["batch_of_one_user"]
    assert (found["value"], found["low"], found["high"]) == (
        "one user",
        f"batch {row['low']:g}",
        f"batch {row['high']:g}",
    )
    assert found["source"] == row["source"]
    assert "load" not in listed(params_active_b=8.0, engine="transformers", load="balanced")
