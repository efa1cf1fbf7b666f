"""Which input matters to the tariff's share of the spread, and how inputs go together."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.inputs.scenario import Scenario
from analysis.model.memory import Floats
from analysis.model.sensitivity import greatest_corner, sobol_indices, tornado
from analysis.tables.cost_stack import uncertain_inputs
from analysis.tables.explained_share import SEED, ExplainedSpread, explained_spread, output_quantiles

SOBOL: dict[str, Any] = {"seed": SEED, "points": 8192, "resamples": 200, "confidence": 0.9}
CORRELATIONS: dict[str, float | None] = {"none": 0.0, "as assumed": None, "strong": 0.9}
"""Correlations that the inputs which share a factor are tried with; None keeps those of their rows."""

_SIDES = {"cn": "China", "us": "US"}
_OF_SIDES = {"batch": "batch_per_gpu", "energy_error": "error of the energy model"}
"""Inputs that are drawn for each side: the assumption that they come from, or what they are."""

_HOST = {"host_power_share": "power of the server beside its accelerators"}


def input_meanings(scenario: Scenario, grid: str) -> dict[str, str]:
    """Return what each uncertain input, and each factor that inputs share, means in words."""
    meanings = dict(_HOST)
    for stem, name in _OF_SIDES.items():
        text = scenario.definition(name).meaning if hasattr(scenario, name) else name
        meanings |= {f"{stem}_{side}": f"{text}, {place}" for side, place in _SIDES.items()}
    inputs = uncertain_inputs(scenario, grid)
    for name in inputs.uncertain:
        if name not in meanings:
            meanings[name] = scenario.definition(_chosen(scenario, name)).meaning
    for name, entry in inputs.uncertain.items():
        if entry.factor:
            meanings[f"{name} (own part)"] = f"{meanings[name]} (its own part)"
            meanings[f"factor {entry.factor}"] = f"{entry.factor}, common to several inputs"
    return meanings


def _chosen(scenario: Scenario, name: str) -> str:
    """Return the assumption that one is chosen to be, or itself."""
    choices = scenario.definition(name).choices.values()
    return next((one for one in choices if getattr(scenario, one) == getattr(scenario, name)), name)


def tariff_share_by_input(scenario: Scenario, grid: str) -> pd.DataFrame:
    """Return the tariff's share of the log spread with each input at its low and its high, widest first.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``input``: ``meaning``; ``at_low`` and ``at_high``, all others at their central value
        [ratio]; ``in_corner``, what it is where all together make the share greatest, in the unit of its
        assumption, money in USD.
    """
    inputs = uncertain_inputs(scenario, grid)

    def share(values: Mapping[str, Floats]) -> Floats:
        return np.asarray(explained_spread(scenario, grid, values).share_of_log_spread)

    bars = tornado(inputs, share)
    table = pd.DataFrame(bars.values(), index=pd.Index(bars, name="input"))
    table.insert(0, "meaning", pd.Series(input_meanings(scenario, grid)))
    return table.assign(in_corner=pd.Series(greatest_corner(inputs, share)))


def explained_spread_at(scenario: Scenario, grid: str, values: Mapping[str, float]) -> ExplainedSpread:
    """Return what is explained with each input at a value; arrays of one entry."""
    return explained_spread(scenario, grid, {name: np.array([value]) for name, value in values.items()})


def output_sobol_indices(scenario: Scenario, grid: str, output: str) -> pd.DataFrame:
    """Return Sobol indices of an output over the independent dimensions, with what each means."""
    inputs = uncertain_inputs(scenario, grid)
    shared = {name for name, entry in inputs.uncertain.items() if entry.factor}
    found = sobol_indices(
        [f"{name} (own part)" if name in shared else name for name in inputs.dimensions],
        lambda cube: np.asarray(getattr(explained_spread(scenario, grid, inputs.at(cube)), output)),
        **SOBOL,
    )
    table = pd.DataFrame(found.values(), index=pd.Index(found, name="input"))
    table.insert(0, "meaning", pd.Series(input_meanings(scenario, grid)))
    return table


def explained_by_correlation(scenario: Scenario, grid: str, draws: int) -> pd.DataFrame:
    """Return how far the answer depends on how inputs move together.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``correlation`` (of `CORRELATIONS`) and ``output``: ``p5``, ``p50``, ``p95``.
    """
    shown = ["effect: all_orders", "share_of_log_spread", "spread_if_free", "effect: bill"]
    tables = {
        word: output_quantiles(scenario, grid, draws, correlation).loc[shown]
        for word, correlation in CORRELATIONS.items()
    }
    return pd.concat(tables, names=["correlation", "output"])
