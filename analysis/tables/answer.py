"""The answer: in three sentences without a number, then in numbers."""

from collections.abc import Mapping

import pandas as pd

from analysis.inputs.assumption import Range
from analysis.inputs.plain import factor_in_words, factor_range_in_words, percent
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.tables import strongest_case

_PARTS = ((0.15, "a small part"), (0.4, "a good part"), (0.6, "about half"), (1.0, "most"))
"""How much a share is, in words: up to a number."""

_LEFT = ((0.1, "almost nothing"), (0.4, "a part"), (0.6, "about half"), (0.9, "most"))
"""How much of a gap is left, in words: below a number; from the last on, almost all."""

_CHANNELS = {
    strongest_case.REFERENCE: "the tariff itself",
    strongest_case.CASH: "a price war in which sellers ask for running costs alone",
    strongest_case.WAITING: "accelerators that stand idle for want of power",
}
"""Channels of the strongest case that may be the largest, in words."""


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
    part = next(word for most, word in _PARTS if share <= most)
    left = next((word for least, word in _LEFT if gap < least), "almost all")
    largest = channels["value"].drop(index=strongest_case.REFERENCE).nlargest(2).index
    best = " or ".join(sorted(_CHANNELS.get(name, name.lower()) for name in largest))
    main = "cannot be the main reason why" if share <= _PARTS[0][0] else "may be a reason why"
    return [
        f"Electricity is {part} of what an AI token costs, so cheap power {main} Chinese tokens are cheap.",
        f"If power were free on both sides, {left} of the claimed gap in prices would remain.",
        f"The best case for electricity is not its price by the kilowatt-hour but {best}.",
    ]


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
    over_classes = factor_range_in_words(value["tariff_factor_lowest"], value["tariff_factor_highest"])
    best = channels.drop(index=strongest_case.REFERENCE)["value"].idxmax()
    then, now = value["flagship_spread_median_article"], value["flagship_spread_median_latest"]
    of_model, of_tariff = value["within_model_price_factor"], value["tariff_factor_same_months"]
    return [
        f"US prices of tokens are said to be **{spread:g}** times the Chinese ones. By what factor does the "
        f"gap in tariffs, hub against US, move the cost of a token? It is {factors}. Over all classes of US "
        f"customer and all Chinese grids of this run it is {over_classes}. With free power on both sides "
        f"{left} of the {spread:g} would be left.",
        f"Electricity is {_percents(headlines, 'electricity_share_of_cost_ours')} of the cost of a token in "
        f"our stack and {_percents(headlines, 'electricity_share_of_cost_published')} in published ones, "
        f"against a claimed {percent(share.low, 0)} to {percent(share.high, 0)}. Where hardware and building "
        f"count as paid for it is {_percents(headlines, 'electricity_share_cash')} of what is left to pay.",
        f"The best case for the article is {best.lower()}: {_times(headlines, 'strongest_case_factor')}, "
        f"grade {channels.loc[best, 'grade']}. All ways in which power can act, as far as they fit together, "
        f"make {_times(headlines, 'strongest_case_together')}.",
        f"Prices moved for other reasons. The median US flagship cost {then:.1f} times the median Chinese "
        f"one when the article came out, {now:.1f} times at the last date. List prices of one model moved "
        f"by a factor of up to {of_model:.1f} within a year, tariffs by {of_tariff:.2f}. For the same open "
        f"weights US hosts ask {_times(headlines, 'same_weights_price_ratio_mean')} the vendor's price.",
    ]


def _times(headlines: pd.DataFrame, key: str) -> str:
    low, value, high = headlines.loc[key, [*Range._fields]]
    return f"**x{value:.2f}** (x{low:.2f} to x{high:.2f})"


def _percents(headlines: pd.DataFrame, key: str) -> str:
    low, value, high = headlines.loc[key, [*Range._fields]]
    return f"**{percent(value)}** ({percent(low)} to {percent(high)})"
