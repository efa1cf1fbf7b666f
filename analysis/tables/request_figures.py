"""What others say a request takes, beside the model: disclosures and estimates, no measurements."""

import pandas as pd

from analysis.inputs import datasets
from analysis.model.predict import predict_energy
from analysis.tables.energy_model import deepseek_day_energy

WH, ENDS = "energy_wh_per_request", {"p5": "low", "p50": "value", "p95": "high"}

SETUPS = {
    "request-gemini": {"model": "Gemini 2.5 Flash", "gpu_model": "TPU-v6e"},
    "request-chatgpt": {"model": "GPT-4o", "gpu_model": "H100"},
    "request-gpt4o": {"model": "GPT-4o", "gpu_model": "H100", "output_tokens": 500.0},
}
"""What stands for each request: what is told of it, or the likeliest of its time; the rest is assumed."""

_KIND = {"B": "disclosed", "C": "disclosed without a method, or estimated"}


def published_request_figures() -> pd.DataFrame:
    """Return published energy of requests beside the estimate with its interval, at the facility.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``figure``: ``published`` and its ends ``published_low`` and ``published_high``; ``low``,
        ``value`` and ``high`` of the estimate, all in ``unit``; ``inside``: whether the published figure, or
        a part of its range, lies in the interval; ``kind`` and ``grade`` of the figure.

    Notes
    -----
    Gemini, ChatGPT and GPT-4o are closed: the estimate spans the sizes that others assume, the loads, and
    lengths from a short chat to a long one. DeepSeek's day is counted by output token at the server.
    """
    facts = datasets.load_facts().loc[list(SETUPS)]
    setups = pd.DataFrame.from_dict(SETUPS, orient="index").assign(engine="current")
    found = predict_energy(setups, boundary="facility")
    table = found[[f"{WH}_{end}" for end in ENDS]].set_axis(list(ENDS.values()), axis=1)
    published = facts["value"]
    table = table.assign(
        published=published,
        published_low=facts["low"].fillna(published),
        published_high=facts["high"].fillna(published),
        unit=facts["unit"] + "/request",
        kind=facts["grade"].map(_KIND),
        grade=facts["grade"],
    )
    table.index = facts["subject"] + ", " + facts["quantity"] + ", " + facts["basis"]
    table = pd.concat([table, _deepseek_day()])
    overlap = (table["published_low"] <= table["high"]) & (table["published_high"] >= table["low"])
    columns = [
        "published",
        "published_low",
        "published_high",
        *ENDS.values(),
        "unit",
        "inside",
        "kind",
        "grade",
    ]
    return table.assign(inside=overlap)[columns].rename_axis("figure")


def _deepseek_day() -> pd.DataFrame:
    """Return DeepSeek's day: the bound, and the prediction that is told what the disclosure implies."""
    day = deepseek_day_energy()
    bound, told = day.iloc[0], day.iloc[-1]
    row = told[list(ENDS.values())].to_dict() | {
        "published": (bound["low"] + bound["high"]) / 2.0,
        "published_low": bound["low"],
        "published_high": bound["high"],
        "unit": "J/output token",
        "kind": "disclosed servers and tokens, power assumed",
        "grade": bound["grade"],
    }
    return pd.DataFrame([row], index=["DeepSeek's day, server"])
