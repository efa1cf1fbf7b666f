"""One tidy table and one figure from the results of many runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import outputs
from analysis.batch.run import AS_WAS, OK, Outcome, Run
from analysis.batch.sweep import Sweep, shown_values
from analysis.files import write_atomically

RUN = "run"
QUANTITY, VALUE, LOW, HIGH, UNIT = "quantity", "value", "low", "high", "unit"
_LONG = [QUANTITY, VALUE, LOW, HIGH, UNIT]
_NAME = "sweep"


class CollectError(ValueError):
    """A deliverable that holds no table; the message names it."""


def collect(sweep: Sweep, outcomes: Iterable[Outcome]) -> list[Path]:
    """Write the common table of a sweep as Parquet and CSV, and its figure; return the files.

    Runs that failed are left out. What an earlier, larger sweep wrote in the same folder is, too. Where no
    run succeeded nothing is written.

    Raises
    ------
    CollectError
        If what a run delivered holds no table.
    """
    fine = {outcome.run for outcome in outcomes if outcome.status in {OK, AS_WAS}}
    if not fine:
        return []
    parameters, keys, results = gathered(sweep, fine)
    table = joined(parameters, keys, results)
    written = [sweep.folder / f"{_NAME}.{suffix}" for suffix in ("parquet", "csv")]
    write_atomically(written[0], partial(table.to_parquet, index=False))
    number = f"%.{outputs.TABLE_DIGITS}g"
    write_atomically(written[1], partial(table.to_csv, index=False, float_format=number, lineterminator="\n"))
    varied = [name for name in parameters if len(parameters[name].unique()) > 1]
    drawn = _varying(as_quantities(keys, results))
    pictures = [sweep.folder / f"{_NAME}.{suffix}" for suffix in outputs.FIGURE_FORMATS]
    if varied and not drawn.empty:
        import matplotlib as mpl

        from analysis import figures

        mpl.use("Agg")
        figures.apply_style()
        outputs.save_figure(sweep.folder, _NAME, figures.sweep_panels(drawn, parameters[varied]))
        return [*written, *pictures]
    for path in pictures:  # of an earlier sweep
        path.unlink(missing_ok=True)
    return written


def _varying(quantities: pd.DataFrame) -> pd.DataFrame:
    """Return the quantities that are not the same in all runs; all of them where none varies."""
    spread = quantities.groupby(QUANTITY)[VALUE].transform(lambda values: values.max() - values.min())
    return quantities[spread > 0] if (spread > 0).any() else quantities


def gathered(sweep: Sweep, fine: Collection[Run]) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Return the rows that runs gave, with the parameters and the key of the run of each.

    Raises
    ------
    CollectError
        If what a run delivered holds no table.
    """
    parameters, keys, results = [], [], []
    for run, values in zip(sweep.runs, shown_values(sweep.runs), strict=True):
        if run in fine:
            rows = _rows(run.results / sweep.collects) if sweep.collects else pd.DataFrame(index=[0])
            parameters += [values] * len(rows)
            keys += [run.group] * len(rows)
            results.append(rows)
    return (
        _tidied(pd.DataFrame(parameters, dtype=object)),
        pd.Series(keys, name=RUN, dtype="string"),
        _tidied(pd.concat(results, ignore_index=True)),
    )


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


def _rows(path: Path) -> pd.DataFrame:
    """Return a deliverable as rows; of a JSON object, one for each entry."""
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


def _tidied(table: pd.DataFrame) -> pd.DataFrame:
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
