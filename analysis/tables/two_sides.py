"""The two sides of the decomposition: what is uncertain about them, and what a token takes on each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.inputs import datasets
from analysis.inputs.money import in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import WATT_PER_KW, currency_of
from analysis.model.boundary import Links, at_boundary
from analysis.model.energy_model import EnergyModel, Rows
from analysis.model.predict import intervals, read_rows
from analysis.model.token_cost import token_shares
from analysis.model.uncertainty import Inputs, Uncertain
from analysis.tables.cost_stack import CHINA, GPU, GRIDS, OPEN_MODEL, SHARED, US, Side, gpu_count, setup_of

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


def uncertain_inputs(scenario: Scenario, grid: str) -> Inputs:
    """Return the inputs of both sides with their ends, bounds and shared factors."""
    names = {name for side in (CHINA, US) for name in side[1:]} | set(SHARED.values())
    names |= {GRIDS[grid], GRIDS["US"], "closed_model_active", "closed_model_sparsity"}
    entries = {name: _of_assumption(scenario, name) for name in sorted(names)}
    for side in ("cn", "us"):
        entries[f"batch_{side}"] = _of_assumption(scenario, "batch_per_gpu")
        entries[f"energy_error_{side}"] = _energy_error(scenario, CHINA if side == "cn" else US)
    host = datasets.load_energy_assumptions().loc["host_power_share"]
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
    defined = scenario.definition(name)
    return Uncertain(found.low, found.value, found.high, defined.lowest, defined.highest)


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
    shares = token_shares(
        step_time_s=steps.step_time_s,
        prefill_time_s=steps.prefill_time_s,
        batch=rows.numbers["batch"],
        gpu_count=rows.numbers["gpu_count"],
        prefill_energy_j=steps.prefill_energy_j_per_output_token,
        decode_energy_j=steps.decode_energy_j_per_output_token,
        input_tokens_per_output_token=scenario.input_tokens_per_output_token.value,
    )
    links = _server_links(draws["host_power_share"])
    rated_kw = datasets.load_gpu_specs().loc[GPU[side.name], "tdp_w"] / WATT_PER_KW
    # the model's error is one of time at a known power: hours and energy carry it alike
    return {
        "tariff_usd_per_kwh": draws[GRIDS[grid]],
        "pue": draws[side.pue],
        "input_gpu_hours": shares["input"].gpu_hours * error,
        "input_gpu_power_kw": shares["input"].gpu_power_kw,
        "output_gpu_hours": shares["output"].gpu_hours * error,
        "output_gpu_power_kw": shares["output"].gpu_power_kw,
        "server_overhead": at_boundary(
            gpu_energy_j=1.0, gpu_power_ratio=steps.gpu_power_ratio, links=links, boundary="server"
        ),
        "facility_power_kw": rated_kw * (1.0 + draws["host_power_share"]),
        "gpu_price_usd": draws[side.gpu_price],
        "discount_rate": draws[side.cost_of_capital],
        "utilisation": draws[side.utilisation],
    }


def _server_links(host_power_share: Any) -> Links:
    """Return links that stop at the server: idle time is in the utilisation, PUE in the cost."""
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
        numbers["gpu_count"] = gpu_count(numbers["params_total_b"], GPU[side.name])
    numbers["batch"] = draws[f"batch_{suffix}"] * numbers["gpu_count"]
    return Rows(numbers, np.repeat(one.gpu, length), np.repeat(one.precision, length))
