"""Five ways to count what a tariff gap does, each by hand on small round numbers."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model.gpu_hour import GpuHourCost
from analysis.model.spread import explain_log_ratio
from analysis.model.tariff_effect import added_usd, tariff_effects

HOME = GpuHourCost(electricity=2.0, hardware=10.0, network=1.0, facility=1.0, other=2.0, total=16.0)
AWAY = GpuHourCost(electricity=18.0, hardware=20.0, network=2.0, facility=2.0, other=2.0, total=44.0)
CASE = {"cheap": HOME, "dear": AWAY, "tariff_ratio": 3.0}


def test_the_same_model_at_the_other_tariff_by_hand() -> None:
    """Two dollars of electricity in sixteen become six: 20 / 16."""
    assert tariff_effects(all_orders=1.0, **CASE).moved == 1.25
    assert added_usd(**CASE)["moved"] == 4.0


def test_the_whole_bill_by_hand() -> None:
    """Eighteen dollars of electricity in place of two: 32 / 16."""
    assert tariff_effects(all_orders=1.0, **CASE).bill == 2.0
    assert added_usd(**CASE)["bill"] == 16.0


def test_running_cost_alone_by_hand() -> None:
    """Electricity and staff, four dollars, become eight."""
    assert tariff_effects(all_orders=1.0, **CASE).cash == 2.0


def test_electricity_alone_is_the_ratio_of_the_tariffs() -> None:
    assert tariff_effects(all_orders=1.0, **CASE).electricity == 3.0


def test_all_orders_by_hand() -> None:
    """Cost 1 + tariff x energy, the tariff from 1 to 3 and energy from 1 to 7, in the two orders.

    Tariff first: 4 / 2; energy first: 22 / 8. Their geometric mean is the tariff's factor, and the rest
    of the cost ratio 22 / 2 is energy's.
    """
    parts = explain_log_ratio(
        cheap={"tariff": 1.0, "energy": 1.0},
        dear={"tariff": 3.0, "energy": 7.0},
        groups={"tariff": ["tariff"], "energy": ["energy"]},
        cost=lambda at: 1.0 + at["tariff"] * at["energy"],
        price_ratio=11.0,
    )
    factor = np.exp(parts["tariff"])
    assert factor == pytest.approx(np.sqrt(2.0 * 22.0 / 8.0))
    assert factor * np.exp(parts["energy"]) == pytest.approx(11.0)
    assert tariff_effects(all_orders=factor, **CASE).all_orders == factor


money = st.floats(0.01, 100.0)


@given(money, money, money, st.floats(1.0, 20.0))
def test_the_fewer_costs_count_the_more_the_tariff_weighs(electricity, other, hardware, ratio) -> None:
    home = GpuHourCost(electricity, hardware, 0.0, 0.0, other, electricity + other + hardware)
    found = tariff_effects(all_orders=1.0, cheap=home, dear=home, tariff_ratio=ratio)
    ordered = [1.0, found.moved, found.cash, found.electricity]
    assert all(left <= right * (1 + 1e-12) for left, right in pairwise(ordered))
    assert found.bill == pytest.approx(1.0)


def test_equal_tariffs_move_nothing() -> None:
    found = tariff_effects(all_orders=1.0, cheap=HOME, dear=AWAY, tariff_ratio=1.0)
    assert (found.moved, found.cash, found.electricity) == (1.0, 1.0, 1.0)
    assert added_usd(cheap=HOME, dear=AWAY, tariff_ratio=1.0)["moved"] == 0.0


def test_arrays_equal_loops_of_scalars() -> None:
    ratios = np.array([0.5, 1.0, 4.0])
    together = tariff_effects(all_orders=ratios, cheap=HOME, dear=AWAY, tariff_ratio=ratios)
    for place, ratio in enumerate(ratios):
        alone = tariff_effects(all_orders=ratio, cheap=HOME, dear=AWAY, tariff_ratio=ratio)
        assert [np.broadcast_to(part, 3)[place] for part in together] == pytest.approx(list(alone))
