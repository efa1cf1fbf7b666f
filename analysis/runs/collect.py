"""One tidy table and one figure from the results of many runs."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION
from analysis.inputs.errors import CollectError
from analysis.runs import outputs
from analysis.runs.engine import locked
from analysis.runs.run import AS_WAS, OK, Outcome, Run
from analysis.runs.sweep import Sweep, shown_values
from analysis.runs.writing import clear_parts, write_all

_NAME = "sweep"
RUN = "run"
QUANTITY, VALUE, LOW, HIGH, UNIT = "quantity", "value", "low", "high", "unit"
_LONG = [QUANTITY, VALUE, LOW, HIGH, UNIT]
MOST_PANELS = 12
_COLUMNS = 3
_COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, BLACK)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
_TITLE_WIDTH = 34


def collect(sweep: Sweep, outcomes: Iterable[Outcome]) -> list[Path]:
    """Write the common table of a sweep as Parquet and CSV, and its figure; return the files.

    Runs that failed are left out. What an earlier, larger sweep wrote in the same folder is, too. Where no
    run succeeded nothing is written.

    Raises
    ------
    CollectError
        If what a run delivered holds no table.
    ParameterError
        If another batch is writing there.
    """
    succeeded = {outcome.run for outcome in outcomes if outcome.status in {OK, AS_WAS}}
    if not succeeded:
        return []
    with locked(sweep.runs[0].executed.parent):
        parameters, keys, results = gathered(sweep, succeeded)
        table = joined(parameters, keys, results)
        clear_parts(sweep.folder, _NAME)
        contents: dict[Path, Callable[[Path], object]] = {
            sweep.folder / f"{_NAME}.parquet": partial(table.to_parquet, index=False),
            sweep.folder / f"{_NAME}.csv": outputs.as_csv(table),
        }
        write_all(contents)
        varied = [name for name in parameters if len(parameters[name].unique()) > 1]
        quantities = varying(as_quantities(keys, results))
        return [*contents, *_write_figure(sweep.folder, quantities, parameters[varied])]


def _write_figure(folder: Path, quantities: pd.DataFrame, varied: pd.DataFrame) -> list[Path]:
    """Draw quantities over the parameters that vary; where there are none, remove an earlier figure."""
    pictures = [folder / f"{_NAME}.{suffix}" for suffix in outputs.FIGURE_FORMATS]
    if varied.columns.empty or quantities.empty:
        for path in pictures:
            path.unlink(missing_ok=True)
        return []
    mpl.use("Agg")
    style.apply_style()
    outputs.save_figure(folder, _NAME, sweep_panels(quantities, varied))
    return pictures


def gathered(sweep: Sweep, chosen: Collection[Run]) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Return the rows that some of a sweep's runs gave, with the parameters and the key of the run of each.

    Raises
    ------
    CollectError
        If what a run delivered holds no table.
    """
    parameters, keys, results = [], [], []
    for run, values in zip(sweep.runs, shown_values(sweep.runs), strict=True):
        if run in chosen:
            rows = read_rows(run.results / sweep.collects) if sweep.collects else pd.DataFrame(index=[0])
            parameters += [values] * len(rows)
            keys += [run.group] * len(rows)
            results.append(rows)
    return (
        _with_plain_columns(pd.DataFrame(parameters, dtype=object)),
        pd.Series(keys, name=RUN, dtype="string"),
        _with_plain_columns(pd.concat(results, ignore_index=True)),
    )


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
    return rows.set_axis(_told_apart(map(str, rows.columns)), axis="columns")


def _read_json(path: Path) -> pd.DataFrame:
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, dict):
        entries = [{QUANTITY: name, **_as_row(entry)} for name, entry in content.items()]
        rows = pd.DataFrame(entries)
        return rows[sorted(rows, key=lambda name: _LONG.index(name) if name in _LONG else len(_LONG))]
    return pd.DataFrame([_as_row(entry) for entry in (content if isinstance(content, list) else [content])])


def _as_row(entry: Any) -> dict[str, Any]:
    return entry if isinstance(entry, dict) else {VALUE: entry}


_READERS = {
    ".csv": partial(pd.read_csv, keep_default_na=False, na_values=[""]),  # NA is also the code of Namibia
    ".parquet": pd.read_parquet,
    ".json": _read_json,
}


def joined(parameters: pd.DataFrame, keys: pd.Series, results: pd.DataFrame) -> pd.DataFrame:
    """Return the common table: the parameters of each row, the key of its run, what it gave.

    A result that is called like a parameter gets ``.result`` at its end, a key ``.key``.
    """
    key = f"{RUN}.key" if RUN in parameters else RUN
    names = _told_apart([*parameters, key, *results])
    return pd.concat([parameters, keys, results], axis="columns").set_axis(names, axis="columns")


def _told_apart(names: Iterable[str]) -> Sequence[str]:
    """Return names of which no two are the same."""
    found: list[str] = []
    for name in names:
        while name in found:
            name += ".result"
        found.append(name)
    return found


def as_quantities(keys: pd.Series, results: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of results in long form: quantity, value, low, high, unit, by number of the row.

    Rows of one run are told apart by their texts.
    """
    if {QUANTITY, VALUE} <= {*results.columns}:
        return _as_long(results)
    numeric = [name for name in results if pd.api.types.is_numeric_dtype(results[name])]
    texts = results.drop(columns=numeric).astype("string").fillna("")
    label = pd.Series(map(" ".join, texts.to_numpy()), index=texts.index, dtype="string")
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
    values = quantities.groupby(QUANTITY)[VALUE]
    varies = values.transform("max") > values.transform("min")
    return quantities[varies] if varies.any() else quantities


def _with_plain_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns hold one kind of entry each, text where there are several."""
    mixed = [name for name in table if table[name].dtype.kind == "O"]
    return table.assign(**{name: of_one_kind(table[name].map(_as_entry)) for name in mixed})


def _as_entry(value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def of_one_kind(column: pd.Series) -> pd.Series:
    """Return a column of objects as one of numbers, of truths or of texts."""
    match pd.api.types.infer_dtype(column, skipna=True):
        case "floating" | "mixed-integer-float" | "empty":
            return column.astype("Float64").astype(float)
        case "integer" if column.dropna().between(-(2**63), 2**63 - 1).all():
            return column.astype("Int64")
        case "boolean":
            return column.astype("boolean")
    return column.map(str, na_action="ignore").astype("string")


def sweep_panels(quantities: pd.DataFrame, parameters: pd.DataFrame) -> Figure:
    """Draw small multiples: a panel for each quantity, a line for each set of the other parameters.

    Parameters
    ----------
    quantities : DataFrame
        ``quantity``, ``value``, ``low``, ``high`` and ``unit``, indexed by row of `parameters`; a band is
        drawn where there are low and high ends.
    parameters : DataFrame
        The parameters that vary. The numeric one with most values becomes the horizontal axis.
    """
    across = _horizontal_parameter(parameters)
    others = parameters.drop(columns=across).map(_plain_text)
    labels = pd.Series(map(", ".join, others.to_numpy()), index=others.index, dtype="string")
    names = list(quantities["quantity"].unique())
    columns = min(_COLUMNS, len(names))
    lines = -(-min(len(names), MOST_PANELS) // columns)
    size = (3.6 * columns + 0.4, 2.7 * lines + 0.6)
    figure, grid = plt.subplots(lines, columns, figsize=size, squeeze=False)
    for axes in grid.flat[len(names) :]:
        axes.set_visible(False)
    for axes, name in zip(grid.flat, names[:MOST_PANELS], strict=False):
        chosen = quantities[quantities["quantity"] == name]
        for number, label in enumerate(labels.unique()):
            rows = chosen[(labels.loc[chosen.index] == label).to_numpy()]
            _draw_set(axes, rows, parameters.loc[rows.index, across], label, number)
        title = name if len(name) <= _TITLE_WIDTH else f"{name[: _TITLE_WIDTH - 1]}…"
        axes.set_title(_plain_text(title), fontsize=9)
        axes.set_ylabel(next((_plain_text(f"[{unit}]") for unit in chosen["unit"].dropna() if unit), ""))
        axes.set_xlabel(_plain_text(across))
    if len(others.columns) and labels.nunique() <= 2 * len(_COLOURS):
        keys, title = grid.flat[0].get_legend_handles_labels(), _plain_text(", ".join(others))
        figure.legend(*keys, title=title, loc="outside lower center", ncols=4, title_fontsize=8)
    cut = f" (the first {MOST_PANELS} of {len(names)})" if len(names) > MOST_PANELS else ""
    style.figure_title(figure, f"Results over {_plain_text(across)}{cut}")
    return figure


def _horizontal_parameter(parameters: pd.DataFrame) -> str:
    """Return the parameter for the horizontal axis."""
    numeric = [name for name in parameters if pd.api.types.is_numeric_dtype(parameters[name])]
    return max(numeric or [*parameters], key=lambda name: parameters[name].nunique())


def _draw_set(axes: Axes, rows: pd.DataFrame, where: pd.Series, label: str, number: int) -> None:
    """Draw what one set of the other parameters gives: a line over numbers, points over names."""
    colour, marker = _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)]
    is_number = pd.api.types.is_numeric_dtype(where) and not pd.api.types.is_bool_dtype(where)
    drawn = rows[["value", "low", "high"]].astype(float)
    drawn.index = pd.Index(where.astype(float) if is_number else where.map(_plain_text))
    if is_number:
        drawn = drawn.sort_index(kind="stable")
    width = 1.4 if is_number else 0
    axes.plot(drawn["value"], color=colour, marker=marker, ms=3.5, lw=width, label=label)
    if is_number and len(drawn) > 1 and drawn["low"].notna().any():
        axes.fill_between(drawn.index, drawn["low"], drawn["high"], color=colour, alpha=0.15, lw=0)
    elif drawn["low"].notna().any():
        axes.vlines(drawn.index, drawn["low"], drawn["high"], color=colour, lw=1.2)


def _plain_text(value: Any) -> str:
    """Return a value as a text that matplotlib does not take for a formula."""
    text = "not given" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace("$", r"\$")
