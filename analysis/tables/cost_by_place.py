"""What tokens cost in places, beside the hub and the US: in the cost stack, and of any set-up."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.errors import ParameterError
from analysis.inputs.money import in_currency
from analysis.inputs.place_entries import OURS, YOURS, Place
from analysis.inputs.scenario import Scenario, load_scenario
from analysis.inputs.units import TOKENS_PER_MTOK
from analysis.model.energy_model import EnergyModel
from analysis.model.gpu_hour import GpuHourCost
from analysis.model.hour_inputs import SCENARIO
from analysis.model.read_rows import read_rows
from analysis.model.token_parts import IDLE_POWER, RENT, REQUEST, SHARE
from analysis.model.token_use import QUANTILES
from analysis.tables.cost_stack import CHINA, ENGINE, GRIDS, OPEN_MODEL, US, Side, cost_parts, usd
from analysis.tables.estimate import PLACE, TARIFF, Estimate, estimate
from analysis.tables.places import chosen_places

BASES = ("China western hubs", "US data centre")
"""Places that stand beside those that are asked for."""

OF_STACK = {"China, hub (base case)": (CHINA, "hub"), "US (base case)": (US, "US")}
"""What the two sides of the cost stack are called among places."""

OF_PLACE = ("tariff", "pue")
"""What may be told of a place; the rest of a set-up is the same in all of them."""

OF_LOAD = ("batch", "load", "tokens_per_s_per_user")
OF_CARD = ("gpu_tdp_w", "gpu_bandwidth_gb_s", "gpu_peak_16bit_tflops", "gpu_memory_gb")
"""Columns of a set-up: of which one tells the load, and which make up a card of one's own."""

OF_DATA = (
    *("kind", "low", "high", "consumer_class", "period"),
    *("carbon_g_per_kwh", "carbon_source", "carbon_grade", "note"),
)
"""What of a place stands beside its costs."""

_SIDES = {"cn": (CHINA, "average"), "us": (US, "US")}


class PlaceCosts(NamedTuple):
    """What a set-up costs in places.

    Attributes
    ----------
    found : analysis.tables.estimate.Estimate
        A row a place, those that are asked for first; besides the columns there ``mix_<part>_usd_per_mtok``
        and ``mix_electricity_share`` with their quantiles, ``mix_kwh_per_mtok``, ``mix_g_per_mtok`` (carbon),
        ``is_base``, and what the place tells: ``kind``, ``tariff_low``, ``tariff_high`` [USD/kWh],
        ``consumer_class``, ``period``, ``carbon_g_per_kwh``, ``carbon_source``, ``carbon_grade``, ``note``.
    asked : int
        How many are asked for.
    order : list of int
        Places of the rows from the cheapest mix to the most expensive.
    """

    found: Estimate
    asked: int
    order: list[int]


def costs_at_places(
    setup: Mapping[str, Any], entries: Iterable[Place], told: Mapping[str, Any], where: str = "place"
) -> PlaceCosts:
    """Return what a set-up costs in places, and beside them on the Chinese hub and in the US.

    Parameters
    ----------
    setup : mapping
        Columns of `analysis.tables.estimate.estimate`.
    entries : iterable of str or mapping
        Places; see `analysis.tables.places.chosen_places`.
    told : mapping
        What of `OF_PLACE` is told of the places that are asked for, in place of what the data have.
    where : str
        What messages on places start with.

    Raises
    ------
    ParameterError
        If a place is not known or the set-up makes no sense.
    """
    asked = _beside_bases(chosen_places(entries, where), BASES, where)
    if "tariff" in told:
        tariff = dict.fromkeys(Range._fields, told["tariff"])
        asked = asked.assign(**tariff, source=OURS, grade="C", consumer_class="", period="")
    if "pue" in told:
        asked = asked.assign(pue=told["pue"], pue_source=OURS, pue_grade="C")
    bases = chosen_places([base for base in BASES if base not in asked.index])
    chosen = _with_pue_of_side(pd.concat([asked, bases]))
    frame = pd.DataFrame([{**setup}] * len(chosen), index=chosen.index).assign(**{PLACE: chosen.index})
    found = estimate(frame, chosen=chosen)
    known = chosen[list(OF_DATA)].rename(columns={end: f"tariff_{end}" for end in Range._fields})
    table = found.table.assign(**_mix(found.table), is_base=np.arange(len(chosen)) >= len(asked)).join(known)
    table["mix_g_per_mtok"] = table["mix_kwh_per_mtok"] * table["carbon_g_per_kwh"]
    order = np.argsort(table["mix_total_usd_per_mtok"].to_numpy(), kind="stable")
    first = [PLACE, "kind", "is_base", TARIFF, *(name for name in table if name.startswith("mix_"))]
    table = table[[*first, *table.columns.difference(first, sort=False)]]
    return PlaceCosts(found._replace(table=table), len(asked), order.tolist())


def _beside_bases(asked: pd.DataFrame, bases: Iterable[str], where: str) -> pd.DataFrame:
    """Return places, none of them a user's own that is called as a base case."""
    for name in bases:
        if name in asked.index and asked.loc[name, "kind"] == YOURS:
            raise ParameterError(f"{where}: {name!r} is the name of a base case; choose another")
    return asked


def _with_pue_of_side(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return places with the PUE of their side in the base case where none is known."""
    scenario = load_scenario(SCENARIO)
    entries = [getattr(scenario, _SIDES[side][0].pue) for side in chosen["side"]]
    columns = {"pue": "value", "pue_source": "source", "pue_grade": "grade"}
    of_side = {column: [getattr(entry, name) for entry in entries] for column, name in columns.items()}
    known = chosen["pue"].notna()
    return chosen.assign(**{name: chosen[name].where(known, values) for name, values in of_side.items()})


def with_base_case(setup: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a set-up with what it leaves out as the cost stack has it, and what that is.

    An accelerator that is told brings no batch: what it holds is another matter, and is estimated.
    """
    scenario, rows = load_scenario(SCENARIO), datasets.load_energy_assumptions()
    output = setup.get("output_tokens", rows.loc["output_tokens", "value"])
    base = {
        "engine": ENGINE,
        "output_tokens": output,
        "input_tokens": scenario.input_tokens_per_output_token.value * output,
    }
    if RENT not in setup:
        base[IDLE_POWER] = scenario.idle_power.value
    if not {"gpu_model", *OF_CARD} & set(setup):
        base["gpu_model"] = US.gpu_model
        if not {"gpu_count", *OF_LOAD} & set(setup):
            rows_of = read_rows(pd.DataFrame([{**base, **setup}]))
            base["gpu_count"] = float(EnergyModel.load().fill(rows_of).numbers["gpu_count"][0])
            base["batch"] = scenario.batch_per_gpu.value * base["gpu_count"]
    taken = {name: value for name, value in base.items() if name not in setup}
    return {**setup, **taken}, taken


def _mix(table: pd.DataFrame) -> dict[str, Any]:
    """Return the cost of a million tokens of requests, input and output as they come."""
    mtok = (table["input_tokens"] + table["output_tokens"]) / TOKENS_PER_MTOK
    columns = {}
    for end in ("", *(f"_{quantile}" for quantile in (QUANTILES[0], QUANTILES[-1]))):
        for part in GpuHourCost._fields:
            columns[f"mix_{part}_usd_per_mtok{end}"] = table[f"{REQUEST}_{part}_usd{end}"] / mtok
        columns[f"mix_{SHARE}{end}"] = table[f"{REQUEST}_{SHARE}{end}"]
    columns["mix_kwh_per_mtok"] = columns["mix_electricity_usd_per_mtok"] / table[TARIFF]
    return columns


def ranked_for_figure(costs: PlaceCosts) -> pd.DataFrame:
    """Return the costs of the mix as `cost_by_place` has them."""
    table = costs.found.table.iloc[costs.order]
    columns = {name: table[f"mix_{name}_usd_per_mtok"] for name in ("electricity", "total")}
    for end in ("low", "high"):
        columns[end] = columns["total"] + table["mix_kwh_per_mtok"] * (table[f"tariff_{end}"] - table[TARIFF])
    return pd.DataFrame({**columns, SHARE: table[f"mix_{SHARE}"], "is_base": table["is_base"]})


def cost_by_place(scenario: Scenario, entries: Iterable[Place], model: str = OPEN_MODEL) -> pd.DataFrame:
    """Return what a model's mix of tokens costs in places, in the cost stack, from the cheapest on.

    Parameters
    ----------
    scenario : Scenario
        Gives everything that a place does not tell.
    entries : iterable of str or mapping
        Places; see `analysis.tables.places.chosen_places`.
    model : str
        One of the model cards, or `analysis.tables.cost_stack.FLAGSHIP`.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``place``, the two base cases among them (``is_base``): the tariff with its ends [USD/kWh],
        ``pue``, ``discount_rate`` [1/year]; ``electricity`` and ``total`` [USD per million tokens], the total
        at the ``low`` and ``high`` end of the tariff; ``electricity_share`` [ratio], ``kwh_per_mtok``,
        ``g_per_mtok`` (carbon dioxide, NaN where none is known) and ``source`` and ``grade`` of the tariff.

    Raises
    ------
    ParameterError
        If a place is not known.
    """
    asked = _beside_bases(chosen_places(entries, "places"), OF_STACK, "places")
    rows = {name: _of_place(scenario, model, place) for name, place in asked.iterrows()}
    for name, (side, grid) in OF_STACK.items():
        entry = getattr(scenario, GRIDS[grid])
        origin = {"source": entry.source, "grade": entry.grade, "carbon_g_per_kwh": np.nan}
        rows[name] = _row(scenario, model, (side, grid), in_currency(entry, "USD"), {}) | origin
        rows[name]["is_base"] = True
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("place")
    table["g_per_mtok"] = table["kwh_per_mtok"] * table.pop("carbon_g_per_kwh").astype(float)
    return table.sort_values("total", kind="stable")


def _of_place(scenario: Scenario, model: str, place: pd.Series) -> dict[str, Any]:
    side, grid = _SIDES[place["side"]]
    capital = place["cost_of_capital"]
    if np.isnan(capital):
        capital = usd(scenario, side.assumptions["discount_rate"]) + place["capital_premium"]
    told = {"pue": place["pue"], "discount_rate": capital}
    tariff = Range(*(float(place[end]) for end in Range._fields))
    row = _row(scenario, model, (side, grid), tariff, {k: v for k, v in told.items() if not np.isnan(v)})
    return row | {name: place[name] for name in ("source", "grade", "carbon_g_per_kwh")} | {"is_base": False}


def _row(
    scenario: Scenario, model: str, served: tuple[Side, str], tariff: Range, told: Mapping[str, float]
) -> dict[str, Any]:
    """Return the cost of the mix at a tariff, and what the total is at its ends."""
    side, grid = served
    mix = cost_parts(scenario, model, side, grid, tariff_usd_per_kwh=tariff.value, **told).loc["mix"]
    rest = mix["total"] - mix["electricity"]
    kwh = mix["electricity"] / tariff.value
    used = {name: told.get(name, usd(scenario, side.assumptions[name])) for name in ("pue", "discount_rate")}
    return {
        **{f"tariff_{end}": getattr(tariff, end) for end in Range._fields},
        **used,
        "electricity": mix["electricity"],
        "total": mix["total"],
        "low": rest + kwh * tariff.low,
        "high": rest + kwh * tariff.high,
        SHARE: mix[SHARE],
        "kwh_per_mtok": kwh,
    }
