"""Conversions between the ways in which energy per token is stated."""

from __future__ import annotations

from typing import Any

from analysis.inputs.units import JOULES_PER_KWH, TOKENS_PER_MTOK

Numeric = Any
"""A scalar, an array or a Series; the result has the same shape."""


def kwh_per_mtok(joules_per_token: Numeric) -> Numeric:
    """Return energy in kWh per million tokens from joules per token.

    Examples
    --------
    >>> kwh_per_mtok(3.6)
    1.0
    """
    return joules_per_token / JOULES_PER_KWH * TOKENS_PER_MTOK


def joules_per_token(energy_kwh: Numeric, tokens: Numeric) -> Numeric:
    """Return energy in joules per token from kWh for a number of tokens.

    Examples
    --------
    >>> joules_per_token(1.0, 1e6)
    3.6
    """
    return energy_kwh * JOULES_PER_KWH / tokens
