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
from numpy.typing import NDArray

from analysis.inputs import datasets
from analysis.inputs.units import BYTES_PER_GB, FLOP_PER_TFLOP, PARAMETERS_PER_BILLION
from analysis.model.decode_step import Coefficients, Floats, Links, Setup, TokenEnergy, token_energy

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

UNCERTAIN = (
    "params_total_b",
    "gpu",
    "precision",
    "gpu_count",
    "batch",
    "input_tokens",
    "output_tokens",
    "layers",
    "kv_bytes_per_token_bf16",
    "shared_share",
    "fp8_experts",
    "software_year",
)
"""What is given a distribution where it is unknown, in the order in which one follows from another."""

VALUE, LOW, HIGH = "value", "low", "high"
Z95 = 1.6448536269514722
"""Standard deviations from the median of a normal distribution to its 95 % quantile."""


_ASSUMPTION_OF = {
    "params_total_b": "params_total_over_active",
    "gpu_count": "memory_headroom",
    "batch": "batch_per_gpu",
}
"""Assumptions that have another name than the input which they stand in for."""


class Rows(NamedTuple):
    """Rows to predict: arrays of one length; NaN, or -1 in the last two, where unknown."""

    numbers: Mapping[str, Floats]
    gpu: NDArray[np.intp]
    precision: NDArray[np.intp]

    def take(self, chosen: Any) -> Rows:
        """Return some of the rows."""
        numbers = {name: column[chosen] for name, column in self.numbers.items()}
        return Rows(numbers, self.gpu[chosen], self.precision[chosen])


class Filled(NamedTuple):
    """Rows without gaps, the share of active parameters that is not routed, and which run experts in fp8."""

    numbers: Mapping[str, Floats]
    gpu: NDArray[np.intp]
    precision: NDArray[np.intp]
    shared_share: Floats
    fp8_experts: Floats


@dataclass(frozen=True)
class Tables:
    """Accelerators, precisions and assumptions as arrays to be indexed."""

    gpu: Mapping[str, Any]
    precision: Mapping[str, Any]
    unknown: Mapping[str, Mapping[str, float]]

    @staticmethod
    @lru_cache(maxsize=1)
    def load() -> Tables:
        """Return the project's own tables."""
        gpus, precisions = datasets.load_gpu_specs(), datasets.load_precisions()
        inputs = datasets.load_energy_assumptions().query("kind == 'input'")
        sixteen = gpus["peak_16bit_tflops"]
        peaks = {
            "16bit": sixteen,
            "fp8": gpus["peak_fp8_tflops"].fillna(sixteen),
            "fp4": gpus["peak_fp4_tflops"].fillna(gpus["peak_fp8_tflops"]).fillna(sixteen),
        }
        return Tables(
            gpu={
                "generation": gpus["generation"].to_numpy(),
                "bandwidth_b_per_s": gpus["bandwidth_gb_s"].to_numpy() * BYTES_PER_GB,
                "memory_b": gpus["memory_gb"].to_numpy() * BYTES_PER_GB,
                "tdp_w": gpus["tdp_w"].to_numpy(),
                "peak": np.array([peaks[peak].to_numpy() for peak in datasets.PEAKS]) * FLOP_PER_TFLOP,
                "fp8_gain": (peaks["fp8"] / sixteen).to_numpy(),
                "is_blackwell": (gpus["generation"] == "Blackwell").to_numpy().astype(float),
                "name": gpus.index.to_numpy(),
                "if_unknown": _places(gpus["if_unknown"]),
            },
            precision={
                "bytes": precisions["bytes_per_weight"].to_numpy(),
                "peak": np.array([datasets.PEAKS.index(peak) for peak in precisions["peak"]]),
                "is_fp8": ((precisions["peak"] == "fp8") & (precisions["bytes_per_weight"] == 1.0))
                .to_numpy()
                .astype(float),
                "name": precisions.index.to_numpy(),
                "if_unknown": _places(precisions["if_unknown"]),
            },
            unknown=inputs[["value", "low", "high"]].to_dict("index"),
        )


def _places(column: Any) -> dict[str, int]:
    return {end: list(column).index(end) for end in datasets.IF_UNKNOWN}


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

        def gap(name: str, fallback: Any) -> None:
            n[name] = np.where(np.isnan(n[name]), fallback, n[name])

        def unknown(name: str, tilt_of: str) -> float:
            return tables.unknown[name][ends.get(tilt_of, VALUE)]

        active = n["params_active_b"]
        gap("params_total_b", active * unknown("params_total_over_active", "params_total_b"))
        total = n["params_total_b"]
        gpu, precision = self.hardware(rows, ends)
        weights = total * PARAMETERS_PER_BILLION * tables.precision["bytes"][precision]
        wanted = weights * unknown("memory_headroom", "gpu_count") / tables.gpu["memory_b"][gpu]
        gap("gpu_count", np.exp2(np.ceil(np.log2(np.maximum(wanted, 1.0)))))
        assumed = unknown("batch_per_gpu", "batch") * n["gpu_count"]
        no_batch = np.isnan(n["batch"])
        gap("batch", assumed)
        n["software_year"] = np.minimum(n["software_year"], self.years[1])
        for name in ("input_tokens", "output_tokens", "software_year"):
            gap(name, unknown(name, name))
        for name, shape in self.shapes.items():
            tilt = {LOW: -1.0, VALUE: 0.0, HIGH: 1.0}[ends.get(name, VALUE)]
            gap(name, shape.at(total, active, tilt))
        with np.errstate(invalid="ignore", divide="ignore"):
            routed = (total - active) / (1.0 - n["experts_per_token"] / n["n_experts"])
            shared = np.clip((total - routed) / active, 0.0, 1.0)
        shared = np.where(np.isfinite(shared), shared, unknown("shared_share", "shared_share"))
        if no_batch.any():  # an assumed batch is one whose cache fits
            room = tables.gpu["memory_b"][gpu] * n["gpu_count"] - weights
            context = n["input_tokens"] + n["output_tokens"] / 2.0
            fits = np.maximum(room / (context * np.maximum(n["kv_bytes_per_token_bf16"], 1.0)), 1.0)
            n["batch"] = np.where(no_batch, np.minimum(assumed, fits), n["batch"])
        quantised = tables.precision["is_fp8"][precision] * (total > active * unknown("dense_up_to", ""))
        fp8_experts = quantised * unknown("fp8_experts", "fp8_experts")
        return Filled(n, gpu, precision, shared, fp8_experts)

    def moves(self, name: str, end: str) -> bool:
        """Tell whether an end of an unknown input differs from its median."""
        entry = Tables.load().unknown.get(_ASSUMPTION_OF.get(name, name))
        return entry is None or entry[end] != entry[VALUE]

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
        n, gpu, precision, shared, fp8_experts = filled
        tables = Tables.load()
        first, last = self.years
        ahead = Tables.load().unknown["software_year"][LOW]
        # sizes are rounded: what is nearly all active is dense
        dense = n["params_total_b"] <= n["params_active_b"] * tables.unknown["dense_up_to"][VALUE]
        return Setup(
            params_total=n["params_total_b"] * PARAMETERS_PER_BILLION,
            params_active=np.where(dense, n["params_total_b"], n["params_active_b"]) * PARAMETERS_PER_BILLION,
            shared_share=shared,
            bytes_per_weight=tables.precision["bytes"][precision],
            fp8_experts=fp8_experts,
            fp8_gain=tables.gpu["fp8_gain"][gpu],
            is_blackwell=tables.gpu["is_blackwell"][gpu],
            layers=n["layers"],
            kv_bytes_per_token=n["kv_bytes_per_token_bf16"],
            batch=n["batch"],
            input_tokens=n["input_tokens"],
            output_tokens=n["output_tokens"],
            gpu_count=n["gpu_count"],
            gpus_per_server=tables.unknown["gpus_per_server"][VALUE],
            bandwidth_b_per_s=tables.gpu["bandwidth_b_per_s"][gpu],
            memory_b=tables.gpu["memory_b"][gpu],
            peak_flop_per_s=tables.gpu["peak"][tables.precision["peak"][precision], gpu],
            tdp_w=tables.gpu["tdp_w"][gpu],
            software_age_years=last - np.clip(n["software_year"], first, ahead),
        )

    def residual(self, gpu: NDArray[np.intp]) -> Floats:
        """Return the spread of residuals by row [log ratio]; the widest where the generation is new to it."""
        widest = self.residual_sd["other"]
        of_gpu = [self.residual_sd.get(name.lower(), widest) for name in Tables.load().gpu["generation"]]
        return np.array([*of_gpu, widest])[gpu]  # unknown is -1: the last


def unknown_in(rows: Rows, name: str) -> NDArray[np.bool_]:
    """Return which rows lack an input of `UNCERTAIN`."""
    mixture = ~(rows.numbers["params_active_b"] == rows.numbers["params_total_b"])
    if name in ("gpu", "precision"):
        return np.asarray(getattr(rows, name) < 0)
    if name == "shared_share":
        counted = ~np.isnan(rows.numbers["n_experts"] + rows.numbers["experts_per_token"])
        return mixture & ~counted
    if name == "fp8_experts":  # how good the kernels are is never known
        return np.asarray(mixture & (Tables.load().precision["is_fp8"][rows.precision] > 0))
    return np.isnan(rows.numbers[name])


@lru_cache(maxsize=1)
def load_links() -> dict[str, Links]:
    """Return the links from GPU to facility at their low, middle and high."""
    own, pue = datasets.load_energy_assumptions(), datasets.load_assumptions().loc["pue"]
    return {
        end: Links(own.loc["host_power_share", end], own.loc["idle_overhead", end], pue[end])
        for end in (LOW, VALUE, HIGH)
    }


def from_table(values: Mapping[str, float]) -> EnergyModel:
    """Return a model from the values of a coefficient table, by name."""
    return EnergyModel(
        coefficients=Coefficients(*(values[name] for name in Coefficients._fields)),
        shapes={
            name: Shape(*(values[f"{name}_{part}"] for part in Shape._fields))
            for name in ("layers", "kv_bytes_per_token_bf16")
        },
        residual_sd={
            name.removeprefix("residual_sd_"): value
            for name, value in values.items()
            if name.startswith("residual_sd_")
        },
        years=(values["first_software_year"], values["last_software_year"]),
    )
