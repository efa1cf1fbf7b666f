"""From a frame of set-ups to rows that the model takes: checked, names found, cards of models looked up."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs import datasets, energy_tables
from analysis.inputs.cards import card_of, cards_of
from analysis.inputs.errors import ParameterError, quoted
from analysis.inputs.names import places
from analysis.inputs.plain import is_number
from analysis.model.memory import Floats
from analysis.model.setups import ENDS_OF_SIZE, INPUTS, OF_MODEL, OWN_CARD, Rows

LARGEST = 1e12
"""Numbers above it are refused."""

LARGEST_OF = {"params_total_b": 1e5, "params_active_b": 1e5, "gpu_count": 1e5, "batch": 1e6}
"""Numbers of these columns above it are refused: no model, machine or queue is as large."""

_MAY_BE_ZERO = {
    "input_tokens",
    "output_tokens",
    "cached_share",
    "kv_bytes_per_token_bf16",
    "kv_window_tokens",
    "kv_window_bytes_per_token",
    "state_bytes_per_request",
}


def read_rows(frame: pd.DataFrame) -> Rows:
    """Return the rows of a frame, checked; see `analysis.predict_energy`.

    Raises
    ------
    ParameterError
        If a row makes no sense; the message names row and column.
    """
    if not isinstance(frame, pd.DataFrame):
        raise ParameterError(f"frame: not a pandas DataFrame: {quoted(frame)}")
    if "params_active_b" not in frame.columns and "model" not in frame.columns:
        raise ParameterError("column params_active_b is missing, and so is model")
    numbers = {name: _numbers(frame, name) for name in (*INPUTS, *OWN_CARD)}
    numbers |= {name: np.full(len(frame), np.nan) for name in ENDS_OF_SIZE}
    attention, precision = _column(frame, "attention"), _column(frame, "precision")
    if "model" in frame.columns and frame["model"].notna().any():
        cards = cards_of(_names_of_cards(frame, numbers["params_active_b"]))
        _fill_from_cards(numbers, cards)
        attention = _first_known(attention, cards["attention"])
        precision = _first_known(precision, cards["native_precision"])
    _refuse_what_contradicts(frame, numbers)
    return Rows(
        numbers,
        places(_gpu_names(frame, numbers), datasets.load_gpu_specs()),
        places(precision.rename("precision"), datasets.load_precisions()),
        places(_column(frame, "engine"), datasets.load_engines()),
        places(_column(frame, "load"), energy_tables.load_loads()),
        places(attention.rename("attention"), energy_tables.load_attentions()),
    )


def _names_of_cards(frame: pd.DataFrame, active_b: Floats) -> pd.Series:
    """Return the models of rows, none where a name is no card's and the row tells the size: a mere label."""
    column = _column(frame, "model")
    if np.isnan(active_b).all():
        return column
    labels = {name for name in column.dropna().unique() if not _is_card(name)}
    return column.mask(column.isin(labels) & ~np.isnan(active_b)) if labels else column


def _is_card(name: Any) -> bool:
    try:
        card_of(name)
    except ParameterError:
        return False
    return True


def _fill_from_cards(numbers: dict[str, Floats], cards: pd.DataFrame) -> None:
    """Fill in what the card of a model tells and the row does not."""
    sizes_told = ~np.isnan(numbers["params_active_b"]) | ~np.isnan(numbers["params_total_b"])
    for name in OF_MODEL:
        of_card = cards[name].to_numpy(dtype=float)
        numbers[name] = np.where(np.isnan(numbers[name]), of_card, numbers[name])
    assumed = cards["is_closed"].to_numpy(dtype=bool) & ~sizes_told
    for name in ENDS_OF_SIZE:
        numbers[name] = np.where(assumed, cards[name].to_numpy(dtype=float), np.nan)


def _first_known(told: pd.Series, of_card: pd.Series) -> pd.Series:
    """Return names as told, or else those of the cards."""
    if told.notna().all():
        return told
    return told.astype(object).where(told.notna(), of_card.astype(object))


def _gpu_names(frame: pd.DataFrame, numbers: dict[str, Floats]) -> pd.Series:
    """Return the names of accelerators, none where a card of one's own is told: it may have any label."""
    own = ~np.isnan(np.array([numbers[name] for name in OWN_CARD]))
    for name, told in zip(OWN_CARD, own, strict=True):
        _refuse(frame, name, own.any(axis=0) & ~told, f"a card of one's own needs {', '.join(OWN_CARD)}")
    column = _column(frame, "gpu_model")
    return column.astype(object).mask(own.all(axis=0)).rename("gpu_model") if own.any() else column


def _refuse_what_contradicts(frame: pd.DataFrame, n: dict[str, Floats]) -> None:
    """Raise ParameterError where numbers of a row cannot all be right."""
    total, active = n["params_total_b"], n["params_active_b"]
    _refuse(frame, "params_active_b", np.isnan(active), "a number is needed, or a model that is known")
    _refuse(frame, "params_active_b", active > total, "more than params_total_b")
    _refuse(frame, "experts_per_token", n["experts_per_token"] > n["n_experts"], "more than n_experts")
    _refuse(frame, "cached_share", n["cached_share"] > 1.0, "more than one")
    _refuse(frame, "tokens_per_step", n["tokens_per_step"] < 1.0, "below one")
    nothing = (n["input_tokens"] == 0.0) & (n["output_tokens"] == 0.0)
    _refuse(frame, "output_tokens", nothing, "neither input nor output tokens")
    window = n["kv_window_bytes_per_token"] > n["kv_bytes_per_token_bf16"]
    _refuse(frame, "kv_window_bytes_per_token", window, "more than kv_bytes_per_token_bf16")
    batch, load = ~np.isnan(n["batch"]), _column(frame, "load").notna().to_numpy()
    speed = ~np.isnan(n["tokens_per_s_per_user"])
    _refuse(frame, "batch", batch & (load | speed), "only one of batch, load and tokens_per_s_per_user")
    _refuse(frame, "load", load & speed, "only one of batch, load and tokens_per_s_per_user")


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, one without entries where it is missing."""
    column = frame.get(name, pd.Series(np.nan, frame.index, name=name))
    if isinstance(column, pd.DataFrame):
        raise ParameterError(f"column {name} is there more than once")
    return column


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column as numbers, NaN where it has none."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    column = _column(frame, name)
    if column.dtype.kind in "bcmM":
        raise ParameterError(f"column {name}: numbers are needed, not {column.dtype}")
    if column.dtype.kind not in "iuf":
        column = column.astype(object)
        column = column.where(column.isna() | column.map(is_number), "")
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    may_be_zero = name in _MAY_BE_ZERO
    for wrong, why in (
        (np.isnan(values) & column.notna().to_numpy(), "not a number"),
        (np.isinf(values), "not a finite number"),
        (values > LARGEST_OF.get(name, LARGEST), "beyond any sense"),
        (values < 0.0, "negative" if may_be_zero else "not above zero"),
        ((values == 0.0) & (not may_be_zero), "not above zero"),
        ((name in ("batch", "gpu_count")) & (values < 1.0), "below one"),
    ):
        _refuse(frame, name, wrong, why)
    return values


def _refuse(frame: pd.DataFrame, name: str, wrong: NDArray[np.bool_], why: str) -> None:
    """Raise ParameterError that names the first row that is wrong, if one is."""
    if wrong.any():
        raise refusal(frame, name, int(np.argmax(wrong)), why)


def refusal(frame: pd.DataFrame, name: str, place: int, why: str) -> ParameterError:
    """Return the error of a row: its label, the column with its value, and why."""
    label = frame.index[place]
    label = tuple(map(str, label)) if isinstance(label, tuple) else label
    value: Any = _column(frame, name).iloc[place]
    shown = f"{value:g}" if isinstance(value, float | np.number) else quoted(value)
    return ParameterError(f"row {label!s:.80}, column {name}: {shown}: {why}")
