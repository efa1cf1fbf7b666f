"""Token price spreads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model import spread

price = st.floats(0.01, 100)


def test_blended_by_hand() -> None:
    """Three input tokens at 5 and one output token at 25: 40 / 4 = 10."""
    assert spread.blended_price(input_price=5, output_price=25, input_tokens_per_output_token=3) == 10


def test_blended_with_cache_by_hand() -> None:
    """Of three input tokens half at 0.5, half at 5; one output at 25: (7.5 + 0.75 + 25) / 4 = 8.3125."""
    blended = spread.blended_price(
        input_price=5, output_price=25, cached_price=0.5, cached_share=0.5, input_tokens_per_output_token=3
    )
    assert blended == 8.3125


@given(price, price, st.floats(0, 1e4), st.floats(0, 1))
def test_blended_lies_between_its_parts(
    input_price: float, output_price: float, mix: float, cached: float
) -> None:
    blended = spread.blended_price(
        input_price=input_price,
        output_price=output_price,
        cached_price=input_price,
        cached_share=cached,
        input_tokens_per_output_token=mix,
    )
    ends = sorted((input_price, output_price))
    assert ends[0] * (1 - 1e-9) <= blended <= ends[1] * (1 + 1e-9)


def test_no_input_is_the_output_price() -> None:
    assert spread.blended_price(input_price=1, output_price=7, input_tokens_per_output_token=0) == 7


def test_arrays_equal_loops_of_scalars() -> None:
    inputs, outputs = np.array([1.0, 2.0]), np.array([4.0, 9.0])
    looped = [
        spread.blended_price(input_price=i, output_price=o, input_tokens_per_output_token=3)
        for i, o in zip(inputs, outputs, strict=True)
    ]
    together = spread.blended_price(input_price=inputs, output_price=outputs, input_tokens_per_output_token=3)
    assert together.tolist() == looped


def test_pairings_name_the_claim() -> None:
    us, china = (
        {"input": 5.0, "output": 25.0},
        {"input (low)": 0.3, "input (high)": 0.5, "output (high)": 1.2},
    )
    found = spread.pairings(us, china, claim=16.7)
    assert len(found) == 6
    assert (found[0].dividend, found[0].divisor) == ("input", "input (low)")
    assert found[0].ratio == pytest.approx(50 / 3)
    assert [abs(pair.deviation) for pair in found] == sorted(abs(pair.deviation) for pair in found)
