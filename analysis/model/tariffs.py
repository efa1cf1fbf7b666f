"""Electricity tariffs: what a delivered kWh is made of, and what a gap between two of them is worth."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.inputs.units import HOURS_PER_MONTH, HOURS_PER_YEAR, KW_PER_MW, KWH_PER_GWH, Numeric
from analysis.model.gpu_hour import annuity_factor


class DeliveredPrice(NamedTuple):
    """A delivered price and its parts.

    Attributes
    ----------
    energy, loss, t_and_d, system, funds, demand : numeric
        Energy, grid losses, transmission and distribution, system operating cost, government funds, and the
        demand charge spread over the energy of a month [money/kWh].
    total : numeric
        All of them [money/kWh].
    """

    energy: Numeric
    loss: Numeric
    t_and_d: Numeric
    system: Numeric
    funds: Numeric
    demand: Numeric
    total: Numeric


def loss_per_kwh(energy_per_kwh: Numeric, loss_rate: Numeric) -> Numeric:
    """Return what grid losses add to a delivered kWh [money/kWh].

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
    """Return a Chinese two-part tariff, built up from its parts.

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
    demand = demand_charge_per_kw_month / (HOURS_PER_MONTH * load_factor)
    total = energy_per_kwh + loss_per_kwh + t_and_d_per_kwh + system_per_kwh + funds_per_kwh + demand
    return DeliveredPrice(
        energy_per_kwh, loss_per_kwh, t_and_d_per_kwh, system_per_kwh, funds_per_kwh, demand, total
    )


def without_vat(price_per_kwh: Numeric, *, funds_per_kwh: Numeric, vat_rate: Numeric) -> Numeric:
    """Return a delivered price without the recoverable value-added tax [money/kWh].

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


def midrange(values: ArrayLike) -> float:
    """Return the middle between the least and the greatest of some figures, in their unit.

    Examples
    --------
    >>> midrange([0.35, 0.36, 0.40])
    0.375
    """
    array = np.asarray(values, dtype=float)
    return float((array.min() + array.max()) / 2.0)


def implied_purchase(annual_saving: Numeric, years: Numeric, share: Numeric) -> Numeric:
    """Return the purchase of which some years of saving pay a given share [money].

    Parameters
    ----------
    annual_saving : numeric
        Electricity bill saved in a year [money/year].
    years : numeric
        Years of saving [years].
    share : numeric
        Share of the purchase that these pay [1].

    Examples
    --------
    >>> round(implied_purchase(23.0, 5, 0.15), 1)
    766.7
    """
    return annual_saving * years / share


def implied_energy(annual_saving: Numeric, *, dear_tariff: Numeric, cheap_tariff: Numeric) -> Numeric:
    """Return the energy in a year that saves a given bill between two tariffs [GWh/year].

    Parameters
    ----------
    annual_saving : numeric
        Electricity bill saved in a year [money/year].
    dear_tariff, cheap_tariff : numeric
        The two tariffs [money/kWh].

    Returns
    -------
    numeric
        NaN where the dear tariff does not exceed the cheap one, since no load saves anything then.

    Examples
    --------
    >>> round(float(implied_energy(8.766e6, dear_tariff=0.6, cheap_tariff=0.1)), 3)
    17.532
    """
    gap = dear_tariff - cheap_tariff
    return annual_saving / KWH_PER_GWH / (gap * np.where(gap > 0.0, 1.0, np.nan)[()])


def mean_load_mw(energy_gwh_per_year: Numeric) -> Numeric:
    """Return the mean load [MW] that takes an amount of energy in a year [GWh/year].

    Examples
    --------
    >>> round(mean_load_mw(8.766), 6)
    1.0
    """
    return energy_gwh_per_year * KWH_PER_GWH / HOURS_PER_YEAR / KW_PER_MW


class Offset(NamedTuple):
    """What a tariff gap is worth against an accelerator purchase. Money in one currency.

    Attributes
    ----------
    annual_saving : numeric
        Electricity bill saved in a year [money/year].
    savings_undiscounted, savings_present_value : numeric
        Saved over the horizon, as a plain sum and as its present value [money].
    offset_share, offset_share_present_value : numeric
        Each of these over the purchase [1].
    """

    annual_saving: Numeric
    savings_undiscounted: Numeric
    savings_present_value: Numeric
    offset_share: Numeric
    offset_share_present_value: Numeric


def offset(
    *,
    energy_gwh_per_year: Numeric,
    dear_tariff: Numeric,
    cheap_tariff: Numeric,
    purchase: Numeric,
    horizon_years: Numeric,
    discount_rate: Numeric,
) -> Offset:
    """Return the saving of a load between two tariffs as a share of a purchase.

    Parameters
    ----------
    energy_gwh_per_year : numeric
        Energy that the load takes in a year [GWh/year].
    dear_tariff, cheap_tariff : numeric
        The two tariffs [money/kWh]; a negative gap gives a negative saving.
    purchase : numeric
        The accelerator purchase [money].
    horizon_years : numeric
        Years of saving [years].
    discount_rate : numeric
        Cost of capital [1/year].

    Returns
    -------
    Offset
        Savings [money/year, money, money] and their share of the purchase [1, 1].

    Examples
    --------
    >>> result = offset(energy_gwh_per_year=10.0, dear_tariff=0.9, cheap_tariff=0.4, purchase=1e8,
    ...                 horizon_years=5, discount_rate=0.0)
    >>> result.annual_saving, result.savings_undiscounted, result.offset_share
    (5000000.0, 25000000.0, 0.25)
    """
    annual_saving = energy_gwh_per_year * KWH_PER_GWH * (dear_tariff - cheap_tariff)
    plain_sum = annual_saving * horizon_years
    present_value = annual_saving * annuity_factor(horizon_years, discount_rate)
    return Offset(annual_saving, plain_sum, present_value, plain_sum / purchase, present_value / purchase)


def electricity_share(
    *, energy_gwh_per_year: Numeric, tariff: Numeric, purchase: Numeric, years: Numeric
) -> Numeric:
    """Return electricity as a share of accelerators plus electricity over the accelerators' life [1].

    Parameters
    ----------
    energy_gwh_per_year : numeric
        Energy in a year [GWh/year].
    tariff : numeric
        Price of electricity [money/kWh].
    purchase : numeric
        The accelerator purchase, written off over the years [money].
    years : numeric
        Life of the accelerators [years].

    Examples
    --------
    >>> electricity_share(energy_gwh_per_year=10.0, tariff=0.5, purchase=75e6, years=5)
    0.25
    """
    bill = energy_gwh_per_year * KWH_PER_GWH * tariff * years
    return bill / (purchase + bill)


def accelerator_count(load_mw: Numeric, *, power_kw: Numeric, pue: Numeric) -> Numeric:
    """Return how many accelerators a facility load carries [number].

    Parameters
    ----------
    load_mw : numeric
        Mean facility load [MW].
    power_kw : numeric
        Server power per accelerator [kW].
    pue : numeric
        Facility over IT energy [1].

    Examples
    --------
    >>> round(accelerator_count(3.0, power_kw=1.25, pue=1.2))
    2000
    """
    return load_mw * KW_PER_MW / (power_kw * pue)
