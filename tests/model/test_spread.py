"""Ratios of prices and of costs, and where they come from."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model import spread
from analysis.model.gpu_hour import gpu_hour_cost

price = st.floats(0.01, 100)
factor = st.floats(0.1, 10.0)


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


ranges = (
    st.lists(price, min_size=3, max_size=3)
    .map(sorted)
    .map(lambda ends: dict(zip(("low", "value", "high"), ends, strict=True)))
)


@given(ranges, ranges)
def test_narrowest_and_widest_bracket_the_rest(top: dict[str, float], base: dict[str, float]) -> None:
    ratio = spread.ratio_range(top, base)
    for one in ratio:
        assert ratio.narrowest <= one * (1 + 1e-12)
        assert one <= ratio.widest * (1 + 1e-12)


@given(ranges, ranges)
def test_the_inverse_ratio_swaps_the_ends(top: dict[str, float], base: dict[str, float]) -> None:
    there, back = spread.ratio_range(top, base), spread.ratio_range(base, top)
    assert there.narrowest * back.widest == pytest.approx(1)
    assert there.mid * back.mid == pytest.approx(1)


@given(st.floats(0, 1), st.floats(1, 100))
def test_cost_ratios_lie_between_one_and_the_tariff_ratio(share: float, ratio: float) -> None:
    for function in (spread.cost_ratio_share_at_expensive_site, spread.cost_ratio_share_at_cheap_site):
        assert 1 - 1e-12 <= function(share, ratio) <= ratio * (1 + 1e-12)
    assert spread.cost_ratio_share_at_expensive_site(share, ratio) <= spread.cost_ratio_share_at_cheap_site(
        share, ratio
    ) * (1 + 1e-12)


def test_cost_ratio_limits() -> None:
    assert spread.cost_ratio_share_at_expensive_site(0.7, math.inf) == pytest.approx(1 / 0.3)
    assert spread.cost_ratio_share_at_cheap_site(0.7, 1.2 / 0.13) == pytest.approx(6.7615, abs=1e-4)


def cost(inputs):
    return inputs["a"] * inputs["b"] + inputs["c"] * inputs["d"] + 1.0


GROUPS = {"A": ("a",), "B": ("b", "c"), "D": ("d",)}
SIDES = st.fixed_dictionaries(dict.fromkeys("abcd", factor))


@given(SIDES, SIDES, st.floats(1.1, 100.0))
def test_parts_sum_to_the_log_ratio_and_equal_the_mean_over_orderings(cheap, dear, ratio):
    parts = spread.explain_log_ratio(cheap=cheap, dear=dear, groups=GROUPS, cost=cost, price_ratio=ratio)
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
    forth = spread.explain_log_ratio(cheap=cheap, dear=dear, groups=GROUPS, cost=cost, price_ratio=2.0)
    back = spread.explain_log_ratio(cheap=dear, dear=cheap, groups=GROUPS, cost=cost, price_ratio=0.5)
    for name, part in forth.items():
        assert back[name] == pytest.approx(-part, abs=1e-12)


@given(factor, factor)
def test_like_factors_have_like_parts(one, other):
    parts = spread.shapley(("x", "y"), lambda changed: np.log(one + other * len(changed)))
    assert parts["x"] == pytest.approx(parts["y"], abs=1e-12)


def test_what_does_not_differ_explains_nothing():
    same = dict.fromkeys("abcd", 2.0)
    parts = spread.explain_log_ratio(
        cheap=same, dear=same | {"a": 4.0}, groups=GROUPS, cost=cost, price_ratio=3.0
    )
    assert parts["B"] == parts["D"] == 0.0
    assert parts["A"] == pytest.approx(np.log(13 / 9))
    assert parts["remainder"] == pytest.approx(np.log(3) - np.log(13 / 9))


def test_arrays_are_split_like_scalars():
    cheap, dear = dict.fromkeys("abcd", 1.0), {name: np.array([1.0, 2.0, 3.0]) for name in "abcd"}
    parts = spread.explain_log_ratio(cheap=cheap, dear=dear, groups=GROUPS, cost=cost, price_ratio=5.0)
    for place, value in enumerate((1.0, 2.0, 3.0)):
        alone = spread.explain_log_ratio(
            cheap=cheap, dear=dict.fromkeys("abcd", value), groups=GROUPS, cost=cost, price_ratio=5.0
        )
        for name, part in alone.items():
            assert np.broadcast_to(parts[name], 3)[place] == pytest.approx(part, abs=1e-12)


def test_bad_groups_are_refused():
    same = dict.fromkeys("abcd", 1.0)
    with pytest.raises(ValueError, match="each input of both sides once"):
        spread.explain_log_ratio(cheap=same, dear=same, groups={"A": ("a",)}, cost=cost, price_ratio=2.0)
    with pytest.raises(ValueError, match="named twice"):
        spread.shapley(("x", "x"), len)


def hour_cost(tariff_usd_per_kwh: float):
    hour = {"gpu_price_usd": 35_000.0, "gpu_life_years": 4.0, "utilisation": 0.5, "gpu_power_kw": 0.8}
    return gpu_hour_cost(**hour, pue=1.25, tariff_usd_per_kwh=tariff_usd_per_kwh)


def test_inverse_questions_come_back_to_the_start():
    cost = hour_cost(0.1)
    kwh = cost.electricity / 0.1
    tariff = spread.tariff_for_ratio(ratio=16.7, cost_usd=cost.total, energy_kwh=kwh, tariff_usd_per_kwh=0.1)
    dear = hour_cost(tariff)
    assert dear.total / cost.total == pytest.approx(16.7)
    assert spread.kwh_per_usd_gap(price_gap_usd=2.0, tariff_gap_usd_per_kwh=0.04) == pytest.approx(50.0)
    assert np.isinf(spread.kwh_per_usd_gap(price_gap_usd=2.0, tariff_gap_usd_per_kwh=[-0.1, 0.0])).all()
