"""How good predictions of rows are that a fit never saw, and the spread that intervals take from it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.inputs.units import QUANTILE_TAIL
from analysis.model.boundary import load_links
from analysis.model.energy_model import EnergyModel
from analysis.model.evidence import Evidence
from analysis.model.intervals import REGIMES, effects_of_unknowns, regimes
from analysis.model.memory import Floats
from analysis.model.predict import ENERGY, energies, intervals
from analysis.model.read_rows import read_rows
from analysis.model.setups import HIGH, LOW, VALUE, Z95, Rows

COVERED = 1.0 - 2.0 * QUANTILE_TAIL
"""Share of held-out rows that the interval from 5 to 95 % should cover."""

NEWEST = "mlenergy_v3"
"""The source whose families are left out one at a time."""

TRIALS = {
    "source": "a source left out",
    "source, batch unknown": "a source left out; batch unknown",
    "source, sizes alone": "a source left out; layers, cache and experts unknown",
    "laboratory": "a laboratory left out, all its sources",
    "family": "a family left out",
    "family, batch unknown": "a family left out; batch unknown",
}
"""What the held-out predictions are of."""

HIDDEN = {"batch unknown": "batch", "sizes alone": "model"}
"""Column that a trial does not tell."""


def families(rows: Evidence) -> list[str]:
    """Return the families that are left out one at a time."""
    return sorted(rows.energy.loc[rows.energy["source"] == NEWEST, "family"].unique())


def validated(
    rows: Evidence, model: EnergyModel, without: Mapping[str, Mapping[str, EnergyModel]]
) -> tuple[EnergyModel, pd.DataFrame]:
    """Return a model with the spread of its residuals, and predictions of held-out rows.

    Parameters
    ----------
    rows : Evidence
        All measured rows.
    model : EnergyModel
        The fit on all of them.
    without : mapping
        By ``source``, ``laboratory`` and ``family``: fits that never saw one of them, by its name.

    Returns
    -------
    tuple
        The calibrated model, and a frame of ``id``, ``held_out`` (one of `TRIALS`) and quantiles [J/token].
        The spread of a source or laboratory that is left out is that of the residuals of all others.
    """
    energy = rows.energy
    residuals = pd.concat(
        [_residuals(without["source"][source], part) for source, part in energy.groupby("source")]
    )
    spread = residual_spread(residuals)
    parts = []
    for column, fits in without.items():
        for entry, fitted in fits.items():
            unseen = energy[energy[column] == entry]
            if column == "family":
                unseen, own = unseen[unseen["source"] == NEWEST], spread
            else:
                own = residual_spread(residuals[~residuals["source"].isin(unseen["source"])])
            parts += _trials(replace(fitted, residual_sd=own), unseen, column)
    order = {trial: place for place, trial in enumerate(TRIALS)}
    predictions = pd.concat(parts, ignore_index=True)
    predictions = predictions.sort_values("held_out", key=lambda names: names.map(order), kind="stable")
    return replace(model, residual_sd=spread), predictions.reset_index(drop=True)


def _trials(model: EnergyModel, frame: pd.DataFrame, kind: str) -> list[pd.DataFrame]:
    """Return predictions of rows in each trial of a kind."""
    found = [_predictions(model, frame, kind)]
    for less, column in HIDDEN.items():
        if (trial := f"{kind}, {less}") in TRIALS:
            hidden = frame.dropna(subset=[column]).drop(columns=column)
            found.append(_predictions(model, hidden, trial))
    return [part for part in found if not part.empty]


def _predictions(model: EnergyModel, frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return quantiles of each row at its own boundary."""
    parts = []
    for boundary, part in frame.groupby("boundary"):
        low, median, high = intervals(model, read_rows(part), str(boundary))
        columns = {f"{ENERGY}_p5": low, f"{ENERGY}_p50": median, f"{ENERGY}_p95": high}
        parts.append(pd.DataFrame({"id": part["id"], "held_out": kind, **columns}))
    return pd.concat(parts) if parts else pd.DataFrame()


def _residuals(model: EnergyModel, frame: pd.DataFrame) -> pd.DataFrame:
    """Return how far predictions are off [log ratio] beyond what their unknown inputs explain, by regime.

    A row whose batch is told counts twice: as it is, and as if its batch were not told.
    """
    plain = frame[frame["care"].isna() & (frame["boundary"] == "gpu")]
    parts = [_unexplained(model, plain)]
    if plain["batch"].notna().any():
        parts.append(_unexplained(model, plain[plain["batch"].notna()].drop(columns="batch")))
    return pd.concat(parts)


def _unexplained(model: EnergyModel, frame: pd.DataFrame) -> pd.DataFrame:
    if frame.empty:
        return pd.DataFrame(columns=["source", "regime", "off"])
    rows, boundary = read_rows(frame), "gpu"

    def energies_of(some: Rows, ends: Mapping[str, str]) -> dict[str, Floats]:
        moved = model.fill(some, ends)
        return energies(model.steps(moved), load_links(moved.gpu)[VALUE], boundary)

    filled, medians = model.fill(rows), energies_of(rows, {})
    off = np.log(medians[ENERGY] / frame[ENERGY].to_numpy())
    squares = effects_of_unknowns(rows, filled, medians, energies_of)
    explained = np.where(off > 0.0, squares[LOW][ENERGY], squares[HIGH][ENERGY])
    return pd.DataFrame(
        {
            "source": frame["source"],
            "regime": np.array(REGIMES)[regimes(rows)],
            "off": np.sqrt(np.maximum(off**2 - explained, 0.0)),
        }
    )


def residual_spread(residuals: pd.DataFrame) -> dict[str, float]:
    """Return the spread of residuals by regime [log ratio] with which intervals cover `COVERED` of the rows.

    Rows of large sources weigh less each, so that a source counts as the root of its rows: what is asked for
    is mostly measured elsewhere. A regime without rows takes the widest; none is narrower than that in which
    all is known.
    """
    found = {name: _width(part) for name, part in residuals.groupby("regime")}
    widest = max(found.values())
    least = found.get(REGIMES[0], widest)
    return {name: max(found.get(name, widest), least) for name in REGIMES}


def _width(part: pd.DataFrame) -> float:
    weight = part.groupby("source")["off"].transform("size") ** -0.5
    order = part["off"].sort_values(kind="stable").index
    share = weight[order].cumsum() / weight.sum()
    return float(part["off"][order][share >= COVERED].iloc[0]) / Z95
