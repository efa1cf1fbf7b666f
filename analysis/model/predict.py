"""Energy of requests and tokens of a frame of set-ups, with intervals: the public ``predict_energy``."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.inputs.units import JOULES_PER_WH
from analysis.model.boundary import BOUNDARIES, Links, at_boundary, check_boundary, load_links
from analysis.model.energy_model import EnergyModel
from analysis.model.intervals import effects_of_unknowns, link_effects, residual_spread
from analysis.model.limits import refuse_what_does_not_fit
from analysis.model.memory import Floats
from analysis.model.read_rows import read_rows
from analysis.model.request import TokenEnergy
from analysis.model.setups import HIGH, INPUTS, LOW, VALUE, Z95, Rows, Tables

ROWS_AT_ONCE = 16_384
"""Rows that are worked on together: few enough for the processor's cache."""

ENERGY = "energy_j_per_output_token"
ENDS = ("p5", "p50", "p95")
QUANTITIES = {
    ENERGY: ("gpu_energy_j_per_output_token", "gpu_power_ratio"),
    "energy_j_per_input_token": ("prefill_energy_j_per_input_token", "prefill_power_ratio"),
    "decode_energy_j_per_output_token": ("decode_energy_j_per_output_token", "decode_power_ratio"),
    "energy_wh_per_request": ("gpu_energy_j_per_request", "gpu_power_ratio"),
}
"""What is answered with an interval: the energy of the GPUs, and their power meanwhile."""


def predict_energy(frame: pd.DataFrame, boundary: str = "gpu") -> pd.DataFrame:
    """Return energy per token and request with intervals, and every intermediate of the median.

    Parameters
    ----------
    frame : pandas.DataFrame
        One set-up a row. Either ``model`` (a name of `analysis.inputs.cards`) or ``params_active_b``
        [billions] must be there. May be missing or NaN: ``params_total_b`` [billions; dense unless told],
        ``precision``, ``gpu_model``, ``gpu_count`` (of one copy; where neither batch nor speed is told they
        hold as many copies as they can, but at an interactive load), ``engine``, one of ``batch`` (requests
        at once of one copy), ``load`` (`interactive`, `balanced`, `saturated`) and
        ``tokens_per_s_per_user``; ``input_tokens`` and
        ``output_tokens`` (means; 0 output tokens for embeddings), ``cached_share`` (of the input),
        ``tokens_per_step`` (above one where tokens are guessed and kept); ``layers``, ``attention``,
        ``kv_bytes_per_token_bf16`` [B], ``state_bytes_per_request`` [B], ``n_experts``,
        ``experts_per_token``; and a card of one's own: ``gpu_tdp_w`` [W], ``gpu_memory_gb``,
        ``gpu_bandwidth_gb_s``, ``gpu_peak_16bit_tflops``, all four. What is unknown takes the distribution of
        ``data/energy_assumptions.csv`` and widens the interval. Other columns are left alone.
    boundary : str
        ``gpu`` (the GPUs alone), ``server`` (with hosts, fans, network cards) or ``facility`` (with idle
        servers and PUE too).

    Returns
    -------
    pandas.DataFrame
        On the index of `frame`, at the boundary, each with ``_p5``, ``_p50`` and ``_p95``:
        ``energy_j_per_output_token`` (all energy of a request over its output tokens, prefill included, as
        it is measured), ``energy_j_per_input_token`` (of one that is not cached),
        ``decode_energy_j_per_output_token`` (without prefill) and ``energy_wh_per_request``; then the inputs
        that were used, the steps of `analysis.model.request.TokenEnergy`, the energy at each boundary,
        ``batch_kv_limit``: how many requests have room beside the weights, and the parts of the interval of
        the first: ``spread_model``, ``spread_inputs_low``,
        ``spread_inputs_high``, ``spread_links_low`` and ``spread_links_high`` [log ratio to the median].

    Raises
    ------
    ParameterError
        If a row makes no sense, names what the tables do not know, or tells a batch or a model that its GPUs
        cannot hold (the message names row and column), or the boundary is unknown.

    Notes
    -----
    The 5 and 95 % quantiles combine in quadrature of logarithms: residuals of measured sources that the model
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
    refuse_what_does_not_fit(frame, model, rows)
    # one block of memory, a line for each column, filled chunk by chunk
    names = list(_predict_rows(model, rows.take(slice(0)), boundary))
    values = np.empty((len(names), len(frame)))
    for start in range(0, len(frame), ROWS_AT_ONCE):
        chunk = slice(start, start + ROWS_AT_ONCE)
        columns = _predict_rows(model, rows.take(chunk), boundary)
        for line, column in zip(values, columns.values(), strict=True):
            line[chunk] = column
    answer = pd.DataFrame(values.T, index=frame.index, columns=names, copy=False)
    return _with_names(answer, model, rows)


def _with_names(answer: pd.DataFrame, model: EnergyModel, rows: Rows) -> pd.DataFrame:
    """Return the answer with the names of accelerator, precision and engine before the inputs."""
    tables, (gpu, precision, engine) = Tables.load_all(), model.places(rows)
    place = len(ENDS) * len(QUANTITIES)
    for name, places, table in (
        ("engine", engine, tables.engine["engine"]),
        ("precision", precision, tables.precision["precision"]),
        ("gpu_model", gpu, tables.gpu["gpu_model"]),
    ):
        answer.insert(place, name, pd.Categorical.from_codes(places, table))
    return answer


def intervals(model: EnergyModel, rows: Rows, boundary: str = BOUNDARIES[0]) -> tuple[Floats, Floats, Floats]:
    """Return 5, 50 and 95 % quantiles of energy per output token at a boundary [J/token]."""
    columns = _predict_rows(model, rows, boundary)
    return tuple(columns[f"{ENERGY}_{end}"] for end in ENDS)  # type: ignore[return-value]


def energies(steps: TokenEnergy, links: Links, boundary: str) -> dict[str, Floats]:
    """Return what is answered at a boundary, by the names of `QUANTITIES`."""
    found = {
        name: at_boundary(
            gpu_energy_j=getattr(steps, energy),
            gpu_power_ratio=getattr(steps, power),
            links=links,
            boundary=boundary,
        )
        for name, (energy, power) in QUANTITIES.items()
    }
    found["energy_wh_per_request"] = found["energy_wh_per_request"] / JOULES_PER_WH
    return found


def _predict_rows(model: EnergyModel, rows: Rows, boundary: str) -> dict[str, Floats]:
    """Return the columns of the answer but names."""
    filled = model.fill(rows)
    steps, links = model.steps(filled), load_links(filled.gpu)
    medians = energies(steps, links[VALUE], boundary)

    # what is not known exactly: the model, the inputs, the links; independent, so in quadrature
    spread_model = Z95 * residual_spread(model, rows)

    def energies_of(some: Rows, ends: Mapping[str, str]) -> dict[str, Floats]:
        moved = model.fill(some, ends)
        return energies(model.steps(moved), load_links(moved.gpu)[VALUE], boundary)

    of_inputs = effects_of_unknowns(rows, filled, medians, energies_of)
    of_links = {
        end: link_effects(lambda moved: energies(steps, moved, boundary), links, boundary, end)
        for end in (LOW, HIGH)
    }
    answer: dict[str, Floats] = {}
    for name, median in medians.items():
        down, up = (
            np.sqrt(spread_model**2 + of_inputs[end][name] + of_links[end][name]) for end in (LOW, HIGH)
        )
        answer |= {f"{name}_p5": median * np.exp(-down), f"{name}_p50": median}
        answer[f"{name}_p95"] = median * np.exp(up)
    return (
        answer
        | _told_too(filled.numbers, filled.shared_share, steps, links[VALUE])
        | {
            "batch_kv_limit": model.fitting(filled),
            "spread_model": spread_model,
            **{f"spread_inputs_{end}": np.sqrt(of_inputs[end][ENERGY]) for end in (LOW, HIGH)},
            **{f"spread_links_{end}": np.sqrt(of_links[end][ENERGY]) for end in (LOW, HIGH)},
        }
    )


def _told_too(
    numbers: Mapping[str, Floats], shared_share: Floats, steps: TokenEnergy, links: Links
) -> dict[str, Floats]:
    """Return the inputs that were used, the steps, and the energy at each boundary."""
    return {
        **{name: numbers[name] for name in INPUTS if name != "tokens_per_s_per_user"},
        "tokens_per_s_per_user": numbers["tokens_per_step"] / steps.step_time_s,
        "shared_share": shared_share,
        **steps._asdict(),
        **{
            f"energy_at_{name}_j_per_output_token": at_boundary(
                gpu_energy_j=steps.gpu_energy_j_per_output_token,
                gpu_power_ratio=steps.gpu_power_ratio,
                links=links,
                boundary=name,
            )
            for name in BOUNDARIES
        },
    }
