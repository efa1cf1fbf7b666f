"""Shares of tokens: what each denominator gives."""

from __future__ import annotations

import pandas as pd

from analysis.inputs import datasets

_READINGS = (
    ("top ten models, week to 24 February", ("or-top10-cn-2026-02-24",), ("or-top10-total-2026-02-24",)),
    ("top ten models, February", ("or-top10-cn-2026-02",), ("or-top10-total-2026-02",)),
    (
        "Chinese and US models on the list, 9-15 February",
        ("or-cn-list-2026-02-09",),
        ("or-cn-list-2026-02-09", "or-us-list-2026-02-09"),
    ),
    (
        "Chinese and US models on the list, 16-22 February",
        ("or-cn-list-2026-02-16",),
        ("or-cn-list-2026-02-16", "or-us-list-2026-02-16"),
    ),
    (
        "Chinese and US models on the list, 9-15 March",
        ("or-cn-list-2026-03-09",),
        ("or-cn-list-2026-03-09", "or-us-list-2026-03-09"),
    ),
    ("all traffic, 22-28 March (lower bound)", ("or-all-cn-2026-03-22",), ("or-all-total-2026-03-22",)),
    ("all traffic, 30 March-5 April (lower bound)", ("or-all-cn-2026-03-30",), ("or-all-total-2026-03-30",)),
)


def denominators() -> pd.DataFrame:
    """Return the Chinese share of tokens [1] by what is counted and when.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``counted``: ``chinese`` and ``total`` [trillion tokens], ``share``, ``basis``,
        ``period``, the weakest ``grade``, ``rows``.
    """
    facts = datasets.load_facts()
    records = []
    for counted, part, whole in _READINGS:
        rows = facts.loc[list(dict.fromkeys([*part, *whole]))]
        chinese, total = facts.loc[list(part), "value"].sum(), facts.loc[list(whole), "value"].sum()
        records.append(
            {
                "counted": counted,
                "chinese": chinese,
                "total": total,
                "share": chinese / total,
                "basis": rows["basis"].iloc[0],
                "period": rows["period"].iloc[0],
                "grade": rows["grade"].max(),
                "rows": "; ".join(rows["id"]),
            }
        )
    return pd.DataFrame(records).set_index("counted")


def weekly() -> pd.DataFrame:
    """Return weekly tokens of Chinese and US models on the list [trillion tokens] by the first day."""
    facts = datasets.load_facts()
    listed = facts[
        (facts["basis"] == "models on the weekly list") & (facts["unit"] == "trillion tokens")
    ].copy()
    listed["week"] = listed["period"].str[:10]
    table = listed.pivot_table(index="week", columns="subject", values="value")
    return table.rename_axis(columns=None)


def billing() -> pd.DataFrame:
    """Return shares of tokens by billing country [1], which the article calls users."""
    facts = datasets.load_facts()
    rows = facts[facts["basis"] == "tokens by billing country"]
    return rows.set_index("subject")[["value", "period", "grade", "source", "note"]].rename(
        columns={"value": "share"}
    )
