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

from analysis import energy_data
from analysis.energy_model import EnergyModel, Rows
from analysis.estimate import intervals, read_rows
from analysis.model import cost
from analysis.model.energy import at_boundary
from analysis.model.explain import explain_log_ratio
from analysis.model.uncertainty import Bar, Inputs, SobolIndex, Uncertain, monte_carlo, sobol_indices, tornado
from analysis.money import Range, in_currency
from analysis.results import Headline
from analysis.scenario import Scenario
from analysis.tables.cost_stack import CHINA, GRIDS, OPEN_MODEL, SHARED, US, Side, gpu_count, setup_of, usd
from analysis.units import TOKENS_PER_MTOK, currency_of

SEED = 20260313
DRAWS = 16384
AT_ONCE = 8192
BINS_PER_LOG = 2000
REACH = 40
BEYOND_ANY = np.exp(REACH - 1.0)
"""Stands for infinity while quantiles are taken."""

SOBOL_POINTS = 1024
SOBOL_RESAMPLES = 200
CONFIDENCE = 0.9

REMAINDER = "remainder"
GROUPS = {
    "tariff": ("tariff_usd_per_kwh",),
    "PUE": ("pue",),
    "energy per token (model and hardware)": (
        "input_gpu_hours",
        "input_gpu_power_kw",
        "output_gpu_hours",
        "output_gpu_power_kw",
        "server_overhead",
    ),
    "hardware price and cost of capital": ("gpu_price_usd", "discount_rate"),
    "utilisation": ("utilisation",),
}
"""Factors of the decomposition and the inputs that change with each."""

LOADINGS = {
    "gpu_price_cn": ("hardware market", 0.7),
    "gpu_price_us": ("hardware market", 0.7),
    "cost_of_capital_cn": ("capital market", 0.5),
    "cost_of_capital_us": ("capital market", 0.5),
    "utilisation_cn": ("demand", 0.5),
    "utilisation_us": ("demand", 0.5),
    "batch_cn": ("demand", 0.5),
    "batch_us": ("demand", 0.5),
    "energy_error_cn": ("energy model", 0.8),
    "energy_error_us": ("energy model", 0.8),
}
"""Inputs that move together: the factor they share and their correlation with it (the project's choice)."""


class Outcome(NamedTuple):
    """What is asked of every draw; arrays of one length.

    Attributes
    ----------
    electricity_share_cn, electricity_share_us : array
        Electricity over cost of the mix [ratio].
    share_of_log_spread : array
        The tariff's part over the logarithm of the claimed spread [ratio].
    spread_if_free : array
        Dear over cheap price if electricity cost nothing on both sides [ratio].
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
    spread_if_free: Any
    tariff_needed_usd_per_kwh: Any
    kwh_needed_per_mtok: Any
    parts: Mapping[str, Any]


OUTPUTS = Outcome._fields[:-1]


def uncertain_inputs(scenario: Scenario, grid: str) -> Inputs:
    """Return the inputs of both sides with their ends, bounds and shared factors."""
    names = {name for side in (CHINA, US) for name in side[1:]} | set(SHARED.values())
    names |= {GRIDS[grid], GRIDS["US"], "closed_model_active", "closed_model_sparsity"}
    entries = {name: _of_assumption(scenario, name) for name in sorted(names)}
    for side in ("cn", "us"):
        entries[f"batch_{side}"] = _of_assumption(scenario, "batch_per_gpu")
        entries[f"energy_error_{side}"] = _energy_error(scenario, CHINA if side == "cn" else US)
    host = energy_data.load_energy_assumptions().loc["host_power_share"]
    entries["host_power_share"] = Uncertain(host["low"], host["value"], host["high"], least=0.0)
    for name, (factor, loading) in LOADINGS.items():
        old = entries[name]
        entries[name] = Uncertain(old.low, old.value, old.high, old.least, old.greatest, factor, loading)
    return Inputs(entries)


def _of_assumption(scenario: Scenario, name: str) -> Uncertain:
    """Return an assumption with its bounds; money in USD, bounded by zero alone."""
    figure = getattr(scenario, name)
    found = in_currency(figure, "USD")
    if currency_of(figure.unit):
        return Uncertain(found.low, found.value, found.high, least=0.0)
    limits: Any = Scenario.model_fields[name].json_schema_extra
    return Uncertain(found.low, found.value, found.high, limits["lowest"], limits["highest"])


def _energy_error(scenario: Scenario, side: Side) -> Uncertain:
    """Return predicted over true energy of a set-up whose inputs are known: residuals of the energy model."""
    model = OPEN_MODEL if side is CHINA else "flagship"
    low, median, high = intervals(EnergyModel.load(), read_rows(setup_of(scenario, side, model)))
    return Uncertain(float(low[0] / median[0]), 1.0, float(high[0] / median[0]))


def side_inputs(scenario: Scenario, draws: Mapping[str, Any], side: Side, grid: str) -> dict[str, Any]:
    """Return the inputs of the cost of a side's mix, from draws of the uncertain ones."""
    suffix = "cn" if side is CHINA else "us"
    rows = _rows(scenario, draws, side, suffix)
    model = EnergyModel.load()
    steps = model.steps(model.fill(rows))
    error = draws[f"energy_error_{suffix}"]
    own = {name: rows.numbers[name] for name in ("batch", "gpu_count")} | {
        "prefill_time_s": steps.prefill_time_s
    }
    of_input = cost.input_share(
        prefill_energy_j=steps.prefill_energy_j_per_output_token,
        input_tokens_per_output_token=scenario.input_tokens_per_output_token.value,
        **own,
    )
    of_output = cost.output_share(
        step_time_s=steps.step_time_s, decode_energy_j=steps.decode_energy_j_per_output_token, **own
    )
    links = energy_links(draws["host_power_share"])
    # the model's error is one of time at a known power: hours and energy carry it alike
    return {
        "tariff_usd_per_kwh": draws[GRIDS[grid]],
        "pue": draws[side.pue],
        "input_gpu_hours": of_input.gpu_hours * error,
        "input_gpu_power_kw": of_input.gpu_power_kw,
        "output_gpu_hours": of_output.gpu_hours * error,
        "output_gpu_power_kw": of_output.gpu_power_kw,
        "server_overhead": at_boundary(
            gpu_energy_j=1.0, gpu_power_ratio=steps.gpu_power_ratio, links=links, boundary="server"
        ),
        "gpu_price_usd": draws[side.gpu_price],
        "discount_rate": draws[side.cost_of_capital],
        "utilisation": draws[side.utilisation],
    }


def energy_links(host_power_share: Any) -> Any:
    """Return links that stop at the server: idle time is in the utilisation, PUE in the cost."""
    from analysis.model.energy import Links

    return Links(host_power_share=host_power_share, idle_overhead=1.0, pue=1.0)


def _rows(scenario: Scenario, draws: Mapping[str, Any], side: Side, suffix: str) -> Rows:
    """Return the set-up of a side for each draw."""
    one = read_rows(setup_of(scenario, side, OPEN_MODEL if side is CHINA else "flagship"))
    length = np.size(draws[f"batch_{suffix}"])
    numbers = {name: np.repeat(column, length) for name, column in one.numbers.items()}
    if side is US:
        active = np.broadcast_to(draws["closed_model_active"], length)
        numbers["params_active_b"] = active
        numbers["params_total_b"] = active * draws["closed_model_sparsity"]
        numbers["gpu_count"] = gpu_count(numbers["params_total_b"], "H100")
    numbers["batch"] = draws[f"batch_{suffix}"] * numbers["gpu_count"]
    return Rows(numbers, np.repeat(one.gpu, length), np.repeat(one.precision, length))


def outcome(scenario: Scenario, grid: str, draws: Mapping[str, Any]) -> Outcome:
    """Return what follows from draws of the uncertain inputs; see `Outcome`."""
    cheap = side_inputs(scenario, draws, CHINA, grid)
    dear = side_inputs(scenario, draws, US, "US")
    shared = {argument: draws[name] for argument, name in SHARED.items()}
    ratio = scenario.input_tokens_per_output_token.value

    def stack(inputs: Mapping[str, Any]) -> cost.GpuHourCost:
        return _mix(inputs, shared, ratio)

    spread = scenario.root.api_spread_claim.value
    parts = explain_log_ratio(
        cheap=cheap, dear=dear, groups=GROUPS, cost=lambda inputs: stack(inputs).total, price_ratio=spread
    )
    of_cheap, of_dear = stack(cheap), stack(dear)
    price_usd = _cheap_price_usd(scenario, ratio)
    kwh = of_cheap.electricity / cheap["tariff_usd_per_kwh"]
    free = (price_usd * spread - of_dear.electricity) / (price_usd - of_cheap.electricity)
    return Outcome(
        electricity_share_cn=of_cheap.electricity / of_cheap.total,
        electricity_share_us=of_dear.electricity / of_dear.total,
        share_of_log_spread=parts["tariff"] / np.log(spread),
        spread_if_free=free,
        tariff_needed_usd_per_kwh=cost.tariff_for_ratio(
            ratio=spread,
            cost_usd=of_cheap.total,
            energy_kwh=kwh,
            tariff_usd_per_kwh=cheap["tariff_usd_per_kwh"],
        ),
        kwh_needed_per_mtok=cost.kwh_per_usd_gap(
            price_gap_usd=price_usd * (spread - 1.0),
            tariff_gap_usd_per_kwh=dear["tariff_usd_per_kwh"] - cheap["tariff_usd_per_kwh"],
        ),
        parts=parts,
    )


def _mix(inputs: Mapping[str, Any], shared: Mapping[str, Any], ratio: float) -> cost.GpuHourCost:
    """Return the cost of a million tokens of the mix [USD]."""
    hours = {
        kind: cost.TokenShare(inputs[f"{kind}_gpu_hours"], inputs[f"{kind}_gpu_power_kw"])
        for kind in ("input", "output")
    }
    arguments = {
        name: inputs[name]
        for name in (
            *("tariff_usd_per_kwh", "pue", "server_overhead"),
            *("gpu_price_usd", "discount_rate", "utilisation"),
        )
    } | dict(shared)
    tokens = {"input": TOKENS_PER_MTOK * ratio / (ratio + 1.0), "output": TOKENS_PER_MTOK / (ratio + 1.0)}
    stacks = [cost.token_cost_of(hours[kind], tokens=tokens[kind], **arguments) for kind in hours]
    return cost.GpuHourCost(*(sum(parts) for parts in zip(*stacks, strict=True)))


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

    def answer(values: Mapping[str, Any]) -> Any:
        one = {name: np.array([value]) for name, value in values.items()}
        return outcome(scenario, grid, one).share_of_log_spread[0]

    return tornado(inputs, answer)


def variance_shares(scenario: Scenario, grid: str, output: str) -> dict[str, SobolIndex]:
    """Return Sobol indices of an output over the independent dimensions."""
    inputs = uncertain_inputs(scenario, grid)
    return sobol_indices(
        inputs.dimensions,
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
