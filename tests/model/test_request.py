"""A request and its tokens: prefill and decode together."""

import numpy as np
import pytest

from analysis.model.request import token_energy
from tests.model.test_decode_step import DENSE, IDEAL, step
from tests.model.test_prefill import read


def test_a_request_is_its_prefill_and_its_share_of_the_steps():
    found, steps, prompt = token_energy(DENSE, IDEAL), step(), read()
    decode = steps.power_ratio * 1000 * steps.time_s / 10
    prefill = prompt.power_ratio * 1000 * prompt.time_s
    assert found.decode_energy_j_per_output_token == pytest.approx(decode)
    assert found.prefill_energy_j_per_output_token == pytest.approx(prefill / 400)
    assert found.prefill_energy_j_per_input_token == pytest.approx(prefill / 100)
    assert found.gpu_energy_j_per_request == pytest.approx(400 * decode + prefill)
    assert found.gpu_energy_j_per_output_token == pytest.approx(decode + prefill / 400)
    assert found.step_time_s == pytest.approx(steps.time_s + 10 / 400 * prompt.time_s)
    assert found.output_tokens_per_gpu_second == pytest.approx(10 / found.step_time_s)
    assert found.prefill_tokens_per_gpu_second == pytest.approx(100 / prompt.time_s)
    seconds = 400 * steps.time_s / 10 + prompt.time_s
    assert found.gpu_power_w == pytest.approx((400 * decode + prefill) / seconds)


def test_without_an_answer_a_request_is_its_prefill():
    found = token_energy(DENSE._replace(output_tokens=0.0), IDEAL)
    assert found.gpu_energy_j_per_request == pytest.approx(1000 * read().power_ratio * read().time_s)
    assert np.isnan(found.gpu_energy_j_per_output_token)
    assert np.isnan(found.decode_energy_j_per_output_token)
    assert found.gpu_power_ratio == pytest.approx(float(read().power_ratio))


def test_a_cached_prompt_costs_nothing_and_has_no_energy_of_a_fresh_token():
    found = token_energy(DENSE._replace(cached_tokens=100.0), IDEAL)
    assert found.prefill_energy_j_per_output_token == 0.0
    assert np.isnan(found.prefill_energy_j_per_input_token)
    assert found.gpu_energy_j_per_output_token == found.decode_energy_j_per_output_token


def test_guessing_several_tokens_saves_energy():
    one, three = (
        token_energy(DENSE._replace(tokens_per_step=kept), IDEAL).decode_energy_j_per_output_token
        for kept in (1.0, 3.0)
    )
    assert one / 3 < three < one / 2, "reading is shared by three, multiplying is not"


def test_each_phase_keeps_to_the_rated_power():
    hot = IDEAL._replace(power_prefill=2.0, power_memory=2.0)
    found = token_energy(DENSE, hot)
    assert found.decode_power_ratio == found.prefill_power_ratio == found.gpu_power_ratio == 1.0
