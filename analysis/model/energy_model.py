"""The fitted energy model: coefficients, defaults for what is unknown, intervals.

`analysis.model.predict` gives it frames, `analysis.model.fit` finds its coefficients; the physics is in
`analysis.model.decode_step`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.inputs import datasets
from analysis.inputs.units import BYTES_PER_GB, FLOP_PER_TFLOP, PARAMETERS_PER_BILLION, QUANTILE_TAIL
from analysis.model.decode_step import Coefficients, Setup, TokenEnergy, token_energy
from analysis.model.memory import Floats, gpus_needed, kv_bytes_per_request, requests_that_fit

INPUTS = (
    "params_total_b",
    "params_active_b",
    "gpu_count",
    "batch",
    "input_tokens",
    "output_tokens",
    "layers",
    "kv_bytes_per_token_bf16",
    "n_experts",
    "experts_per_token",
    "software_year",
)
"""Numbers that a row may hold; all but ``params_active_b`` may be unknown."""

VALUE, LOW, HIGH = "value", "low", "high"
Z95 = float(special.ndtri(1.0 - QUANTILE_TAIL))
"""Standard deviations from the median of a normal distribution to its 95 % quantile."""

_INPUT_OF = {
    "params_total_over_active": "params_total_b",
    "memory_headroom": "gpu_count",
    "batch_per_gpu": "batch",
}
"""Inputs that have another name than the assumption which stands in for them."""


class Rows(NamedTuple):
    """Rows to predict: arrays of one length.

    Attributes
    ----------
    numbers : mapping
        Each of `INPUTS` in the unit of `analysis.predict_energy`; NaN where it is unknown.
    gpu, precision : array
        Places in the tables of accelerators and of precisions; -1 where unknown.
    """

    numbers: Mapping[str, Floats]
    gpu: NDArray[np.intp]
    precision: NDArray[np.intp]

    def take(self, chosen: Any) -> Rows:
        """Return some of the rows."""
        numbers = {name: column[chosen] for name, column in self.numbers.items()}
        return Rows(numbers, self.gpu[chosen], self.precision[chosen])


class Filled(NamedTuple):
    """Rows without gaps.

    Attributes
    ----------
    numbers, gpu, precision
        As in `Rows`, nothing unknown.
    shared_share : array
        Active parameters outside the routed experts, over the active ones [ratio].
    fp8_experts : array
        1 where a mixture of experts runs in eight bits, else 0.
    """

    numbers: Mapping[str, Floats]
    gpu: NDArray[np.intp]
    precision: NDArray[np.intp]
    shared_share: Floats
    fp8_experts: Floats


@dataclass(frozen=True)
class Tables:
    """Accelerators, precisions and assumptions as arrays to be indexed."""

    gpu: Mapping[str, Any]
    peak_flop_per_s: Floats
    precision: Mapping[str, Any]
    unknown: Mapping[str, Mapping[str, float]]

    @staticmethod
    @lru_cache(maxsize=1)
    def load() -> Tables:
        """Return the project's own tables."""
        gpus, precisions = datasets.load_gpu_specs(), datasets.load_precisions()
        inputs = datasets.load_energy_assumptions().query("kind == 'input'")
        # without units for fewer bits a card multiplies as fast as with more
        sixteen = gpus["peak_16bit_tflops"]
        fp8 = gpus["peak_fp8_tflops"].fillna(sixteen)
        peaks = {"16bit": sixteen, "fp8": fp8, "fp4": gpus["peak_fp4_tflops"].fillna(fp8)}
        is_fp8 = (precisions["peak"] == "fp8") & (precisions["bytes_per_weight"] == 1.0)
        gpus = gpus.assign(
            bandwidth_b_per_s=gpus["bandwidth_gb_s"] * BYTES_PER_GB,
            memory_b=gpus["memory_gb"] * BYTES_PER_GB,
            fp8_gain=fp8 / sixteen,
            is_blackwell=(gpus["generation"] == "Blackwell").astype(float),
        )
        place_of_peak = precisions["peak"].map(datasets.PEAKS.index)
        return Tables(
            gpu=_columns(gpus),
            peak_flop_per_s=np.array([peaks[name] for name in datasets.PEAKS]) * FLOP_PER_TFLOP,
            precision=_columns(precisions.assign(peak=place_of_peak, is_fp8=is_fp8.astype(float))),
            unknown=inputs[[VALUE, LOW, HIGH]].rename(index=_INPUT_OF).to_dict("index"),
        )

    def moves(self, name: str, end: str) -> bool:
        """Tell whether an unknown input at one of its ends differs from its value."""
        return name not in self.unknown or self.unknown[name][end] != self.unknown[name][VALUE]


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    """Return the columns as arrays, and the places of what stands in for an unknown entry."""
    stand_ins = {end: list(table["if_unknown"]).index(end) for end in datasets.IF_UNKNOWN}
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

    def at(self, total_b: Floats, active_b: Floats, tilt: float) -> Floats:
        """Return the shape, `tilt` quantile widths off the median."""
        log = self.constant + self.total * np.log(total_b) + self.active * np.log(active_b)
        return np.asarray(np.exp(log + tilt * Z95 * self.sd))


_TILT = {LOW: -1.0, VALUE: 0.0, HIGH: 1.0}
"""Quantile widths off the median at each end."""


@dataclass(frozen=True)
class EnergyModel:
    """A fitted model.

    Attributes
    ----------
    coefficients : Coefficients
        Of the physics.
    shapes : mapping
        `Shape` of ``layers`` and ``kv_bytes_per_token_bf16``.
    residual_sd : mapping
        Spread of held-out residuals by generation of GPU [log ratio]; ``other`` for the rest.
    years : tuple
        First and last year of the serving software that it knows.
    """

    coefficients: Coefficients
    shapes: Mapping[str, Shape]
    residual_sd: Mapping[str, float]
    years: tuple[float, float]

    @staticmethod
    @lru_cache(maxsize=1)
    def load() -> EnergyModel:
        """Return the model that ``kwh2token fit`` found."""
        return from_table(datasets.load_coefficients()["value"].to_dict())

    def fill(self, rows: Rows, tilts: Mapping[str, str] | None = None) -> Filled:
        """Return rows without gaps: a gap takes its median, or the end that `tilts` names for it."""
        tables, n, ends = Tables.load(), dict(rows.numbers), tilts or {}

        def assumed(name: str) -> float:
            return tables.unknown[name][ends.get(name, VALUE)]

        def fill_gap(name: str, fallback: Any) -> None:
            n[name] = np.where(np.isnan(n[name]), fallback, n[name])

        # size, and the GPUs that hold it
        gpu, precision = self.hardware(rows, ends)
        memory_b, active = tables.gpu["memory_b"][gpu], n["params_active_b"]
        fill_gap("params_total_b", active * assumed("params_total_b"))
        total = n["params_total_b"]
        weight_bytes = total * PARAMETERS_PER_BILLION * tables.precision["bytes_per_weight"][precision]
        headroom = assumed("gpu_count")
        fill_gap("gpu_count", gpus_needed(weight_bytes=weight_bytes, memory_b=memory_b, headroom=headroom))

        # lengths, software and the shape of the model
        n["software_year"] = np.minimum(n["software_year"], self.years[1])
        for name in ("input_tokens", "output_tokens", "software_year"):
            fill_gap(name, assumed(name))
        for name, shape in self.shapes.items():
            fill_gap(name, shape.at(total, active, _TILT[ends.get(name, VALUE)]))

        # an assumed batch is one whose cache fits
        if np.isnan(n["batch"]).any():
            request_bytes = kv_bytes_per_request(
                input_tokens=n["input_tokens"],
                output_tokens=n["output_tokens"],
                kv_bytes_per_token=np.maximum(n["kv_bytes_per_token_bf16"], 1.0),
            )
            fitting = requests_that_fit(
                weight_bytes=weight_bytes,
                request_bytes=request_bytes,
                memory_b=memory_b,
                gpu_count=n["gpu_count"],
            )
            fill_gap("batch", np.minimum(assumed("batch") * n["gpu_count"], np.maximum(fitting, 1.0)))

        mixture = total > active * assumed("dense_up_to")
        fp8_experts = tables.precision["is_fp8"][precision] * mixture * assumed("fp8_experts")
        return Filled(n, gpu, precision, _shared_share(n, assumed("shared_share")), fp8_experts)

    def hardware(self, rows: Rows, tilts: Mapping[str, str] | None = None) -> tuple[Any, Any]:
        """Return each row's place in the tables of accelerators and of precisions."""
        tables, ends = Tables.load(), tilts or {}
        standing_in = tables.gpu["if_unknown"][ends.get("gpu", VALUE)]
        gpu = np.where(rows.gpu < 0, standing_in, rows.gpu)
        standing_in = tables.precision["if_unknown"][ends.get("precision", VALUE)]
        return gpu, np.where(rows.precision < 0, standing_in, rows.precision)

    def steps(self, filled: Filled) -> TokenEnergy:
        """Return the energy of each row and every step on the way."""
        return token_energy(self.setup(filled), self.coefficients)

    def setup(self, filled: Filled) -> Setup:
        """Return what the physics takes."""
        n, gpu, precision, shared_share, fp8_experts = filled
        tables, (first, last) = Tables.load(), self.years
        ahead = tables.unknown["software_year"][LOW]
        # sizes are rounded: what is nearly all active is dense
        total, active = n["params_total_b"], n["params_active_b"]
        dense = total <= active * tables.unknown["dense_up_to"][VALUE]
        as_they_are = ("layers", "batch", "input_tokens", "output_tokens", "gpu_count")
        of_gpu = ("fp8_gain", "is_blackwell", "bandwidth_b_per_s", "memory_b", "tdp_w")
        return Setup(
            params_total=total * PARAMETERS_PER_BILLION,
            params_active=np.where(dense, total, active) * PARAMETERS_PER_BILLION,
            shared_share=shared_share,
            bytes_per_weight=tables.precision["bytes_per_weight"][precision],
            fp8_experts=fp8_experts,
            kv_bytes_per_token=n["kv_bytes_per_token_bf16"],
            gpus_per_server=tables.unknown["gpus_per_server"][VALUE],
            peak_flop_per_s=tables.peak_flop_per_s[tables.precision["peak"][precision], gpu],
            software_age_years=last - np.clip(n["software_year"], first, ahead),
            **{name: n[name] for name in as_they_are},
            **{name: tables.gpu[name][gpu] for name in of_gpu},
        )

    def residual(self, gpu: NDArray[np.intp]) -> Floats:
        """Return the spread of residuals by row [log ratio]; the widest where the generation is new to it."""
        widest = self.residual_sd["other"]
        of_gpu = [self.residual_sd.get(name.lower(), widest) for name in Tables.load().gpu["generation"]]
        return np.array([*of_gpu, widest])[gpu]  # unknown is -1: the last


def _shared_share(n: Mapping[str, Floats], assumed: float) -> Floats:
    """Return the active parameters outside the routed experts, over the active ones [ratio]."""
    total, active = n["params_total_b"], n["params_active_b"]
    with np.errstate(invalid="ignore", divide="ignore"):
        # a token uses all but the routed experts that it is not sent to
        routed = (total - active) / (1.0 - n["experts_per_token"] / n["n_experts"])
        shared = np.clip((total - routed) / active, 0.0, 1.0)
    return np.where(np.isfinite(shared), shared, assumed)


def from_table(values: Mapping[str, float]) -> EnergyModel:
    """Return a model from the values of a coefficient table, by name."""

    def named(prefix: str) -> dict[str, float]:
        return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}

    return EnergyModel(
        coefficients=Coefficients(*(values[name] for name in Coefficients._fields)),
        shapes={name: Shape(**named(f"{name}_")) for name in ("layers", "kv_bytes_per_token_bf16")},
        residual_sd=named("residual_sd_"),
        years=(values["first_software_year"], values["last_software_year"]),
    )
