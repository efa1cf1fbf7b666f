"""What the cost stack rests on: each assumption at its ends, other cards on either side, domestic cards."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.money import column_in_currency, in_currency
from analysis.inputs.scenario import Scenario
from analysis.inputs.units import (
    JOULES_PER_KWH,
    SECONDS_PER_HOUR,
    TOKENS_PER_MTOK,
    WATT_PER_KW,
    currency_of,
    worst_grade,
)
from analysis.model.boundary import host_power_shares
from analysis.model.gpu_hour import gpu_hour_cost
from analysis.model.predict import predict_energy
from analysis.model.token_use import QUANTILES
from analysis.tables.cost_stack import (
    CHINA,
    DOMESTIC,
    FLAGSHIP,
    OPEN_MODEL,
    US,
    assumptions_of,
    cost_parts,
    gpu_hour_inputs,
    setup_of,
)

SIDES = {
    "China, hub": (OPEN_MODEL, CHINA, "hub"),
    "China, subsidised hub": (OPEN_MODEL, DOMESTIC, "subsidised hub"),
    "US": (FLAGSHIP, US, "US"),
}
"""Where the share of electricity is followed: model, side and grid."""

PAIRINGS = {
    "H200 on both sides": ("gpu-cn-h200-2026", "gpu-us-h200-2026", "H200"),
    "H200 on both, US server at retail": ("gpu-cn-h200-2026", "gpu-us-h200-server-2026", "H200"),
    "H200 against H100": ("gpu-cn-h200-2026", "gpu-us-h100-2026", "H100"),
    "H200 against the H100 server of 2023": ("gpu-cn-h200-2026", "gpu-us-dgx-h100-2023", "H100"),
    "H100 (unofficial, 2024) against H100": ("gpu-cn-h100-2024", "gpu-us-h100-2026", "H100"),
    "H20 (2024) against H200": ("gpu-cn-h20-2024", "gpu-us-h200-2026", "H200"),
}
"""Rows of prices of the Chinese and the US side, and the card of the latter; the first is the base case."""

DOMESTIC_MODEL = "deepseek-ai/DeepSeek-R1"
"""The model whose rate on a system of domestic accelerators is published."""


def hour_of_mix(costs: Mapping[str, Any], mix: pd.Series) -> dict[str, float]:
    """Return what a million tokens of the mix take of accelerators, from their cost and that of an hour.

    Parameters
    ----------
    costs : mapping
        From `gpu_hour_inputs`.
    mix : pandas.Series
        A row of `token_cost_parts`.

    Returns
    -------
    dict
        ``hours`` in use [GPU-hours per million tokens], ``gpu_power_kw`` of an accelerator with its share of
        the server meanwhile [kW] and ``facility_power_kw`` that the building is made for [kW].
    """
    hour = gpu_hour_cost(**costs, gpu_power_kw=1.0)
    hours = mix["hardware"] / hour.hardware
    of_one_kw = {name: mix[name] / hours / getattr(hour, name) for name in ("electricity", "facility")}
    return {
        "hours": float(hours),
        "gpu_power_kw": float(of_one_kw["electricity"]),
        "facility_power_kw": float(of_one_kw["facility"]),
    }


def cost_share_sensitivity(scenario: Scenario) -> pd.DataFrame:
    """Return electricity's share of the cost of the mix with each assumption at its low and at its high.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``served_on`` and ``assumption``, the widest first: ``low``, ``value``, ``high`` (money in
        USD), ``share_at_low``, ``share``, ``share_at_high`` [ratio], ``unit``, ``grade``, ``source``.
    """
    records = {}
    for place, (model, side, grid) in SIDES.items():
        costs = gpu_hour_inputs(scenario, side, grid)
        taken = hour_of_mix(costs, cost_parts(scenario, model, side, grid).loc["mix"])
        power = {name: kw for name, kw in taken.items() if name != "hours"}
        for argument, name in assumptions_of(side, grid).items():
            entry, ends = getattr(scenario, name), in_currency(getattr(scenario, name), "USD")
            hours = [gpu_hour_cost(**{**costs, argument: end}, **power) for end in ends]
            shares = [float(hour.electricity / hour.total) for hour in hours]
            at = dict(zip(("share_at_low", "share", "share_at_high"), shares, strict=True))
            about = {"unit": entry.unit.replace(str(currency_of(entry.unit)), "USD")}
            records[place, name] = {
                **ends._asdict(),
                **at,
                **about,
                "grade": entry.grade,
                "source": entry.source,
            }
    table = pd.DataFrame.from_dict(records, orient="index").rename_axis(["served_on", "assumption"])
    width = (table["share_at_high"] - table["share_at_low"]).abs()
    order = width.groupby(level="served_on", sort=False).rank(method="first", ascending=False)
    return table.assign(order=order).sort_values(["served_on", "order"], kind="stable").drop(columns="order")


def card_variants(scenario: Scenario) -> pd.DataFrame:
    """Return the cost of the open model on a hub and in the US with other cards and prices.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``cards``: price of an accelerator of each side [USD], cost of the mix
        [USD per million tokens], electricity's share of it [ratio], ``cost_ratio`` US over China [ratio],
        ``grade`` of the weaker price.
    """
    rows = datasets.load_gpu_economics()
    rows = rows[rows["quantity"] == "purchase price"]
    price = column_in_currency(rows, "USD") / rows["accelerators"]
    records = {}
    for name, (chinese, american, us_card) in PAIRINGS.items():
        sides = {
            "cn": (CHINA._replace(gpu_model=rows.loc[chinese, "gpu_model"]), "hub", chinese),
            "us": (US._replace(gpu_model=us_card), "US", american),
        }
        record: dict[str, float] = {}
        for suffix, (side, grid, row) in sides.items():
            mix = cost_parts(scenario, OPEN_MODEL, side, grid, gpu_price_usd=float(price[row])).loc["mix"]
            record |= {
                f"price_{suffix}_usd": price[row],
                f"cost_{suffix}_usd": mix["total"],
                f"electricity_share_{suffix}": mix["electricity_share"],
            }
        ratio = record["cost_us_usd"] / record["cost_cn_usd"]
        grade = worst_grade(rows.loc[[chinese, american], "grade"])
        records[name] = record | {"cost_ratio": ratio, "grade": grade}
    return pd.DataFrame.from_dict(records, orient="index").rename_axis("cards")


def domestic_energy(scenario: Scenario) -> pd.DataFrame:
    """Return what an answer token takes of a domestic accelerator: as published, and by the energy model.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``basis``, decode alone: ``tokens_per_s`` and ``kw`` of an accelerator, with its share of
        the system, ``kwh_per_mtok`` with ``low`` and ``high``, ``electricity_share`` of an hour at that power
        on the card's hub, ``cards``, ``grade``.

    Notes
    -----
    Published: the greatest power of the whole system over its rate. By the energy model: as many requests at
    once for a card as the published rate and speed imply, on as many cards as hold the model.
    """
    facts, specs = datasets.load_facts(), datasets.load_gpu_specs()
    rate, speed, system_kw = facts.loc[["cm384-decode", "cm384-speed", "cm384-power"], "value"]
    cards = datasets.load_gpu_economics().loc["gpu-cn-910c-2025", "accelerators"]
    grade = worst_grade(facts.loc[["cm384-decode", "cm384-power"], "grade"])
    stated = {"tokens_per_s": rate, "kw": system_kw / cards, "cards": cards, "grade": grade}
    stated["kwh_per_mtok"] = stated["kw"] / rate * TOKENS_PER_MTOK / SECONDS_PER_HOUR
    records = {"as published, at the greatest power of the system": (DOMESTIC, stated)}
    for side in (DOMESTIC, CHINA):
        setup = setup_of(scenario, side, DOMESTIC_MODEL)
        setup["batch"] = rate / speed * setup["gpu_count"]
        found = predict_energy(setup, boundary="server").iloc[0]
        low, middle, high = (found[f"decode_energy_j_per_output_token_{end}"] for end in QUANTILES)
        card, host = (
            specs.loc[side.gpu_model],
            host_power_shares()["value"][specs.index.get_loc(side.gpu_model)],
        )
        kw = card["tdp_w"] / WATT_PER_KW * (found["decode_power_ratio"] + host)
        records[f"by the energy model, {side.gpu_model}"] = (
            side,
            {
                "tokens_per_s": kw * WATT_PER_KW / middle,
                "kw": kw,
                "kwh_per_mtok": middle * TOKENS_PER_MTOK / JOULES_PER_KWH,
                "low": low * TOKENS_PER_MTOK / JOULES_PER_KWH,
                "high": high * TOKENS_PER_MTOK / JOULES_PER_KWH,
                "cards": setup["gpu_count"].item(),
                "grade": card["grade"],
            },
        )
    table = pd.DataFrame.from_dict({name: record for name, (_, record) in records.items()}, orient="index")
    shares = []
    for side, record in records.values():
        grid = "subsidised hub" if side is DOMESTIC else "hub"
        hour = gpu_hour_cost(**gpu_hour_inputs(scenario, side, grid), gpu_power_kw=record["kw"])
        shares.append(float(hour.electricity / hour.total))
    return table.assign(electricity_share=shares).rename_axis("basis")
