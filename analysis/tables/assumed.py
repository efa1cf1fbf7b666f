"""What was assumed of a set-up, with ends, grade and source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs import datasets, energy_tables
from analysis.inputs.cards import card_of
from analysis.model.hour_inputs import HourInputs, assumed_costs
from analysis.model.intervals import unknown_inputs
from analysis.model.read_rows import read_rows

UNITS = {
    **dict.fromkeys(("params_total_b", "params_active_b"), "billion"),
    **dict.fromkeys(("input_tokens", "output_tokens"), "tokens"),
    **dict.fromkeys(("gpu_life_years", "facility_life_years"), "years"),
    **dict.fromkeys(("network_usd_per_gpu_hour", "other_opex_usd_per_gpu_hour"), "USD/GPU-hour"),
    "kv_bytes_per_token_bf16": "B/token",
    "facility_capex_usd_per_kw": "USD/kW",
    "gpu_price_usd": "USD",
    "tariff_usd_per_kwh": "USD/kWh",
}
"""Units of what may be assumed; the rest are ratios, numbers or names."""

_COLUMNS = {
    "params_total_over_active": "params_total_b",
    "closed_size": "params_active_b",
    "gpu": "gpu_model",
    "memory_headroom": "gpu_count",
    "batch": "load",
}
"""Columns of what `unknown_inputs` calls by another name."""

_NAMED = {
    "gpu_model": datasets.load_gpu_specs,
    "precision": datasets.load_precisions,
    "engine": datasets.load_engines,
    "load": energy_tables.load_loads,
}
"""Names that are assumed, and the tables that say which stand in."""


ONE_USER, ONE_USER_ROW = "one user", "batch_of_one_user"
"""What is assumed of libraries and of engines for one user where no load is told."""


def assumed_inputs(setups: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """Return which set-ups leave out an input of the prediction, by its column."""
    return {_COLUMNS.get(name, name): unknown for name, unknown in unknown_inputs(read_rows(setups)).items()}


def stand_in(column: str, end: str = "value") -> str:
    """Return the name that stands in for one that is not told, or for an end of it.

    Examples
    --------
    >>> stand_in("load"), stand_in("engine")
    ('balanced', 'current')
    """
    table = _NAMED[column]()
    found = table.index[table["if_unknown"] == end]
    return str(found[0]) if len(found) else stand_in(column)


def assumptions(row: pd.Series, inputs: HourInputs, side: str, place: int) -> list[dict[str, Any]]:
    """Return what was assumed of a set-up, an entry each.

    Parameters
    ----------
    row : pandas.Series
        Of the table of an estimate.
    inputs : HourInputs
        What an hour costs.
    side : str
        ``us`` or ``cn``.
    place : int
        Of the set-up among the inputs.

    Returns
    -------
    list of dict
        ``name`` (the column), ``value``, ``low`` and ``high`` (the last two None where they are not known),
        ``unit``, ``grade`` and ``source``.
    """
    costs = assumed_costs(side)
    found = []
    for name in filter(None, row["assumed"].split("; ")):
        if name in costs.index:
            ends = [float(end[place]) for end in inputs.ends(name)]
            origin = (costs.loc[name, "grade"], costs.loc[name, "source"])
            if name == "gpu_price_usd":
                origin = (row["gpu_price_grade"], row["gpu_price_source"])
        else:
            *ends, grade, source = _of_prediction(name, row)
            origin = (grade, source)
        unit = {"unit": UNITS.get(name, "")}
        found.append(
            {"name": name, **_named(ends)} | unit | {"grade": str(origin[0]), "source": str(origin[1])}
        )
    return found


def _named(ends: list[Any]) -> dict[str, Any]:
    low, value, high = ends
    return {"value": value, "low": low, "high": high}


def _of_prediction(name: str, row: pd.Series) -> Iterator[Any]:
    """Yield low, value, high, grade and source of an input of the prediction."""
    value = row[name].item() if isinstance(row[name], np.generic) else row[name]
    rows = datasets.load_energy_assumptions()
    if name in _NAMED:
        table = _NAMED[name]()
        known = rows.loc[ONE_USER_ROW] if value == ONE_USER else table.loc[stand_in(name)]
        ends = [
            f"batch {known[end]:g}" if value == ONE_USER else stand_in(name, end) for end in ("low", "high")
        ]
        yield from (ends[0], value, ends[1], known.get("grade", "C"), known.get("source", "project"))
    elif name == "params_active_b":  # of a closed model
        card = card_of(row["model"])
        yield from (card.params_active_b_low, value, card.params_active_b_high, card.grade, card.source)
    elif name == "params_total_b":
        ratio = rows.loc["params_total_over_active"]
        active = row["params_active_b"]
        yield from (ratio["low"] * active, value, ratio["high"] * active, ratio["grade"], ratio["source"])
    elif name in rows.index:
        yield from (float(rows.loc[name, "low"]), value, float(rows.loc[name, "high"]))
        yield from (rows.loc[name, "grade"], rows.loc[name, "source"])
    else:  # follows from the size of the model
        yield from (None, value, None, "C", "project")
