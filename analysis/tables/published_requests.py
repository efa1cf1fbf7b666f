"""Published figures of the energy of a request, and of a day of production, beside the estimate.

They are disclosures of who serves the model and estimates of others. Nobody outside can measure them again,
so none of them judges the model; they show whether it is of their order.
"""

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.units import HOURS_PER_DAY, JOULES_PER_KWH, in_base
from analysis.model.predict import ENERGY, predict_energy

_NAMES, _LENGTHS = ("model", "gpu_model", "load"), ("input_tokens", "output_tokens")
TOLD = (*_NAMES, *_LENGTHS)
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
    told, published = rows[list(TOLD)], rows["published_wh"]
    found = predict_energy(told, boundary=boundary)
    low, value, high = (found[f"energy_wh_per_request_{end}"] for end in ENDS.values())
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
    lengths = [f"{name.replace('_', ' ')} {given[name]:g}" for name in _LENGTHS if name in given]
    return ", ".join([*(str(given[name]) for name in _NAMES if name in given), *lengths])


def deepseek_day_energy() -> pd.DataFrame:
    """Return DeepSeek's published day at the server boundary, predicted and bounded [J/output token].

    Returns
    -------
    pandas.DataFrame
        Indexed by ``reading``: ``low``, ``value``, ``high`` [J/token], ``grade``, ``overlaps`` the bound.

    Notes
    -----
    The bound is servers x 24 h x an assumed power over output tokens: power was not published. Two
    predictions: told only what a stranger has (model, card, lengths that give the published mean cache), and
    told what the disclosure implies: a decode unit as one copy, the batch that its throughput and its speed
    give together, the share of the input that came from the cache. The engine is DeepSeek's own and counts
    as a current one.
    """
    facts = datasets.load_facts()
    fact, power_kw = facts["value"], facts.loc["dsday-node-power"]
    # bound: energy of all servers over a day, by output token
    output_tokens = in_base(fact["dsday-output"], facts.loc["dsday-output", "unit"])[0]
    joules_per_kw = fact["dsday-nodes"] * HOURS_PER_DAY * JOULES_PER_KWH / output_tokens
    low, high = power_kw["low"] * joules_per_kw, power_kw["high"] * joules_per_kw
    # predictions
    told = deepseek_v3(fact["dsday-input"] / fact["dsday-output"], fact["dsday-context"])
    requests_per_server = fact["dsday-decode-throughput"] / fact["dsday-speed"]
    gpus_per_server = datasets.load_energy_assumptions().loc["gpus_per_server", "value"]
    setups = {
        "predicted, told model, GPU and lengths": told,
        "predicted, told what the disclosure implies": {
            **told,
            "cached_share": fact["dsday-cached"],
            "gpu_count": gpus_per_server * fact["dsday-decode-unit"],
            "batch": requests_per_server * fact["dsday-decode-unit"],
        },
    }
    predicted = predict_energy(pd.DataFrame.from_dict(setups, orient="index"), boundary="server")
    table = predicted[[f"{ENERGY}_{end}" for end in ENDS.values()]].set_axis([*ENDS], axis=1)
    bound = pd.DataFrame({"low": low, "high": high}, index=["bound: servers at 70 to 100 % of 10.2 kW"])
    table = pd.concat([bound.reindex(columns=table.columns), table]).rename_axis("reading")
    return table.assign(grade="C", overlaps=(table["low"] <= high) & (table["high"] >= low))


def deepseek_v3(input_per_output: float, context_tokens: float) -> dict[str, object]:
    """Return DeepSeek V3 with lengths whose mean context is given: input and half of the output."""
    output_tokens = context_tokens / (input_per_output + 0.5)
    return {
        "model": "deepseek-ai/DeepSeek-V3",
        "precision": "fp8",
        "gpu_model": "H800",
        "engine": "current",
        "input_tokens": input_per_output * output_tokens,
        "output_tokens": output_tokens,
    }
