"""Rows to predict, with and without gaps, and the tables that fill them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.inputs import datasets, energy_tables
from analysis.inputs.units import BYTES_PER_GB, FLOP_PER_TFLOP, QUANTILE_TAIL
from analysis.model.memory import Floats

VALUE, LOW, HIGH = "value", "low", "high"
Z95 = float(special.ndtri(1.0 - QUANTILE_TAIL))
"""Standard deviations from the median of a normal distribution to its 95 % quantile."""

OF_MODEL = (
    "params_total_b",
    "params_active_b",
    "layers",
    "kv_bytes_per_token_bf16",
    "kv_window_tokens",
    "kv_window_bytes_per_token",
    "state_bytes_per_request",
    "n_experts",
    "experts_per_token",
)
"""Numbers that the card of a model may hold."""

INPUTS = (
    *OF_MODEL,
    "gpu_count",
    "batch",
    "tokens_per_s_per_user",
    "input_tokens",
    "output_tokens",
    "cached_share",
    "tokens_per_step",
)
"""Numbers that a row may hold; all but ``params_active_b`` may be unknown."""

OWN_CARD = ("gpu_tdp_w", "gpu_memory_gb", "gpu_bandwidth_gb_s", "gpu_peak_16bit_tflops")
"""What tells a card that the table does not hold."""

ENDS_OF_SIZE = ("params_total_b_low", "params_total_b_high", "params_active_b_low", "params_active_b_high")
"""Between which the size of a closed model is assumed to lie."""

UNLESS_TOLD = {
    "cached_share": 0.0,
    "tokens_per_step": 1.0,
    "kv_window_tokens": 0.0,
    "kv_window_bytes_per_token": 0.0,
    "state_bytes_per_request": 0.0,
}
"""What holds where a row does not say otherwise: nothing of the kind."""


class Rows(NamedTuple):
    """Rows to predict: arrays of one length.

    Attributes
    ----------
    numbers : mapping
        Each of `INPUTS`, `OWN_CARD` and `ENDS_OF_SIZE` in the unit of `analysis.predict_energy`; NaN where
        it is unknown.
    gpu, precision, engine, load, attention : array
        Places in the tables of these names; -1 where unknown.
    """

    numbers: Mapping[str, Floats]
    gpu: NDArray[np.intp]
    precision: NDArray[np.intp]
    engine: NDArray[np.intp]
    load: NDArray[np.intp]
    attention: NDArray[np.intp]

    def take(self, chosen: Any) -> Rows:
        """Return some of the rows."""
        numbers = {name: column[chosen] for name, column in self.numbers.items()}
        return Rows(numbers, *(column[chosen] for column in self[1:]))

    @property
    def has_own_card(self) -> NDArray[np.bool_]:
        """Whether a row tells a card of its own."""
        return ~np.isnan(self.numbers["gpu_tdp_w"])


class Filled(NamedTuple):
    """Rows without gaps.

    Attributes
    ----------
    numbers, gpu, precision, engine
        As in `Rows`, nothing unknown; ``gpu`` is -1 where a row tells a card of its own.
    shared_share : array
        Active parameters outside the routed experts, over the active ones [ratio].
    """

    numbers: Mapping[str, Floats]
    gpu: NDArray[np.intp]
    precision: NDArray[np.intp]
    engine: NDArray[np.intp]
    shared_share: Floats


@dataclass(frozen=True)
class Tables:
    """Accelerators, precisions, engines, loads, kinds of attention and assumptions, as arrays by place."""

    gpu: Mapping[str, Any]
    peak_flop_per_s: Floats
    prefill_peak_flop_per_s: Floats
    precision: Mapping[str, Any]
    engine: Mapping[str, Any]
    load: Mapping[str, Any]
    attention: Mapping[str, Any]
    unknown: Mapping[str, Mapping[str, float]]

    @staticmethod
    @lru_cache(maxsize=1)
    def load_all() -> Tables:
        """Return the project's own tables."""
        gpus, precisions = datasets.load_gpu_specs(), datasets.load_precisions()
        inputs = datasets.load_energy_assumptions().query("kind == 'input'")
        # a card without units for eight bits multiplies as fast as at sixteen; weights of four bits are
        # unpacked to sixteen where it has no units for four, and prompts gain nothing over eight
        sixteen, four = gpus["peak_16bit_tflops"], gpus["peak_fp4_tflops"]
        fp8 = gpus["peak_fp8_tflops"].fillna(sixteen)
        peaks = {"16bit": sixteen, "fp8": fp8, "fp4": four.fillna(sixteen)}
        prefill_peaks = peaks | {"fp4": fp8.where(four.notna(), sixteen)}
        is_fp8 = precisions.index == "fp8"
        gpus = gpus.assign(
            bandwidth_b_per_s=gpus["bandwidth_gb_s"] * BYTES_PER_GB,
            link_b_per_s=gpus["interconnect_gb_s"] * BYTES_PER_GB / 2.0,  # one way
            memory_b=gpus["memory_gb"] * BYTES_PER_GB,
            is_blackwell=(gpus["generation"] == "Blackwell").astype(float),
        )
        place_of_peak = precisions["peak"].map(datasets.PEAKS.index)
        return Tables(
            gpu=_columns(gpus),
            peak_flop_per_s=_stacked(peaks),
            prefill_peak_flop_per_s=_stacked(prefill_peaks),
            precision=_columns(precisions.assign(peak=place_of_peak, is_fp8=is_fp8.astype(float))),
            engine=_columns(datasets.load_engines()),
            load=_columns(energy_tables.load_loads()),
            attention=_columns(energy_tables.load_attentions()),
            unknown=inputs[[VALUE, LOW, HIGH]].to_dict("index"),
        )

    def moves(self, name: str, end: str) -> bool:
        """Tell whether an unknown input at one of its ends differs from its value."""
        named = {"gpu": self.gpu, "precision": self.precision, "engine": self.engine}.get(name)
        if named:
            return bool(named["if_unknown"][end] != named["if_unknown"][VALUE])
        return name not in self.unknown or self.unknown[name][end] != self.unknown[name][VALUE]

    def place_of_engine(self, name: str) -> int:
        """Return the place of an engine."""
        return list(self.engine["engine"]).index(name)


def _stacked(peaks: Mapping[str, pd.Series]) -> Floats:
    """Return peak rates [1/s] by place of the rate and of the accelerator."""
    return np.array([peaks[name] for name in datasets.PEAKS]) * FLOP_PER_TFLOP


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays, and the places of what stands in for an unknown entry."""
    named = list(table["if_unknown"])
    value = named.index(VALUE)
    stand_ins = {end: named.index(end) if end in named else value for end in datasets.IF_UNKNOWN}
    return {name: column.to_numpy() for name, column in table.items()} | {"if_unknown": stand_ins}


class Shape(NamedTuple):
    """How a shape follows from size where it is not stated: log y = constant + total ... + active ...

    Attributes
    ----------
    constant, total, active : float
        Of the logarithm, with sizes in billions.
    sd : float
        Spread about it [log ratio].
    """

    constant: float
    total: float
    active: float
    sd: float

    def at(self, total_b: Floats, active_b: Floats, end: str = VALUE) -> Floats:
        """Return the shape, at its median or at an end."""
        log = self.constant + self.total * np.log(total_b) + self.active * np.log(active_b)
        return np.asarray(np.exp(log + _TILT[end] * Z95 * self.sd))


_TILT = {LOW: -1.0, VALUE: 0.0, HIGH: 1.0}
"""Quantile widths off the median at each end."""
