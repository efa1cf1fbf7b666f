"""Delivered prices, VAT, and what a gap between tariffs is worth."""

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
