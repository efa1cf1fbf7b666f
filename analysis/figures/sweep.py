"""The figure of a sweep: each quantity over the swept parameter."""

from __future__ import annotations

from collections.abc import Sequence
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
_TITLE_WIDTH = 34


def sweep_panels(rows: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Draw small multiples: a panel for each quantity, a line for each set of the other parameters.

    Parameters
    ----------
    rows : DataFrame
        One row for each run and quantity: the parameters, ``run``, ``quantity``, ``value``, ``low``,
        ``high``, ``unit``; a band is drawn where there are low and high ends.
    names : sequence of str
        The parameters that vary. The numeric one with most values becomes the horizontal axis.
    """
    across = _across(rows, names)
    others = [name for name in names if name != across]
    quantities = list(dict.fromkeys(rows["quantity"]))[:MOST_PANELS]
    columns = min(_COLUMNS, len(quantities))
    lines = -(-len(quantities) // columns)
    size = (3.6 * columns + 0.4, 2.7 * lines + 0.6)
    figure, grid = plt.subplots(lines, columns, figsize=size, squeeze=False)
    texts = rows[others].map(_as_text)
    sets = list(dict.fromkeys(texts.itertuples(index=False, name=None))) if others else [()]
    for axes, quantity in zip(grid.flat, quantities, strict=False):
        chosen = rows[rows["quantity"] == quantity]
        for number, values in enumerate(sets):
            same = (texts.loc[chosen.index] == list(values)).all(axis=1) if others else slice(None)
            _draw_line(axes, chosen.loc[same], across, ", ".join(values), _COLOURS[number % len(_COLOURS)])
        units = [unit for unit in chosen["unit"].dropna().unique() if unit]
        axes.set_title(_shortened(str(quantity)), fontsize=9)
        axes.set_ylabel(f"[{units[0]}]" if units else "")
        axes.set_xlabel(across)
    for axes in list(grid.flat)[len(quantities) :]:
        axes.set_visible(False)
    handles, labels = grid.flat[0].get_legend_handles_labels()
    if others and len(sets) <= 2 * len(_COLOURS):
        figure.legend(
            handles, labels, title=", ".join(others), loc="outside lower center", ncols=4, title_fontsize=8
        )
    shown, there = len(quantities), rows["quantity"].nunique()
    title = "Results over " + across + (f" (the first {shown} of {there})" if there > shown else "")
    figure.suptitle(title, fontsize=10.5, fontweight="bold", x=0.01, ha="left")
    return figure


def _across(rows: pd.DataFrame, names: Sequence[str]) -> str:
    """Return the parameter for the horizontal axis."""
    numeric = [name for name in names if pd.api.types.is_numeric_dtype(rows[name])]
    return max(numeric or names, key=lambda name: rows[name].nunique())


def _draw_line(axes: Axes, rows: pd.DataFrame, across: str, label: str, colour: str) -> None:
    ordered = rows.sort_values(across, kind="stable") if pd.api.types.is_numeric_dtype(rows[across]) else rows
    where = ordered[across]
    if not pd.api.types.is_numeric_dtype(where) or where.dtype == bool:
        where = where.astype(str)
    axes.plot(where, ordered["value"].astype(float), marker="o", ms=3.5, lw=1.4, color=colour, label=label)
    low, high = (ordered[end].astype(float).to_numpy() for end in ("low", "high"))
    if np.isfinite(low).any():
        axes.fill_between(where, low, high, color=colour, alpha=0.15, lw=0)


def _as_text(value: Any) -> str:
    return "unchanged" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= _TITLE_WIDTH else f"{text[: _TITLE_WIDTH - 1]}…"
