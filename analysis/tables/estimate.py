"""Energy and cost of set-ups, and what was assumed, from where: what ``kwh2token estimate`` shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs import datasets
from analysis.inputs.cards import card_of, cards_of
from analysis.inputs.errors import ParameterError
from analysis.inputs.money import mean_rate, tariff_in_usd
from analysis.inputs.units import kwh_per_mtok
from analysis.model.boundary import BOUNDARIES, check_boundary, load_links
from analysis.model.energy_model import FOR_ONE_USER
from analysis.model.hour_inputs import ARGUMENTS, CACHED, SIDES, Ends, HourInputs, assumed_costs
from analysis.model.memory import Floats
from analysis.model.token_cost import EXCHANGE_PERIOD, cost_columns, costs_told, with_ends
from analysis.model.token_parts import BESIDES, RENT, REQUEST, SHARE, Priced, price_tokens
from analysis.model.token_use import KINDS, QUANTILES, quantiles
from analysis.tables.assumed import ONE_USER, assumed_inputs, assumptions, stand_in
from analysis.tables.places import Tariffs, tariffs_of

TARIFF, PLACE, PUE, CAPITAL = "tariff_usd_per_kwh", "place", "pue", "discount_rate"
COSTS = (*ARGUMENTS, *BESIDES, "tariff", PLACE)
"""Columns of a set-up besides those of `analysis.predict_energy`; ``tariff`` may be ``0.045 EUR/kWh``."""

FACILITY = BOUNDARIES[-1]
ENERGIES = (
    "energy_j_per_output_token",
    "energy_j_per_input_token",
    "decode_energy_j_per_output_token",
    "energy_wh_per_request",
)
"""Answers that have quantiles at a boundary."""

ENERGY_GRADE = "C"
"""A prediction is inferred, however good its inputs."""

INPUTS = (
    *("params_active_b", "params_total_b", "precision", "gpu_model", "gpu_count", "engine", "batch"),
    *("tokens_per_s_per_user", "input_tokens", "output_tokens", "cached_share", "tokens_per_step", "layers"),
    *("kv_bytes_per_token_bf16", "state_bytes_per_request", "shared_share"),
)
"""What of a prediction's inputs is handed on."""


class Estimate(NamedTuple):
    """The answer to some set-ups.

    Attributes
    ----------
    table : pandas.DataFrame
        On the index of the set-ups; see `estimate`.
    inputs : HourInputs
        What an hour costs, and what of it was assumed.
    side : array of str
        Whose costs stand in for each set-up.
    """

    table: pd.DataFrame
    inputs: HourInputs
    side: NDArray[np.object_]

    def assumptions(self, place: int) -> list[dict[str, Any]]:
        """Return what was assumed of a set-up: name, value, low, high, unit, source and grade of each.

        Parameters
        ----------
        place : int
            Of the set-up in the table.
        """
        return assumptions(self.table.iloc[place], self.inputs, self.side[place], place)


def estimate(
    frame: pd.DataFrame, *, boundary: str = FACILITY, chosen: pd.DataFrame | None = None
) -> Estimate:
    """Return energy and cost of set-ups, each with its 5 and 95 % quantiles, and what was assumed.

    Parameters
    ----------
    frame : pandas.DataFrame
        One set-up a row: columns of `analysis.predict_energy`, and any of `COSTS`. What is missing or NaN is
        assumed: what the ``place`` tells (tariff, PUE, cost of capital), other costs as in
        `analysis.token_cost` on its side, the American one without.
        Other columns are handed through.
    boundary : str
        Where energy is counted: ``gpu``, ``server`` or ``facility``. Money is always that of the facility.
    chosen : pandas.DataFrame, optional
        From `analysis.tables.places.chosen_places`, where ``place`` holds names of its index.

    Returns
    -------
    Estimate
        Its table holds, for each set-up: the inputs that were used, ``gpu_count`` those of one of the
        ``copies``; ``energy_j_per_output_token``, ``energy_j_per_input_token``,
        ``decode_energy_j_per_output_token`` [J/token] and
        ``energy_wh_per_request`` [Wh], each with ``_p5``, ``_p50`` and ``_p95``; ``<kind>_kwh_per_mtok``
        likewise [kWh per million tokens]; the costs of `analysis.token_cost`; what electricity and hours
        cost; ``model_grade``, ``gpu_model_grade``, ``energy_grade``, ``tariff_grade``, ``tariff_source``,
        ``gpu_price_grade``, ``gpu_price_source``, those of the PUE and of the cost of capital
        (``discount_rate``) of the place; ``request_electricity_share``; and ``assumed``, the names of what
        was.

    Raises
    ------
    ParameterError
        If a set-up makes no sense; the message names row and column.

    Examples
    --------
    >>> frame = pd.DataFrame({"params_active_b": [8.0], "gpu_model": "H100", "tariff": "0.07 EUR/kWh"})
    >>> row = estimate(frame).table.iloc[0]
    >>> bool(row["input_total_usd_per_mtok"] < row["output_total_usd_per_mtok"])
    True
    """
    check_boundary(boundary)
    given: dict[str, Floats | Ends] = {**costs_told(frame)}
    tariffs = tariffs_of(_told_tariffs(frame), _column(frame, PLACE), chosen)
    there: dict[str, Floats | Ends] = {TARIFF: tariffs.price, PUE: tariffs.pue, CAPITAL: tariffs.capital}
    given |= {name: _unless_told(given.get(name, np.nan), of_place) for name, of_place in there.items()}
    setups = frame.drop(columns=[name for name in COSTS if name in frame])
    priced = price_tokens(setups, tariffs.side, given)
    assumed = {**assumed_inputs(setups), **priced.inputs.assumed}
    columns = {
        **{name: column for name, column in setups.items() if name not in priced.gpu.columns},
        **_names(setups, priced, assumed["load"]),
        **{name: priced.gpu[name] for name in INPUTS if name != "gpu_model"},
        "boundary": boundary,
        **energy_at(priced, boundary),
        **cost_columns(priced.cost, mean_rate("USD", "CNY", EXCHANGE_PERIOD)),
        **with_ends(f"{REQUEST}_{SHARE}", priced.cost.per_request[SHARE]),
        **dict(priced.inputs.value),
        RENT: given.get(RENT, np.nan),
        PLACE: tariffs.rows.index.to_numpy(dtype=object),
        **_grades(setups, priced),
        "energy_grade": ENERGY_GRADE,
        **_origin_of_tariffs(tariffs, priced.inputs.assumed[TARIFF]),
        **_origin_of_the_rest(tariffs, priced.inputs),
        "gpu_price_grade": priced.inputs.gpu_price_grade,
        "gpu_price_source": priced.inputs.gpu_price_source,
        "assumed": _joined(assumed),
    }
    return Estimate(pd.DataFrame(columns, index=frame.index), priced.inputs, tariffs.side)


def energy_at(priced: Priced, boundary: str) -> dict[str, Floats]:
    """Return the quantiles of energy at a boundary, with each set-up's PUE, and kWh per million tokens."""
    answers = priced.gpu if boundary == BOUNDARIES[0] else priced.server
    energies = {name: quantiles(answers, name) for name in ENERGIES}
    if boundary == FACILITY:
        links, pue = load_links(), priced.inputs.ends(PUE)
        idle = Ends(*(links[end].idle_overhead for end in Ends._fields))
        energies = {name: _product(energy, idle, pue) for name, energy in energies.items()}
    cached = priced.inputs.ends(CACHED)
    of_kind = {"input": energies[ENERGIES[1]], "output": energies[ENERGIES[2]]}
    of_kind["cached_input"] = _product(of_kind["input"], cached)
    energies |= {f"{kind}_kwh_per_mtok": Ends(*map(kwh_per_mtok, of_kind[kind])) for kind in KINDS}
    return {
        f"{name}_{end}": quantile
        for name, energy in energies.items()
        for end, quantile in zip(QUANTILES, energy, strict=True)
    }


def _product(*factors: Ends) -> Ends:
    """Return the product of ranges, whose ends combine in quadrature of logarithms."""
    value = np.prod(np.broadcast_arrays(*(factor.value for factor in factors)), axis=0)
    with np.errstate(divide="ignore"):
        down = sum(np.log(factor.low / factor.value) ** 2 for factor in factors)
        up = sum(np.log(factor.high / factor.value) ** 2 for factor in factors)
    return Ends(value * np.exp(-np.sqrt(down)), value, value * np.exp(np.sqrt(up)))


def _unless_told(told: Floats | Ends | float, of_place: Floats | Ends) -> Ends:
    """Return what is told, or what the place tells."""
    ends = of_place if isinstance(of_place, Ends) else [of_place] * len(Ends._fields)
    return Ends(*(np.where(np.isnan(told), end, told) for end in ends))


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series(None, frame.index, dtype=object)


def _told_tariffs(frame: pd.DataFrame) -> Floats:
    """Return prices of electricity that are told [USD/kWh]; in ``tariff`` they may be texts."""
    codes, texts = pd.factorize(_column(frame, "tariff"))
    prices = np.full(len(texts) + 1, np.nan)  # what is missing has the code -1: the last
    for code, text in enumerate(texts):
        try:
            prices[code] = tariff_in_usd(str(text), EXCHANGE_PERIOD)
        except ParameterError as error:
            label = frame.index[int(np.argmax(codes == code))]
            raise ParameterError(f"row {label!s:.80}, column tariff: {error}") from None
    told = prices[codes]
    return np.where(np.isnan(told), costs_told(frame).get(TARIFF, np.nan), told)


def _origin_of_tariffs(tariffs: Tariffs, assumed: NDArray[np.bool_]) -> dict[str, NDArray[np.object_]]:
    """Return grade and source of what electricity costs: of the place, or of what is assumed on the side."""
    found = {}
    for name in ("grade", "source"):
        ours = {side: str(assumed_costs(side).loc[TARIFF, name]) for side in SIDES}
        of_side = np.array([ours[side] for side in tariffs.side], dtype=object)
        found[f"tariff_{name}"] = np.where(assumed, of_side, tariffs.of_tariff(name))
    return found


def _origin_of_the_rest(tariffs: Tariffs, inputs: HourInputs) -> dict[str, NDArray[np.object_]]:
    """Return source and grade of the PUE and the cost of capital of the place; blank where not its own."""
    found = {}
    for argument, column, value in ((PUE, "pue", tariffs.pue), (CAPITAL, "capital", tariffs.capital.value)):
        of_place = np.asarray(inputs.value[argument]) == value
        for told in ("source", "grade"):
            origin = tariffs.rows[f"{column}_{told}"].to_numpy(dtype=object)
            found[f"{argument}_{told}"] = np.where(of_place, origin, "")
    return found


def _names(setups: pd.DataFrame, priced: Priced, load_assumed: NDArray[np.bool_]) -> dict[str, Any]:
    """Return model, whether its size is assumed, accelerator, load, and copies on the GPUs that are told."""
    cards = cards_of(_column(setups, "model"))
    own = _column(setups, "gpu_model").fillna("own card").astype(object)
    assumed = np.where(priced.gpu["engine"].isin(FOR_ONE_USER), ONE_USER, stand_in("load"))
    load = _column(setups, "load").where(~load_assumed, assumed)
    return {
        "model": cards["model"].astype(object),
        "is_closed": cards["is_closed"].to_numpy(),
        "gpu_model": priced.gpu["gpu_model"].astype(object).where(priced.gpu["gpu_model"].notna(), own),
        "load": load.fillna(""),
        "copies": np.floor(_column(setups, "gpu_count").astype(float) / priced.gpu["gpu_count"]).fillna(1.0),
    }


def _grades(setups: pd.DataFrame, priced: Priced) -> dict[str, NDArray[np.object_]]:
    """Return the grades of each set-up's model and accelerator; blank where it tells them itself."""
    models = _column(setups, "model").fillna("").astype(str)
    of_model = {name: card_of(name).grade if name else "" for name in models.unique()}
    of_card = datasets.load_gpu_specs()["grade"].to_dict()
    cards = priced.gpu["gpu_model"].astype(object)
    return {
        "model_grade": np.array([of_model[name] for name in models], dtype=object),
        "gpu_model_grade": np.array([of_card.get(name, "") for name in cards], dtype=object),
    }


def _joined(marks: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.object_]:
    """Return the names that are marked in each row, joined by ``; ``; each pattern is joined once."""
    patterns = np.array(list(marks.values())).T @ (1 << np.arange(len(marks)))
    which, code = np.unique(patterns, return_inverse=True)
    texts = [
        "; ".join(name for place, name in enumerate(marks) if one >> place & 1) for one in which.tolist()
    ]
    return np.array(texts, dtype=object)[code]
