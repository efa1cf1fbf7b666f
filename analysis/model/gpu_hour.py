"""What an hour of an accelerator costs, part by part, and what of it a token takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.inputs.units import HOURS_PER_YEAR, SECONDS_PER_HOUR, WATT_PER_KW
from analysis.model.offset import annuity_factor

Numeric = Any
"""A scalar, an array or a Series; the result has the same shape."""

FACILITY_LIFE_YEARS = 15.0
"""Years over which a building is paid off unless said otherwise [years] (`facility_life`)."""


class GpuHourCost(NamedTuple):
    """Parts of the cost of a useful GPU-hour, all in USD per useful GPU-hour.

    Attributes
    ----------
    electricity : numeric
        At the meter of the facility, idle hours in it.
    hardware : numeric
        The accelerator and its share of the server, paid off over its life.
    network : numeric
        Between servers.
    facility : numeric
        Building, power and cooling, paid off over their life.
    other : numeric
        Staff, repairs and the rest.
    total : numeric
        All of them.
    """

    electricity: Numeric
    hardware: Numeric
    network: Numeric
    facility: Numeric
    other: Numeric
    total: Numeric


PARTS = GpuHourCost._fields[:-1]
"""The parts without the total."""


def gpu_hour_cost(
    *,
    gpu_price_usd: Numeric,
    gpu_life_years: Numeric,
    utilisation: Numeric,
    discount_rate: Numeric = 0.0,
    gpu_power_kw: Numeric,
    server_overhead: Numeric = 1.0,
    pue: Numeric,
    tariff_usd_per_kwh: Numeric,
    network_usd_per_gpu_hour: Numeric = 0.0,
    facility_capex_usd_per_kw: Numeric = 0.0,
    facility_life_years: Numeric = FACILITY_LIFE_YEARS,
    other_opex_usd_per_gpu_hour: Numeric = 0.0,
    idle_power_fraction: Numeric = 0.0,
    facility_power_kw: Numeric | None = None,
) -> GpuHourCost:
    """Return the cost of a useful GPU-hour, part by part [USD/GPU-hour].

    Parameters
    ----------
    gpu_price_usd : numeric
        Accelerator with its share of the server [USD].
    gpu_life_years : numeric
        Years over which it is paid off [years].
    utilisation : numeric
        Share of the hours in which the accelerator serves [ratio], above 0 and at most 1.
    discount_rate : numeric
        Yearly cost of capital [ratio].
    gpu_power_kw : numeric
        Power of the accelerator while it serves [kW].
    server_overhead : numeric
        Power of the server over that of its accelerators [ratio].
    pue : numeric
        Facility over IT energy [ratio].
    tariff_usd_per_kwh : numeric
        Delivered price of electricity [USD/kWh].
    network_usd_per_gpu_hour, other_opex_usd_per_gpu_hour : numeric
        Network; staff and the rest, for every hour whether used or not [USD/GPU-hour].
    facility_capex_usd_per_kw : numeric
        Building, power and cooling by kW of IT power [USD/kW].
    facility_life_years : numeric
        Years over which they are paid off [years].
    idle_power_fraction : numeric
        Power in an idle hour over that in a useful one [ratio].
    facility_power_kw : numeric, optional
        IT power that the building is made for [kW]; that of a useful hour unless said otherwise.

    Returns
    -------
    GpuHourCost
        The parts and their total [USD per useful GPU-hour], all of one shape: Series if an argument is one.

    Raises
    ------
    ValueError
        If an argument is out of bounds or no number, or shapes or indices of arguments do not fit; the
        message names it.

    Notes
    -----
    Fixed costs are spread over the hours that are used: yearly annuity / (8,766 h x utilisation). Electricity
    of a useful hour carries that of the idle hours which belong to it, (1 - u) / u of them.

    References
    ----------
    M. Lokshin, replication data of a trade model of compute: 25,000 USD, 3 years and 70 % give 1.358 USD.

    Examples
    --------
    >>> cost = gpu_hour_cost(gpu_price_usd=25_000.0, gpu_life_years=3.0, utilisation=0.7, gpu_power_kw=0.7,
    ...     pue=1.2, tariff_usd_per_kwh=0.1)
    >>> print(round(cost.hardware, 3), round(cost.electricity, 3), round(cost.total, 3))
    1.358 0.084 1.442
    """
    given = {name: value for name, value in locals().items() if value is not None}
    index = _common_index(given)
    c = {name: _checked(name, value) for name, value in given.items()}
    shape = _common_shape(c)

    used = c["utilisation"]
    it_power_kw = c["gpu_power_kw"] * c["server_overhead"]
    idle = 1.0 + c["idle_power_fraction"] * (1.0 - used) / used
    useful_hours = HOURS_PER_YEAR * used
    building_usd = c["facility_capex_usd_per_kw"] * c.get("facility_power_kw", it_power_kw)
    parts = (
        it_power_kw * c["pue"] * c["tariff_usd_per_kwh"] * idle,
        c["gpu_price_usd"] / (annuity_factor(c["gpu_life_years"], c["discount_rate"]) * useful_hours),
        c["network_usd_per_gpu_hour"] / used,
        building_usd / (annuity_factor(c["facility_life_years"], c["discount_rate"]) * useful_hours),
        c["other_opex_usd_per_gpu_hour"] / used,
    )
    whole = (*(np.broadcast_to(part, shape)[()] for part in parts), np.broadcast_to(sum(parts), shape)[()])
    return GpuHourCost(*(part if index is None else index(part) for part in whole))


_POSITIVE = ("gpu_life_years", "utilisation", "facility_life_years")
_AT_LEAST_ONE = ("pue", "server_overhead")
_SHARES = ("utilisation", "idle_power_fraction")


def _checked(name: str, value: Numeric) -> NDArray[np.float64]:
    """Return an argument as floating-point numbers, or raise ValueError that names it."""
    try:
        numbers: NDArray[np.float64] = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: not a number: {value!r:.60}") from None
    if isinstance(value, str | bytes) or np.asarray(value).dtype.kind in "SUbcmM":
        raise ValueError(f"{name}: not a number: {value!r:.60}")
    least, greatest = (numbers.min(), numbers.max()) if numbers.size else (1.0, 1.0)
    if not (np.isfinite(least) and np.isfinite(greatest)):
        raise ValueError(f"{name}: not a finite number")
    if least < 0.0 or (name in _POSITIVE and least == 0.0):
        raise ValueError(f"{name}: {least:g} is {'not above zero' if name in _POSITIVE else 'negative'}")
    if name in _AT_LEAST_ONE and least < 1.0:
        raise ValueError(f"{name}: {least:g} is below one")
    if name in _SHARES and greatest > 1.0:
        raise ValueError(f"{name}: {greatest:g} is above one")
    return numbers


def _common_shape(given: dict[str, NDArray[np.float64]]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(numbers.shape for numbers in given.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {numbers.shape}" for name, numbers in given.items() if numbers.ndim)
        raise ValueError(f"shapes of arguments do not fit together: {shapes}") from None


def _common_index(given: dict[str, Numeric]) -> Callable[[Numeric], Numeric] | None:
    """Return what makes a Series of a part, where an argument is one; their indices have to agree."""
    series = {
        name: value for name, value in given.items() if hasattr(value, "index") and hasattr(value, "iloc")
    }
    if not series:
        return None
    first, *others = series
    for name in others:
        if not series[name].index.equals(series[first].index):
            raise ValueError(f"{name}: its index differs from that of {first}")
    pattern = series[first]
    return lambda part: type(pattern)(part, index=pattern.index)


class TokenShare(NamedTuple):
    """What a token of a kind takes of the accelerators.

    Attributes
    ----------
    gpu_hours : numeric
        Accelerator time [GPU-hours per token].
    gpu_power_kw : numeric
        Power of one accelerator meanwhile [kW].
    """

    gpu_hours: Numeric
    gpu_power_kw: Numeric


def token_cost_of(share: TokenShare, *, tokens: Numeric, **costs: Numeric) -> GpuHourCost:
    """Return the cost of a number of tokens, part by part [USD].

    Parameters
    ----------
    share : TokenShare
        What one token takes.
    tokens : numeric
        How many [number].
    **costs : numeric
        Arguments of `gpu_hour_cost` but the power.

    Returns
    -------
    GpuHourCost
        Parts and total, here in USD for the tokens.

    Examples
    --------
    A token that takes an hour costs the hour.

    >>> share = TokenShare(gpu_hours=1.0, gpu_power_kw=1.0)
    >>> costs = {"gpu_price_usd": 8766.0, "gpu_life_years": 1.0, "utilisation": 1.0, "pue": 1.0}
    >>> round(float(token_cost_of(share, tokens=2.0, tariff_usd_per_kwh=0.5, **costs).total), 6)
    3.0
    """
    hour = gpu_hour_cost(gpu_power_kw=share.gpu_power_kw, **costs)
    return GpuHourCost(*(part * share.gpu_hours * tokens for part in hour))


def kwh_per_usd_gap(*, price_gap_usd: Numeric, tariff_gap_usd_per_kwh: Numeric) -> Numeric:
    """Return the energy that would have to differ in price to make up a gap [kWh].

    Parameters
    ----------
    price_gap_usd : numeric
        Dear less cheap price of the tokens [USD].
    tariff_gap_usd_per_kwh : numeric
        Dear less cheap tariff [USD/kWh]; infinity comes back where it is not positive.

    Examples
    --------
    >>> round(float(kwh_per_usd_gap(price_gap_usd=4.7, tariff_gap_usd_per_kwh=0.1)), 6)
    47.0
    """
    gap = np.asarray(tariff_gap_usd_per_kwh, dtype=float)
    with np.errstate(divide="ignore"):
        return np.where(gap > 0.0, price_gap_usd / np.where(gap > 0.0, gap, np.nan), np.inf)[()]


def tariff_for_ratio(
    *, ratio: Numeric, cost_usd: Numeric, energy_kwh: Numeric, tariff_usd_per_kwh: Numeric
) -> Numeric:
    """Return the tariff at which a cost grows to a multiple by electricity alone [USD/kWh].

    Parameters
    ----------
    ratio : numeric
        Wanted over present cost [ratio].
    cost_usd, energy_kwh, tariff_usd_per_kwh : numeric
        Present cost [USD], energy in it [kWh] and its tariff [USD/kWh].

    Examples
    --------
    A cost of one dollar with one kWh at ten cents doubles at 1.10.

    >>> tariff_for_ratio(ratio=2.0, cost_usd=1.0, energy_kwh=1.0, tariff_usd_per_kwh=0.1)
    1.1
    """
    return tariff_usd_per_kwh + (ratio - 1.0) * cost_usd / energy_kwh


def output_share(
    *,
    step_time_s: Numeric,
    prefill_time_s: Numeric,
    batch: Numeric,
    gpu_count: Numeric,
    decode_energy_j: Numeric,
) -> TokenShare:
    """Return what an output token takes of the accelerators, prefill left out.

    Parameters
    ----------
    step_time_s, prefill_time_s : numeric
        Time of a decode step, and of the prefill in it [s].
    batch, gpu_count : numeric
        Requests served at once; accelerators that serve them [number].
    decode_energy_j : numeric
        Energy of an output token without prefill [J/token].

    Examples
    --------
    Eight accelerators that emit 80 tokens in 0.1 s: a hundredth of a GPU-second each; 5 J in it are 0.5 kW.

    >>> step = {"step_time_s": 0.1, "prefill_time_s": 0.0, "batch": 80.0, "gpu_count": 8.0}
    >>> share = output_share(decode_energy_j=5.0, **step)
    >>> round(share.gpu_hours * 3600, 9), round(share.gpu_power_kw, 9)
    (0.01, 0.5)
    """
    return _share((step_time_s - prefill_time_s) * gpu_count / batch, decode_energy_j)


def input_share(
    *,
    prefill_time_s: Numeric,
    batch: Numeric,
    gpu_count: Numeric,
    prefill_energy_j: Numeric,
    input_tokens_per_output_token: Numeric,
) -> TokenShare:
    """Return what an input token takes of the accelerators: the prefill.

    Parameters
    ----------
    prefill_time_s : numeric
        Prefill in a decode step [s].
    batch, gpu_count : numeric
        Requests served at once; accelerators that serve them [number].
    prefill_energy_j : numeric
        Energy of prefill for an output token [J/token].
    input_tokens_per_output_token : numeric
        How many input tokens that prefill is for [ratio], above zero.
    """
    per_input = 1.0 / np.asarray(input_tokens_per_output_token, dtype=float)[()]
    return _share(prefill_time_s * gpu_count / batch * per_input, prefill_energy_j * per_input)


def _share(gpu_seconds: Numeric, energy_j: Numeric) -> TokenShare:
    return TokenShare(gpu_seconds / SECONDS_PER_HOUR, energy_j / gpu_seconds / WATT_PER_KW)
