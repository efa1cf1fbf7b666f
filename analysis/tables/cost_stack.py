"""The two sides of the comparison: what a token takes and costs on each grid, part by part.

One side is the article's open Chinese model on a Chinese grid, the other an undisclosed US flagship on the US
grid.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.money import in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import WATT_PER_KW, currency_of
from analysis.model import gpu_hour, hour_inputs
from analysis.model.boundary import OTHER, Links, at_boundary, host_power_shares
from analysis.model.energy_model import EnergyModel
from analysis.model.hour_inputs import OF_SIDE, REFERENCE_CARD
from analysis.model.predict import intervals
from analysis.model.read_rows import read_rows
from analysis.model.setups import INPUTS, Filled
from analysis.model.spread import blended_price
from analysis.model.token_cost import token_cost, token_shares
from analysis.model.token_use import KINDS
from analysis.model.uncertainty import Inputs, Uncertain

GRIDS = {
    "hub": "tariff_cn_hub",
    "subsidised hub": "tariff_cn_hub_subsidised",
    "average": "tariff_cn_average",
    "US": "tariff_us",
}
"""Grid to the assumption that holds its tariff; a subsidised hub sells to domestic accelerators alone."""

OPEN_MODEL = "MiniMaxAI/MiniMax-M2.5"
"""The cheap side of the article's pair: the open model whose list price it sets against the dearest."""

FLAGSHIP = "flagship"
"""The dear side: an undisclosed US model, whose size is an assumption of the scenario."""

PRECISION, ENGINE = "fp8", "current"


class Side(NamedTuple):
    """A side: how the names of its assumptions and uncertain inputs end, and what is sold there.

    ``gpu_model`` is the accelerator, ``pue`` and ``gpu_price`` name the assumptions of its data centre and of
    its price.
    """

    suffix: str
    model: str
    gpu_model: str
    pue: str
    gpu_price: str

    @property
    def assumptions(self) -> dict[str, str]:
        """The side's own arguments of `analysis.gpu_hour_cost`, and the assumptions that hold them."""
        of_side = {argument: f"{name}_{self.suffix}" for argument, name in OF_SIDE.items()}
        return of_side | {"gpu_price_usd": self.gpu_price, "pue": self.pue}


CHINA = Side("cn", OPEN_MODEL, REFERENCE_CARD["cn"], pue="pue", gpu_price="gpu_price_cn")
DOMESTIC = CHINA._replace(gpu_model="Ascend-910C", gpu_price="gpu_price_cn_domestic")
"""China on the accelerators that a subsidised tariff asks for."""

US = Side("us", FLAGSHIP, REFERENCE_CARD["us"], pue="pue_us", gpu_price="gpu_price_us")
SERVED = (
    (OPEN_MODEL, CHINA, "hub"),
    (OPEN_MODEL, CHINA, "average"),
    (OPEN_MODEL, US, "US"),
    (FLAGSHIP, US, "US"),
    (OPEN_MODEL, DOMESTIC, "subsidised hub"),
)
"""Which model is served on which side and grid."""

SHARED = {**hour_inputs.SHARED, "idle_power_fraction": "idle_power"}
"""Arguments of `analysis.gpu_hour_cost` that both sides share, and their assumptions."""


def side_of(grid: str) -> Side:
    """Return the side that a grid belongs to, with the accelerators that run there."""
    return {"US": US, "subsidised hub": DOMESTIC}.get(grid, CHINA)


def usd(scenario: Scenario, name: str) -> float:
    """Return an assumption's value, money in USD."""
    return float(in_currency(getattr(scenario, name), "USD").value)


def assumptions_of(side: Side, grid: str) -> dict[str, str]:
    """Return the arguments of `analysis.gpu_hour_cost` but power, and the assumptions that hold them."""
    return {**side.assumptions, "tariff_usd_per_kwh": GRIDS[grid], **SHARED}


def gpu_hour_inputs(scenario: Scenario, side: Side, grid: str) -> dict[str, Any]:
    """Return the arguments of `analysis.gpu_hour_cost` on a side, on a grid, but power."""
    return {argument: usd(scenario, name) for argument, name in assumptions_of(side, grid).items()}


def setup_of(scenario: Scenario, side: Side, model: str) -> pd.DataFrame:
    """Return a model served on a side as a one-row frame, as `analysis.predict_energy` takes it."""
    output_tokens = datasets.load_energy_assumptions().loc["output_tokens", "value"]
    if model == FLAGSHIP:
        active = scenario.closed_model_active.value
        shape = {"params_active_b": active, "params_total_b": active * scenario.closed_model_sparsity.value}
    else:
        shape = datasets.load_model_cards().loc[model].reindex(INPUTS).dropna().to_dict()
    frame = pd.DataFrame([shape]).assign(
        precision=PRECISION,
        gpu_model=side.gpu_model,
        engine=ENGINE,
        input_tokens=scenario.input_tokens_per_output_token.value * output_tokens,
        output_tokens=output_tokens,
    )
    gpu_count = EnergyModel.load().fill(read_rows(frame)).numbers["gpu_count"]  # as many as hold the model
    return frame.assign(gpu_count=gpu_count, batch=scenario.batch_per_gpu.value * gpu_count)


def token_cost_parts(scenario: Scenario) -> pd.DataFrame:
    """Return the cost of tokens by model, side and grid, part by part.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``model``, ``served_on`` and ``kind`` of token (``mix`` is the scenario's mix of input and
        output): parts and total [USD per million tokens], total [CNY per million tokens],
        ``electricity_share`` of the total, ``electricity_share_of_cash``: of electricity and other operating
        cost alone, ``kwh_per_mtok`` at the facility.
    """
    tables = {
        (model, "US" if grid == "US" else f"China, {grid}"): cost_parts(scenario, model, side, grid)
        for model, side, grid in SERVED
    }
    return pd.concat(tables, names=["model", "served_on", "kind"])


def cost_parts(scenario: Scenario, model: str, side: Side, grid: str, **replaced: float) -> pd.DataFrame:
    """Return the cost of a model's tokens on a side, by kind, part by part, as `token_cost_parts` does.

    Parameters
    ----------
    scenario, model, side, grid
        What is served where.
    **replaced : float
        Arguments of `analysis.gpu_hour_cost` in place of the scenario's; money in USD.
    """
    costs = {**gpu_hour_inputs(scenario, side, grid), **replaced}
    setup = setup_of(scenario, side, model)
    row = token_cost(setup, cached_input_cost=scenario.cached_input_cost.value, **costs).iloc[0]
    columns = {part: f"{part}_usd_per_mtok" for part in gpu_hour.GpuHourCost._fields}
    columns["total_cny"] = "total_cny_per_mtok"
    table = pd.DataFrame(
        {name: [row[f"{kind}_{column}"] for kind in KINDS] for name, column in columns.items()}, index=KINDS
    )
    table.loc["mix"] = blended_price(
        input_price=table.loc["input"],
        output_price=table.loc["output"],
        input_tokens_per_output_token=scenario.input_tokens_per_output_token.value,
    )
    table["electricity_share"] = table["electricity"] / table["total"]
    table["electricity_share_of_cash"] = table["electricity"] / (table["electricity"] + table["other"])
    table["kwh_per_mtok"] = table["electricity"] / costs["tariff_usd_per_kwh"]
    return table


def cash_cost_ratio(scenario: Scenario, grid: str) -> pd.DataFrame:
    """Return US over Chinese cost of the mix once capital is sunk, for each class of the US tariff.

    Parameters
    ----------
    scenario : Scenario
        Its assumptions; the US tariff is that of each class in turn, and its own.
    grid : str
        Chinese grid, one of `GRIDS`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``tariff_us`` (each class, and ``scenario``) and ``model``, served in the US beside the
        open model in China: cash cost of both [USD per million tokens]; US over Chinese ``cash_ratio`` (of
        electricity and other operating cost), ``electricity_ratio`` and ``cost_ratio`` (of all) [ratio].
    """
    mix = token_cost_parts(scenario).xs("mix", level="kind")
    cheap = mix.loc[(OPEN_MODEL, f"China, {grid}")]
    cash_cn = cheap["electricity"] + cheap["other"]
    classes = {**scenario.definition("tariff_us").choices, "scenario": "tariff_us"}
    rows = {}
    for (word, tariff), model in product(classes.items(), (OPEN_MODEL, FLAGSHIP)):
        dear = mix.loc[(model, "US")]
        electricity = dear["kwh_per_mtok"] * usd(scenario, tariff)
        cash_us = electricity + dear["other"]
        rows[word, model] = {
            "cash_cn_usd": cash_cn,
            "cash_us_usd": cash_us,
            "cash_ratio": cash_us / cash_cn,
            "electricity_ratio": electricity / cheap["electricity"],
            "cost_ratio": (dear["total"] - dear["electricity"] + electricity) / cheap["total"],
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.set_axis(pd.MultiIndex.from_tuples(rows, names=["tariff_us", "model"]))


def uncertain_inputs(scenario: Scenario, grid: str) -> Inputs:
    """Return the inputs of both sides with their ends, bounds and shared factors."""
    sides = (side_of(grid), US)
    names = {*assumptions_of(sides[0], grid).values(), *assumptions_of(US, "US").values()}
    names |= {"closed_model_active", "closed_model_sparsity"}
    entries = {name: _uncertain_assumption(scenario, name) for name in sorted(names)}
    for side in sides:
        entries[f"batch_{side.suffix}"] = _uncertain_assumption(scenario, "batch_per_gpu")
        entries[f"energy_error_{side.suffix}"] = _uncertain_energy_error(scenario, side)
    host = datasets.load_energy_assumptions().loc["host_power_share"]
    entries["host_power_share"] = Uncertain(host["low"], host["value"], host["high"], least=0.0)
    for name, shared in datasets.load_correlations().filter(entries, axis="index").iterrows():
        entries[name] = replace(entries[name], factor=shared["factor"], loading=shared["loading"])
    return Inputs(entries)


def _uncertain_assumption(scenario: Scenario, name: str) -> Uncertain:
    """Return an assumption with its bounds; money in USD, bounded by zero alone."""
    assumption = getattr(scenario, name)
    found = in_currency(assumption, "USD")
    if currency_of(assumption.unit):
        return Uncertain(*found, least=0.0)
    defined = scenario.definition(name)
    return Uncertain(*found, defined.lowest, defined.highest)


def _uncertain_energy_error(scenario: Scenario, side: Side) -> Uncertain:
    """Return predicted over true energy of a set-up whose inputs are known: residuals of the energy model."""
    rows = read_rows(setup_of(scenario, side, side.model))
    low, median, high = (float(quantile[0]) for quantile in intervals(EnergyModel.load(), rows))
    return Uncertain(low / median, 1.0, high / median)


def mix_cost_inputs(scenario: Scenario, draws: Mapping[str, Any], side: Side, grid: str) -> dict[str, Any]:
    """Return the inputs of the cost of a side's mix of tokens, from draws of the uncertain ones."""
    setups = _drawn_setups(scenario, draws, side)
    steps = EnergyModel.load().steps(setups)
    # accelerator time and power of a token of each kind
    shares = token_shares(
        step_time_s=steps.step_time_s,
        prefill_time_s=steps.prefill_time_s,
        batch=setups.numbers["batch"],
        gpu_count=setups.numbers["gpu_count"],
        prefill_energy_j=steps.prefill_energy_j_per_output_token,
        decode_energy_j=steps.decode_energy_j_per_output_token,
        input_tokens_per_output_token=scenario.input_tokens_per_output_token.value,
    )
    # from GPU to server alone: idle time is in the utilisation, PUE in the cost
    host_power_share = draws["host_power_share"] * _host_of_card(side)
    links = Links(host_power_share=host_power_share, idle_overhead=1.0, pue=1.0)
    for kind, ratio in (("input", steps.prefill_power_ratio), ("output", steps.decode_power_ratio)):
        server = at_boundary(gpu_energy_j=1.0, gpu_power_ratio=ratio, links=links, boundary="server")
        shares[kind] = shares[kind]._replace(gpu_power_kw=shares[kind].gpu_power_kw * server)
    rated_kw = datasets.load_gpu_specs().loc[side.gpu_model, "tdp_w"] / WATT_PER_KW
    # the model's error is one of time at a known power: hours and energy carry it alike
    error = draws[f"energy_error_{side.suffix}"]
    shares = {kind: share._replace(gpu_hours=share.gpu_hours * error) for kind, share in shares.items()}
    return {
        "tariff_usd_per_kwh": draws[GRIDS[grid]],
        **{argument: draws[name] for argument, name in side.assumptions.items()},
        "input_share": shares["input"],
        "output_share": shares["output"],
        "facility_power_kw": rated_kw * (1.0 + host_power_share),
    }


def _host_of_card(side: Side) -> float:
    """Return the host share of a side's card over the general one, which is drawn [ratio]."""
    shares = host_power_shares()["value"]
    return float(shares[datasets.load_gpu_specs().index.get_loc(side.gpu_model)] / shares[OTHER])


def _drawn_setups(scenario: Scenario, draws: Mapping[str, Any], side: Side) -> Filled:
    """Return the set-up of a side for each draw: its size where it is undisclosed, and its batch."""
    one = read_rows(setup_of(scenario, side, side.model))
    batch_per_gpu = draws[f"batch_{side.suffix}"]
    rows = one.take(np.zeros(np.size(batch_per_gpu), dtype=np.intp))
    if side.model == FLAGSHIP:
        active = np.broadcast_to(draws["closed_model_active"], rows.gpu.shape)
        total = active * draws["closed_model_sparsity"]
        unknown = np.full(rows.gpu.shape, np.nan)  # as many as hold the model
        sizes = {"params_active_b": active, "params_total_b": total, "gpu_count": unknown, "batch": unknown}
        rows = rows._replace(numbers={**rows.numbers, **sizes})
    filled = EnergyModel.load().fill(rows)
    batch = batch_per_gpu * filled.numbers["gpu_count"]
    return filled._replace(numbers={**filled.numbers, "batch": batch})
