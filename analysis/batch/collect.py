"""One tidy table and one figure from the results of many runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import outputs
from analysis.batch.run import AS_WAS, OK, Outcome
from analysis.batch.sweep import Sweep, shown_values
from analysis.files import write_atomically

RUN = "run"
QUANTITY, VALUE, LOW, HIGH, UNIT = "quantity", "value", "low", "high", "unit"
_LONG = (QUANTITY, VALUE, LOW, HIGH, UNIT)
_NAME = "sweep"


def collect(sweep: Sweep, outcomes: Iterable[Outcome]) -> list[Path]:
    """Write the common table of a sweep as Parquet and CSV, and its figure; return the files.

    Runs that failed are left out. What an earlier, larger sweep wrote in the same folder is, too.
    """
    fine = {outcome.run.identity for outcome in outcomes if outcome.status in {OK, AS_WAS}}
    table = tidy(sweep, fine)
    written = [sweep.folder / f"{_NAME}.{suffix}" for suffix in ("parquet", "csv")]
    write_atomically(written[0], partial(table.to_parquet, index=False))
    number = f"%.{outputs.TABLE_DIGITS}g"
    write_atomically(written[1], partial(table.to_csv, index=False, float_format=number, lineterminator="\n"))
    names = [name for name in _names(sweep) if len(table[name].unique()) > 1]
    drawn = as_quantities(table, _names(sweep))
    pictures = [sweep.folder / f"{_NAME}.{suffix}" for suffix in outputs.FIGURE_FORMATS]
    if names and not drawn.empty:
        import matplotlib as mpl

        from analysis import figures

        mpl.use("Agg")
        figures.apply_style()
        outputs.save_figure(sweep.folder, _NAME, figures.sweep_panels(drawn, names))
        return [*written, *pictures]
    for path in pictures:  # of an earlier sweep
        path.unlink(missing_ok=True)
    return written


def tidy(sweep: Sweep, fine: Iterable[Any]) -> pd.DataFrame:
    """Return the rows that runs gave, each behind the parameters of its run and the run's key.

    A result column that is called like a parameter gets ``.result`` at its end.
    """
    names, chosen = _names(sweep), set(fine)
    parts = []
    for run, values in zip(sweep.runs, shown_values(sweep.runs), strict=True):
        if run.identity in chosen:
            rows = _rows(run.results / sweep.collects) if sweep.collects else pd.DataFrame(index=[0])
            rows.columns = [f"{name}.result" if name in {*names, RUN} else name for name in rows.columns]
            for place, (name, value) in enumerate(values.items()):
                rows.insert(place, name, [_cell(value)] * len(rows))
            rows.insert(len(values), RUN, run.group)
            parts.append(rows)
    if not parts:
        return pd.DataFrame(columns=[*names, RUN])
    table = pd.concat(parts, ignore_index=True)
    for name in [name for name in table.columns if table[name].dtype.kind == "O"]:
        table[name] = _of_one_kind(table[name])
    return table


def as_quantities(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the numbers of a common table in long form: parameters, run, quantity, value, low, high, unit.

    Rows of one run are told apart by their texts.
    """
    if {*_LONG} <= {*table.columns}:
        return table.dropna(subset=[VALUE])
    keys = [*names, RUN]
    rest = table.drop(columns=keys)
    numbers = [name for name in rest.columns if pd.api.types.is_numeric_dtype(rest[name])]
    texts = rest[[name for name in rest.columns if name not in numbers]].fillna("").astype(str)
    label = texts.agg(" ".join, axis=1) if len(texts.columns) else pd.Series("", index=table.index)
    if not len(texts.columns) and table[RUN].duplicated().any():
        label = table.groupby(RUN).cumcount().astype(str)
    parts = []
    for name in numbers:
        part = table[keys].copy()
        part[QUANTITY] = (label + " " + name).str.strip()
        part[VALUE], part[LOW], part[HIGH], part[UNIT] = rest[name].astype(float), None, None, ""
        parts.append(part)
    return pd.concat(parts, ignore_index=True).dropna(subset=[VALUE]) if parts else table.iloc[:0]


def _names(sweep: Sweep) -> list[str]:
    return list(dict.fromkeys(name for run in sweep.runs for name in run.shown))


def _rows(path: Path) -> pd.DataFrame:
    """Return a deliverable as rows; of a JSON object, one for each entry."""
    if path.suffix == ".csv":
        return pd.read_csv(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        return pd.json_normalize(content)
    entries = [
        {QUANTITY: name, **(entry if isinstance(entry, Mapping) else {VALUE: entry})}
        for name, entry in content.items()
    ]
    rows = pd.DataFrame(entries)
    return rows[[name for name in _LONG if name in rows] + [name for name in rows if name not in _LONG]]


def _cell(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def _of_one_kind(column: pd.Series) -> pd.Series:
    """Return a column whose entries are all of one kind, text where they are of several."""
    numbers = [isinstance(entry, int | float) and not isinstance(entry, bool) for entry in column.dropna()]
    if all(numbers):
        return column.astype(float)
    truths = [isinstance(entry, bool) for entry in column.dropna()]
    return column.astype("boolean") if all(truths) else column.map(str, na_action="ignore").astype("string")
