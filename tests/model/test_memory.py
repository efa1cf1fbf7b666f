"""What memory holds, and what a step reads of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.memory import (
    cache_bytes_per_request,
    expert_coverage,
    gpus_needed,
    log_share_unused,
    requests_that_fit,
)


def test_coverage_ends_at_all_experts():
    coverage = expert_coverage(
        params_total=100.0, params_active=10.0, shared_share=0.5, batch=np.array([1.0, 1e6])
    )
    assert coverage == pytest.approx([5 / 95, 1.0])
    assert expert_coverage(params_total=8.0, params_active=8.0, shared_share=0.0, batch=1.0) == 1.0
    assert log_share_unused(params_total=8.0, params_active=8.0, shared_share=0.3) == -np.inf


@given(st.floats(1.0, 1e5), st.floats(0.0, 1e5), st.floats(0.0, 1e5))
def test_a_window_keeps_no_more_than_the_whole_context(window, prompt, answer):
    lengths = {"input_tokens": prompt, "output_tokens": answer}
    whole = cache_bytes_per_request(**lengths, kv_bytes_per_token=100.0)
    windowed = cache_bytes_per_request(
        **lengths, kv_bytes_per_token=40.0, window_bytes_per_token=60.0, window_tokens=window
    )
    assert 0.4 * whole <= windowed * (1 + 1e-12)
    assert windowed <= whole * (1 + 1e-12)


def test_state_is_kept_whatever_the_length():
    kept = {"output_tokens": 0.0, "kv_bytes_per_token": 0.0, "state_bytes": 7.0}
    assert cache_bytes_per_request(input_tokens=1.0, **kept) == 7.0
    assert cache_bytes_per_request(input_tokens=1e6, **kept) == 7.0


def test_gpus_come_in_powers_of_two_and_hold_what_they_must():
    sizes = np.array([1e9, 80e9, 300e9, 1.6e12])
    found = gpus_needed(weight_bytes=sizes, cache_bytes=0.0, memory_b=80e9, headroom=1.2)
    assert found.tolist() == [1.0, 2.0, 8.0, 32.0]
    with_cache = gpus_needed(weight_bytes=sizes, cache_bytes=100e9, memory_b=80e9, headroom=1.2)
    assert with_cache.tolist() == [2.0, 4.0, 8.0, 32.0]


def test_no_request_fits_where_the_weights_do_not():
    room = {"request_bytes": 1e6, "memory_b": 80e9, "gpu_count": 1.0}
    assert requests_that_fit(weight_bytes=90e9, **room) == 0.0
    assert requests_that_fit(weight_bytes=79e9, **room) == pytest.approx(1000.0)
