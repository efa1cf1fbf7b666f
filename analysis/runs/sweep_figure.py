"""The figure of a sweep: each quantity over the swept parameter."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION

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
    across = _across(parameters)
    others = parameters.drop(columns=across).map(_as_text)
    names = list(dict.fromkeys(quantities["quantity"]))[:MOST_PANELS]
    columns = min(_COLUMNS, len(names))
    lines = -(-len(names) // columns)
    size = (3.6 * columns + 0.4, 2.7 * lines + 0.6)
    figure, grid = plt.subplots(lines, columns, figsize=size, squeeze=False)
    labels = others.agg(", ".join, axis=1) if len(others.columns) else pd.Series("", index=others.index)
    sets = list(dict.fromkeys(labels))
    for axes, name in zip(grid.flat, names, strict=False):
        chosen = quantities[quantities["quantity"] == name]
        for number, label in enumerate(sets):
            same = chosen[(labels.loc[chosen.index] == label).to_numpy()]
            where = parameters.loc[same.index, across]
            _draw(axes, same, where, label, number)
        units = [unit for unit in chosen["unit"].dropna().unique() if unit]
        axes.set_title(_plain(_shortened(str(name))), fontsize=9)
        axes.set_ylabel(_plain(f"[{units[0]}]") if units else "")
        axes.set_xlabel(_plain(across))
    for axes in list(grid.flat)[len(names) :]:
        axes.set_visible(False)
    if len(others.columns) and len(sets) <= 2 * len(_COLOURS):
        lines_of_first = grid.flat[0].get_legend_handles_labels()
        title = _plain(", ".join(others))
        figure.legend(*lines_of_first, title=title, loc="outside lower center", ncols=4, title_fontsize=8)
    shown, there = len(names), quantities["quantity"].nunique()
    title = "Results over " + _plain(across) + (f" (the first {shown} of {there})" if there > shown else "")
    figure.suptitle(title, fontsize=10.5, fontweight="bold", x=0.01, ha="left")
    return figure


def _across(parameters: pd.DataFrame) -> str:
    """Return the parameter for the horizontal axis."""
    numeric = [name for name in parameters if pd.api.types.is_numeric_dtype(parameters[name])]
    return max(numeric or [*parameters], key=lambda name: parameters[name].nunique())


def _draw(axes: Axes, rows: pd.DataFrame, where: pd.Series, label: str, number: int) -> None:
    """Draw what rows give over where they lie: a line over numbers, points over names."""
    colour, marker = _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)]
    is_number = pd.api.types.is_numeric_dtype(where) and not pd.api.types.is_bool_dtype(where)
    places = (where.astype(float) if is_number else where.map(_as_text)).to_numpy()
    order = np.argsort(places, kind="stable") if is_number else np.arange(len(places))
    value, low, high = (rows[end].astype(float).to_numpy()[order] for end in ("value", "low", "high"))
    line = {"marker": marker, "ms": 3.5, "lw": 1.4 if is_number else 0, "color": colour}
    axes.plot(places[order], value, label=label, **line)  # type: ignore[arg-type]
    if is_number and len(places) > 1 and np.isfinite(low).any():
        axes.fill_between(places[order], low, high, color=colour, alpha=0.15, lw=0)
    elif np.isfinite(low).any():
        axes.vlines(places[order], low, high, color=colour, lw=1.2)


def _as_text(value: Any) -> str:
    text = "not given" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)
    return _plain(text)


def _plain(text: str) -> str:
    """Return a text that matplotlib does not take for a formula."""
    return text.replace("$", r"\$")


def _shortened(text: str) -> str:
    return text if len(text) <= _TITLE_WIDTH else f"{text[: _TITLE_WIDTH - 1]}…"
