"""Reading a prompt: its work, its passes, its own power."""

import numpy as np
import pytest

from analysis.model.decode_step import common_terms
from analysis.model.energy_model import EnergyModel
from analysis.model.evidence import evidence
from analysis.model.prefill import attention_flop_per_token, prefill
from analysis.model.read_rows import read_rows
from tests.model.test_decode_step import DENSE, IDEAL


def read(setup=DENSE, **coefficients):
    chosen = IDEAL._replace(**coefficients)
    return prefill(setup, chosen, common_terms(setup, chosen))


WIDTH = np.sqrt(10e9 / (12 * 40))


def test_a_prompt_by_hand():
    """Ten prompts of 100 tokens are read in one pass, so that each pays a tenth of the weights."""
    found = read()
    assert found.weight_time_s == pytest.approx(0.1 * 0.020)
    flop = 100 * (2 * 10e9 + 4 * 40 * WIDTH * 50)
    assert found.compute_time_s == pytest.approx(flop / 1e15)
    assert found.time_s == pytest.approx(0.1 * 0.020 + flop / 1e15)
    busy = 0.5 * 0.1 * 0.020 + 0.6 * flop / 1e15
    assert found.power_ratio == pytest.approx(0.2 + busy / found.time_s)


def test_attention_grows_with_the_square_of_the_prompt():
    short, long = (attention_flop_per_token(DENSE._replace(input_tokens=n), WIDTH) for n in (1e3, 4e3))
    assert long == pytest.approx(4 * short)


def test_what_is_cached_is_attended_to_but_not_read():
    half = DENSE._replace(input_tokens=200.0, cached_tokens=100.0)
    flop = 100 * (2 * 10e9 + 4 * 40 * WIDTH * 150)
    assert read(half).compute_time_s == pytest.approx(flop / 1e15)
    nothing = read(DENSE._replace(cached_tokens=100.0), sequence_overhead_s=1.0)
    assert nothing.time_s == 0.0


def test_a_long_prompt_takes_several_passes():
    long = DENSE._replace(input_tokens=81_920.0, batch=1.0)
    assert read(long, layer_overhead_s=1e-3).layer_time_s == pytest.approx(10 * 40 * 1e-3)
    assert read(long).weight_time_s == pytest.approx(10 * 0.020)


def test_its_power_is_capped_on_its_own():
    assert read(DENSE._replace(batch=1e4), power_prefill=3.0).power_ratio == 1.0
    assert read(DENSE._replace(batch=1e4)).power_ratio == pytest.approx(0.8, abs=0.02)


def test_published_rates_are_met_within_half_again():
    model, rows = EnergyModel.load(), evidence().prefill
    found = model.steps(model.fill(read_rows(rows))).prefill_tokens_per_gpu_second
    assert (np.abs(np.log(found / rows["value"])) < np.log(1.5)).all()


def test_an_input_token_costs_what_was_measured():
    """DeepSeek V4 on B200: 0.075 to 0.077 J of the GPUs for an input token."""
    model, rows = EnergyModel.load(), evidence().prefill
    rows = rows[rows["model"].str.contains("V4")]
    steps = model.steps(model.fill(read_rows(rows)))
    assert steps.prefill_energy_j_per_input_token == pytest.approx(0.076, rel=0.1)
