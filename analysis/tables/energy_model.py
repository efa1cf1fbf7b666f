"""How good the energy model is: on rows that no fit saw, beside EcoLogits, and on rates."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.units import kwh_per_mtok, worst_grade
from analysis.model.boundary import BOUNDARIES
from analysis.model.energy_model import EnergyModel
from analysis.model.evidence import evidence
from analysis.model.predict import ENERGY, predict_energy
from analysis.model.read_rows import read_rows
from analysis.model.validation import NEWEST, TRIALS
from analysis.tables.headline import Headline
from analysis.tables.published_requests import deepseek_v3

TWICE = 2.0
ENDS = ["p5", "p50", "p95"]
QUANTILES = [f"{ENERGY}_{end}" for end in ENDS]
TARGETS = {
    ("source", "mdape"): (0.0, 0.30),
    ("source", "within_2x"): (0.90, 1.0),
    ("source", "coverage"): (0.85, 0.95),
    ("source, batch unknown", "mdape"): (0.0, 0.50),
    ("source, batch unknown", "within_2x"): (0.60, 1.0),
    ("source, batch unknown", "coverage"): (0.85, 1.0),
    ("family", "mdape"): (0.0, 0.15),
    ("family", "within_2x"): (0.95, 1.0),
}
"""What the project set out to reach on comparable rows left out: least and most."""

COMPARABLE = "comparable rows"
"""Rows of a current serving engine at the boundary of the GPUs, the batch told, and no reason for care."""

_OF_RATES = ("rows", "mdape", "within_2x")

OTHER_PROJECTS = "comparable rows but those of ML.ENERGY"
"""Most measured rows are of one benchmark; these are few, and nobody's fit had chosen them."""


@lru_cache(maxsize=1)
def _measured_rows() -> pd.DataFrame:
    frame = evidence().energy.rename(columns={ENERGY: "measured"})
    plain = (frame["engine"] == "current") & (frame["boundary"] == BOUNDARIES[0]) & frame["care"].isna()
    publishers = datasets.load_sources().set_index("id")["publisher"]
    return frame.assign(
        measured_by=frame["source"].map(publishers).str.split(",").str[0],
        generation=frame["gpu_model"].map(datasets.load_gpu_specs()["generation"]),
        shape=np.where(frame["params_active_b"] < frame["params_total_b"], "mixture of experts", "dense"),
        comparable=plain & frame["batch"].notna(),
    )


def held_out_predictions(trial: str) -> pd.DataFrame:
    """Return measured rows beside predictions by a model that never saw them.

    Parameters
    ----------
    trial : str
        One of `analysis.model.validation.TRIALS`.

    Returns
    -------
    pandas.DataFrame
        Indexed by row id: ``measured``, ``p5``, ``p50``, ``p95`` [J/token], ``log_ratio`` (predicted over
        measured), ``covered``, and what the row is of.
    """
    found = datasets.load_held_out().query("held_out == @trial").set_index("id")
    table = _measured_rows().join(found[QUANTILES].set_axis(ENDS, axis=1), how="inner")
    table["log_ratio"] = np.log(table["p50"] / table["measured"])
    table["covered"] = table["measured"].between(table["p5"], table["p95"])
    return table


def ecologits_predictions() -> pd.DataFrame:
    """Return EcoLogits on the newest measured rows beside them, as shipped and told the batch."""
    answers = datasets.load_ecologits().rename(
        columns={ENERGY: "p50", "energy_batch_told_j_per_output_token": "p50_batch_told"}
    )
    rows = _measured_rows().join(answers.drop(columns="id"), how="inner")
    return rows.assign(log_ratio=np.log(rows["p50"] / rows["measured"]))


def prediction_scores(table: pd.DataFrame) -> dict[str, float]:
    """Return how good predictions are: rows, errors, coverage.

    Returns
    -------
    dict
        ``rows`` [number]; ``mdape``: median absolute percentage error [share]; ``within_2x`` [share];
        ``bias``: median of predicted over measured less one [share]; ``coverage`` of the interval [share],
        NaN without one.

    Examples
    --------
    >>> two = pd.DataFrame({"measured": [1.0, 1.0], "p50": [1.1, 3.0], "log_ratio": np.log([1.1, 3.0])})
    >>> {name: round(value, 2) for name, value in prediction_scores(two).items() if value == value}
    {'rows': 2, 'mdape': 1.05, 'within_2x': 0.5, 'bias': 0.82}
    """
    off = np.exp(table["log_ratio"])
    return {
        "rows": len(table),
        "mdape": float((off - 1.0).abs().median()),
        "within_2x": float((table["log_ratio"].abs() <= np.log(TWICE)).mean()),
        "bias": float(np.exp(table["log_ratio"].median()) - 1.0),
        "coverage": float(table["covered"].mean()) if "covered" in table else float("nan"),
    }


def validation_scores() -> pd.DataFrame:
    """Return the scores of every trial, over comparable rows and by source, and those of EcoLogits.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``trial`` and ``rows_of``: columns of `prediction_scores`, ``grade`` of the
        measurements, and ``meets``: the targets, blank where none is set. `COMPARABLE` stands first; then
        all of each source, what is to be handled with care apart.
    """
    peer = ecologits_predictions()
    told = peer.assign(log_ratio=np.log(peer["p50_batch_told"] / peer["measured"]))
    tables = {(label, trial): held_out_predictions(trial) for trial, label in TRIALS.items()}
    tables |= {("EcoLogits 0.11.3 as shipped", ""): peer, ("EcoLogits, told the batch", ""): told}
    records = []
    for (label, trial), table in tables.items():
        parts = [(COMPARABLE, table[table["comparable"]])]
        if trial.startswith(("source", "laboratory")):
            parts.append((OTHER_PROJECTS, table[table["comparable"] & (table["source"] != NEWEST)]))
        if trial.startswith("source"):
            parts += [(name, part) for name, part in table.groupby(_group_of(table))]
        for name, part in parts:
            scores = prediction_scores(part)
            meets = _targets_met(trial, name, scores)
            row = {
                "trial": label,
                "rows_of": name,
                **scores,
                "grade": worst_grade(part["grade"]),
                "meets": meets,
            }
            records.append(row)
    return pd.DataFrame(records).set_index(["trial", "rows_of"])


def _group_of(table: pd.DataFrame) -> pd.Series:
    """Return the source of each row, with its boundary if it is not the GPUs, and why it needs care."""
    boundary = table["boundary"].where(table["boundary"] != BOUNDARIES[0], "")
    told = boundary.str.cat(table["care"].fillna(""), sep=" ").str.strip()
    return table["source"] + told.map(lambda text: f" ({text})" if text else "")


def _targets_met(trial: str, rows_of: str, scores: Mapping[str, float]) -> str:
    """Return whether comparable rows of a trial meet all its targets, blank without any."""
    met = [
        least <= scores[score] <= greatest
        for (judged, score), (least, greatest) in TARGETS.items()
        if judged == trial and rows_of == COMPARABLE
    ]
    return "" if not met else "yes" if all(met) else "no"


def rate_predictions() -> pd.DataFrame:
    """Return measured rates of output and of prefill beside those of the fitted model, which saw them.

    Returns
    -------
    pandas.DataFrame
        Indexed by row id: ``kind`` (output or prefill), ``source``, ``gpu_model``, ``measured`` and
        ``predicted`` [tokens by second and GPU], ``log_ratio`` of predicted over measured.
    """
    model, rows, parts = EnergyModel.load(), evidence(), []
    for kind, frame, rate in (
        ("output", rows.rates, "output_tokens_per_gpu_second"),
        ("prefill", rows.prefill, "prefill_tokens_per_gpu_second"),
    ):
        predicted = getattr(model.steps(model.fill(read_rows(frame))), rate)
        part = frame[["source", "gpu_model"]].assign(kind=kind, measured=frame["value"], predicted=predicted)
        parts.append(part.assign(log_ratio=np.log(predicted / frame["value"])))
    return pd.concat(parts)


def rate_scores() -> pd.DataFrame:
    """Return how close the fitted model comes to measured rates, which it saw, by kind of rate.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``kind`` (output or prefill): ``rows`` [number], ``mdape`` [share], ``within_2x`` [share],
        ``worst``: the greatest factor by which predicted and measured rates differ [ratio].
    """
    records = {
        kind: {
            **{name: prediction_scores(part.assign(p50=part["predicted"]))[name] for name in _OF_RATES},
            "worst": float(np.exp(part["log_ratio"].abs().max())),
        }
        for kind, part in rate_predictions().groupby("kind", sort=False)
    }
    return pd.DataFrame.from_dict(records, orient="index").rename_axis("kind")


def scores_by_group(trial: str = "family") -> pd.DataFrame:
    """Return the scores of a trial by family, batch, GPU, task, precision and shape."""
    table = held_out_predictions(trial)
    table = table[table["comparable"]]
    sizes = ["to 16", "16-64", "64-256", "over 256"]
    groups = {
        "family": table["family"],
        "batch": pd.cut(table["batch"], [0, 16, 64, 256, np.inf], labels=sizes),
        "GPU": table["gpu_model"],
        "task": table["workload"],
        "precision": table["precision"],
        "shape": table["shape"],
    }
    records = [
        {"by": by, "group": str(name), **prediction_scores(part)}
        for by, keys in groups.items()
        for name, part in table.groupby(keys, observed=True)
    ]
    return pd.DataFrame(records).set_index(["by", "group"])


def fitted_coefficients() -> pd.DataFrame:
    """Return the fitted coefficients, their standard errors and ranges over fits without one source."""
    table = datasets.load_coefficients()
    columns = ["value", "standard_error", "low", "high", "unit", "meaning", "told_by"]
    return table[table["kind"] == "fitted"][columns]


def headlines() -> dict[str, Headline]:
    """Return the headline scores of comparable rows, with their ends over what was left out."""
    by_source, by_laboratory, by_family = (
        table[table["comparable"]] for table in map(held_out_predictions, ("source", "laboratory", "family"))
    )
    others = by_source[by_source["source"] != NEWEST]
    return {
        "energy_loso_mdape": _score_with_ends(by_source, "mdape", "source"),
        "energy_loso_mdape_other_projects": _score_with_ends(others, "mdape", "source"),
        "energy_lolo_mdape": _score_with_ends(by_laboratory, "mdape", "laboratory"),
        "energy_lolo_within_2x": _score_with_ends(by_laboratory, "within_2x", "laboratory"),
        "energy_lolo_coverage": _score_with_ends(by_laboratory, "coverage", "laboratory"),
        "energy_loso_within_2x": _score_with_ends(by_source, "within_2x", "source"),
        "energy_loso_coverage": _score_with_ends(by_source, "coverage", "source"),
        "energy_lofo_mdape": _score_with_ends(by_family, "mdape", "family"),
        "energy_lofo_within_2x": _score_with_ends(by_family, "within_2x", "family"),
        "ecologits_mdape_same_rows": _score_with_ends(ecologits_predictions(), "mdape", "family"),
    }


def _score_with_ends(table: pd.DataFrame, score: str, by: str) -> Headline:
    """Return a score of all rows with its least and greatest over the groups, and the rows' weakest grade."""
    parts = [prediction_scores(part)[score] for _, part in table.groupby(by)]
    found = Range(min(parts), prediction_scores(table)[score], max(parts))
    return Headline.ranged(found, "share", worst_grade(table["grade"]))


def energy_by_batch() -> pd.DataFrame:
    """Return the model's worked example by batch: one frontier mixture from one request to thousands.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``batch``: quantiles [J/token] and [kWh per million tokens] at the facility.
    """
    batches = 2.0 ** np.arange(0, 13)
    setups = pd.DataFrame([deepseek_v3(1.0, 1500.0)] * len(batches)).assign(
        batch=batches, gpu_model="H200", gpu_count=8.0
    )
    found = predict_energy(setups, boundary="facility").set_index(pd.Index(batches, name="batch"))
    table = found[QUANTILES].set_axis(ENDS, axis=1)
    return table.join(kwh_per_mtok(table).add_prefix("kwh_per_mtok_"))
