"""Where a price ratio comes from: its logarithm split exactly over factors, whatever their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np

Numeric = Any
"""A scalar or an array; the result has the same shape."""


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
        for changed in map(frozenset, combinations(factors, size))
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
