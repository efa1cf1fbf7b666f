"""The fitted model: what stands in for an unknown input, and what follows from it."""

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets, energy_tables
from analysis.model.energy_model import EnergyModel
from analysis.model.read_rows import read_rows

KNOWN = {"params_active_b": 8.0, "params_total_b": 8.0, "gpu_model": "H100", "precision": "bf16"}


@pytest.fixture(scope="module")
def model() -> EnergyModel:
    return EnergyModel.load()


def filled(model: EnergyModel, ends: dict[str, str] | None = None, **setup) -> dict[str, float]:
    rows = read_rows(pd.DataFrame([KNOWN | setup]))
    return {name: float(column[0]) for name, column in model.fill(rows, ends).numbers.items()}


def test_what_is_told_stays(model) -> None:
    told = {"gpu_count": 2, "batch": 48.0, "input_tokens": 900.0, "output_tokens": 300.0, "layers": 32.0}
    found = filled(model, **told)
    assert {name: found[name] for name in told} == told


def test_unknown_lengths_take_their_rows(model) -> None:
    rows = datasets.load_energy_assumptions()
    assert filled(model)["output_tokens"] == rows.loc["output_tokens", "value"]
    assert filled(model, {"output_tokens": "high"})["output_tokens"] == rows.loc["output_tokens", "high"]


def test_an_unknown_size_is_that_of_a_dense_model(model) -> None:
    assert filled(model, params_total_b=np.nan)["params_total_b"] == 8.0
    assert filled(model, {"params_total_over_active": "high"}, params_total_b=np.nan)["params_total_b"] > 100


def test_as_many_gpus_as_hold_the_weights(model) -> None:
    """405 billion parameters of two bytes are 810 GB: more than eight cards of 80 GB."""
    assert filled(model)["gpu_count"] == 1.0
    assert filled(model, params_active_b=405.0, params_total_b=405.0)["gpu_count"] == 16.0


def test_a_batch_that_is_told_finds_gpus_for_its_cache(model) -> None:
    long = {"input_tokens": 30_000.0, "output_tokens": 1000.0, "kv_bytes_per_token_bf16": 131_072.0}
    assert filled(model, batch=1.0, **long)["gpu_count"] == 1.0
    count = filled(model, batch=64.0, **long)["gpu_count"]
    assert count * 80e9 >= 16e9 + 64 * 30_500 * 131_072


def test_one_long_request_finds_gpus_for_its_cache(model) -> None:
    """A million tokens of 131072 B are 131 GB, beside 16 GB of weights: two cards of 80 GB."""
    long = {"input_tokens": 1e6, "output_tokens": 100.0, "kv_bytes_per_token_bf16": 131_072.0}
    assert filled(model, **long)["gpu_count"] == 2.0
    assert filled(model, **long)["batch"] >= 1.0


def test_busier_loads_serve_more_within_the_bounds_of_their_rows(model) -> None:
    loads = energy_tables.load_loads()
    batches = {name: filled(model, load=name)["batch"] for name in loads.index}
    assert batches["interactive"] < batches["balanced"] < batches["saturated"]
    for name, batch in batches.items():
        assert loads.loc[name, "least_batch"] <= batch <= loads.loc[name, "most_batch"]
    assert filled(model)["batch"] == batches["balanced"], "where nothing is told"
    assert filled(model, {"batch": "low"})["batch"] == batches["interactive"]
    assert filled(model, {"batch": "high"})["batch"] == batches["saturated"]


def test_a_batch_that_follows_fits_beside_the_weights(model) -> None:
    long = filled(model, load="saturated", input_tokens=60_000.0, kv_bytes_per_token_bf16=131_072.0)
    assert 1.0 <= long["batch"] <= (80e9 - 16e9) / (60_200 * 131_072) * (1 + 1e-9)


def test_a_speed_that_is_told_is_kept(model) -> None:
    rows = read_rows(pd.DataFrame([KNOWN | {"tokens_per_s_per_user": 40.0}] * 2))
    full = model.fill(rows)
    assert model.steps(full).step_time_s == pytest.approx(1 / 40.0, rel=0.02)


def test_gpus_hold_as_many_copies_as_they_can_unless_batch_speed_or_quick_answers_are_told(model) -> None:
    for told, count in (
        ({}, 1.0),
        ({"load": "saturated"}, 1.0),
        ({"load": "balanced"}, 1.0),
        ({"load": "interactive"}, 8.0),
        ({"tokens_per_s_per_user": 40.0}, 8.0),
        ({"batch": 64.0}, 8.0),
    ):
        assert filled(model, gpu_count=8, **told)["gpu_count"] == count, told
    large = {"params_active_b": 100.0, "params_total_b": 100.0}
    assert filled(model, load="saturated", gpu_count=8, **large)["gpu_count"] == 4.0, "200 GB x 1.2"


@pytest.mark.parametrize("engine", ["naive", "llama.cpp"])
def test_engines_for_one_user_serve_one_unless_told(model, engine) -> None:
    assert filled(model, engine=engine)["batch"] == 1.0
    assert filled(model, {"batch": "high"}, engine=engine)["batch"] > 1.0
    assert filled(model, engine=engine, load="saturated")["batch"] > 100.0


def test_the_kind_of_attention_tells_the_cache(model) -> None:
    kept = {
        kind: filled(model, attention=kind)["kv_bytes_per_token_bf16"]
        for kind in ("multi-head", "grouped", "latent", "sliding")
    }
    rows = energy_tables.load_attentions()
    for kind, found in kept.items():
        assert found / kept["grouped"] == pytest.approx(rows.loc[kind, "cache_over_grouped"])
    assert filled(model)["kv_bytes_per_token_bf16"] == kept["grouped"]
    assert filled(model, attention="sliding")["kv_window_tokens"] == rows.loc["sliding", "window_tokens"]
    told = filled(model, attention="latent", kv_bytes_per_token_bf16=5e4)
    assert told["kv_bytes_per_token_bf16"] == 5e4


def test_recurrent_state_adds_to_the_cache(model) -> None:
    plain, hybrid = (
        model.steps(model.fill(read_rows(pd.DataFrame([KNOWN | {"batch": 10.0} | more]))))
        for more in ({}, {"state_bytes_per_request": 1e8})
    )
    assert hybrid.kv_bytes - plain.kv_bytes == pytest.approx(10 * 1e8)


def test_a_card_of_ones_own_is_what_its_numbers_say(model) -> None:
    gpus = datasets.load_gpu_specs().loc["A100-PCIe"]
    own = {
        "gpu_tdp_w": gpus["tdp_w"],
        "gpu_memory_gb": gpus["memory_gb"],
        "gpu_bandwidth_gb_s": gpus["bandwidth_gb_s"],
        "gpu_peak_16bit_tflops": gpus["peak_16bit_tflops"],
    }
    known = {"batch": 16.0, "gpu_model": "A100-PCIe", "gpu_count": 2}
    named, mine = (
        model.steps(model.fill(read_rows(pd.DataFrame([KNOWN | known | more]))))
        for more in ({}, own | {"gpu_model": "my card"})
    )
    assert mine.gpu_energy_j_per_output_token == pytest.approx(named.gpu_energy_j_per_output_token)


def test_closed_models_move_between_the_ends_of_their_size(model) -> None:
    rows = read_rows(pd.DataFrame({"model": ["gpt-4o"]}))
    low, value, high = (
        float(model.fill(rows, ends).numbers["params_active_b"][0])
        for ends in ({"closed_size": "low"}, {}, {"closed_size": "high"})
    )
    assert low < value < high
