"""By what factor the tariff gap moves cost: five ways to count, for each US class, Chinese grid and pair."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs.plain import factor_in_words, percent, share_in_words
from analysis.inputs.scenario import Scenario
from analysis.model.tariff_effect import TariffEffects
from analysis.tables import us_classes
from analysis.tables.cost_stack import GRIDS, uncertain_inputs
from analysis.tables.explained_share import (
    QUANTILES,
    explained_spread,
    list_price,
    output_quantiles,
    quantiles_of,
)

_SUBSIDISED = "subsidised hub"


class Definition(NamedTuple):
    """A way to count the effect of the tariff gap: its name, the question it answers, and what is done."""

    name: str
    right_for: str
    meaning: str


DEFINITIONS = TariffEffects(
    all_orders=Definition(
        "averaged over all orders (log-Shapley)",
        "What part of the ratio of prices is the tariff?",
        "The US tariff replaces the Chinese one before, between and after all other differences, in every "
        "order; the factor is the mean of what cost is multiplied by (a geometric mean).",
    ),
    moved=Definition(
        "same model, US tariff (additive)",
        "How many dollars of the gap between prices is it?",
        "The open model stays on its servers and pays the US tariff; nothing else changes.",
    ),
    bill=Definition(
        "the flagship's whole electricity bill",
        "And with the energy of the larger model?",
        "The open model's cost with the whole electricity bill of the US flagship in place of its own.",
    ),
    cash=Definition(
        "running cost alone, capital sunk",
        "What does it cost to serve tonight, all bought?",
        "As the second, of electricity, staff and repairs alone.",
    ),
    electricity=Definition(
        "electricity alone",
        "How much more does the electricity itself cost?",
        "The ratio of the two tariffs; that of costs only if a token cost nothing but electricity.",
    ),
)
"""The ways to count, and the question that each is right for."""


def by_us_class(scenario: Scenario) -> dict[str, Scenario]:
    """Return the scenario with each class of US tariff, its own first; itself alone where its tariff is none.

    Examples
    --------
    >>> from analysis.inputs.scenario import load_scenario
    >>> list(by_us_class(load_scenario("article")))
    ["article's own"]
    """
    own = us_classes.class_of(scenario)
    others = us_classes.us_classes(scenario) if own in scenario.definition("tariff_us").choices else {}
    return {own: scenario, **others}


def chinese_grids(scenario: Scenario) -> list[str]:
    """Return the Chinese grids of a scenario; a subsidised hub where its hub tariff is a choice of two."""
    choices = scenario.definition("tariff_cn_hub").choices.values()
    has_choices = any(getattr(scenario, name) == scenario.tariff_cn_hub for name in choices)
    return [grid for grid in GRIDS if grid != "US" and (has_choices or grid != _SUBSIDISED)]


def tariff_effect_definitions(scenario: Scenario, draws: int) -> pd.DataFrame:
    """Return the effect of the tariff gap in all five ways to count, for each US class and Chinese grid.

    Parameters
    ----------
    scenario : Scenario
        The article's own, or another: run it for both to set them side by side.
    draws : int
        Of the Monte Carlo.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``us_tariff``, ``grid`` and ``definition`` (of `DEFINITIONS`): ``factor`` that cost is
        multiplied by [ratio] and ``share_of_log_spread`` (its logarithm over that of the claimed spread)
        [ratio], medians with 5 and 95 % (``_low``, ``_high``); ``share_of_price_gap``, dollars over the
        claimed gap of prices [ratio], for those that count in dollars; ``grade``; ``right_for``, the
        question, and ``meaning``, what is done.
    """
    tables = {
        (word, grid): _definitions(chosen, output_quantiles(chosen, grid, draws))
        for word, chosen in by_us_class(scenario).items()
        for grid in chinese_grids(scenario)
    }
    return pd.concat(tables, names=["us_tariff", "grid", "definition"])


def effects_in_words(effects: pd.DataFrame) -> pd.DataFrame:
    """Return `tariff_effect_definitions` for reading: a row a class, grid and way to count, told by its name.

    Returns
    -------
    pandas.DataFrame
        ``cost is multiplied by``, ``share of the claimed spread``, ``share of the price gap in dollars``
        (blank where it is not counted in dollars) and ``right for``.
    """
    names = {key: entry.name for key, entry in DEFINITIONS._asdict().items()}
    shown = {
        "cost is multiplied by": ("factor", factor_in_words),
        "share of the claimed spread": ("share_of_log_spread", share_in_words),
        "share of the price gap in dollars": ("share_of_price_gap", _dollars_in_words),
    }
    table = pd.DataFrame(
        {
            title: [
                words(*ends)
                for ends in effects[[f"{name}_low", name, f"{name}_high"]].itertuples(index=False)
            ]
            for title, (name, words) in shown.items()
        },
        index=effects.index,
    )
    table["right for"] = effects["right_for"]
    return table.rename(names, level="definition").rename(_as_words, level="us_tariff")


def _as_words(name: str) -> str:
    return name.replace("_", " ")


def _dollars_in_words(low: float, value: float, high: float) -> str:
    if np.isnan(value):
        return ""
    return f"{percent(value, 2)} ({percent(low, 2)} to {percent(high, 2)})"


def _definitions(scenario: Scenario, quantiles: pd.DataFrame) -> pd.DataFrame:
    names = pd.Index(DEFINITIONS._fields)
    log_spread = np.log(scenario.root.api_spread_claim.value)
    numbers, grades = quantiles[[*QUANTILES]], quantiles["grade"]
    factors = numbers.loc["effect: " + names].set_axis(names)
    dollars = numbers.reindex("of the price gap: " + names).set_axis(names)
    table = _side_by_side(
        {
            "factor": factors,
            "share_of_log_spread": np.log(factors) / log_spread,
            "share_of_price_gap": dollars,
        }
    )
    texts = pd.DataFrame(DEFINITIONS, index=names)[["right_for", "meaning"]]
    return table.assign(grade=grades.loc["effect: " + names].to_numpy()).join(texts)


def _side_by_side(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return tables of quantiles as columns: the median, then ``_low`` and ``_high``."""
    ends = {"": "p50", "_low": "p5", "_high": "p95"}
    return pd.DataFrame(
        {f"{name}{end}": table[column] for name, table in found.items() for end, column in ends.items()}
    )


def explained_by_pair(scenario: Scenario, grid: str, draws: int) -> pd.DataFrame:
    """Return the tariff's share of the spread of other pairs of prices than the claimed one.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``pair``: the claimed spread, and US over Chinese list prices of the scenario for input
        tokens, output tokens and their mix, list prices and mix drawn; ``spread``, ``share_of_log_spread``
        and ``spread_if_free`` [ratio], medians with 5 and 95 % (``_low``, ``_high``).
    """
    claimed = scenario.root.api_spread_claim.value

    def outputs(drawn: Mapping[str, Any]) -> dict[str, Any]:
        found = explained_spread(scenario, grid, drawn)
        spreads = {
            "claimed": np.full_like(found.spread_if_free, claimed),
            "input": drawn["price_us_input"] / drawn["price_cn_input"],
            "output": drawn["price_us_output"] / drawn["price_cn_output"],
            "mix": list_price(drawn, "us") / list_price(drawn, "cn"),
        }
        of_pair = {
            "spread": lambda spread: spread,
            "share_of_log_spread": lambda spread: found.parts["tariff"] / np.log(spread),
            "spread_if_free": lambda spread: found.spread_if_free * spread / claimed,
        }
        return {f"{n}: {pair}": of(spread) for n, of in of_pair.items() for pair, spread in spreads.items()}

    table = quantiles_of(uncertain_inputs(scenario, grid), outputs, draws)
    table.loc["spread: claimed"] = claimed  # no draw moves it
    return _side_by_side(
        {
            name: rows.set_axis(rows.index.str.removeprefix(f"{name}: "))
            for name, rows in table.groupby(table.index.str.partition(": ").get_level_values(0), sort=False)
        }
    ).rename_axis("pair")
