"""How much of the claimed spread electricity explains: decomposition, inverse question, uncertainty.

One side is the article's open Chinese model on a Chinese grid, the other an undisclosed US flagship on the US
grid. Cost is that of the scenario's mix of input and output tokens; what price says beyond cost is the
remainder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs.assumption import Range
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import TOKENS_PER_MTOK
from analysis.model import gpu_hour
from analysis.model.spread import explain_log_ratio
from analysis.model.token_cost import TokenShare, token_cost_of
from analysis.model.uncertainty import Bar, SobolIndex, monte_carlo, sobol_indices, tornado
from analysis.tables.cost_stack import CHINA, SHARED, US, usd
from analysis.tables.headline import Headline
from analysis.tables.two_sides import side_inputs, uncertain_inputs

SEED = 20260313
DRAWS = 16384
AT_ONCE = 8192
BINS_PER_LOG = 2000
REACH = 40
BEYOND_ANY = np.exp(REACH - 1.0)
"""Stands for infinity while quantiles are taken."""

SOBOL_POINTS = 8192
SOBOL_RESAMPLES = 200
CONFIDENCE = 0.9

REMAINDER = "remainder"
GROUPS = {
    "tariff": ("tariff_usd_per_kwh",),
    "PUE": ("pue",),
    "energy and accelerator time per token": (
        "input_gpu_hours",
        "input_gpu_power_kw",
        "output_gpu_hours",
        "output_gpu_power_kw",
        "server_overhead",
        "facility_power_kw",
    ),
    "hardware price and cost of capital": ("gpu_price_usd", "discount_rate"),
    "utilisation": ("utilisation",),
}
"""Factors of the decomposition and the inputs that change with each."""


class Outcome(NamedTuple):
    """What is asked of every draw; arrays of one length.

    Attributes
    ----------
    electricity_share_cn, electricity_share_us : array
        Electricity over cost of the mix [ratio].
    share_of_log_spread : array
        The tariff's part over the logarithm of the claimed spread [ratio].
    bill_share : array
        Logarithm by which the cheap cost grows with the dear side's whole electricity bill (tariff, PUE and
        energy of the larger model) over that of the claimed spread [ratio].
    spread_if_free : array
        Dear over cheap price if electricity cost nothing on both sides and margins stayed the same share of
        the price [ratio], as in the decomposition.
    spread_if_free_dollars : array
        The same if margins stayed the same sum of money [ratio].
    tariff_needed_usd_per_kwh : array
        US tariff at which the same model on the same hardware would cost the claimed multiple [USD/kWh].
    kwh_needed_per_mtok : array
        Energy per million tokens at which the tariff gap alone makes up the price gap [kWh].
    parts : mapping
        Factor to part of the log spread [log ratio], arrays.
    """

    electricity_share_cn: Any
    electricity_share_us: Any
    share_of_log_spread: Any
    bill_share: Any
    spread_if_free: Any
    spread_if_free_dollars: Any
    tariff_needed_usd_per_kwh: Any
    kwh_needed_per_mtok: Any
    parts: Mapping[str, Any]


OUTPUTS = Outcome._fields[:-1]


def outcome(scenario: Scenario, grid: str, draws: Mapping[str, Any]) -> Outcome:
    """Return what follows from draws of the uncertain inputs; see `Outcome`."""
    cheap = side_inputs(scenario, draws, CHINA, grid)
    dear = side_inputs(scenario, draws, US, "US")
    shared = {argument: draws[name] for argument, name in SHARED.items()}
    ratio = scenario.input_tokens_per_output_token.value

    def stack(inputs: Mapping[str, Any]) -> gpu_hour.GpuHourCost:
        return _mix(inputs, shared, ratio)

    spread = scenario.root.api_spread_claim.value
    parts = explain_log_ratio(
        cheap=cheap, dear=dear, groups=GROUPS, cost=lambda inputs: stack(inputs).total, price_ratio=spread
    )
    of_cheap, of_dear = stack(cheap), stack(dear)
    price_usd = _cheap_price_usd(scenario, ratio)
    kwh = of_cheap.electricity / cheap["tariff_usd_per_kwh"]
    dollars = (price_usd * spread - of_dear.electricity) / (price_usd - of_cheap.electricity)
    share_cn, share_us = of_cheap.electricity / of_cheap.total, of_dear.electricity / of_dear.total
    moved_bill = of_cheap.total - of_cheap.electricity + of_dear.electricity
    return Outcome(
        electricity_share_cn=share_cn,
        electricity_share_us=share_us,
        share_of_log_spread=parts["tariff"] / np.log(spread),
        bill_share=np.log(moved_bill / of_cheap.total) / np.log(spread),
        spread_if_free=spread * (1.0 - share_us) / (1.0 - share_cn),
        spread_if_free_dollars=dollars,
        tariff_needed_usd_per_kwh=gpu_hour.tariff_for_ratio(
            ratio=spread,
            cost_usd=of_cheap.total,
            energy_kwh=kwh,
            tariff_usd_per_kwh=cheap["tariff_usd_per_kwh"],
        ),
        kwh_needed_per_mtok=gpu_hour.kwh_per_usd_gap(
            price_gap_usd=price_usd * (spread - 1.0),
            tariff_gap_usd_per_kwh=dear["tariff_usd_per_kwh"] - cheap["tariff_usd_per_kwh"],
        ),
        parts=parts,
    )


def _mix(inputs: Mapping[str, Any], shared: Mapping[str, Any], ratio: float) -> gpu_hour.GpuHourCost:
    """Return the cost of a million tokens of the mix [USD]."""
    hours = {
        kind: TokenShare(inputs[f"{kind}_gpu_hours"], inputs[f"{kind}_gpu_power_kw"])
        for kind in ("input", "output")
    }
    arguments = {
        name: inputs[name]
        for name in (
            *("tariff_usd_per_kwh", "pue", "server_overhead", "facility_power_kw"),
            *("gpu_price_usd", "discount_rate", "utilisation"),
        )
    } | dict(shared)
    tokens = {"input": TOKENS_PER_MTOK * ratio / (ratio + 1.0), "output": TOKENS_PER_MTOK / (ratio + 1.0)}
    stacks = [token_cost_of(hours[kind], tokens=tokens[kind], **arguments) for kind in hours]
    return gpu_hour.GpuHourCost(*(sum(parts) for parts in zip(*stacks, strict=True)))


def _cheap_price_usd(scenario: Scenario, ratio: float) -> float:
    """Return the scenario's Chinese list price of a million tokens of the mix [USD]."""
    return (ratio * usd(scenario, "price_cn_input") + usd(scenario, "price_cn_output")) / (ratio + 1.0)


def middle(scenario: Scenario, grid: str) -> Outcome:
    """Return the outcome with every input at its value."""
    values = {
        name: np.array([entry.value]) for name, entry in uncertain_inputs(scenario, grid).uncertain.items()
    }
    return outcome(scenario, grid, values)


def distribution(scenario: Scenario, grid: str, draws: int) -> pd.DataFrame:
    """Return 5, 50 and 95 % quantiles of every output and of every part of the log spread.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``output``: ``p5``, ``p50``, ``p95``; parts of the log spread as ``part: <factor>``, over
        the logarithm of the claimed spread [ratio]. Infinite where no energy would do.
    """
    log_spread = np.log(scenario.root.api_spread_claim.value)

    def model(drawn: Mapping[str, Any]) -> dict[str, Any]:
        found = outcome(scenario, grid, drawn)
        answers = {name: getattr(found, name) for name in OUTPUTS if name != "kwh_needed_per_mtok"}
        answers["kwh_needed_per_mtok"] = np.minimum(found.kwh_needed_per_mtok, BEYOND_ANY)
        return answers | {f"part: {name}": part / log_spread for name, part in found.parts.items()}

    sketches = monte_carlo(
        uncertain_inputs(scenario, grid),
        model,
        draws=draws,
        seed=SEED,
        at_once=AT_ONCE,
        bins_per_log=BINS_PER_LOG,
        reach=REACH,
    )
    quantiles = {"p5": 0.05, "p50": 0.5, "p95": 0.95}
    table = {
        name: {end: sketch.quantile(share) for end, share in quantiles.items()}
        for name, sketch in sketches.items()
    }
    found = pd.DataFrame.from_dict(table, orient="index").rename_axis("output")
    return found.mask(found > BEYOND_ANY / 2.0, np.inf)


def headlines(table: pd.DataFrame) -> dict[str, Headline]:
    """Return the headline values from `distribution`, each with its 5 and 95 %."""
    keys = {
        "electricity_share_of_cost_cn": ("electricity_share_cn", "share"),
        "electricity_share_of_cost_us": ("electricity_share_us", "share"),
        "electricity_share_of_log_spread": ("share_of_log_spread", "share"),
        "spread_if_electricity_free": ("spread_if_free", "ratio"),
        "tariff_needed_usd_per_kwh": ("tariff_needed_usd_per_kwh", "USD/kWh"),
    }
    return {
        key: Headline.ranged(Range(*(float(table.loc[output, end]) for end in ("p5", "p50", "p95"))), unit)
        for key, (output, unit) in keys.items()
    }


def parts_table(scenario: Scenario, grid: str, spread: pd.DataFrame) -> pd.DataFrame:
    """Return the parts of the log spread: at the values, as a factor, as a share, and its 5 and 95 %."""
    found = middle(scenario, grid).parts
    log_spread = np.log(scenario.root.api_spread_claim.value)
    records = []
    for name, part in found.items():
        row = spread.loc[f"part: {name}"]
        value = float(part[0])
        records.append(
            {
                "factor": name,
                "log_ratio": value,
                "ratio": float(np.exp(value)),
                "share_of_log_spread": value / log_spread,
                "share_low": row["p5"],
                "share_high": row["p95"],
            }
        )
    return pd.DataFrame(records).set_index("factor")


def by_closed_size(scenario: Scenario, grid: str, active_b: tuple[float, ...]) -> pd.DataFrame:
    """Return how the answer depends on the size of the undisclosed flagship, all else at its value."""
    middles = uncertain_inputs(scenario, grid).uncertain
    draws = {name: np.full(len(active_b), entry.value) for name, entry in middles.items()}
    draws["closed_model_active"] = np.array(active_b)
    found = outcome(scenario, grid, draws)
    log_spread = np.log(scenario.root.api_spread_claim.value)
    table = {name: part / log_spread for name, part in found.parts.items()}
    table["electricity_share_us"] = found.electricity_share_us
    index = pd.Index(active_b, name="active parameters [billions]")
    return pd.DataFrame(table, index=index)


def sensitivity(scenario: Scenario, grid: str) -> dict[str, Bar]:
    """Return the tornado of electricity's share of the log spread: each input at its low and its high."""
    inputs = uncertain_inputs(scenario, grid)

    return tornado(inputs, lambda values: outcome(scenario, grid, values).share_of_log_spread)


def corner(scenario: Scenario, grid: str) -> Outcome:
    """Return the outcome with every input at the end that, moved alone, favours electricity most."""
    inputs = uncertain_inputs(scenario, grid)
    bars = sensitivity(scenario, grid)
    best = {
        name: np.array([entry.low if bars[name].at_low > bars[name].at_high else entry.high])
        for name, entry in inputs.uncertain.items()
    }
    return outcome(scenario, grid, best)


def variance_shares(scenario: Scenario, grid: str, output: str) -> dict[str, SobolIndex]:
    """Return Sobol indices of an output over the independent dimensions."""
    inputs = uncertain_inputs(scenario, grid)
    shared = {name for name, entry in inputs.uncertain.items() if entry.factor}
    return sobol_indices(
        [f"{name} (own part)" if name in shared else name for name in inputs.dimensions],
        lambda cube: np.asarray(getattr(outcome(scenario, grid, inputs.at(cube)), output)),
        points=SOBOL_POINTS,
        seed=SEED,
        confidence=CONFIDENCE,
        resamples=SOBOL_RESAMPLES,
    )


def as_table(named: Mapping[str, Any]) -> pd.DataFrame:
    """Return bars or indices as a table, one row an input."""
    rows = {name: entry._asdict() for name, entry in named.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("input")
