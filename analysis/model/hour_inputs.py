"""What an hour of an accelerator costs where a user does not say: assumptions by side, prices by card.

A side is whose costs stand in: ``us`` or ``cn``. They are those of the scenario `SCENARIO`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.money import column_in_currency, in_currency
from analysis.inputs.scenario import load_scenario
from analysis.inputs.units import worst_grade
from analysis.model.memory import Floats

SCENARIO = "audited"
"""The scenario whose assumptions stand in for costs that are left out."""

SIDES = ("us", "cn")
REFERENCE_CARD = {"us": "H200", "cn": "H200"}
"""The accelerator whose price a side's assumption is: the same on both, so that no card passes for a grid."""

SHARED = {
    "gpu_life_years": "gpu_life",
    "facility_life_years": "facility_life",
    "network_usd_per_gpu_hour": "network_cost",
    "facility_capex_usd_per_kw": "facility_capex",
    "other_opex_usd_per_gpu_hour": "other_opex",
}
"""Arguments of `analysis.gpu_hour_cost` that both sides share, and their assumptions."""

OF_SIDE = {"gpu_price_usd": "gpu_price", "discount_rate": "cost_of_capital", "utilisation": "utilisation"}
"""Arguments whose assumption ends with the name of the side."""

_TARIFFS = {"us": "tariff_us", "cn": "tariff_cn_average"}
CACHED = "cached_input_cost"
ARGUMENTS = (*OF_SIDE, "pue", "tariff_usd_per_kwh", *SHARED, CACHED)
"""What may be left out."""

_CURRENCIES = {"us": "USD", "cn": "CNY"}
_SCALED = {"network_usd_per_gpu_hour": "card", "other_opex_usd_per_gpu_hour": "power"}
"""What the assumption holds for the reference card: a network grows with the card, staff with its power."""


class Ends(NamedTuple):
    """A figure of each row with its low and high end, all in one unit."""

    low: Floats
    value: Floats
    high: Floats


class HourInputs(NamedTuple):
    """Costs of an hour for some rows.

    Attributes
    ----------
    low, value, high : mapping
        Each of `ARGUMENTS`, one a row; all the same where it is told.
    assumed : mapping
        Which rows take an argument from the assumptions.
    gpu_price_grade, gpu_price_source : array of str
        Of the price of each row's card; blank where it is told.
    """

    low: Mapping[str, Floats]
    value: Mapping[str, Floats]
    high: Mapping[str, Floats]
    assumed: Mapping[str, NDArray[np.bool_]]
    gpu_price_grade: NDArray[np.object_]
    gpu_price_source: NDArray[np.object_]

    def ends(self, name: str) -> Ends:
        """Return an argument with its ends."""
        return Ends(self.low[name], self.value[name], self.high[name])

    def moves(self, name: str) -> bool:
        """Tell whether an argument is uncertain in any row."""
        return bool((self.low[name] != self.high[name]).any())

    def at(self, name: str, end: str) -> dict[str, Floats]:
        """Return the values with one argument at its ``low`` or ``high``."""
        return {**self.value, name: getattr(self, end)[name]}


class CardPrice(NamedTuple):
    """What a card costs over the one that a side's assumption is for.

    Attributes
    ----------
    ratio : Range
        Price over that of the reference card [ratio]; the ends are those of the ratio alone.
    grade : str
        A, B or C.
    source : str
        Ids of sources.
    basis : str
        How it was found.
    """

    ratio: Range
    grade: str
    source: str
    basis: str


def argument_names(side: str) -> dict[str, str]:
    """Return the assumption that stands in for each of `ARGUMENTS` on a side."""
    of_side = {argument: f"{name}_{side}" for argument, name in OF_SIDE.items()}
    return {**of_side, "pue": "pue", "tariff_usd_per_kwh": _TARIFFS[side], **SHARED, CACHED: CACHED}


@lru_cache(maxsize=2)
def assumed_costs(side: str) -> pd.DataFrame:
    """Return what stands in for a cost that is left out, by argument of `analysis.gpu_hour_cost`.

    Returns
    -------
    pandas.DataFrame
        ``low``, ``value``, ``high`` (money in USD, otherwise in the unit of the assumption), ``assumption``,
        ``source``, ``grade``.
    """
    entries = load_scenario(SCENARIO).assumptions()
    rows = {
        argument: {
            **in_currency(entries[name], "USD")._asdict(),
            "assumption": name,
            "source": entries[name].source,
            "grade": entries[name].grade,
        }
        for argument, name in argument_names(side).items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


@lru_cache
def card_price(gpu_model: str, side: str, bandwidth_gb_s: float) -> CardPrice:
    """Return what a card costs over the reference card of a side.

    Parameters
    ----------
    gpu_model : str
        As in ``gpu_specs.csv``; any other name is a card of one's own.
    side : str
        One of `SIDES`.
    bandwidth_gb_s : float
        Of its memory [GB/s].

    Notes
    -----
    The first that the rows of ``gpu_economics.csv`` allow: a purchase price in the currency of the side; the
    published cost of an hour over that of the reference card; the cost of an hour by bandwidth, the median
    over cards whose hour is published, with the ends of these.

    Examples
    --------
    >>> float(card_price("H200", "us", 4800.0).ratio.value)
    1.0
    """
    bought, hours = _prices_of_cards()
    reference = REFERENCE_CARD[side]
    own = bought[bought["currency"] == _CURRENCIES[side]]
    if gpu_model in own.index:
        ratio = own.loc[gpu_model, "usd"] / own.loc[reference, "usd"]
        grade = worst_grade(own.loc[[gpu_model, reference], "grade"])
        return CardPrice(Range(ratio, ratio, ratio), grade, own.loc[gpu_model, "source"], "purchase price")
    of_reference = hours.loc[reference, "value"]
    if gpu_model in hours.index:
        ratio = hours.loc[gpu_model, "value"] / of_reference
        basis = f"published cost of an hour over that of {reference}"
        return CardPrice(Range(ratio, ratio, ratio), "C", hours.loc[gpu_model, "source"], basis)
    by_bandwidth = hours["value"] / datasets.load_gpu_specs()["bandwidth_gb_s"].loc[hours.index]
    ends = (by_bandwidth.min(), by_bandwidth.median(), by_bandwidth.max())
    ratios = Range(*(float(end) * bandwidth_gb_s / of_reference for end in ends))
    basis = "cost of an hour by bandwidth, of cards whose hour is published"
    return CardPrice(ratios, "C", "; ".join(hours["source"].unique()), basis)


@lru_cache(maxsize=1)
def _prices_of_cards() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return purchase prices of an accelerator (``usd``) and costs of an hour (``value``, USD), by card."""
    rows = datasets.load_gpu_economics().dropna(subset=["gpu_model"]).set_index("gpu_model")
    bought = rows[rows["quantity"] == "purchase price"]
    bought = bought.assign(usd=column_in_currency(bought, "USD") / bought["accelerators"])
    return bought, rows[rows["quantity"] == "cost of an hour"]


def hour_inputs(
    given: Mapping[str, Floats | Ends],
    *,
    side: NDArray[np.object_],
    gpu_model: Iterable[str],
    bandwidth_gb_s: Floats,
    tdp_w: Floats,
) -> HourInputs:
    """Return the costs of an hour of each row: what is told, else what is assumed on its side for its card.

    Parameters
    ----------
    given : mapping
        Some of `ARGUMENTS`, one a row, or with ends of their own; NaN where not told.
    side : array of str
        Of each row, from `SIDES`.
    gpu_model, bandwidth_gb_s, tdp_w
        Card of each row, its bandwidth [GB/s] and rated power [W].
    """
    rows = len(side)
    which, of_side = pd.factorize(side)
    names = np.asarray(list(gpu_model), dtype=object)
    # each different card once
    cards = pd.DataFrame({"card": names, "side": side, "bandwidth": bandwidth_gb_s})
    code, keys = pd.factorize(pd.MultiIndex.from_frame(cards))
    prices = [card_price(str(card), str(where), float(speed)) for card, where, speed in keys]
    ratio = np.array([price.ratio for price in prices]).reshape(-1, len(Ends._fields))[code]
    origin = np.array([(price.grade, price.source) for price in prices], dtype=object).reshape(-1, 2)[code]
    reference_w = datasets.load_gpu_specs()["tdp_w"].loc[[REFERENCE_CARD[one] for one in of_side]]
    power = np.asarray(tdp_w) / reference_w.to_numpy()[which]

    found: dict[str, dict[str, Floats]] = {end: {} for end in Ends._fields}
    assumed = {}
    for name in ARGUMENTS:
        value = given.get(name, np.nan)
        by_end = value if isinstance(value, Ends) else [value] * len(Ends._fields)
        told = [np.broadcast_to(one, rows) for one in by_end]
        assumed[name] = np.isnan(told[1])
        for place, end in enumerate(Ends._fields):
            ours = np.array([assumed_costs(one).loc[name, end] for one in of_side], dtype=float)[which]
            if name == "gpu_price_usd":
                ours = ours * ratio[:, place]
            ours = ours * {"card": ratio[:, 1], "power": power}.get(_SCALED.get(name, ""), 1.0)
            found[end][name] = np.where(assumed[name], ours, told[place])
    origin[~assumed["gpu_price_usd"]] = ""
    return HourInputs(**found, assumed=assumed, gpu_price_grade=origin[:, 0], gpu_price_source=origin[:, 1])
