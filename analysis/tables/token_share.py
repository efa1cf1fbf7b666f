"""Shares of tokens: what each denominator gives."""

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.units import worst_grade

_LIST_WEEKS = {"02-09": "9-15 February", "02-16": "16-22 February", "03-09": "9-15 March"}
_DENOMINATORS = {
    "top ten models, week to 24 February": ("or-top10-cn-2026-02-24", ["or-top10-total-2026-02-24"]),
    "top ten models, February": ("or-top10-cn-2026-02", ["or-top10-total-2026-02"]),
    **{
        f"Chinese and US models on the list, {days}": (
            f"or-cn-list-2026-{week}",
            [f"or-cn-list-2026-{week}", f"or-us-list-2026-{week}"],
        )
        for week, days in _LIST_WEEKS.items()
    },
    "all traffic, 22-28 March (lower bound)": ("or-all-cn-2026-03-22", ["or-all-total-2026-03-22"]),
    "all traffic, 30 March-5 April (lower bound)": ("or-all-cn-2026-03-30", ["or-all-total-2026-03-30"]),
}
"""What is counted: the row of the Chinese tokens, and the rows that add up to the denominator."""


def token_share_by_denominator() -> pd.DataFrame:
    """Return the Chinese share of tokens [1] by what is counted and when.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``counted``: ``chinese`` and ``total`` [trillion tokens], ``share``, ``basis``,
        ``period``, the weakest ``grade``, ``rows``.
    """
    facts = datasets.load_facts()
    records = {}
    for counted, (part, whole) in _DENOMINATORS.items():
        rows = facts.loc[list(dict.fromkeys([part, *whole]))]
        chinese, total = facts.loc[part, "value"], facts.loc[whole, "value"].sum()
        records[counted] = {
            "chinese": chinese,
            "total": total,
            "share": chinese / total,
            "basis": rows["basis"].iloc[0],
            "period": rows["period"].iloc[0],
            "grade": worst_grade(rows["grade"]),
            "rows": "; ".join(rows["id"]),
        }
    return pd.DataFrame.from_dict(records, orient="index").rename_axis("counted")


def weekly_tokens() -> pd.DataFrame:
    """Return weekly tokens of Chinese and US models on the list [trillion tokens] by the first day."""
    facts = datasets.load_facts()
    of_list = (facts["basis"] == "models on the weekly list") & (facts["unit"] == "trillion tokens")
    listed = facts[of_list].assign(week=facts["period"].str[:10])
    return listed.pivot_table(index="week", columns="subject", values="value").rename_axis(columns=None)


def token_share_by_billing_country() -> pd.DataFrame:
    """Return shares of tokens by billing country [1], which the article calls users."""
    facts = datasets.load_facts()
    rows = facts[facts["basis"] == "tokens by billing country"].rename(columns={"value": "share"})
    return rows.set_index("subject")[["share", "period", "grade", "source", "note"]]
