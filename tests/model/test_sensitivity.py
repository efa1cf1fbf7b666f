from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.sensitivity import greatest_corner, sobol_indices, tornado
from analysis.model.uncertainty import Inputs, Uncertain

TWO = Inputs({"x": Uncertain(0.5, 1.0, 4.0), "y": Uncertain(-1.0, 0.0, 3.0)})


def test_a_tornado_by_hand():
    bars = tornado(TWO, lambda values: values["x"] + 10.0 * values["y"])
    assert list(bars) == ["y", "x"]
    assert bars["y"] == (1.0 - 10.0, 1.0 + 30.0)
    assert bars["x"] == (0.5, 4.0)


def test_an_input_without_effect_has_both_ends_at_the_values_exactly():
    inputs = Inputs({**TWO.uncertain, "nothing": Uncertain(1.0, 3.0, 7.0)})
    bars = tornado(inputs, lambda at: at["x"] * (0.1 * at["nothing"] / at["nothing"]))
    assert bars["nothing"].at_low == bars["nothing"].at_high == pytest.approx(0.1)
    assert next(iter(bars)) == "x"


slopes = st.lists(st.floats(-3.0, 3.0), min_size=4, max_size=4)


@given(slopes, st.lists(st.floats(-1.0, 1.0), min_size=6, max_size=6))
def test_no_single_move_raises_the_corner_and_no_start_is_higher(own, twists):
    inputs = Inputs({name: Uncertain(-1.0, 0.0, 1.0) for name in "wxyz"})
    pairs = list(combinations("wxyz", 2))

    def output(at):
        alone = sum(slope * at[name] for slope, name in zip(own, "wxyz", strict=True))
        return alone + sum(t * at[one] * at[two] for t, (one, two) in zip(twists, pairs, strict=True))

    corner = greatest_corner(inputs, output)
    reached = output(corner)
    for name in "wxyz":
        for end in (-1.0, 1.0):
            assert output(corner | {name: end}) <= reached + 1e-6
    for start in (-1.0, 1.0):
        assert output(dict.fromkeys("wxyz", start)) <= reached + 1e-6
    if not any(twists):  # then it is the sum of the sizes
        assert reached == pytest.approx(sum(map(abs, own)), abs=1e-6)


def test_the_corner_takes_both_inputs_that_help_only_together():
    """By itself no end is better; together the high ends give 4, the low ends 1."""
    inputs = Inputs({"x": Uncertain(-1.0, 0.0, 2.0), "y": Uncertain(-1.0, 0.0, 2.0)})
    assert greatest_corner(inputs, lambda at: at["x"] * at["y"]) == {"x": 2.0, "y": 2.0}


def test_an_input_without_effect_stays_at_its_value_in_the_corner():
    inputs = Inputs({**TWO.uncertain, "nothing": Uncertain(1.0, 3.0, 7.0)})
    corner = greatest_corner(inputs, lambda at: at["x"] - at["y"] + 0.0 * at["nothing"])
    assert corner == {"x": 4.0, "y": -1.0, "nothing": 3.0}


def test_sobol_indices_of_the_ishigami_function():
    """Known in closed form: a = 7, b = 0.1 on (-pi, pi)."""

    def ishigami(cube):
        x, y, z = np.pi * (2.0 * cube - 1.0)
        return np.sin(x) + 7.0 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)

    found = sobol_indices(("x", "y", "z"), ishigami, points=2**12, seed=0, confidence=0.95, resamples=200)
    variance = 7**2 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 0.5
    first = [0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2 / variance, 7**2 / 8 / variance, 0.0]
    with_z = 8 * 0.01 * np.pi**8 / 225 / variance
    total = [first[0] + with_z, first[1], with_z]
    for index, alone, whole in zip(found.values(), first, total, strict=True):
        assert index.first == pytest.approx(alone, abs=0.01)
        assert index.total == pytest.approx(whole, abs=0.01)
        assert index.first_low - 0.01 <= alone <= index.first_high + 0.01
        assert index.total_low - 0.01 <= whole <= index.total_high + 0.01


def test_indices_and_their_intervals_are_the_same_every_time():
    def run():
        return sobol_indices(
            ("x", "y"),
            lambda cube: cube[0] + cube[0] * cube[1],
            points=256,
            seed=4,
            confidence=0.9,
            resamples=50,
        )

    assert run() == run()
    interval = run()["x"]
    assert interval.first_low < interval.first < interval.first_high


def test_a_dimension_without_effect_has_index_zero_and_no_warning():
    found = sobol_indices(
        ("x", "nothing"), lambda cube: cube[0], points=256, seed=1, confidence=0.9, resamples=50
    )
    assert set(found["nothing"]) == {0.0}
    assert found["nothing"].total == found["nothing"].total_low == found["nothing"].total_high == 0.0
    assert found["x"].first == pytest.approx(1.0, abs=0.02)


def test_rounding_noise_is_no_index():
    found = sobol_indices(
        ("x", "noise"),
        lambda cube: cube[0] + 1e-16 * cube[1],
        points=256,
        seed=1,
        confidence=0.9,
        resamples=50,
    )
    assert set(found["noise"]) == {0.0}
