"""Published figures of the energy of a request beside what the energy model estimates for it.

They are disclosures of who serves the model and estimates of others. Nobody outside can measure them again,
so none of them judges the model; they show whether it is of their order.
"""

import pandas as pd

from analysis.inputs import datasets
from analysis.model.predict import predict_energy

TOLD = ("model", "gpu_model", "load", "input_tokens", "output_tokens")
"""Columns of the published rows that the estimate is told; what they leave blank, it assumes."""

ENDS = {"low": "p5", "value": "p50", "high": "p95"}


def published_requests() -> pd.DataFrame:
    """Return published figures of a request beside the estimate, each at its own boundary [Wh].

    Returns
    -------
    pandas.DataFrame
        Indexed by ``subject``: ``kind``, ``boundary``, the published figure and its ends
        (``published_wh``, ``low_wh``, ``high_wh``), the estimate with its 5 and 95 % (``estimate_wh``,
        ``estimate_low_wh``, ``estimate_high_wh``), ``published_over_estimate`` [ratio], ``within``: whether
        the published figure lies in that interval, ``told``: what the estimate was told, and ``grade`` of
        the published figure.
    """
    rows = datasets.load_table("published_requests")
    parts = [_beside(part, str(boundary)) for boundary, part in rows.groupby("boundary", sort=False)]
    return pd.concat(parts).loc[rows.index].set_index("subject")


def _beside(rows: pd.DataFrame, boundary: str) -> pd.DataFrame:
    """Return rows of one boundary with the estimate beside them."""
    told = rows[list(TOLD)]
    found = predict_energy(told, boundary=boundary)
    low, value, high = (found[f"energy_wh_per_request_{end}"] for end in ENDS.values())
    published = rows["published_wh"]
    return rows[["subject", "kind", "boundary", "published_wh", "low_wh", "high_wh"]].assign(
        estimate_wh=value,
        estimate_low_wh=low,
        estimate_high_wh=high,
        published_over_estimate=published / value,
        within=published.between(low, high),
        told=[_words(row) for _, row in told.iterrows()],
        grade=rows["grade"],
    )


def _words(row: pd.Series) -> str:
    """Return what an estimate was told, in words.

    Examples
    --------
    >>> _words(pd.Series({"model": "GPT-4o", "gpu_model": None, "output_tokens": 500.0}))
    'GPT-4o, output tokens 500'
    """
    given = row.dropna()
    named = [str(given[name]) for name in ("model", "gpu_model") if name in given]
    rest = [f"{name.replace('_', ' ')} {given[name]:g}" for name in TOLD[3:] if name in given]
    return ", ".join([*named, *([f"{given['load']} load"] if "load" in given else []), *rest])
