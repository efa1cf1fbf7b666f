"""What an hour of an accelerator costs, part by part."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.inputs.errors import ParameterError, quoted
from analysis.inputs.plain import is_number
from analysis.inputs.units import HOURS_PER_YEAR, Numeric

FACILITY_LIFE_YEARS = 15.0
"""Years over which a building is paid off unless said otherwise [years] (`facility_life`)."""
_LEAST_RATE = 2.0**-1000
"""Stands for a smaller rate: with a power of two, products lose no digit, and the factor is the years."""


def annuity_factor(years: Numeric, discount_rate: Numeric) -> Numeric:
    """Return the present value of one unit of money at the end of each year.

    Parameters
    ----------
    years : numeric
        Number of payments [years].
    discount_rate : numeric
        Cost of capital [1/year]; zero gives the plain sum.

    Returns
    -------
    numeric
        Present value of the payments [1].

    Notes
    -----
    ``(1 - (1 + r)^-n) / r``, computed with ``expm1`` and ``log1p`` so that a small rate loses no digits.

    Examples
    --------
    >>> annuity_factor(5, 0.0), round(float(annuity_factor(2, 0.10)), 6)
    (5.0, 1.735537)
    """
    factor = _annuity_factors(np.asarray(discount_rate, dtype=float), np.asarray(years, dtype=float))[0]
    return float(factor) if factor.ndim == 0 else factor


def _annuity_factors(rate: Numeric, *lives: Numeric) -> list[Numeric]:
    """Return the factor of each of some lives; the logarithm, which takes longest, is found once."""
    rate = np.maximum(rate, _LEAST_RATE)
    lost = np.log1p(rate)
    return [np.expm1(-years * lost) / -rate for years in lives]


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
    ParameterError
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
    given = {n: value for n, value in locals().items() if n != "facility_power_kw" or value is not None}
    pattern = _common_series(given)
    c = {name: _checked(name, value) for name, value in given.items()}
    shape = _common_shape(c)

    # electricity of a useful hour carries that of its idle hours; fixed costs fall on useful hours alone
    used = c["utilisation"]
    idle = 1.0 + c["idle_power_fraction"] * (1.0 - used) / used
    useful_hours = HOURS_PER_YEAR * used
    it_power_kw = c["gpu_power_kw"] * c["server_overhead"]
    building_usd = c["facility_capex_usd_per_kw"] * c.get("facility_power_kw", it_power_kw)
    gpu_life, facility_life = _annuity_factors(
        c["discount_rate"], c["gpu_life_years"], c["facility_life_years"]
    )
    parts = (
        it_power_kw * c["pue"] * c["tariff_usd_per_kwh"] * idle,
        c["gpu_price_usd"] / (gpu_life * useful_hours),
        c["network_usd_per_gpu_hour"] / used,
        building_usd / (facility_life * useful_hours),
        c["other_opex_usd_per_gpu_hour"] / used,
    )
    whole = [
        part if np.shape(part) == shape else np.broadcast_to(part, shape)
        for part in (*parts, sum(parts[1:], parts[0]))
    ]
    return GpuHourCost(*(part if pattern is None else type(pattern)(part, pattern.index) for part in whole))


LARGEST = 1e12
"""No argument is larger, whatever its unit."""

_POSITIVE = ("gpu_life_years", "utilisation", "facility_life_years")
_AT_LEAST_ONE = ("pue", "server_overhead")
_SHARES = ("utilisation", "idle_power_fraction")


def numbers_of(name: str, given: Any) -> NDArray[np.float64]:
    """Return an argument as floating-point numbers: a number, a list, an array or a Series of them.

    Raises
    ------
    ParameterError
        If it is, or holds, text, bytes, a truth, None, a complex number or a time; the message names it.
    """
    try:
        # a list may mix what numpy would make numbers of
        entries = np.asarray(given, dtype=object if isinstance(given, list | tuple) else None)
        kind = "bytes" if isinstance(given, bytearray | memoryview) else entries.dtype.kind
        if kind in {"i", "u", "f"} or (kind == "O" and all(map(is_number, entries.flat))):
            return entries.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError):  # of no shape, or a class with ideas of its own
        pass
    raise ParameterError(f"{name}: not a number: {quoted(given)}")


def _checked(name: str, value: Numeric) -> NDArray[np.float64]:
    """Return an argument as floating-point numbers, or raise ParameterError that names it."""
    numbers = numbers_of(name, value)
    least, greatest = (numbers.min(), numbers.max()) if numbers.size else (1.0, 1.0)
    if not (np.isfinite(least) and np.isfinite(greatest)):
        raise ParameterError(f"{name}: not a finite number")
    if least < 0.0 or (name in _POSITIVE and least == 0.0):
        raise ParameterError(f"{name}: {least:g} is {'not above zero' if name in _POSITIVE else 'negative'}")
    if name in _AT_LEAST_ONE and least < 1.0:
        raise ParameterError(f"{name}: {least:g} is below one")
    if greatest > (1.0 if name in _SHARES else LARGEST):
        raise ParameterError(f"{name}: {greatest:g} is above {'one' if name in _SHARES else 'any sense'}")
    return numbers


def _common_shape(given: dict[str, NDArray[np.float64]]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(numbers.shape for numbers in given.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {numbers.shape}" for name, numbers in given.items() if numbers.ndim)
        raise ParameterError(f"shapes of arguments do not fit together: {shapes}") from None


def _common_series(given: dict[str, Numeric]) -> Any:
    """Return the first argument that is a Series, or None; the indices of all have to agree."""
    series = {name: value for name, value in given.items() if hasattr(value, "iloc")}
    first = next(iter(series), "")
    for name, value in series.items():
        if not value.index.equals(series[first].index):
            raise ParameterError(f"{name}: its index differs from that of {first}")
    return series.get(first)
