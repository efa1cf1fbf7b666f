"""Fit the energy model on measured rows, and predict rows that a fit never saw.

``kwh2token fit`` writes ``data/energy_coefficients.csv`` and ``data/energy_held_out.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.inputs import datasets, paths
from analysis.model.decode_step import Coefficients, Floats
from analysis.model.energy_model import Z95, EnergyModel, Shape, Tables
from analysis.model.predict import ENERGY, input_spread, intervals, read_rows
from analysis.runs.files import write_atomically

FITTED_SOURCES = ("mlenergy_v2", "mlenergy_v3")
"""Measurements that the fit sees: serving engines under load."""

NEWEST, OLDEST = "mlenergy_v3", "mlenergy_v1"
"""Measurements that are scored when left out, and those that no fit ever sees."""

ROBUST_WIDTH = 0.3
"""Residuals [log ratio] from which a row counts linearly, not in square: odd set-ups exist."""

POWER_WEIGHT = 0.5
"""Weight of a residual of power beside one of energy."""

START_WEIGHT = 0.3
"""Pull of each coefficient's logarithm to its start, so that one that the rows cannot tell stays there."""

DIGITS = 4
"""Significant digits of what is written."""

COVERED = 0.9
"""Share of held-out rows that the interval from 5 to 95 % should cover."""

TRIALS = {
    "family": "a family left out",
    "model": "a model left out",
    "family, sizes alone": "a family left out; layers, cache and experts unknown",
    "family, batch unknown": "a family left out; batch unknown",
    "2026": "fitted on 2024 and one trend, scored on 2026",
    "2023": "fitted on 2024 and 2026, scored on 2023 (no serving engine, other GPUs)",
}
"""What the held-out predictions are of."""

_ARCHITECTURE = ("layers", "kv_bytes_per_token_bf16", "n_experts", "experts_per_token")


def measured() -> pd.DataFrame:
    """Return the measured rows as set-ups: sizes, shapes from the model cards, lengths, software year.

    Returns
    -------
    pandas.DataFrame
        Indexed by row id: the columns of `analysis.predict_energy`, and ``family``, ``model``, ``workload``,
        ``source``, ``energy_j_per_output_token`` [J/token], ``gpu_power_ratio`` [ratio of rated power].
    """
    rows, cards = datasets.load_energy_measured(), datasets.load_model_cards()
    lengths, gpus = datasets.load_workloads(), datasets.load_gpu_specs()
    rated_w = rows["gpu_model"].map(gpus["tdp_w"]) * rows["gpu_count"]
    frame = rows.assign(
        input_tokens=rows["workload"].map(lengths["input_tokens"]),
        software_year=rows["year"].astype(float),
        energy_j_per_output_token=rows["value"],
        gpu_power_ratio=rows["gpu_power_w"] / rated_w,
    )
    return frame.join(cards.reindex(rows["model"])[list(_ARCHITECTURE)].set_index(rows.index))


@lru_cache(maxsize=1)
def shapes() -> Mapping[str, Shape]:
    """Return how layers and cache follow from size over the open models whose sizes are known."""
    cards = datasets.load_model_cards().dropna(subset=["params_total_b", "params_active_b"])
    return {name: _shape(cards.dropna(subset=[name]), name) for name in _ARCHITECTURE[:2]}


def _shape(cards: pd.DataFrame, name: str) -> Shape:
    sizes = [np.ones(len(cards)), np.log(cards["params_total_b"]), np.log(cards["params_active_b"])]
    design, answer = np.column_stack(sizes), np.log(cards[name]).to_numpy()
    found = np.linalg.lstsq(design, answer, rcond=None)[0]
    spread = np.sqrt(np.mean((answer - design @ found) ** 2))
    return Shape(*(float(part) for part in (*found, spread)))


def fit(frame: pd.DataFrame, table: pd.DataFrame, **fixed: float) -> EnergyModel:
    """Return the model whose coefficients fit measured energy and power best.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of `measured`.
    table : pandas.DataFrame
        Coefficient table: ``start``, ``least`` and ``greatest`` of each coefficient.
    **fixed : float
        Coefficients that are held at a value.

    Returns
    -------
    EnergyModel
        Without residuals: see `calibrated`.

    Notes
    -----
    Least squares of logarithms by scipy's trust-region method, soft at `ROBUST_WIDTH`.
    """
    from scipy.optimize import least_squares

    free = [name for name in Coefficients._fields if name not in fixed]
    start = np.log(table.loc[free, "start"].to_numpy())
    bounds = np.log(table.loc[free, ["least", "greatest"]].to_numpy()).T
    years = (
        float(table.loc["first_software_year", "value"]),
        float(table.loc["last_software_year", "value"]),
    )
    blank = EnergyModel(Coefficients(*[0.0] * len(Coefficients._fields)), shapes(), {"other": 0.0}, years)
    filled = blank.fill(read_rows(frame))
    energy = np.log(frame["energy_j_per_output_token"].to_numpy())
    power = np.log(frame["gpu_power_ratio"].to_numpy())

    def model_at(point: Floats) -> EnergyModel:
        values = dict(zip(free, np.exp(point), strict=True)) | fixed
        return replace(blank, coefficients=Coefficients(**values))

    def residuals(point: Floats) -> Floats:
        steps = model_at(point).steps(filled)
        misfit = [np.log(steps.gpu_energy_j_per_output_token) - energy]
        misfit.append(POWER_WEIGHT * (np.log(steps.gpu_power_ratio) - power))
        return np.concatenate([_softened(np.concatenate(misfit)), START_WEIGHT * (point - start)])

    return model_at(least_squares(residuals, start, bounds=bounds, x_scale=1.0).x)


def _softened(residual: Floats) -> Floats:
    """Return residuals whose square is the soft-l1 loss.

    Examples
    --------
    >>> _softened(np.array([0.0, 0.001, -3.0])).round(3).tolist()
    [0.0, 0.001, -1.276]
    """
    scaled = residual / ROBUST_WIDTH
    # 2 (sqrt(1 + r^2) - 1), written so that small residuals keep their digits
    return np.sign(scaled) * ROBUST_WIDTH * np.sqrt(2.0 * scaled**2 / (np.sqrt(1.0 + scaled**2) + 1.0))


def _unexplained(model: EnergyModel, frame: pd.DataFrame) -> pd.Series:
    """Return how far predictions are off [log ratio] beyond what their unknown inputs explain."""
    rows = read_rows(frame)
    energy = model.steps(model.fill(rows)).gpu_energy_j_per_output_token
    off = np.log(energy / frame["energy_j_per_output_token"].to_numpy())
    low, high = input_spread(model, rows, energy)
    explained = np.where(off > 0.0, low, high)
    return pd.Series(np.sqrt(np.maximum(off**2 - explained**2, 0.0)), frame.index)


def calibrated(frame: pd.DataFrame, table: pd.DataFrame, **fixed: float) -> EnergyModel:
    """Return a fit whose residual spread comes from leaving out one family of `frame` at a time.

    With the spread of a generation of GPUs, and that of unknown inputs, intervals cover `COVERED` of the rows
    that were left out.
    """
    parts = []
    for family in sorted(frame["family"].unique()):
        outside, inside = frame[frame["family"] != family], frame[frame["family"] == family]
        if not outside.empty:
            parts.append(_unexplained(fit(outside, table, **fixed), inside))
    return replace(fit(frame, table, **fixed), residual_sd=_spread(frame, pd.concat(parts)))


def _spread(frame: pd.DataFrame, residual: pd.Series) -> dict[str, float]:
    generation = _generation(frame)
    newest = residual[frame["source"] == NEWEST]
    chosen = newest if not newest.empty else residual
    by = chosen.groupby(generation).quantile(COVERED) / Z95
    return {name.lower(): float(width) for name, width in by.items()} | {"other": float(by.max())}


def _generation(frame: pd.DataFrame) -> pd.Series:
    return frame["gpu_model"].map(datasets.load_gpu_specs()["generation"])


def held_out(frame: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return predictions of rows by models that never saw them.

    Returns
    -------
    pandas.DataFrame
        ``id``, quantiles [J/token], and ``held_out``: what the model had not seen, one of `TRIALS`.
    """
    fitted = frame[frame["source"].isin(FITTED_SOURCES)]
    newest = frame["source"] == NEWEST
    parts = []
    for kind in ("family", "model"):
        for name in sorted(frame.loc[newest, kind].unique()):
            model = calibrated(fitted[fitted[kind] != name], table)
            unseen = frame[newest & (frame[kind] == name)]
            parts.append(_predictions(model, unseen, kind))
            if kind == "family":
                parts.append(
                    _predictions(model, unseen.drop(columns=list(_ARCHITECTURE)), "family, sizes alone")
                )
                parts.append(_predictions(model, unseen.drop(columns="batch"), "family, batch unknown"))
    told = _trend_rows(fitted)
    earlier = fitted[fitted["source"] != NEWEST]
    ahead = calibrated(earlier, table, **_trend(fitted[told], table))
    parts.append(_predictions(ahead, fitted[(fitted["source"] == NEWEST) & ~told], "2026"))
    parts.append(_predictions(calibrated(fitted, table), frame[frame["source"] == OLDEST], "2023"))
    return pd.concat(parts, ignore_index=True)


def _trend_rows(fitted: pd.DataFrame) -> pd.Series:
    """Return which rows tell how software changed: one family on one accelerator, in both years."""
    return (fitted["family"] == "Llama 3") & (fitted["gpu_model"] == "H100")


def _trend(frame: pd.DataFrame, table: pd.DataFrame) -> dict[str, float]:
    """Return the growth of overheads: a fit on one year cannot know it, the test forward in time is told."""
    name = "overhead_growth_per_year"
    return {name: getattr(fit(frame, table).coefficients, name)}


def _predictions(model: EnergyModel, frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    low, median, high = intervals(model, read_rows(frame))
    columns = {f"{ENERGY}_p5": low, f"{ENERGY}_p50": median, f"{ENERGY}_p95": high}
    return pd.DataFrame({"id": frame.index, "held_out": kind, **columns})


def coefficient_table(frame: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return the coefficient table with values and ranges fitted anew.

    ``low`` and ``high`` are the ends over the fits that leave out one family.
    """
    fitted = frame[frame["source"].isin(FITTED_SOURCES)]
    model = calibrated(fitted, table)
    new = table.copy()
    others = [fit(fitted[fitted["family"] != name], table) for name in sorted(fitted["family"].unique())]
    for name in Coefficients._fields:
        over = [getattr(other.coefficients, name) for other in others]
        new.loc[name, ["value", "low", "high"]] = getattr(model.coefficients, name), min(over), max(over)
    for name, shape in model.shapes.items():
        for part, value in shape._asdict().items():
            new.loc[f"{name}_{part}", "value"] = value
    for generation, width in model.residual_sd.items():
        new.loc[f"residual_sd_{generation}", "value"] = width
    years = frame["software_year"]
    new.loc[["first_software_year", "last_software_year"], "value"] = years.min(), years.max()
    numbers = ["value", "low", "high"]
    new[numbers] = new[numbers].map(_rounded)
    return new


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def refit(folder: Path = paths.DATA) -> None:
    """Fit anew and write the coefficients and the held-out predictions into a folder."""
    frame, table = measured(), datasets.load_coefficients()
    new = coefficient_table(frame, table)
    predictions = held_out(frame, table)
    _write(folder / "energy_coefficients.csv", new)
    _write(folder / "energy_held_out.csv", predictions)
    for cached in (EnergyModel.load, Tables.load):
        cached.cache_clear()


def differences(tolerance: float = 0.005) -> str:
    """Return what a fresh fit changes beyond a relative tolerance; nothing where it agrees."""
    frame, table = measured(), datasets.load_coefficients()
    fresh, stored = held_out(frame, table), datasets.load_held_out()
    found = []
    for name, new, old in (
        ("energy_coefficients.csv", coefficient_table(frame, table)[["value"]], table[["value"]]),
        ("energy_held_out.csv", fresh.filter(like=ENERGY), stored.filter(like=ENERGY)),
    ):
        if new.shape != old.shape or not np.allclose(new, old, rtol=tolerance, atol=0.0):
            found.append(f"data/{name} is not what a fit gives now: run kwh2token fit")
    return "\n".join(found)


def _write(path: Path, table: pd.DataFrame) -> None:
    write_atomically(
        path,
        lambda temporary: table.to_csv(
            temporary, index=False, float_format=f"%.{DIGITS}g", lineterminator="\n"
        ),
    )
