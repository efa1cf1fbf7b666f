"""The batch that follows from the speed that users want."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.request import token_energy
from analysis.model.serving import largest_batch
from tests.model.test_decode_step import DENSE, FITTED, IDEAL, setups

FREE = DENSE._replace(input_tokens=0.0)


def batch(setup, speed, most=1e4, coefficients=IDEAL):
    return float(
        largest_batch(setup, coefficients, tokens_per_s_per_user=np.array(speed), most=np.array(most))
    )


def test_the_batch_by_hand():
    """A step may last 40 ms; 20 go to the weights, 30 + 20 us to each request: 400 requests."""
    assert batch(FREE, 25.0) == pytest.approx(20e-3 / (30e-6 + 20e-6), rel=0.01)


def test_any_speed_will_do_means_as_many_as_there_may_be():
    assert batch(DENSE, 0.0, most=300.0) == 300.0
    assert batch(DENSE, 1.0, most=300.0) == 300.0


def test_one_request_is_served_however_slowly():
    assert batch(DENSE, 1e6) == 1.0
    assert batch(DENSE, 1e6, most=0.2) == 1.0


@given(setups(), st.floats(1.0, 200.0))
def test_a_step_is_as_fast_as_asked_for_and_a_larger_batch_would_not_be(setup, speed):
    found = batch(setup, speed, coefficients=FITTED)
    allowed = setup.tokens_per_step / speed
    chunked = setup._replace(batch=found)
    if found > 1.0:
        # prefill of few short prompts shares its passes among fewer requests than the search assumes
        steps = token_energy(chunked, FITTED)
        decode_s = steps.step_time_s - steps.prefill_time_s
        assert decode_s <= allowed * 1.001
    if found < 1e4:
        slower = token_energy(setup._replace(batch=found * 1.05 + 0.01), FITTED).step_time_s
        assert slower >= allowed * 0.999


@given(setups(), st.floats(1.0, 100.0), st.floats(1.0, 10.0))
def test_faster_readers_are_served_in_smaller_batches(setup, speed, factor):
    slow, fast = (batch(setup, one, coefficients=FITTED) for one in (speed, speed * factor))
    assert fast <= slow * (1 + 1e-9)
