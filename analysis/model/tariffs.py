"""Electricity tariffs: what a delivered kWh is made of, with and without tax."""

from typing import NamedTuple

from analysis.inputs.units import HOURS_PER_MONTH, Numeric


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
