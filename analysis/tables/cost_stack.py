"""The cost of a token on each grid, part by part."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.money import in_currency
from analysis.inputs.scenario import Scenario
from analysis.model import gpu_hour
from analysis.model.token_cost import KINDS, token_cost

GRIDS = {"hub": "tariff_cn_hub", "average": "tariff_cn_average", "US": "tariff_us"}
"""Grid to the assumption that holds its tariff."""

OPEN_MODEL = "MiniMaxAI/MiniMax-M2.5"
"""The cheap side of the article's pair: the open model whose list price it sets against the dearest."""

GPU = {"China": "H200", "US": "H100"}
"""The accelerator of each side: the one whose price the scenario's figure is of."""

PRECISION = "fp8"


class Side(NamedTuple):
    """Names of the assumptions of one side."""

    name: str
    gpu_price: str
    cost_of_capital: str
    utilisation: str
    pue: str


CHINA = Side("China", "gpu_price_cn", "cost_of_capital_cn", "utilisation_cn", "pue")
US = Side("US", "gpu_price_us", "cost_of_capital_us", "utilisation_us", "pue_us")
SHARED = {
    "gpu_life_years": "gpu_life",
    "facility_life_years": "facility_life",
    "network_usd_per_gpu_hour": "network_cost",
    "facility_capex_usd_per_kw": "facility_capex",
    "other_opex_usd_per_gpu_hour": "other_opex",
    "idle_power_fraction": "idle_power",
}
"""Arguments of the cost stack that both sides share, and their assumptions."""


def usd(scenario: Scenario, name: str, end: str = "value") -> float:
    """Return an assumption's value or end, money in USD."""
    return float(getattr(in_currency(getattr(scenario, name), "USD"), end))


def costs_of(scenario: Scenario, side: Side, grid: str) -> dict[str, Any]:
    """Return the arguments of `analysis.gpu_hour_cost` on a side, on a grid, but power."""
    own = {
        "gpu_price_usd": side.gpu_price,
        "discount_rate": side.cost_of_capital,
        "utilisation": side.utilisation,
        "pue": side.pue,
        "tariff_usd_per_kwh": GRIDS[grid],
    }
    return {argument: usd(scenario, name) for argument, name in (own | SHARED).items()}


def setup_of(scenario: Scenario, side: Side, model: str) -> pd.DataFrame:
    """Return a model served on a side as a one-row frame; ``flagship`` is the undisclosed US one."""
    ratio = scenario.input_tokens_per_output_token.value
    output_tokens = datasets.load_energy_assumptions().loc["output_tokens", "value"]
    if model == "flagship":
        active = scenario.closed_model_active.value
        shape = {"params_active_b": active, "params_total_b": active * scenario.closed_model_sparsity.value}
    else:
        card = datasets.load_model_cards().loc[model]
        names = ("params_total_b", "params_active_b", "layers", "kv_bytes_per_token_bf16")
        shape = card[[*names, "n_experts", "experts_per_token"]].astype(float).to_dict()
    frame = pd.DataFrame([shape]).assign(
        precision=PRECISION,
        gpu_model=GPU[side.name],
        input_tokens=ratio * output_tokens,
        output_tokens=output_tokens,
    )
    count = gpu_count(frame["params_total_b"].to_numpy(), GPU[side.name])
    return frame.assign(gpu_count=count, batch=scenario.batch_per_gpu.value * count)


def gpu_count(params_total_b: Any, gpu_model: str) -> Any:
    """Return how many accelerators hold a model in eight bits with room for its cache: a power of two."""
    headroom = datasets.load_energy_assumptions().loc["memory_headroom", "value"]
    memory_gb = datasets.load_gpu_specs().loc[gpu_model, "memory_gb"]
    size_gb = params_total_b * datasets.load_precisions().loc[PRECISION, "bytes_per_weight"]
    return np.exp2(np.ceil(np.log2(np.maximum(size_gb * headroom / memory_gb, 1.0))))


def stacks(scenario: Scenario) -> pd.DataFrame:
    """Return the cost of tokens by model, side and grid, part by part.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``model``, ``served_on`` and ``kind`` of token (``mix`` is the scenario's mix of input and
        output): parts and total [USD per million tokens], total [CNY per million tokens],
        ``electricity_share`` of the total, ``electricity_share_of_cash``: of electricity and other operating
        cost alone, ``kwh_per_mtok`` at the facility.
    """
    ratio = scenario.input_tokens_per_output_token.value
    records = []
    for model, side, grid in (
        (OPEN_MODEL, CHINA, "hub"),
        (OPEN_MODEL, CHINA, "average"),
        (OPEN_MODEL, US, "US"),
        ("flagship", US, "US"),
    ):
        costs = costs_of(scenario, side, grid)
        cached = scenario.cached_input_cost.value
        row = token_cost(setup_of(scenario, side, model), cached_input_cost=cached, **costs).iloc[0]
        place = {"model": model, "served_on": side.name if grid == "US" else f"China, {grid}"}
        of_kind = {
            kind: {
                **{part: row[f"{kind}_{part}_usd_per_mtok"] for part in gpu_hour.GpuHourCost._fields},
                "total_cny": row[f"{kind}_total_cny_per_mtok"],
            }
            for kind in KINDS
        }
        of_kind["mix"] = {
            part: (ratio * of_kind["input"][part] + of_kind["output"][part]) / (ratio + 1.0)
            for part in of_kind["output"]
        }
        for kind, parts in of_kind.items():
            share = parts["electricity"] / parts["total"]
            kwh = parts["electricity"] / costs["tariff_usd_per_kwh"]
            of_cash = parts["electricity"] / (parts["electricity"] + parts["other"])
            shares = {"electricity_share": share, "electricity_share_of_cash": of_cash}
            records.append({**place, "kind": kind, **parts, **shares, "kwh_per_mtok": kwh})
    return pd.DataFrame(records).set_index(["model", "served_on", "kind"])
