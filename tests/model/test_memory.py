"""What fits into memory, and what a step reads of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.memory import expert_coverage, gpus_needed, requests_that_fit

sizes = st.floats(0.5, 500.0)


def test_a_model_fits_on_the_gpus_it_is_given_and_not_on_half_of_them():
    memory_b, headroom = 80e9, 1.2
    for weight_bytes in (1e9, 80e9, 66.6e9, 66.7e9, 671e9, 2e12):
        count = float(gpus_needed(weight_bytes=weight_bytes, memory_b=memory_b, headroom=headroom))
        assert np.log2(count).is_integer()
        assert count * memory_b >= weight_bytes * headroom
        assert count == 1.0 or count / 2 * memory_b < weight_bytes * headroom


def test_no_request_fits_beside_weights_that_do_not():
    room = {"request_bytes": 1e9, "memory_b": 80e9, "gpu_count": np.array([1.0, 2.0])}
    assert requests_that_fit(weight_bytes=100e9, **room).tolist() == [0.0, 60.0]


@given(sizes, st.floats(1.0, 30.0), st.floats(0.0, 0.9), st.floats(1.0, 1e4))
def test_coverage_grows_with_the_batch_from_the_active_share_to_all(active, ratio, shared, batch):
    total = active * ratio
    of = {"params_total": total, "params_active": active, "shared_share": shared}
    one, some, all_ = (float(expert_coverage(batch=number, **of)) for number in (1.0, batch, 1e9))
    assert one <= some + 1e-12
    assert some <= all_ + 1e-12
    assert all_ == pytest.approx(1.0)
    if ratio > 1.0:
        assert one == pytest.approx(active * (1 - shared) / (total - active * shared))
