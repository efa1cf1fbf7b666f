"""Fit the coefficients of the energy model on measured rows.

`fresh_tables` returns what is stored of a fit: coefficients, and predictions of held-out rows, which
`analysis.model.validation` makes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.model import validation
from analysis.model.energy_model import EnergyModel
from analysis.model.evidence import Evidence, evidence, shapes
from analysis.model.memory import Floats
from analysis.model.predict import ENERGY
from analysis.model.quantities import Coefficients, Setup
from analysis.model.read_rows import read_rows
from analysis.model.request import token_energy

Misfit = Callable[[EnergyModel], Floats]
"""What a model misses of measured rows."""

ROBUST_WIDTH = 0.3
"""Residuals [log ratio] from which a row counts linearly, not in square: odd set-ups exist."""

POWER_WEIGHT, RATE_WEIGHT, PREFILL_WEIGHT = 0.5, 1.5, 4.0
"""Weights of a residual of power, of a rate and of a rate of prefill beside one of energy."""

SOURCE_EXPONENT = 0.1
"""How the weight of a row falls with the rows of its source: in square, a source counts as its rows to the
power of 0.8, so that hundreds of rows do not drown ten."""

DIGITS = 4
"""Significant digits of what is written."""

AGREEMENT = 0.005
"""Relative difference within which a stored and a fresh number count as the same."""

MOST_TOLD_BY = 2
"""Sources that are named as telling a coefficient."""


def fit(rows: Evidence, table: pd.DataFrame, **fixed: float) -> EnergyModel:
    """Return the model whose coefficients fit measured energy, power and rates best.

    Parameters
    ----------
    rows : Evidence
        Measured rows that the fit may see.
    table : pandas.DataFrame
        Coefficient table: ``start``, ``least``, ``greatest`` and ``pull`` of each coefficient.
    **fixed : float
        Coefficients that are held at a value.

    Returns
    -------
    EnergyModel
        Without residuals: see `analysis.model.validation.validated`.

    Notes
    -----
    Least squares of logarithms by scipy's trust-region method, soft at `ROBUST_WIDTH`, with rows of large
    sources weighing less each (`SOURCE_EXPONENT`), and each coefficient held near
    its start by its pull.
    """
    from scipy.optimize import least_squares

    free = [name for name in Coefficients._fields if name not in fixed]
    start = np.log(table.loc[free, "start"].to_numpy())
    bounds = np.log(table.loc[free, ["least", "greatest"]].to_numpy()).T
    pull = table.loc[free, "pull"].to_numpy()
    no_coefficients = Coefficients(*np.ones(len(Coefficients._fields)))
    blank = EnergyModel(no_coefficients, shapes(), {})
    seen = rows.fitted()
    misfits = [_of_energy(blank, seen), *_of_rates(blank, seen)]

    def model_at(point: Floats) -> EnergyModel:
        values = dict(zip(free, np.exp(point), strict=True)) | fixed
        return replace(blank, coefficients=Coefficients(**values))

    def residuals(point: Floats) -> Floats:
        model = model_at(point)
        return np.concatenate([*(misfit(model) for misfit in misfits), pull * (point - start)])

    return model_at(least_squares(residuals, start, bounds=bounds, x_scale=1.0).x)


def _of_energy(blank: EnergyModel, rows: Evidence) -> Misfit:
    """Return what a model misses of measured energy and power."""
    frame = rows.energy
    setup = blank.setup(blank.fill(read_rows(frame)))
    rated_w = datasets.load_gpu_specs()["tdp_w"].loc[frame["gpu_model"]].to_numpy() * frame["gpu_count"]
    energy = np.log(frame[ENERGY].to_numpy())
    power = np.log((frame["gpu_power_w"] / rated_w).to_numpy())
    has_power = ~np.isnan(power)
    weight = frame.groupby("source")[ENERGY].transform("size").to_numpy() ** -SOURCE_EXPONENT
    weight = weight / np.sqrt(np.mean(weight**2))

    def misfit(model: EnergyModel) -> Floats:
        steps = token_energy(setup, model.coefficients)
        off_energy = weight * softened(np.log(steps.gpu_energy_j_per_output_token) - energy)
        off_power = weight * softened(np.log(steps.gpu_power_ratio) - np.where(has_power, power, 0.0))
        return np.concatenate([off_energy, POWER_WEIGHT * off_power[has_power]])

    return misfit


def _of_rates(blank: EnergyModel, rows: Evidence) -> Iterator[Misfit]:
    """Yield what a model misses of measured rates and of rates of prefill."""
    for frame, rate, weight in (
        (rows.rates, "output_tokens_per_gpu_second", RATE_WEIGHT),
        (rows.prefill, "prefill_tokens_per_gpu_second", PREFILL_WEIGHT),
    ):
        if not frame.empty:
            setup = blank.setup(blank.fill(read_rows(frame)))
            yield _of_rate(setup, np.log(frame["value"].to_numpy()), rate, weight)


def _of_rate(setup: Setup, measured: Floats, rate: str, weight: float) -> Misfit:
    def misfit(model: EnergyModel) -> Floats:
        return weight * softened(np.log(getattr(token_energy(setup, model.coefficients), rate)) - measured)

    return misfit


def softened(residual: Floats) -> Floats:
    """Return residuals whose square is the soft-l1 loss.

    Examples
    --------
    >>> softened(np.array([0.0, 0.001, -3.0])).round(3).tolist()
    [0.0, 0.001, -1.276]
    """
    scaled = residual / ROBUST_WIDTH
    # 2 (sqrt(1 + r^2) - 1), written so that small residuals keep their digits
    return np.sign(scaled) * ROBUST_WIDTH * np.sqrt(2.0 * scaled**2 / (np.sqrt(1.0 + scaled**2) + 1.0))


def fits_without(
    rows: Evidence, table: pd.DataFrame, column: str, entries: Iterable[str] | None = None
) -> dict[str, EnergyModel]:
    """Return fits that never saw one source, laboratory or family, by its name."""
    entries = sorted(rows.energy[column].unique()) if entries is None else entries
    return {entry: fit(rows.without(column, entry), table) for entry in entries}


def coefficient_table(
    table: pd.DataFrame, model: EnergyModel, others: Mapping[str, EnergyModel]
) -> pd.DataFrame:
    """Return the coefficient table with values, standard errors and ranges fitted anew.

    Parameters
    ----------
    table : pandas.DataFrame
        As it is stored.
    model : EnergyModel
        The fit on all rows, calibrated.
    others : mapping
        The fits that left out one source each: ``low`` and ``high`` are their ends, ``standard_error`` is
        the jackknife's over sources, ``told_by`` names those without which a coefficient moves most.
    """
    new, names = table.copy(), list(Coefficients._fields)
    moved = np.log(pd.DataFrame({source: fitted.coefficients for source, fitted in others.items()}, names))
    value = np.log(pd.Series(model.coefficients, names))
    count = moved.shape[1]
    off_mean = moved.sub(moved.mean(axis=1), axis=0)
    new.loc[names, "standard_error"] = np.sqrt((count - 1) / count * (off_mean**2).sum(axis=1))
    new.loc[names, "low"] = np.exp(np.minimum(moved.min(axis=1), value))
    new.loc[names, "high"] = np.exp(np.maximum(moved.max(axis=1), value))
    shift = moved.sub(value, axis=0).abs()
    new.loc[names, "told_by"] = [";".join(shift.loc[name].nlargest(MOST_TOLD_BY).index) for name in names]
    values = model.coefficients._asdict()
    for name, shape in model.shapes.items():
        values |= {f"{name}_{part}": number for part, number in shape._asdict().items()}
    values |= {f"residual_sd_{regime}": width for regime, width in model.residual_sd.items()}
    new.loc[list(values), "value"] = list(values.values())
    numbers = ["value", "low", "high", "standard_error"]
    new[numbers] = new[numbers].map(lambda number: float(f"{number:.{DIGITS}g}"))
    # what is rounded stays within what it is rounded with
    new["low"], new["high"] = new[["low", "value"]].min(axis=1), new[["high", "value"]].max(axis=1)
    new.loc[~new.index.isin(names), ["low", "high"]] = np.nan
    return new


def fresh_tables() -> dict[str, pd.DataFrame]:
    """Return what a fit gives now, by the name of the file in ``data/`` that holds it."""
    rows, table = evidence(), datasets.load_coefficients()
    without = {
        "source": fits_without(rows, table, "source"),
        "laboratory": fits_without(rows, table, "laboratory"),
        "family": fits_without(rows, table, "family", validation.families(rows)),
    }
    model, predictions = validation.validated(rows, fit(rows, table), without)
    return {
        "energy_coefficients.csv": coefficient_table(table, model, without["source"]),
        "energy_held_out.csv": predictions,
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
