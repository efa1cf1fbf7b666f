"""What an electricity share and a tariff ratio can make of a cost ratio."""

from __future__ import annotations

from typing import Any

Numeric = Any
"""A scalar, an array or a Series; the result has the same shape."""


def cost_ratio_share_at_dear_site(share: Numeric, tariff_ratio: Numeric) -> Numeric:
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
    >>> cost_ratio_share_at_dear_site(0.5, 2.0)
    1.3333333333333333
    >>> cost_ratio_share_at_dear_site(0.5, float("inf"))
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
