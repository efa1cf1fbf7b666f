from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.decomposition import explain_log_ratio, shapley

factor = st.floats(0.1, 10.0)


def cost(inputs):
    return inputs["a"] * inputs["b"] + inputs["c"] * inputs["d"] + 1.0


GROUPS = {"A": ("a",), "B": ("b", "c"), "D": ("d",)}
SIDES = st.fixed_dictionaries(dict.fromkeys("abcd", factor))


@given(SIDES, SIDES, st.floats(1.1, 100.0))
def test_parts_sum_to_the_log_ratio_and_equal_the_mean_over_orderings(cheap, dear, ratio):
    parts = explain_log_ratio(cheap=cheap, dear=dear, groups=GROUPS, cost=cost, price_ratio=ratio)
    assert sum(parts.values()) == pytest.approx(np.log(ratio), abs=1e-12)
    steps = dict.fromkeys(GROUPS, 0.0)
    for order in permutations(GROUPS):
        side = dict(cheap)
        for group in order:
            before = np.log(cost(side))
            side |= {name: dear[name] for name in GROUPS[group]}
            steps[group] += (np.log(cost(side)) - before) / 6
    for group, step in steps.items():
        assert parts[group] == pytest.approx(step, abs=1e-12)


@given(SIDES, SIDES)
def test_the_other_direction_has_the_opposite_parts(cheap, dear):
    forth = explain_log_ratio(cheap=cheap, dear=dear, groups=GROUPS, cost=cost, price_ratio=2.0)
    back = explain_log_ratio(cheap=dear, dear=cheap, groups=GROUPS, cost=cost, price_ratio=0.5)
    for name, part in forth.items():
        assert back[name] == pytest.approx(-part, abs=1e-12)


@given(factor, factor)
def test_like_factors_have_like_parts(one, other):
    parts = shapley(("x", "y"), lambda changed: np.log(one + other * len(changed)))
    assert parts["x"] == pytest.approx(parts["y"], abs=1e-12)


def test_what_does_not_differ_explains_nothing():
    same = dict.fromkeys("abcd", 2.0)
    parts = explain_log_ratio(cheap=same, dear=same | {"a": 4.0}, groups=GROUPS, cost=cost, price_ratio=3.0)
    assert parts["B"] == parts["D"] == 0.0
    assert parts["A"] == pytest.approx(np.log(13 / 9))
    assert parts["remainder"] == pytest.approx(np.log(3) - np.log(13 / 9))


def test_arrays_are_split_like_scalars():
    cheap, dear = dict.fromkeys("abcd", 1.0), {name: np.array([1.0, 2.0, 3.0]) for name in "abcd"}
    parts = explain_log_ratio(cheap=cheap, dear=dear, groups=GROUPS, cost=cost, price_ratio=5.0)
    for place, value in enumerate((1.0, 2.0, 3.0)):
        alone = explain_log_ratio(
            cheap=cheap, dear=dict.fromkeys("abcd", value), groups=GROUPS, cost=cost, price_ratio=5.0
        )
        for name, part in alone.items():
            assert np.broadcast_to(parts[name], 3)[place] == pytest.approx(part, abs=1e-12)


def test_bad_groups_are_refused():
    same = dict.fromkeys("abcd", 1.0)
    with pytest.raises(ValueError, match="each input of both sides once"):
        explain_log_ratio(cheap=same, dear=same, groups={"A": ("a",)}, cost=cost, price_ratio=2.0)
    with pytest.raises(ValueError, match="named twice"):
        shapley(("x", "x"), len)
