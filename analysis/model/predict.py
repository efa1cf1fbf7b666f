"""Energy per output token of a frame of set-ups, with intervals: the public ``predict_energy``."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError, quoted
from analysis.inputs.names import places
from analysis.inputs.plain import is_number
from analysis.inputs.units import PARAMETERS_PER_BILLION
from analysis.model.boundary import BOUNDARIES, check_boundary, link_spread, load_links, token_energy_at
from analysis.model.energy_model import HIGH, INPUTS, LOW, VALUE, Z95, EnergyModel, Rows, Tables
from analysis.model.memory import Floats

ROWS_AT_ONCE = 16_384
"""Rows that are worked on together: few enough for the processor's cache."""

ENERGY = "energy_j_per_output_token"
LARGEST = 1e12
"""Numbers above it are refused."""

YEARS = (2017.0, 2100.0)
"""Of the transformer, so that no serving software is older, and one beyond which nobody plans."""

_MAY_BE_ZERO = {"input_tokens", "kv_bytes_per_token_bf16"}


def predict_energy(frame: pd.DataFrame, boundary: str = "gpu") -> pd.DataFrame:
    """Return energy per output token with an interval, and every intermediate of the median.

    Parameters
    ----------
    frame : pandas.DataFrame
        One set-up a row. ``params_active_b`` [billions] must be there; ``params_total_b`` [billions],
        ``precision``, ``gpu_model``, ``gpu_count``, ``batch`` (mean number of requests at once),
        ``input_tokens`` and ``output_tokens`` (means), ``layers``, ``kv_bytes_per_token_bf16`` [B],
        ``n_experts``, ``experts_per_token`` and ``software_year`` may be missing or NaN. What is unknown
        takes the distribution of ``data/energy_assumptions.csv`` and widens the interval, and so does a
        ``gpu_count`` that cannot hold the weights: the count that is used stands in the result. Other columns
        are left alone.
    boundary : str
        ``gpu`` (the GPUs alone), ``server`` (with hosts, fans, network cards) or ``facility`` (with idle
        servers and PUE too).

    Returns
    -------
    pandas.DataFrame
        On the index of `frame`: ``energy_j_per_output_token_p5``, ``_p50`` and ``_p95`` [J/token] at the
        boundary, then the inputs that were used, the steps of `analysis.model.decode_step.TokenEnergy`, the
        energy at each boundary, and the parts of the interval: ``spread_model``, ``spread_inputs_low``,
        ``spread_inputs_high``, ``spread_links_low`` and ``spread_links_high`` [log ratio to the median].

    Raises
    ------
    ParameterError
        If a row makes no sense or names what the tables do not know (the message names row and column),
        ``params_active_b`` is missing, or the boundary is unknown.

    Notes
    -----
    The 5 and 95 % quantiles combine in quadrature of logarithms: residuals of measured rows that the model
    never saw, the effect of each unknown input at its own 5 and 95 %, and the low and high of each link.

    Examples
    --------
    >>> frame = pd.DataFrame({"params_active_b": [8.0], "params_total_b": [8.0], "precision": ["bf16"],
    ...     "gpu_model": ["H100"], "gpu_count": [1], "batch": [64.0], "output_tokens": [400.0]})
    >>> row = predict_energy(frame).iloc[0]
    >>> bool(0.05 < row["energy_j_per_output_token_p5"] < row["energy_j_per_output_token_p95"] < 1.0)
    True
    """
    check_boundary(boundary)
    rows = read_rows(frame)
    model = EnergyModel.load()
    # one block of memory, a line for each column, filled chunk by chunk
    names = list(_predict_rows(model, rows.take(slice(0)), boundary))
    values = np.empty((len(names), len(frame)))
    for start in range(0, len(frame), ROWS_AT_ONCE):
        chunk = slice(start, start + ROWS_AT_ONCE)
        columns = _predict_rows(model, rows.take(chunk), boundary)
        for line, column in zip(values, columns.values(), strict=True):
            line[chunk] = column
    answer = pd.DataFrame(values.T, index=frame.index, columns=names, copy=False)
    tables, (gpu, precision) = Tables.load(), model.hardware(rows)
    gpu_names, precisions = tables.gpu["gpu_model"], tables.precision["precision"]
    answer.insert(len(INPUTS), "gpu_model", pd.Categorical.from_codes(gpu, gpu_names))
    answer.insert(len(INPUTS), "precision", pd.Categorical.from_codes(precision, precisions))
    return answer


def intervals(model: EnergyModel, rows: Rows) -> tuple[Floats, Floats, Floats]:
    """Return 5, 50 and 95 % quantiles of GPU energy per output token [J/token]."""
    columns = _predict_rows(model, rows, BOUNDARIES[0])
    return tuple(columns[f"{ENERGY}_{end}"] for end in ("p5", "p50", "p95"))  # type: ignore[return-value]


def read_rows(frame: pd.DataFrame) -> Rows:
    """Return the rows of a frame, checked; see `predict_energy`."""
    if not isinstance(frame, pd.DataFrame):
        raise ParameterError(f"frame: not a pandas DataFrame: {quoted(frame)}")
    if "params_active_b" not in frame.columns:
        raise ParameterError("column params_active_b is missing")
    numbers = {name: _numbers(frame, name) for name in INPUTS}
    total, active = numbers["params_total_b"], numbers["params_active_b"]
    too_many_experts = numbers["experts_per_token"] > numbers["n_experts"]
    _refuse(frame, "params_active_b", np.isnan(active), "a number is needed")
    _refuse(frame, "params_active_b", active > total, "more than params_total_b")
    _refuse(frame, "experts_per_token", too_many_experts, "more than n_experts")
    gpu = places(_column(frame, "gpu_model"), datasets.load_gpu_specs())
    precision = places(_column(frame, "precision"), datasets.load_precisions())

    # GPUs that cannot hold the weights are as good as unknown
    room_b = Tables.load().gpu["memory_b"][gpu] * numbers["gpu_count"]
    weights_b = total * PARAMETERS_PER_BILLION * Tables.load().precision["bytes_per_weight"][precision]
    too_few = (gpu >= 0) & (precision >= 0) & (weights_b > room_b)
    numbers["gpu_count"] = np.where(too_few, np.nan, numbers["gpu_count"])
    return Rows(numbers, gpu, precision)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, one without entries where it is missing."""
    column = frame.get(name, pd.Series(np.nan, frame.index))
    if isinstance(column, pd.DataFrame):
        raise ParameterError(f"column {name} is there more than once")
    return column


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column as numbers, NaN where it has none."""
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
        (values > LARGEST, "beyond any sense"),
        (values < 0.0, "negative" if may_be_zero else "not above zero"),
        ((values == 0.0) & (not may_be_zero), "not above zero"),
        (
            (name == "software_year") & ((values < YEARS[0]) | (values > YEARS[1])),
            "not a year of serving software",
        ),
    ):
        _refuse(frame, name, wrong, why)
    return values


def _refuse(frame: pd.DataFrame, name: str, wrong: NDArray[np.bool_], why: str) -> None:
    """Raise ParameterError that names the first row that is wrong, if one is."""
    if wrong.any():
        place = int(np.argmax(wrong))
        value, label = frame[name].iloc[place], frame.index[place]
        shown = f"{value:g}" if isinstance(value, float | np.number) else quoted(value)
        label = tuple(map(str, label)) if isinstance(label, tuple) else label
        raise ParameterError(f"row {label!s:.80}, column {name}: {shown}: {why}")


def _predict_rows(model: EnergyModel, rows: Rows, boundary: str) -> dict[str, Floats]:
    """Return the columns of the answer but the names of accelerator and precision."""
    filled = model.fill(rows)
    links = load_links(filled.gpu)
    steps = model.steps(filled)
    at = {name: token_energy_at(name, steps, links[VALUE]) for name in BOUNDARIES}
    median = at[boundary]

    # what is not known exactly: the model, the inputs, the links; independent, so in quadrature
    spread_model = Z95 * model.residual(rows.gpu)
    inputs_low, inputs_high = input_spread(model, rows, median, boundary)
    links_low, links_high = (link_spread(boundary, steps, links, end) for end in (LOW, HIGH))
    down = np.sqrt(spread_model**2 + inputs_low**2 + links_low**2)
    up = np.sqrt(spread_model**2 + inputs_high**2 + links_high**2)
    return {
        f"{ENERGY}_p5": median * np.exp(-down),
        f"{ENERGY}_p50": median,
        f"{ENERGY}_p95": median * np.exp(up),
        **filled.numbers,
        "shared_share": filled.shared_share,
        **steps._asdict(),
        **{f"energy_at_{name}_j_per_output_token": energy for name, energy in at.items()},
        "spread_model": spread_model,
        "spread_inputs_low": inputs_low,
        "spread_inputs_high": inputs_high,
        "spread_links_low": links_low,
        "spread_links_high": links_high,
    }


def input_spread(
    model: EnergyModel, rows: Rows, median: Floats, boundary: str = BOUNDARIES[0]
) -> tuple[Floats, Floats]:
    """Return how far the unknown inputs can lower and raise each row [log ratio], in quadrature."""
    low, high = np.zeros_like(median), np.zeros_like(median)
    for name, unknown in unknown_inputs(rows).items():
        chosen = np.flatnonzero(unknown)
        if chosen.size == 0:
            continue
        some = rows.take(chosen)
        lowered = raised = np.zeros(chosen.size)
        for end in (LOW, HIGH):
            if not Tables.load().moves(name, end):
                continue
            filled = model.fill(some, {name: end})
            links = load_links(filled.gpu)[VALUE]
            effect = np.log(token_energy_at(boundary, model.steps(filled), links) / median[chosen])
            lowered, raised = np.minimum(lowered, effect), np.maximum(raised, effect)
        low[chosen] += lowered**2
        high[chosen] += raised**2
    return np.sqrt(low), np.sqrt(high)


def unknown_inputs(rows: Rows) -> dict[str, NDArray[np.bool_]]:
    """Return which rows lack an input that has a distribution then, by its name.

    The inputs stand in the order in which one follows from another.
    """
    missing = {name: np.isnan(column) for name, column in rows.numbers.items()}
    mixture = ~(rows.numbers["params_active_b"] == rows.numbers["params_total_b"])
    uncounted = missing["n_experts"] | missing["experts_per_token"]
    served = ("gpu_count", "batch", "input_tokens", "output_tokens", "layers", "kv_bytes_per_token_bf16")
    return {
        "params_total_b": missing["params_total_b"],
        "gpu": rows.gpu < 0,
        "precision": rows.precision < 0,
        **{name: missing[name] for name in served},
        "shared_share": mixture & uncounted,
        # how good the kernels are is never known
        "fp8_experts": mixture & (Tables.load().precision["is_fp8"][rows.precision] > 0),
        "software_year": missing["software_year"],
    }
