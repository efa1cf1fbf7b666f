"""Fit the energy model on measured rows, and predict rows that a fit never saw.

`fresh_tables` returns what is stored of a fit: coefficients, and predictions of held-out rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.units import QUANTILE_TAIL
from analysis.model.decode_step import Coefficients
from analysis.model.energy_model import Z95, EnergyModel, Shape
from analysis.model.memory import Floats
from analysis.model.predict import ENERGY, input_spread, intervals, read_rows

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

AGREEMENT = 0.005
"""Relative difference within which a stored and a fresh number count as the same."""

COVERED = 1.0 - 2.0 * QUANTILE_TAIL
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
    first, last = table.loc[["first_software_year", "last_software_year"], "value"].astype(float)
    no_coefficients = Coefficients(*np.zeros(len(Coefficients._fields)))
    blank = EnergyModel(no_coefficients, shapes(), {"other": 0.0}, (first, last))
    filled = blank.fill(read_rows(frame))
    energy = np.log(frame["energy_j_per_output_token"].to_numpy())
    power = np.log(frame["gpu_power_ratio"].to_numpy())

    def model_at(point: Floats) -> EnergyModel:
        values = dict(zip(free, np.exp(point), strict=True)) | fixed
        return replace(blank, coefficients=Coefficients(**values))

    def residuals(point: Floats) -> Floats:
        steps = model_at(point).steps(filled)
        off_energy = np.log(steps.gpu_energy_j_per_output_token) - energy
        off_power = np.log(steps.gpu_power_ratio) - power
        misfit = _softened(np.concatenate([off_energy, POWER_WEIGHT * off_power]))
        return np.concatenate([misfit, START_WEIGHT * (point - start)])

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


def left_out(frame: pd.DataFrame, column: str) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield, for each entry of a column, the rows without it and the rows with it."""
    for entry in sorted(frame[column].unique()):
        inside = frame[column] == entry
        yield frame[~inside], frame[inside]


def calibrated(frame: pd.DataFrame, table: pd.DataFrame, **fixed: float) -> EnergyModel:
    """Return a fit whose residual spread comes from leaving out one family of `frame` at a time.

    With the spread of a generation of GPUs, and that of unknown inputs, intervals cover `COVERED` of the rows
    that were left out.
    """
    residuals = [
        _unexplained(fit(outside, table, **fixed), inside)
        for outside, inside in left_out(frame, "family")
        if not outside.empty
    ]
    return replace(fit(frame, table, **fixed), residual_sd=_residual_spread(frame, pd.concat(residuals)))


def _residual_spread(frame: pd.DataFrame, residual: pd.Series) -> dict[str, float]:
    """Return the spread of residuals by generation of GPU [log ratio], of the newest rows if any."""
    generation = frame["gpu_model"].map(datasets.load_gpu_specs()["generation"])
    newest = residual[frame["source"] == NEWEST]
    chosen = residual if newest.empty else newest
    widths = chosen.groupby(generation).quantile(COVERED) / Z95
    return {name.lower(): float(width) for name, width in widths.items()} | {"other": float(widths.max())}


def held_out(frame: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return predictions of rows by models that never saw them.

    Returns
    -------
    pandas.DataFrame
        ``id``, quantiles [J/token], and ``held_out``: what the model had not seen, one of `TRIALS`.
    """
    fitted = frame[frame["source"].isin(FITTED_SOURCES)]
    newest = fitted["source"] == NEWEST
    parts = []

    # a family or a model left out, scored on its newest rows
    for kind in ("family", "model"):
        for outside, inside in left_out(fitted, kind):
            unseen = inside[newest[inside.index]]
            if unseen.empty:
                continue
            model = calibrated(outside, table)
            parts.append(_predictions(model, unseen, kind))
            if kind == "family":
                for less, missing in (("sizes alone", list(_ARCHITECTURE)), ("batch unknown", ["batch"])):
                    parts.append(_predictions(model, unseen.drop(columns=missing), f"family, {less}"))

    # forward in time: a fit on one year cannot know how overheads grow, so it is told; rows that tell how
    # are of one family on one accelerator in both years, and are not scored
    telling = (fitted["family"] == "Llama 3") & (fitted["gpu_model"] == "H100")
    growth = fit(fitted[telling], table).coefficients.overhead_growth_per_year
    ahead = calibrated(fitted[~newest], table, overhead_growth_per_year=growth)
    parts.append(_predictions(ahead, fitted[newest & ~telling], "2026"))
    parts.append(_predictions(calibrated(fitted, table), frame[frame["source"] == OLDEST], "2023"))
    return pd.concat(parts, ignore_index=True)


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
    others = pd.DataFrame([fit(outside, table).coefficients for outside, _ in left_out(fitted, "family")])
    new, names = table.copy(), list(Coefficients._fields)
    new.loc[names, "low"], new.loc[names, "high"] = others.min(), others.max()
    values = model.coefficients._asdict()
    for name, shape in model.shapes.items():
        values |= {f"{name}_{part}": value for part, value in shape._asdict().items()}
    values |= {f"residual_sd_{generation}": width for generation, width in model.residual_sd.items()}
    values["first_software_year"] = frame["software_year"].min()
    values["last_software_year"] = frame["software_year"].max()
    new.loc[list(values), "value"] = list(values.values())
    numbers = ["value", "low", "high"]
    new[numbers] = new[numbers].map(lambda value: float(f"{value:.{DIGITS}g}"))
    return new


def fresh_tables() -> dict[str, pd.DataFrame]:
    """Return what a fit gives now, by the name of the file in ``data/`` that holds it."""
    frame, table = measured(), datasets.load_coefficients()
    return {
        "energy_coefficients.csv": coefficient_table(frame, table),
        "energy_held_out.csv": held_out(frame, table),
    }


def differing_tables(fresh: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the names of the stored tables that differ from `fresh_tables` beyond `AGREEMENT`."""
    stored = {
        "energy_coefficients.csv": datasets.load_coefficients()[["value"]],
        "energy_held_out.csv": datasets.load_held_out().filter(like=ENERGY),
    }
    return [name for name, old in stored.items() if not _agree(fresh[name][list(old)], old)]


def _agree(new: pd.DataFrame, old: pd.DataFrame) -> bool:
    return new.shape == old.shape and np.allclose(new, old, rtol=AGREEMENT, atol=0.0)
