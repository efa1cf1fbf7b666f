"""The answer: in three sentences without a number, then in numbers."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.inputs.assumption import Range
from analysis.inputs.plain import factor_in_words, percent
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.tables import strongest_case

_PARTS = ((0.15, "a small part"), (0.4, "a good part"), (0.6, "about half"), (1.0, "most"))
"""How much a share is, in words: up to a number."""

_LEFT = ((0.1, "almost nothing"), (0.4, "a part"), (0.6, "about half"), (0.9, "most"))
"""How much of a gap is left, in words: below a number; from the last on, almost all."""

_CHANNELS = {
    strongest_case.CASH: "a price war in which sellers ask no more than running costs, "
    "{cash} of which is power",
    strongest_case.WAITING: "a lack of power that leaves accelerators idle",
}
"""Channels of the strongest case that may be the largest, in words."""

_NEAR = 0.5
"""Share of the claimed ratio, on a logarithmic scale, from which a channel comes near it."""


def versions(scenario: Scenario) -> dict[str, Scenario]:
    """Return the scenario of the claims and the one that is set beside it, by what their tariffs are called.

    A scenario that is changed, or of one's own, is no longer the article's or the audited one.

    Examples
    --------
    >>> list(versions(load_scenario("article")))
    ["the article's tariffs", 'audited tariffs']
    >>> list(versions(load_scenario("audited", {"tariff_us": 0.05})))
    ["the article's tariffs", "this run's tariffs"]
    """
    known = {"the article's tariffs": load_scenario("article"), "audited tariffs": load_scenario("audited")}
    other = load_scenario("audited") if scenario.root is scenario else scenario
    return {
        next((name for name, same in known.items() if same == each), "this run's tariffs"): each
        for each in (scenario.root, other)
    }


def answer_in_words(headlines: pd.DataFrame, channels: pd.DataFrame, claimed_spread: float) -> list[str]:
    """Return the answer in three sentences without a number.

    Parameters
    ----------
    headlines : pandas.DataFrame
        From `tables.overview`.
    channels : pandas.DataFrame
        From `tables.strongest_case`.
    claimed_spread : float
        US over Chinese price of tokens that is claimed [ratio].
    """
    value = headlines["value"]
    share = value[["electricity_share_of_cost_published", "electricity_share_of_cost_ours"]].max()
    gap = (value["spread_if_electricity_free"] - 1.0) / (claimed_spread - 1.0)
    left = next((word for least, word in _LEFT if gap < least), "almost all")
    largest = channels.drop(index=strongest_case.REFERENCE).nlargest(2, "value")
    cash = _part(value["electricity_share_cash"])
    best = " or ".join(sorted(_CHANNELS.get(name, name.lower()).format(cash=cash) for name in largest.index))
    near = np.log(largest["high"].max()) > _NEAR * np.log(claimed_spread)
    main = "is not the main reason" if share <= _PARTS[0][0] else "may be a reason"
    return [
        f"Electricity is {_part(share)} of what an AI token costs, so cheap power {main} why Chinese tokens "
        "are cheap.",
        f"If power were free on both sides, {left} of the claimed gap in prices would remain.",
        f"The best case for electricity is {best}; {'this may come near' if near else 'neither comes near'} "
        "the claimed gap.",
    ]


def _part(share: float) -> str:
    """Return how much a share is, in words."""
    return next(word for most, word in _PARTS if share <= most)


def answer_in_numbers(
    headlines: pd.DataFrame, by_tariffs: Mapping[str, pd.DataFrame], channels: pd.DataFrame, claims: Scenario
) -> list[str]:
    """Return the answer in numbers, a sentence or two a topic.

    Parameters
    ----------
    headlines : pandas.DataFrame
        From `tables.overview`.
    by_tariffs : mapping
        By what tariffs are called (`versions`), `tables.explained_share.output_quantiles` at the hub.
    channels : pandas.DataFrame
        From `tables.strongest_case`.
    claims : Scenario
        Whose figures are audited.
    """
    spread, share = claims.api_spread_claim.value, claims.electricity_share
    value = headlines["value"]
    ends = ["p5", "p50", "p95"]
    factors = " and ".join(
        f"**{factor_in_words(*found.loc['effect: all_orders', ends])}** at {name}"
        for name, found in by_tariffs.items()
    )
    left = " or ".join(f"{found.loc['spread_if_free', 'p50']:.1f}" for found in by_tariffs.values())
    over_classes = [headlines.loc[f"tariff_factor_{end}"] for end in ("lowest", "highest")]
    medians = " to ".join(f"x{found['value']:.2f}" for found in over_classes)
    widest = f"x{over_classes[0]['low']:.2f} to x{over_classes[1]['high']:.2f}"
    best = channels.drop(index=strongest_case.REFERENCE)["value"].idxmax()
    then, now = (_ends_of(headlines, f"flagship_spread_median_{date}") for date in ("article", "latest"))
    of_model, of_tariff = value["within_model_price_factor"], value["tariff_factor_same_months"]
    return [
        f"US prices of tokens are said to be **{spread:g}** times the Chinese ones. By what factor does the "
        f"gap in tariffs, hub against US, move the cost of a token? It is {factors} (5 to 95 % of draws). "
        f"Over the classes of US customer and the Chinese supplies of this run the middle is {medians}, with "
        f"all uncertainty {widest}. With free power on both sides {left} of the {spread:g} would be left.",
        f"Electricity is {_percents(headlines, 'electricity_share_of_cost_us')} of the cost of a token of "
        f"the US flagship, {_percents(headlines, 'electricity_share_of_cost_cn')} at the hub (5 to 95 % of "
        f"draws). From the power and the cost that others publish it is "
        f"{_percents(headlines, 'electricity_share_of_cost_published')} over their stacks. The article says "
        f"{percent(share.low, 0)} to {percent(share.high, 0)}, which is near its share of running cost, "
        f"hardware and building being paid for: {_percents(headlines, 'electricity_share_cash')} over places "
        f"and classes.",
        f"The best case for the article is {best.lower()}: {_times(headlines, 'strongest_case_factor')}, "
        f"grade {channels.loc[best, 'grade']}. All ways in which power can act, as far as they fit together, "
        f"make {_times(headlines, 'strongest_case_together')}, and at the class of US tariff that is kindest "
        f"to the article {_times(headlines, 'strongest_case_together_highest')} (ends: all that is uncertain "
        f"falls one way).",
        f"Prices moved far more than tariffs. The median US flagship cost {then.value:.1f} times the median "
        f"Chinese one when the article came out ({then.low:.1f} to {then.high:.1f} by which models count as "
        f"flagships), and {now.value:.1f} times at the last date ({now.low:.1f} to {now.high:.1f}). List "
        f"prices of one model moved by a factor of up to {of_model:.1f} within a year, what users pay for "
        f"power by {of_tariff:.2f}. For the same open weights US hosts ask "
        f"{_times(headlines, 'same_weights_price_ratio_mean')} the vendor's price.",
    ]


def _ends_of(headlines: pd.DataFrame, key: str) -> Range:
    return Range(*headlines.loc[key, [*Range._fields]])


def _times(headlines: pd.DataFrame, key: str) -> str:
    found = _ends_of(headlines, key)
    return f"**x{found.value:.2f}** (x{found.low:.2f} to x{found.high:.2f})"


def _percents(headlines: pd.DataFrame, key: str) -> str:
    found = _ends_of(headlines, key)
    return f"**{percent(found.value)}** ({percent(found.low)} to {percent(found.high)})"
