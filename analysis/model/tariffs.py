"""Electricity tariffs: what a delivered kWh is made of, and ratios between ranges of tariffs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from analysis.inputs.units import HOURS_PER_MONTH

Numeric = Any
"""A scalar, an array or a Series; the result has the same shape."""


class DeliveredPrice(NamedTuple):
    """A delivered price and its parts, all in money per kWh."""

    energy: Numeric
    loss: Numeric
    t_and_d: Numeric
    system: Numeric
    funds: Numeric
    demand: Numeric
    total: Numeric


def loss_per_kwh(energy_per_kwh: Numeric, loss_rate: Numeric) -> Numeric:
    """Return what grid losses add to a delivered kWh.

    Parameters
    ----------
    energy_per_kwh : numeric
        Price of energy at the plant [money/kWh].
    loss_rate : numeric
        Share of the energy lost on the way [1].

    Returns
    -------
    numeric
        Energy bought and lost for each kWh delivered [money/kWh].

    Notes
    -----
    One delivered kWh needs ``1 / (1 - l)`` at the plant, so the loss costs ``energy * l / (1 - l)``.

    Examples
    --------
    >>> round(loss_per_kwh(0.4, 0.2), 6)
    0.1
    """
    return energy_per_kwh * loss_rate / (1.0 - loss_rate)


def demand_per_kwh(demand_charge_per_kw_month: Numeric, load_factor: Numeric) -> Numeric:
    """Spread a demand charge over the energy of a month.

    Parameters
    ----------
    demand_charge_per_kw_month : numeric
        Charge on the month's maximum demand [money/kW-month].
    load_factor : numeric
        Mean over maximum demand [1].

    Returns
    -------
    numeric
        Demand charge for each kWh [money/kWh].

    Examples
    --------
    >>> round(demand_per_kwh(36.525, 0.5), 6)
    0.1
    """
    return demand_charge_per_kw_month / (HOURS_PER_MONTH * load_factor)


def delivered_price(
    *,
    energy_per_kwh: Numeric,
    loss_per_kwh: Numeric,
    t_and_d_per_kwh: Numeric,
    system_per_kwh: Numeric,
    funds_per_kwh: Numeric,
    demand_charge_per_kw_month: Numeric,
    load_factor: Numeric,
) -> DeliveredPrice:
    """Build a Chinese two-part tariff up from its parts.

    Parameters
    ----------
    energy_per_kwh, loss_per_kwh, t_and_d_per_kwh, system_per_kwh, funds_per_kwh : numeric
        Energy, grid losses, transmission and distribution, system operating cost, and
        government funds [money/kWh].
    demand_charge_per_kw_month : numeric
        Charge on the month's maximum demand [money/kW-month].
    load_factor : numeric
        Mean over maximum demand [1].

    Returns
    -------
    DeliveredPrice
        Every part and the total [money/kWh].

    Examples
    --------
    >>> parts = delivered_price(energy_per_kwh=0.30, loss_per_kwh=0.01, t_and_d_per_kwh=0.08,
    ...     system_per_kwh=0.05, funds_per_kwh=0.03, demand_charge_per_kw_month=36.525, load_factor=1.0)
    >>> round(parts.demand, 6), round(parts.total, 6)
    (0.05, 0.52)
    """
    demand = demand_per_kwh(demand_charge_per_kw_month, load_factor)
    total = energy_per_kwh + loss_per_kwh + t_and_d_per_kwh + system_per_kwh + funds_per_kwh + demand
    return DeliveredPrice(
        energy_per_kwh, loss_per_kwh, t_and_d_per_kwh, system_per_kwh, funds_per_kwh, demand, total
    )


def without_vat(price_per_kwh: Numeric, *, funds_per_kwh: Numeric, vat_rate: Numeric) -> Numeric:
    """Take recoverable value-added tax out of a delivered price.

    Parameters
    ----------
    price_per_kwh : numeric
        Delivered price, VAT in it [money/kWh].
    funds_per_kwh : numeric
        Government funds, on which no VAT is charged [money/kWh].
    vat_rate : numeric
        Value-added tax on the rest [1].

    Returns
    -------
    numeric
        Delivered price without VAT [money/kWh].

    Examples
    --------
    >>> round(without_vat(0.593, funds_per_kwh=0.028, vat_rate=0.13), 6)
    0.528
    """
    return (price_per_kwh - funds_per_kwh) / (1.0 + vat_rate) + funds_per_kwh


class RatioRange(NamedTuple):
    """The ratio of two ranges: like end to like end, and the extreme pairings [1]."""

    narrowest: Numeric
    low: Numeric
    mid: Numeric
    high: Numeric
    widest: Numeric


def ratio_range(
    *,
    low: Numeric,
    mid: Numeric,
    high: Numeric,
    base_low: Numeric,
    base_mid: Numeric,
    base_high: Numeric,
) -> RatioRange:
    """Compare two ranges: dividend ``low, mid, high`` over divisor ``base_low, base_mid, base_high``.

    All six in one unit. `RatioRange.narrowest` is low over the divisor's high, `RatioRange.widest`
    is high over the divisor's low; the rest compare like ends.

    Examples
    --------
    >>> ratio_range(low=2.0, mid=3.0, high=4.0, base_low=1.0, base_mid=1.5, base_high=2.0)
    RatioRange(narrowest=1.0, low=2.0, mid=2.0, high=2.0, widest=4.0)
    """
    return RatioRange(low / base_high, low / base_low, mid / base_mid, high / base_high, high / base_low)


def middle(values: npt.ArrayLike) -> float:
    """Return the middle between the least and the greatest of some figures, in their unit.

    Examples
    --------
    >>> middle([0.35, 0.36, 0.40])
    0.375
    """
    array = np.asarray(values, dtype=float)
    return float((array.min() + array.max()) / 2.0)
