"""The figure of a sweep: each quantity over the swept parameter."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, figure_title

MOST_PANELS = 12
_COLUMNS = 3
_COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, BLACK)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
_TITLE_WIDTH = 34


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
    labels = others.agg(", ".join, axis=1) if len(others.columns) else pd.Series("", index=others.index)
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
    figure_title(figure, f"Results over {_plain_text(across)}{cut}")
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
