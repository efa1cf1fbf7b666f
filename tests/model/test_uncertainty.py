import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.uncertainty import Inputs, Sketch, Uncertain, monte_carlo

GRID = {"bins_per_log": 2000, "reach": 40}
TWO = Inputs({"x": Uncertain(0.5, 1.0, 4.0), "y": Uncertain(-1.0, 0.0, 3.0)})


def drawn_together(inputs: Inputs, count: int, seed: int) -> dict[str, np.ndarray]:
    (drawn,) = inputs.draws(count, seed=seed, at_once=count)
    return drawn


def test_draws_have_the_stated_quantiles():
    drawn = drawn_together(TWO, 2**14, seed=1)
    for name, entry in TWO.uncertain.items():
        found = np.quantile(drawn[name], [0.05, 0.5, 0.95])
        assert found == pytest.approx([entry.low, entry.value, entry.high], abs=0.01)


def test_draws_stay_inside_their_bounds_and_a_point_stays_a_point():
    inputs = Inputs({"u": Uncertain(0.4, 0.7, 0.9, 0.01, 1.0), "p": Uncertain(2.0, 2.0, 2.0)})
    drawn = drawn_together(inputs, 4096, seed=3)
    assert drawn["u"].max() <= 1.0
    assert (drawn["u"] == 1.0).any(), "the tail is cut at the bound"
    assert (drawn["p"] == 2.0).all()


@pytest.mark.parametrize("bad", [(2.0, 1.0, 3.0), (0.0, 1.0, 0.5), (float("nan"), 1.0, 2.0)])
def test_ends_out_of_order_are_refused(bad):
    with pytest.raises(ValueError, match="not in order"):
        Uncertain(*bad)
    with pytest.raises(ValueError, match="loading"):
        Uncertain(1.0, 2.0, 3.0, factor="f", loading=1.5)


@given(st.integers(1, 2000), st.integers(1, 400), st.integers(0, 2**32 - 1))
def test_a_stream_is_the_same_however_it_is_split(count, at_once, seed):
    whole = drawn_together(TWO, count, seed)
    parts = list(TWO.draws(count, seed=seed, at_once=at_once))
    assert {len(part["x"]) for part in parts[:-1]} <= {at_once}
    for name, column in whole.items():
        np.testing.assert_array_equal(np.concatenate([part[name] for part in parts]), column)


def test_shared_factors_correlate_and_leave_the_margins_alone():
    inputs = Inputs(
        {
            "a": Uncertain(0.5, 1.0, 2.0, factor="f", loading=0.8),
            "b": Uncertain(0.5, 1.0, 2.0, factor="f", loading=0.8),
            "c": Uncertain(0.5, 1.0, 2.0),
        }
    )
    assert inputs.dimensions == ("a", "b", "c", "factor f")
    drawn = drawn_together(inputs, 2**15, seed=2)
    assert np.corrcoef(np.log(drawn["a"]), np.log(drawn["b"]))[0, 1] == pytest.approx(0.64, abs=0.01)
    assert np.corrcoef(np.log(drawn["a"]), np.log(drawn["c"]))[0, 1] == pytest.approx(0.0, abs=0.01)
    for name in "abc":
        assert np.quantile(drawn[name], [0.05, 0.5, 0.95]) == pytest.approx([0.5, 1.0, 2.0], rel=0.01)


def test_monte_carlo_does_not_depend_on_the_stretches_and_finds_the_quantiles():
    def model(drawn):
        return {"product": drawn["x"] * np.exp(drawn["y"]), "minus": -drawn["x"]}

    found = [
        monte_carlo(TWO, model, draws=2**13, seed=5, at_once=at_once, **GRID) for at_once in (2**13, 1000, 37)
    ]
    exact = model(drawn_together(TWO, 2**13, seed=5))
    for share in (0.05, 0.5, 0.95):
        for name, values in exact.items():
            quantiles = [sketches[name].quantile(share) for sketches in found]
            assert len(set(quantiles)) == 1
            assert quantiles[0] == pytest.approx(np.quantile(values, share), rel=2e-3)


def test_memory_is_bounded_by_the_stretch():
    peaks = []
    for draws in (2**14, 2**18):
        tracemalloc.start()
        monte_carlo(TWO, lambda drawn: {"x": drawn["x"]}, draws=draws, seed=0, at_once=2**12, **GRID)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1, "sixteen times the draws take no more memory"
    assert peaks[1] < 16e6


def test_a_sketch_holds_zero_signs_and_refuses_nonsense():
    sketch = Sketch(**GRID)
    sketch.add(np.array([-2.0, 0.0, 0.0, 3.0]))
    assert sketch.quantile(0.25) == pytest.approx(-2.0, rel=1e-3)
    assert sketch.quantile(0.5) == 0.0
    assert sketch.quantile(1.0) == pytest.approx(3.0, rel=1e-3)
    with pytest.raises(ValueError, match="not a finite number"):
        sketch.add(np.array([np.inf]))


def test_stretches_cover_everything_once():
    assert [len(drawn["x"]) for drawn in TWO.draws(10, seed=0, at_once=4)] == [4, 4, 2]
    assert list(TWO.draws(0, seed=0, at_once=4)) == []


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_one_correlation_holds_between_all_that_share_a_factor_and_leaves_the_rest(correlation):
    entries = {
        "a": Uncertain(0.5, 1.0, 2.0, factor="f", loading=0.8),
        "b": Uncertain(0.5, 1.0, 2.0, factor="f", loading=0.2),
        "c": Uncertain(0.5, 1.0, 2.0),
    }
    inputs = Inputs(entries).correlated(correlation)
    assert inputs.uncertain["c"] == entries["c"]
    drawn = drawn_together(inputs, 2**15, seed=2)
    logs = np.log([drawn[name] for name in "abc"])
    found = np.corrcoef(logs)
    assert found[0, 1] == pytest.approx(correlation, abs=0.01)
    assert np.abs(found[2, :2]).max() < 0.01
    for name in "abc":
        assert np.quantile(drawn[name], [0.05, 0.5, 0.95]) == pytest.approx([0.5, 1.0, 2.0], rel=0.01)
