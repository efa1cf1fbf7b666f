"""What the gap between two tariffs saves over years, what load that implies, and what GPUs it would pay."""

from typing import NamedTuple

import numpy as np

from analysis.inputs.units import HOURS_PER_YEAR, KW_PER_MW, KWH_PER_GWH, Numeric
from analysis.model.gpu_hour import annuity_factor


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
