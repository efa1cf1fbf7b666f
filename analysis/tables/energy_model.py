"""How good the energy model is: on rows that no fit saw, beside EcoLogits, and on a day of production."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.assumption import Range
from analysis.inputs.units import JOULES_PER_KWH, in_base, kwh_per_mtok
from analysis.model.fit import TRIALS, measured
from analysis.model.predict import ENERGY, predict_energy
from analysis.tables.headline import Headline

TWICE = 2.0
ENDS = ("p5", "p50", "p95")
SIZE_CLASSES = ((0.0, 15.0), (15.0, 50.0), (50.0, 150.0), (150.0, np.inf))
TARGETS = {
    ("family", "mdape"): (0.0, 0.25),
    ("family", "within_2x"): (0.90, 1.0),
    ("model", "mdape"): (0.0, 0.18),
    ("model", "within_2x"): (0.94, 1.0),
    ("family", "coverage"): (0.85, 0.95),
    ("model", "coverage"): (0.85, 0.95),
}
"""What the project set out to reach on rows left out: least and most."""


@lru_cache(maxsize=1)
def _rows() -> pd.DataFrame:
    frame = measured()
    generation = frame["gpu_model"].map(datasets.load_gpu_specs()["generation"])
    shape = np.where(frame["params_active_b"] < frame["params_total_b"], "mixture of experts", "dense")
    chosen = [
        "model",
        "family",
        "workload",
        "gpu_model",
        "gpu_count",
        "batch",
        "precision",
        "source",
        "grade",
    ]
    return frame[chosen].assign(measured=frame[ENERGY], generation=generation, shape=shape)


def predictions(trial: str) -> pd.DataFrame:
    """Return measured rows beside predictions by a model that never saw them.

    Parameters
    ----------
    trial : str
        One of `analysis.model.fit.TRIALS`.

    Returns
    -------
    pandas.DataFrame
        Indexed by row id: ``measured``, ``p5``, ``p50``, ``p95`` [J/token], ``log_ratio`` (predicted over
        measured), ``covered``, and what the row is of.
    """
    found = datasets.load_held_out().query("held_out == @trial").set_index("id")
    table = _rows().join(found.filter(like=ENERGY).set_axis(list(ENDS), axis=1), how="inner")
    table["log_ratio"] = np.log(table["p50"] / table["measured"])
    table["covered"] = table["measured"].between(table["p5"], table["p95"])
    return table


def ecologits() -> pd.DataFrame:
    """Return EcoLogits on the newest measured rows, as shipped and told the batch; see `predictions`."""
    answers = datasets.load_ecologits()
    rows = _rows().join(answers.drop(columns="id"), how="inner")
    rows["p50"], rows["p50_batch_told"] = rows[ENERGY], rows["energy_batch_told_j_per_output_token"]
    rows["log_ratio"] = np.log(rows["p50"] / rows["measured"])
    return rows


def scores(table: pd.DataFrame) -> dict[str, float]:
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
    >>> {name: round(value, 2) for name, value in scores(two).items() if value == value}
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


def validation() -> pd.DataFrame:
    """Return the scores of every trial, over all rows and by generation of GPU, and those of EcoLogits.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``trial`` and ``rows_of``: columns of `scores`, ``meets`` (the targets, blank where none is
        set) and ``grade`` of the measurements.
    """
    records = []
    for trial, label in TRIALS.items():
        table = predictions(trial)
        records += [{"trial": label, "key": trial, **part} for part in _by_generation(table)]
    told = ecologits().assign(log_ratio=lambda rows: np.log(rows["p50_batch_told"] / rows["measured"]))
    for label, table in (("EcoLogits 0.11.3 as shipped", ecologits()), ("EcoLogits, told the batch", told)):
        records += [{"trial": label, "key": "", **part} for part in _by_generation(table)]
    found = pd.DataFrame(records)
    found["meets"] = [_meets(record) for record in records]
    return found.drop(columns="key").set_index(["trial", "rows_of"])


def _by_generation(table: pd.DataFrame) -> list[dict[str, object]]:
    parts = [("all", table), *table.groupby("generation")]
    if len(parts) == 2:  # one generation is all there is
        parts = parts[:1]
    return [{"rows_of": name, **scores(part), "grade": part["grade"].max()} for name, part in parts]


def _meets(record: dict[str, object]) -> str:
    verdicts = []
    for (trial, score), target in TARGETS.items():
        if trial != record["key"] or (record["rows_of"] != "all" and score != "coverage"):
            continue
        least, greatest = target
        verdicts.append(least <= float(record[score]) <= greatest)  # type: ignore[arg-type]
    return "" if not verdicts else "yes" if all(verdicts) else "no"


def residuals_by(trial: str = "family") -> pd.DataFrame:
    """Return the scores of a trial by family, batch, GPU, task, precision and shape."""
    table = predictions(trial)
    batches = pd.cut(
        table["batch"], [0, 16, 64, 256, np.inf], labels=["to 16", "16-64", "64-256", "over 256"]
    )
    groups = {
        "family": table["family"],
        "batch": batches,
        "GPU": table["gpu_model"],
        "task": table["workload"],
        "precision": table["precision"],
        "shape": table["shape"],
    }
    records = [
        {"by": by, "group": str(name), **scores(part)}
        for by, keys in groups.items()
        for name, part in table.groupby(keys, observed=True)
    ]
    return pd.DataFrame(records).set_index(["by", "group"])


def coefficients() -> pd.DataFrame:
    """Return the fitted coefficients with their range over fits that leave out one family."""
    table = datasets.load_coefficients()
    return table[table["kind"] == "fitted"][["value", "low", "high", "unit", "meaning"]]


def deepseek_day() -> pd.DataFrame:
    """Return DeepSeek's published day at the server boundary, predicted and bounded [J/output token].

    Returns
    -------
    pandas.DataFrame
        Indexed by ``reading``: ``low``, ``value``, ``high`` [J/token], ``overlaps`` the bound, ``grade``.

    Notes
    -----
    The bound is servers x 24 h x an assumed power over output tokens: power was not published. Two
    predictions: told only what a stranger has (a server of eight, the ratio of input to output), and told
    what the disclosure implies: a decode unit as one copy, the batch that its throughput and its speed give
    together, cached input free of charge, lengths that give the published mean cache. The software year is
    left out: it dates the engine of the measured rows, and DeepSeek's is its own.
    """
    facts = datasets.load_facts()
    fact = {name: row for name, row in facts.query("topic == 'inference service'").iterrows()}
    nodes, power = fact["dsday-nodes"]["value"], fact["dsday-node-power"]
    output_tokens = in_base(fact["dsday-output"]["value"], fact["dsday-output"]["unit"])[0]
    hours = 24.0
    bound = Range(
        *(nodes * power[end] * hours * JOULES_PER_KWH / output_tokens for end in ("low", "low", "high"))
    )._replace(value=float("nan"))
    per_output = fact["dsday-input"]["value"] / fact["dsday-output"]["value"]
    computed = per_output * (1.0 - fact["dsday-cached"]["value"])
    context = fact["dsday-context"]["value"]
    requests = fact["dsday-decode-throughput"]["value"] / fact["dsday-speed"]["value"]
    servers = fact["dsday-decode-unit"]["value"]
    frame = pd.DataFrame([_deepseek(per_output, context), _deepseek(computed, context)])
    gpus_per_server = datasets.load_energy_assumptions().loc["gpus_per_server", "value"]
    frame["gpu_count"] = [gpus_per_server, gpus_per_server * servers]
    frame["batch"] = [np.nan, requests * servers]
    found = predict_energy(frame, boundary="server")[[f"{ENERGY}_{end}" for end in ENDS]].to_numpy()
    labels = (
        "predicted, told model, GPU and ratio of lengths (8 GPUs cannot hold it: 16)",
        "predicted, told what the disclosure implies",
    )
    records = [{"reading": "bound: servers at 70 to 100 % of 10.2 kW", **bound._asdict(), "grade": "C"}]
    for label, (low, value, high) in zip(labels, found, strict=True):
        records.append({"reading": label, "low": low, "value": value, "high": high, "grade": "C"})
    table = pd.DataFrame(records).set_index("reading")
    table["overlaps"] = (table["low"] <= bound.high) & (table["high"] >= bound.low)
    return table


def _deepseek(input_per_output: float, context_tokens: float) -> dict[str, object]:
    """Return DeepSeek V3 with lengths whose mean context is given: input and half of the output."""
    card = datasets.load_model_cards().loc["deepseek-ai/DeepSeek-V3"]
    output_tokens = context_tokens / (input_per_output + 0.5)
    shape = ("params_total_b", "params_active_b", "layers", "kv_bytes_per_token_bf16")
    return {
        **card[[*shape, "n_experts", "experts_per_token"]].to_dict(),
        "precision": "fp8",
        "gpu_model": "H800",
        "input_tokens": input_per_output * output_tokens,
        "output_tokens": output_tokens,
    }


def headlines() -> dict[str, Headline]:
    """Return the headline scores, each with its ends over the families or models that were left out."""
    found = {}
    for key, trial, score, by in (
        ("energy_lofo_mdape", "family", "mdape", "family"),
        ("energy_lofo_within_2x", "family", "within_2x", "family"),
        ("energy_lomo_mdape", "model", "mdape", "model"),
        ("energy_interval_coverage", "family", "coverage", "generation"),
    ):
        table = predictions(trial)
        parts = [scores(part)[score] for _, part in table.groupby(by)]
        found[key] = Headline(scores(table)[score], min(parts), max(parts), "share")
    peer = ecologits()
    parts = [scores(part)["mdape"] for _, part in peer.groupby("family")]
    found["ecologits_mdape_same_rows"] = Headline(scores(peer)["mdape"], min(parts), max(parts), "share")
    return found


def ladder() -> pd.DataFrame:
    """Return the model's worked example by batch: one frontier mixture from one request to thousands.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``batch``: quantiles [J/token] and [kWh per million tokens] at the facility.
    """
    batches = 2.0 ** np.arange(0, 13)
    frame = pd.DataFrame([_deepseek(1.0, 1500.0)] * len(batches)).assign(
        batch=batches, gpu_model="H200", gpu_count=8.0
    )
    found = predict_energy(frame, boundary="facility").set_index(pd.Index(batches, name="batch"))
    table = found[[f"{ENERGY}_{end}" for end in ENDS]].set_axis(list(ENDS), axis=1)
    return table.join(kwh_per_mtok(table).add_prefix("kwh_per_mtok_"))
