"""Spreads between token prices."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

Numeric = Any
"""A scalar, an array or a Series; the result has the same shape."""


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


class Pairing(NamedTuple):
    """A ratio of two named figures."""

    dividend: str
    divisor: str
    ratio: float
    deviation: float


def pairings(dividends: Mapping[str, float], divisors: Mapping[str, float], *, claim: float) -> list[Pairing]:
    """Return every dividend over every divisor, the nearest to a claimed ratio first.

    Parameters
    ----------
    dividends, divisors : mapping
        Name to figure, all in one unit.
    claim : float
        The claimed ratio [1].

    Returns
    -------
    list of Pairing
        With the deviation of the ratio from the claim [1].

    Examples
    --------
    >>> best = pairings({"input": 5.0, "output": 25.0}, {"input": 0.3, "output": 1.2}, claim=16.7)[0]
    >>> best.dividend, best.divisor, round(best.ratio, 2)
    ('input', 'input', 16.67)
    """
    found = [
        Pairing(
            top, bottom, dividends[top] / divisors[bottom], dividends[top] / divisors[bottom] / claim - 1.0
        )
        for top, bottom in itertools.product(dividends, divisors)
    ]
    return sorted(found, key=lambda pairing: abs(pairing.deviation))
