"""How far off a prediction may be: residuals of unseen sources, unknown inputs, links to the meter."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.model.boundary import LINKS_WITHIN, Links
from analysis.model.energy_model import EnergyModel
from analysis.model.memory import Floats
from analysis.model.setups import ENDS_OF_SIZE, HIGH, LOW, VALUE, Filled, Rows, Tables

MEASURED_GENERATIONS = ("Ampere", "Hopper", "Blackwell")
REGIMES = ("known", "other_engine", "other_card", "batch_unknown")
"""Spreads of residuals: all told, current serving on a measured card; another engine or none told; a card
whose generation has few measurements or none told; batch not told."""


def regimes(rows: Rows) -> NDArray[np.intp]:
    """Return the place in `REGIMES` of each row: the first of the last three that holds, in reverse order."""
    tables = Tables.load_all()
    measured = np.isin(tables.gpu["generation"], MEASURED_GENERATIONS)
    other_card = (rows.gpu < 0) | ~measured[rows.gpu]
    other_engine = rows.engine != tables.place_of_engine("current")
    batch_unknown = np.isnan(rows.numbers["batch"])
    places = [REGIMES.index(name) for name in ("batch_unknown", "other_card", "other_engine")]
    return np.select([batch_unknown, other_card, other_engine], places, 0)


def residual_spread(model: EnergyModel, rows: Rows) -> Floats:
    """Return the spread of residuals of each row [log ratio]."""
    return np.array([model.residual_sd[name] for name in REGIMES])[regimes(rows)]


def unknown_inputs(rows: Rows) -> dict[str, NDArray[np.bool_]]:
    """Return which rows lack an input that has a distribution then, by its name.

    The inputs stand in the order in which one follows from another.
    """
    missing = {name: np.isnan(column) for name, column in rows.numbers.items()}
    mixture = rows.numbers["params_active_b"] < rows.numbers["params_total_b"]
    uncounted = missing["n_experts"] | missing["experts_per_token"]
    speed_told = ~missing["tokens_per_s_per_user"]
    return {
        "params_total_over_active": missing["params_total_b"],
        "closed_size": ~missing[ENDS_OF_SIZE[0]],
        "gpu": (rows.gpu < 0) & ~rows.has_own_card,
        "precision": rows.precision < 0,
        "engine": rows.engine < 0,
        "memory_headroom": missing["gpu_count"],
        "batch": missing["batch"] & (rows.load < 0) & ~speed_told,
        **{
            name: missing[name]
            for name in ("input_tokens", "output_tokens", "layers", "kv_bytes_per_token_bf16")
        },
        "shared_share": mixture & uncounted,
    }


MOVES_THE_COPY = ("params_total_over_active", "closed_size", "gpu", "precision", "memory_headroom", "batch")
"""Inputs on which the GPUs of a copy or its batch depend; both stay as they are while others are moved."""

MIRRORED = ("layers", "kv_bytes_per_token_bf16", "shared_share")
"""Inputs whose effect is nearly as large to both sides: the high end tells both."""


def effects_of_unknowns(
    rows: Rows,
    filled: Filled,
    medians: Mapping[str, Floats],
    energies_of: Callable[[Rows, Mapping[str, str]], Mapping[str, Floats]],
) -> dict[str, dict[str, Floats]]:
    """Return the squares of how far the unknown inputs lower and raise each quantity [log ratio squared].

    Parameters
    ----------
    rows : Rows
        With gaps.
    filled : Filled
        The same, filled at their medians.
    medians : mapping
        Quantities of all rows.
    energies_of : callable
        Returns these quantities of some rows, with an unknown input at one of its ends.

    Returns
    -------
    dict
        By `LOW` and `HIGH`, then by quantity.
    """
    settled = {name: filled.numbers[name] for name in ("gpu_count", "batch")}
    as_settled = rows._replace(numbers={**rows.numbers, **settled})
    squares = {end: {name: np.zeros_like(value) for name, value in medians.items()} for end in (LOW, HIGH)}
    for name, unknown in unknown_inputs(rows).items():
        chosen = np.flatnonzero(unknown)
        if chosen.size == 0:
            continue
        some = rows if name in MOVES_THE_COPY else as_settled
        some = some if chosen.size == unknown.size else some.take(chosen)
        lowered = {quantity: np.zeros(chosen.size) for quantity in medians}
        raised = {quantity: np.zeros(chosen.size) for quantity in medians}
        for end in (HIGH,) if name in MIRRORED else (LOW, HIGH):
            if not Tables.load_all().moves(name, end):
                continue
            for quantity, moved in energies_of(some, {name: end}).items():
                with np.errstate(divide="ignore", invalid="ignore"):
                    effect = np.log(moved / medians[quantity][chosen])
                both = np.abs(effect) if name in MIRRORED else effect
                lowered[quantity] = np.minimum(lowered[quantity], -both if name in MIRRORED else effect)
                raised[quantity] = np.maximum(raised[quantity], both)
        for quantity in medians:
            squares[LOW][quantity][chosen] += lowered[quantity] ** 2
            squares[HIGH][quantity][chosen] += raised[quantity] ** 2
    return squares


def link_effects(
    energies_of: Callable[[Links], Mapping[str, Floats]], links: Mapping[str, Links], boundary: str, end: str
) -> dict[str, Floats]:
    """Return the squares of how far the links within a boundary move each quantity [log ratio squared].

    Parameters
    ----------
    energies_of : callable
        Returns the quantities with some links.
    links : mapping
        `analysis.model.boundary.load_links`.
    boundary : str
        One of `analysis.model.boundary.BOUNDARIES`.
    end : str
        ``low`` or ``high``.
    """
    medians = energies_of(links[VALUE])
    squares: dict[str, Any] = dict.fromkeys(medians, 0.0)
    for link in LINKS_WITHIN[boundary]:
        moved = energies_of(links[VALUE]._replace(**{link: getattr(links[end], link)}))
        for name, median in medians.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                squares[name] = squares[name] + np.log(moved[name] / median) ** 2
    return squares
