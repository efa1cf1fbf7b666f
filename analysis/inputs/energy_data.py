"""Loaders of the tables behind the energy model, and what they must look like."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from analysis.inputs import datasets, paths
from analysis.inputs.read_once import read_once
from analysis.inputs.schemas import PERIOD, PROVENANCE, identifier, number, one_of, rule, text

IF_UNKNOWN = ("low", "value", "high")
PEAKS = ("16bit", "fp8", "fp4")
UNITS = ("share", "ratio", "token", "year", "s", "log ratio", "log ratio/year", "number", "B")

_PRECISIONS = {
    "precision": identifier(unique=True),
    "aliases": text(),
    "bytes_per_weight": number(positive=True),
    "peak": one_of(PEAKS),
    "if_unknown": one_of(IF_UNKNOWN, nullable=True),
    **PROVENANCE,
}
_GPUS = {
    "gpu_model": pa.Column(str, unique=True),
    "aliases": text(),
    "generation": pa.Column(str),
    **{name: number(positive=True) for name in ("tdp_w", "memory_gb", "bandwidth_gb_s", "peak_16bit_tflops")},
    **{name: number(nullable=True, positive=True) for name in ("peak_fp8_tflops", "peak_fp4_tflops")},
    "if_unknown": one_of(IF_UNKNOWN, nullable=True),
    **PROVENANCE,
}
_WORKLOADS = {
    "workload": identifier(unique=True),
    "kind": one_of(("benchmark", "traffic")),
    "input_tokens": number(nullable=True, positive=True),
    "output_tokens": number(positive=True),
    **PROVENANCE,
}
_CARDS = {
    "model": pa.Column(str, unique=True),
    "vendor": pa.Column(str),
    "vendor_country": pa.Column(str, pa.Check.str_matches(r"^[A-Z]{2}$|^INT$"), nullable=True),
    "architecture": one_of(("dense", "moe", "hybrid", "ssm")),
    **{
        name: number(nullable=True, positive=True)
        for name in (
            "params_total_b",
            "params_active_b",
            "layers",
            "n_experts",
            "experts_per_token",
            "kv_bytes_per_token_bf16",
        )
    },
    **PROVENANCE,
}
_ASSUMPTIONS = {
    "name": identifier(unique=True),
    "kind": one_of(("link", "input")),
    "value": number(),
    "low": number(),
    "high": number(),
    "unit": one_of(UNITS),
    "period": PERIOD,
    **PROVENANCE,
}
_COEFFICIENTS = {
    "name": identifier(unique=True),
    "kind": one_of(("fitted", "shape", "residual")),
    "value": number(),
    "low": number(nullable=True),
    "high": number(nullable=True),
    "unit": one_of(UNITS),
    "start": number(nullable=True),
    "least": number(nullable=True),
    "greatest": number(nullable=True),
    "meaning": pa.Column(str),
    "source": identifier(),
    "grade": one_of(("A", "B", "C")),
}
_HELD_OUT = {
    "id": identifier(),
    "held_out": one_of(("family", "model", "family, sizes alone", "family, batch unknown", "2026", "2023")),
    **{f"energy_j_per_output_token_{end}": number(positive=True) for end in ("p5", "p50", "p95")},
}
_ECOLOGITS = {
    "id": identifier(unique=True),
    "energy_j_per_output_token": number(positive=True),
    "energy_batch_told_j_per_output_token": number(positive=True),
}


@read_once
def _table(folder: Path, name: str, key: str | None, columns: tuple[str, ...]) -> pd.DataFrame:
    schema = pa.DataFrameSchema(_SCHEMAS[name], checks=_CHECKS.get(name), strict=True, coerce=True)
    frame = datasets.read_checked(folder / name, schema)
    if "source" in columns:
        datasets.check_sources(folder / name, frame, set(datasets.load_sources(folder)["id"]))
    return frame if key is None else frame.set_index(key, drop=False)


_SCHEMAS = {
    "gpu_specs.csv": _GPUS,
    "precisions.csv": _PRECISIONS,
    "workload_lengths.csv": _WORKLOADS,
    "model_cards.csv": _CARDS,
    "energy_assumptions.csv": _ASSUMPTIONS,
    "energy_coefficients.csv": _COEFFICIENTS,
    "energy_held_out.csv": _HELD_OUT,
    "ecologits_same_rows.csv": _ECOLOGITS,
}
_CHECKS = {
    "model_cards.csv": rule(
        "column params_active_b: should not exceed params_total_b",
        lambda rows: rows["params_total_b"].isna() | (rows["params_active_b"] <= rows["params_total_b"]),
    ),
}


def _load(folder: Path, name: str, key: str | None) -> pd.DataFrame:
    return _table(folder, name, key, tuple(_SCHEMAS[name]))


def load_gpu_specs(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return accelerators indexed by name: power [W], memory [GB], bandwidth [GB/s], peak rates [TFLOP/s]."""
    return _load(folder, "gpu_specs.csv", "gpu_model")


def load_precisions(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return number formats of weights indexed by name: bytes a weight [B] and the peak rate they use."""
    return _load(folder, "precisions.csv", "precision")


def load_workloads(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return mean prompt and answer lengths [token] by workload."""
    return _load(folder, "workload_lengths.csv", "workload")


def load_model_cards(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return shapes of open models indexed by name; what no source confirms is blank."""
    return _load(folder, "model_cards.csv", "model")


def load_energy_assumptions(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the links from GPU to facility and what stands for an unknown input, indexed by name."""
    return _load(folder, "energy_assumptions.csv", "name")


def load_coefficients(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return the fitted coefficients of the energy model, indexed by name."""
    return _load(folder, "energy_coefficients.csv", "name")


def load_held_out(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return predictions [J/token] of measured rows by models that never saw them."""
    return _load(folder, "energy_held_out.csv", None)


def load_ecologits(folder: Path = paths.DATA) -> pd.DataFrame:
    """Return what EcoLogits says of the measured rows [J/token], indexed by row id."""
    return _load(folder, "ecologits_same_rows.csv", "id")
