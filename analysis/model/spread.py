"""Ratios of prices and of costs: what they come from, and what power would have to cost to make them."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from math import factorial
from typing import NamedTuple

import numpy as np

from analysis.inputs.units import Numeric


def blended_price(
    *,
    input_price: Numeric,
    output_price: Numeric,
    input_tokens_per_output_token: Numeric,
    cached_price: Numeric = 0.0,
    cached_share: Numeric = 0.0,
) -> Numeric:
    """Return the mean price of a token at a stated mix of input and output.

    Parameters
    ----------
    input_price, output_price, cached_price : numeric
        Price of input, output and cached input tokens [money/Mtok].
    input_tokens_per_output_token : numeric
        The mix: input tokens, cached ones among them, for each output token [1].
    cached_share : numeric
        Share of the input tokens that is read from cache [1].

    Returns
    -------
    numeric
        Mean price over input and output tokens [money/Mtok].

    Notes
    -----
    ``(m ((1 - c) p_in + c p_cached) + p_out) / (m + 1)`` for mix m and cached share c.

    Examples
    --------
    >>> blended_price(input_price=1.0, output_price=5.0, input_tokens_per_output_token=3.0)
    2.0
    """
    paid_input = (1.0 - cached_share) * input_price + cached_share * cached_price
    return (input_tokens_per_output_token * paid_input + output_price) / (input_tokens_per_output_token + 1.0)


class RatioRange(NamedTuple):
    """The ratio of two ranges: like end to like end, and the extreme pairings [1]."""

    narrowest: Numeric
    low: Numeric
    mid: Numeric
    high: Numeric
    widest: Numeric


def ratio_range(top: Mapping[str, Numeric], base: Mapping[str, Numeric]) -> RatioRange:
    """Return the ratio of two ranges in one unit [1].

    Parameters
    ----------
    top, base : mapping or Series
        Dividend and divisor, each with its ``low``, ``value`` and ``high``.

    Returns
    -------
    RatioRange
        ``narrowest`` is low over the divisor's high, ``widest`` high over the divisor's low; the rest compare
        like ends.

    Examples
    --------
    >>> ratio_range({"low": 2.0, "value": 3.0, "high": 4.0}, {"low": 1.0, "value": 1.5, "high": 2.0})
    RatioRange(narrowest=1.0, low=2.0, mid=2.0, high=2.0, widest=4.0)
    """
    low, mid, high = (top[end] / base[end] for end in ("low", "value", "high"))
    return RatioRange(top["low"] / base["high"], low, mid, high, top["high"] / base["low"])


def cost_ratio_share_at_expensive_site(share: Numeric, tariff_ratio: Numeric) -> Numeric:
    """Return dear over cheap cost when electricity has a given share of cost at the dear site.

    Parameters
    ----------
    share : numeric
        Electricity in cost, at the site with the dear tariff [1].
    tariff_ratio : numeric
        Dear over cheap tariff [1]; infinity means free power at the cheap site.

    Returns
    -------
    numeric
        Cost at the dear over cost at the cheap site, all else equal [1].

    Notes
    -----
    ``1 / (1 - s + s / r)``; at most ``1 / (1 - s)`` however cheap power gets.

    Examples
    --------
    >>> cost_ratio_share_at_expensive_site(0.5, 2.0)
    1.3333333333333333
    >>> cost_ratio_share_at_expensive_site(0.5, float("inf"))
    2.0
    """
    return 1.0 / (1.0 - share + share / tariff_ratio)


def cost_ratio_share_at_cheap_site(share: Numeric, tariff_ratio: Numeric) -> Numeric:
    """Return dear over cheap cost when electricity has a given share of cost at the cheap site.

    Parameters
    ----------
    share : numeric
        Electricity in cost, at the site with the cheap tariff [1].
    tariff_ratio : numeric
        Dear over cheap tariff [1].

    Returns
    -------
    numeric
        Cost at the dear over cost at the cheap site, all else equal [1].

    Notes
    -----
    ``1 - s + s r``.

    Examples
    --------
    >>> cost_ratio_share_at_cheap_site(0.5, 3.0)
    2.0
    """
    return 1.0 - share + share * tariff_ratio


def shapley(factors: Sequence[str], value: Callable[[frozenset[str]], Numeric]) -> dict[str, Numeric]:
    """Return the Shapley part of each factor: its effect, averaged over all orderings.

    Parameters
    ----------
    factors : sequence of str
        What changes from one side to the other.
    value : callable
        Takes the set of factors that have changed, returns the quantity then (such as a log cost).

    Returns
    -------
    dict
        Factor to part, in the unit of the quantity; the parts sum to the whole change.

    Raises
    ------
    ValueError
        If a factor is named twice.

    Notes
    -----
    part = sum over sets S without the factor of |S|! (n - |S| - 1)! / n! x (v(S and factor) - v(S)).

    References
    ----------
    L. S. Shapley, A value for n-person games, 1953.

    Examples
    --------
    A product of a doubling and a tripling: each logarithm is its own part.

    >>> size = {"a": 2.0, "b": 3.0}
    >>> parts = shapley(("a", "b"), lambda changed: np.log(np.prod([size[name] for name in changed])))
    >>> {name: round(float(np.exp(part)), 6) for name, part in parts.items()}
    {'a': 2.0, 'b': 3.0}
    """
    if len(set(factors)) < len(factors):
        raise ValueError(f"a factor is named twice: {', '.join(factors)}")
    values = {
        changed: value(changed)
        for size in range(len(factors) + 1)
        for changed in map(frozenset, itertools.combinations(factors, size))
    }
    count = len(factors)
    parts: dict[str, Numeric] = {}
    for factor in factors:
        part: Numeric = 0.0
        for changed, before in values.items():
            if factor not in changed:
                weight = factorial(len(changed)) * factorial(count - len(changed) - 1) / factorial(count)
                part = part + weight * (values[changed | {factor}] - before)
        parts[factor] = part
    return parts


def explain_log_ratio(
    *,
    cheap: Mapping[str, Numeric],
    dear: Mapping[str, Numeric],
    groups: Mapping[str, Sequence[str]],
    cost: Callable[[Mapping[str, Numeric]], Numeric],
    price_ratio: Numeric,
) -> dict[str, Numeric]:
    """Return the parts of the logarithm of a price ratio: one for each group of inputs, and the remainder.

    Parameters
    ----------
    cheap, dear : mapping
        Inputs of the cost on the cheap and on the dear side, by name.
    groups : mapping
        Factor to the inputs that change with it; every input that differs belongs to one factor.
    cost : callable
        Cost from inputs.
    price_ratio : numeric
        Dear over cheap price [ratio].

    Returns
    -------
    dict
        Factor to part [log ratio], and ``remainder``: price ratio over cost ratio (margin, positioning, what
        is unknown). The parts sum to the logarithm of the price ratio.

    Raises
    ------
    ValueError
        If the groups do not hold each input of both sides exactly once.

    Examples
    --------
    >>> parts = explain_log_ratio(cheap={"x": 1.0, "y": 1.0}, dear={"x": 2.0, "y": 4.0},
    ...     groups={"x": ["x"], "y": ["y"]}, cost=lambda inputs: inputs["x"] * inputs["y"], price_ratio=16.0)
    >>> {name: round(float(np.exp(part)), 6) for name, part in parts.items()}
    {'x': 2.0, 'y': 4.0, 'remainder': 2.0}
    """
    named = [name for names in groups.values() for name in names]
    if sorted(named) != sorted(cheap) or sorted(cheap) != sorted(dear):
        raise ValueError("the groups should hold each input of both sides once")

    def log_cost(changed: frozenset[str]) -> Numeric:
        side = dict(cheap)
        for factor in changed:
            side |= {name: dear[name] for name in groups[factor]}
        return np.log(cost(side))

    parts = shapley(tuple(groups), log_cost)
    explained = log_cost(frozenset(groups)) - log_cost(frozenset())
    return parts | {"remainder": np.log(price_ratio) - explained}


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
