"""Shares of tokens: what each denominator gives."""

import pandas as pd

from analysis.inputs import datasets
from analysis.inputs.units import worst_grade


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
    for counted in datasets.load_token_denominators().itertuples():
        rows = facts.loc[list(dict.fromkeys([counted.chinese, *counted.total]))]
        chinese, total = facts.loc[counted.chinese, "value"], facts.loc[counted.total, "value"].sum()
        records[counted.Index] = {
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
