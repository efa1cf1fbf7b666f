"""The results of many runs as one tidy table, and in long form for the figure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.inputs.errors import CollectError

RUN = "run"
QUANTITY, VALUE, LOW, HIGH, UNIT = "quantity", "value", "low", "high", "unit"
_LONG = [QUANTITY, VALUE, LOW, HIGH, UNIT]


def joined(parameters: pd.DataFrame, keys: pd.Series, results: pd.DataFrame) -> pd.DataFrame:
    """Return the common table: the parameters of each row, the key of its run, what it gave.

    A result that is called like a parameter gets ``.result`` at its end, a key ``.key``.
    """
    key = f"{RUN}.key" if RUN in parameters else RUN
    names = _unlike([*parameters, key, *results])
    return pd.concat([parameters, keys, results], axis="columns").set_axis(names, axis="columns")


def as_quantities(keys: pd.Series, results: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of results in long form: quantity, value, low, high, unit, by number of the row.

    Rows of one run are told apart by their texts.
    """
    if {QUANTITY, VALUE} <= {*results.columns}:
        return _as_long(results)
    numeric = [name for name in results if pd.api.types.is_numeric_dtype(results[name])]
    texts = results[[name for name in results if name not in numeric]].astype("string").fillna("")
    label = texts.agg(" ".join, axis=1) if len(texts.columns) else pd.Series("", index=results.index)
    if not len(texts.columns) and keys.duplicated().any():
        label = keys.groupby(keys).cumcount().astype(str)
    parts = [
        pd.DataFrame({QUANTITY: (label + f" {name}").str.strip(), VALUE: results[name]}) for name in numeric
    ]
    return _as_long(pd.concat(parts) if parts else results.iloc[:0])


def _as_long(rows: pd.DataFrame) -> pd.DataFrame:
    texts = rows.reindex(columns=[QUANTITY, UNIT]).astype("string").fillna("")
    numbers = rows.reindex(columns=[VALUE, LOW, HIGH]).apply(pd.to_numeric, errors="coerce").astype(float)
    return pd.concat([texts, numbers], axis="columns").dropna(subset=[VALUE])


def varying(quantities: pd.DataFrame) -> pd.DataFrame:
    """Return the quantities that are not the same in all runs; all of them where none varies."""
    spread = quantities.groupby(QUANTITY)[VALUE].transform(lambda values: values.max() - values.min())
    return quantities[spread > 0] if (spread > 0).any() else quantities


def read_rows(path: Path) -> pd.DataFrame:
    """Return a deliverable as rows; of a JSON object, one for each entry.

    Raises
    ------
    CollectError
        If it holds no table.
    """
    try:
        rows = _READERS[path.suffix](path)
        rows = rows.reset_index(drop=rows.index.names == [None])
    except (ValueError, OSError, RecursionError) as error:
        raise CollectError(f"{path}: not a table that can be collected: {error!s:.200}") from None
    rows.columns = _unlike([str(name) for name in rows.columns])
    return rows


def _unlike(names: Sequence[str]) -> list[str]:
    """Return names of which no two are the same."""
    found: list[str] = []
    for name in names:
        while name in found:
            name += ".result"
        found.append(name)
    return found


def _of_json(path: Path) -> pd.DataFrame:
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, list):
        return pd.DataFrame([entry if isinstance(entry, dict) else {VALUE: entry} for entry in content])
    if not isinstance(content, dict):
        return pd.DataFrame({VALUE: [content]})
    entries = [
        {QUANTITY: name, **(entry if isinstance(entry, Mapping) else {VALUE: entry})}
        for name, entry in content.items()
    ]
    rows = pd.DataFrame(entries)
    return rows[[name for name in _LONG if name in rows] + [name for name in rows if name not in _LONG]]


_CSV = partial(pd.read_csv, keep_default_na=False, na_values=[""])  # NA is also the code of Namibia
_READERS = {".csv": _CSV, ".parquet": pd.read_parquet, ".json": _of_json}


def _cell(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def tidied(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns hold one kind of entry each, text where there are several."""
    mixed = [name for name in table if table[name].dtype.kind == "O"]
    return table.assign(**{name: _of_one_kind(table[name].map(_cell)) for name in mixed})


def _of_one_kind(column: pd.Series) -> pd.Series:
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in {"floating", "mixed-integer-float", "empty"}:
        return column.astype("Float64").astype(float)
    if kind == "integer" and column.dropna().between(-(2**63), 2**63 - 1).all():
        return column.astype("Int64")
    return (
        column.astype("boolean")
        if kind == "boolean"
        else column.map(str, na_action="ignore").astype("string")
    )
