"""What a tariff gap saves, implies and pays."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model import gpu_offset


def test_implied_purchase_by_hand() -> None:
    """23 million x 5 / 0.15 = 766.67 million."""
    assert gpu_offset.implied_purchase(23e6, 5, 0.15) == pytest.approx(766_666_666.67, abs=0.01)


@pytest.mark.parametrize(
    ("dear", "cheap", "gwh", "megawatt"),
    [  # 23 / 0.5 = 46.0 GWh, / 8.766 = 5.248 MW; 23 / 0.785 = 29.30; 23 / 1.07 = 21.50
        (0.8, 0.3, 46.0, 5.2475),
        (1.0, 0.215, 29.2994, 3.3424),
        (1.2, 0.13, 21.4953, 2.4521),
    ],
)
def test_implied_load_by_hand(dear: float, cheap: float, gwh: float, megawatt: float) -> None:
    energy = gpu_offset.implied_energy(23e6, dear_tariff=dear, cheap_tariff=cheap)
    assert energy == pytest.approx(gwh, abs=1e-4)
    assert gpu_offset.mean_load_mw(energy) == pytest.approx(megawatt, abs=1e-4)


@pytest.mark.parametrize(("dear", "cheap"), [(0.3, 0.3), (0.2, 0.3)])
def test_without_a_gap_no_load_is_implied(dear: float, cheap: float) -> None:
    assert math.isnan(gpu_offset.implied_energy(23e6, dear_tariff=dear, cheap_tariff=cheap))


def test_electricity_share_by_hand() -> None:
    """29.3 GWh x 0.215 x 5 = 31.5 million of 798.2 million: 3.9 %; at 1.0 it is 146.5 of 913.2: 16.0 %."""
    common = {"energy_gwh_per_year": 23 / 0.785, "purchase": 23e6 * 5 / 0.15, "years": 5}
    assert gpu_offset.electricity_share(tariff=0.215, **common) == pytest.approx(0.03946, abs=1e-5)
    assert gpu_offset.electricity_share(tariff=1.0, **common) == pytest.approx(0.16043, abs=1e-5)


@given(st.floats(0.1, 1000), st.floats(0.01, 5), st.floats(1e6, 1e12), st.integers(1, 40))
def test_a_share_is_a_share(energy: float, tariff: float, purchase: float, years: int) -> None:
    share = gpu_offset.electricity_share(
        energy_gwh_per_year=energy, tariff=tariff, purchase=purchase, years=years
    )
    assert 0 < share < 1


@given(st.floats(0.1, 100), st.floats(0, 2), st.floats(0, 2), st.integers(1, 40), st.floats(0, 1))
def test_savings_change_sign_with_the_gap(
    energy: float, dear: float, cheap: float, years: int, rate: float
) -> None:
    common = {"energy_gwh_per_year": energy, "purchase": 1e8, "horizon_years": years, "discount_rate": rate}
    there = gpu_offset.offset(dear_tariff=dear, cheap_tariff=cheap, **common)
    back = gpu_offset.offset(dear_tariff=cheap, cheap_tariff=dear, **common)
    assert there.savings_present_value == -back.savings_present_value
    assert abs(there.savings_present_value) <= abs(there.savings_undiscounted) * (1 + 1e-12)


def test_the_claim_closes_on_itself() -> None:
    """The implied load and purchase give back the claimed share over the claimed years."""
    energy = gpu_offset.implied_energy(23e6, dear_tariff=1.0, cheap_tariff=0.215)
    result = gpu_offset.offset(
        energy_gwh_per_year=energy,
        dear_tariff=1.0,
        cheap_tariff=0.215,
        purchase=gpu_offset.implied_purchase(23e6, 5, 0.15),
        horizon_years=5,
        discount_rate=0.0,
    )
    assert result.offset_share == pytest.approx(0.15)


def test_accelerators_by_hand() -> None:
    """3.342 MW / (1.275 kW x 1.2) = 2184."""
    assert gpu_offset.accelerator_count(3.3424, power_kw=1.275, pue=1.2) == pytest.approx(2184.6, abs=0.1)
