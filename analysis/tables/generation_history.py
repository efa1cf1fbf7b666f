"""Generation and capacity from 1949 on, and the dated claims on them."""

from __future__ import annotations

import pandas as pd

from analysis.inputs import datasets

FOUR_COUNTRIES = ("US", "India", "Russia", "Japan")
FIRST_COMPLETE_YEAR = 1985
"""From here on the yearly series has no gap; earlier years are single points."""


def generation_by_year() -> pd.DataFrame:
    """Return generation by year [TWh]: China, US, four countries, the world, and China's share [1].

    Only years that a source gives; nothing is interpolated.
    """
    table = _best_values()["electricity generation"].unstack("entity")
    table["four countries"] = table[[*FOUR_COUNTRIES]].sum(axis=1, min_count=len(FOUR_COUNTRIES))
    table["China share of world"] = table["China"] / table["World"]
    return table[["China", "US", "four countries", "World", "China share of world"]].rename_axis(columns=None)


def capacity_by_year() -> pd.DataFrame:
    """Return capacity by year [GW]: China's total where known, wind and solar, their ratio to the US [1]."""
    values = _best_values()
    table = pd.DataFrame({"China, total": values["installed capacity", "China"]})
    for kind in ("wind", "solar"):
        for entity in ("China", "US"):
            table = table.join(values[f"{kind} capacity", entity].rename(f"{entity}, {kind}"), how="outer")
        table[f"{kind}, China over US"] = table[f"China, {kind}"] / table[f"US, {kind}"]
    return table.sort_index()


def _best_values() -> pd.Series[float]:
    """Return the values by metric, entity and year, in the unit of the metric.

    Where several sources give a year the best grade comes first, then the order of the file.
    """
    rows = datasets.load_generation().sort_values("grade", kind="stable")
    keys = ["metric", "entity", "year"]
    return rows.drop_duplicates(keys).set_index(keys)["value"].sort_index()


def dated_claims(ledger: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return the history claims in TWh, GW, share or ratio with their year, stated value and verdict.

    Parameters
    ----------
    ledger : pandas.DataFrame
        As returned by `claims.evaluate`.
    unit : str
        Which claims: those in this unit.
    """
    chosen = ledger[(ledger["topic"] == "history") & (ledger["unit"] == unit)].copy()
    chosen["year"] = chosen["as_of"].str[:4].astype(int)
    chosen["stated"] = chosen["value_low"].fillna(chosen["value_high"])
    chosen["met"] = chosen["verdict"].isin(["holds", "holds within rounding"])
    return chosen[["year", "quantity", "stated", "unit", "evidence_value", "verdict", "met"]]
