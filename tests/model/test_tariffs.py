"""Delivered prices, VAT, and what a gap between tariffs is worth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model import tariffs

price = st.floats(0.01, 10)
share = st.floats(0, 0.9)


def test_hubei_all_in_price_by_hand() -> None:
    """0.38447 + 0.013643 + 0.0884 + 0.082273 + 0.0452 = 0.613986; 39 / (730.5 x 0.9) = 0.059320."""
    parts = tariffs.delivered_price(
        energy_per_kwh=0.38447,
        loss_per_kwh=0.013643,
        t_and_d_per_kwh=0.0884,
        system_per_kwh=0.082273,
        funds_per_kwh=0.0452,
        demand_charge_per_kw_month=39.0,
        load_factor=0.9,
    )
    assert parts.demand == pytest.approx(0.059320, abs=5e-7)
    assert parts.total == pytest.approx(0.613986 + 0.059320, abs=1e-6)


def test_loss_by_hand() -> None:
    """One delivered kWh at 2.81 % loss needs 1 / 0.9719 kWh: 0.2443 x 0.028912 = 0.007063."""
    assert tariffs.loss_per_kwh(0.2443, 0.0281) == pytest.approx(0.007063, abs=1e-6)


def test_vat_by_hand() -> None:
    """(0.62 - 0.027) / 1.13 + 0.027 = 0.551779."""
    assert tariffs.without_vat(0.62, funds_per_kwh=0.027, vat_rate=0.13) == pytest.approx(0.551779, abs=1e-6)


@given(price, price, share)
def test_vat_can_be_put_back(net: float, funds: float, rate: float) -> None:
    gross = net * (1 + rate) + funds
    assert tariffs.without_vat(gross, funds_per_kwh=funds, vat_rate=rate) == pytest.approx(net + funds)


@given(price, share)
def test_energy_lost_and_delivered_is_energy_bought(energy: float, rate: float) -> None:
    assert energy + tariffs.loss_per_kwh(energy, rate) == pytest.approx(energy / (1 - rate))


@given(st.lists(price, min_size=5, max_size=5), price, st.floats(0.1, 1))
def test_parts_sum_to_the_total(parts: list[float], charge: float, factor: float) -> None:
    names = ("energy_per_kwh", "loss_per_kwh", "t_and_d_per_kwh", "system_per_kwh", "funds_per_kwh")
    result = tariffs.delivered_price(
        **dict(zip(names, parts, strict=True)), demand_charge_per_kw_month=charge, load_factor=factor
    )
    assert result.total == pytest.approx(sum(result[:-1]))


def test_a_flatter_load_pays_less_for_demand() -> None:
    parts = dict.fromkeys(("energy", "loss", "t_and_d", "system", "funds"), 0.1)
    price = tariffs.delivered_price(
        **{f"{name}_per_kwh": value for name, value in parts.items()},
        demand_charge_per_kw_month=30.0,
        load_factor=np.linspace(0.3, 1.0, 8),
    )
    assert (np.diff(price.demand) < 0).all()
    assert (np.diff(price.total) < 0).all()


def test_arrays_equal_loops_of_scalars() -> None:
    energy, rate = np.array([0.2, 0.3, 0.4]), np.array([0.01, 0.03, 0.05])
    looped = [tariffs.loss_per_kwh(e, r) for e, r in zip(energy, rate, strict=True)]
    assert tariffs.loss_per_kwh(energy, rate).tolist() == looped


def test_midrange() -> None:
    assert tariffs.midrange([0.35, 0.35, 0.398, 0.4]) == pytest.approx(0.375)


def test_implied_purchase_by_hand() -> None:
    """23 million x 5 / 0.15 = 766.67 million."""
    assert tariffs.implied_purchase(23e6, 5, 0.15) == pytest.approx(766_666_666.67, abs=0.01)


@pytest.mark.parametrize(
    ("dear", "cheap", "gwh", "megawatt"),
    [  # 23 / 0.5 = 46.0 GWh, / 8.766 = 5.248 MW; 23 / 0.785 = 29.30; 23 / 1.07 = 21.50
        (0.8, 0.3, 46.0, 5.2475),
        (1.0, 0.215, 29.2994, 3.3424),
        (1.2, 0.13, 21.4953, 2.4521),
    ],
)
def test_implied_load_by_hand(dear: float, cheap: float, gwh: float, megawatt: float) -> None:
    energy = tariffs.implied_energy(23e6, dear_tariff=dear, cheap_tariff=cheap)
    assert energy == pytest.approx(gwh, abs=1e-4)
    assert tariffs.mean_load_mw(energy) == pytest.approx(megawatt, abs=1e-4)


@pytest.mark.parametrize(("dear", "cheap"), [(0.3, 0.3), (0.2, 0.3)])
def test_without_a_gap_no_load_is_implied(dear: float, cheap: float) -> None:
    assert math.isnan(tariffs.implied_energy(23e6, dear_tariff=dear, cheap_tariff=cheap))


def test_electricity_share_by_hand() -> None:
    """29.3 GWh x 0.215 x 5 = 31.5 million of 798.2 million: 3.9 %; at 1.0 it is 146.5 of 913.2: 16.0 %."""
    common = {"energy_gwh_per_year": 23 / 0.785, "purchase": 23e6 * 5 / 0.15, "years": 5}
    assert tariffs.electricity_share(tariff=0.215, **common) == pytest.approx(0.03946, abs=1e-5)
    assert tariffs.electricity_share(tariff=1.0, **common) == pytest.approx(0.16043, abs=1e-5)


@given(st.floats(0.1, 1000), st.floats(0.01, 5), st.floats(1e6, 1e12), st.integers(1, 40))
def test_a_share_is_a_share(energy: float, tariff: float, purchase: float, years: int) -> None:
    share = tariffs.electricity_share(
        energy_gwh_per_year=energy, tariff=tariff, purchase=purchase, years=years
    )
    assert 0 < share < 1


@given(st.floats(0.1, 100), st.floats(0, 2), st.floats(0, 2), st.integers(1, 40), st.floats(0, 1))
def test_savings_change_sign_with_the_gap(
    energy: float, dear: float, cheap: float, years: int, rate: float
) -> None:
    common = {"energy_gwh_per_year": energy, "purchase": 1e8, "horizon_years": years, "discount_rate": rate}
    there = tariffs.offset(dear_tariff=dear, cheap_tariff=cheap, **common)
    back = tariffs.offset(dear_tariff=cheap, cheap_tariff=dear, **common)
    assert there.savings_present_value == -back.savings_present_value
    assert abs(there.savings_present_value) <= abs(there.savings_undiscounted) * (1 + 1e-12)


def test_the_claim_closes_on_itself() -> None:
    """The implied load and purchase give back the claimed share over the claimed years."""
    energy = tariffs.implied_energy(23e6, dear_tariff=1.0, cheap_tariff=0.215)
    result = tariffs.offset(
        energy_gwh_per_year=energy,
        dear_tariff=1.0,
        cheap_tariff=0.215,
        purchase=tariffs.implied_purchase(23e6, 5, 0.15),
        horizon_years=5,
        discount_rate=0.0,
    )
    assert result.offset_share == pytest.approx(0.15)


def test_accelerators_by_hand() -> None:
    """3.342 MW / (1.275 kW x 1.2) = 2184."""
    assert tariffs.accelerator_count(3.3424, power_kw=1.275, pue=1.2) == pytest.approx(2184.6, abs=0.1)
