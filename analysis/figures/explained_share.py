"""Figures of what explains a price ratio."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLUE, CLAIM, GREEN, INK, ORANGE, SKY, VERMILION
from analysis.model.uncertainty import Bar, SobolIndex

_SPREAD_COLOURS = {"tariff": VERMILION, "remainder": CLAIM}


def spread_parts(parts: pd.DataFrame, spread: float) -> Figure:
    """Draw the parts of the log spread with their intervals.

    `parts` comes from `tables.explained_share`.
    """
    figure, axes = style.chart((8.2, 3.7), f"What a price ratio of {spread:g} is made of")
    colours = [_SPREAD_COLOURS.get(name, BLUE) for name in parts.index]
    heights = np.arange(len(parts))
    axes.barh(heights, parts["share_of_log_spread"], color=colours, height=0.6)
    _error_bars(axes, heights, parts[["share_of_log_spread", "share_low", "share_high"]], 1, capsize=3)
    for height, row in enumerate(parts.itertuples()):
        style.label_right(axes, f"x {row.ratio:.2f}", max(row.share_high, 0.0), height)
    axes.axvline(0.0, color=INK, lw=0.8)
    style.name_rows(axes, [name.replace(" (", "\n(") for name in parts.index])
    style.percent_axis(axes.xaxis)
    axes.set_xlim(-0.45, 1.5)
    axes.set_xlabel(f"share of the logarithm of {spread:g} (bars: at the values; lines: 5 to 95 %)")
    return figure


def _error_bars(
    axes: Axes, heights: np.ndarray, intervals: pd.DataFrame, width: float, *, capsize: float
) -> None:
    """Draw intervals, given as columns of value, low and high, as lines with caps."""
    value, *ends = intervals.to_numpy(dtype=float).T
    distances = np.abs(ends - value)
    axes.errorbar(value, heights, xerr=distances, fmt="none", ecolor=INK, elinewidth=width, capsize=capsize)


def answer_at_a_glance(shares: Mapping[str, tuple[float, float, float]], spread: float) -> Figure:
    """Draw the project's answer: the tariff's share of the log spread by scenario and grid.

    `shares` holds 5, 50 and 95 % by label.
    """
    figure, axes = style.chart((8.2, 2.9), f"How much of the {spread:g} is the tariff of electricity?")
    for height, (label, (low, middle, high)) in enumerate(shares.items()):
        axes.barh(height, 1.0, color=CLAIM, alpha=0.25, height=0.55)
        axes.barh(height, max(middle, 0.0), color=VERMILION, height=0.55)
        axes.plot([low, high], [height, height], color=INK, lw=1.2)
        style.label_right(axes, f"{middle:.1%} ({low:.1%} to {high:.1%})", max(high, 0.0) + 0.01, height)
        style.label_point(axes, label, (0.99, height), ha="right", va="center", fontsize=8.5)
    style.name_rows(axes, [])  # the names stand in the bars
    style.percent_axis(axes.xaxis)
    axes.set_xlim(-0.01, 1.0)
    axes.set_xlabel("share of the logarithm of the price ratio that the tariff explains (5 to 95 %)")
    return figure


def needed_energy(needed: Mapping[str, pd.Series], measured: tuple[float, float, float]) -> Figure:
    """Draw the energy that electricity alone would need to make the spread, beside what is measured.

    `needed` has ``p5``, ``p50``, ``p95`` [kWh per million tokens]; `measured` is least, median, greatest.
    """
    quantiles = {label: tuple(row[["p5", "p50", "p95"]]) for label, row in needed.items()}
    rows = {"measured (GPUs alone)": measured, **quantiles}
    title = "The energy at which electricity alone would make the spread"
    figure, axes = style.chart((8.2, 0.9 + 0.55 * len(rows)), title)
    right = 1e4
    for height, (low, middle, high) in enumerate(rows.values()):
        style.draw_band(axes, height, (low, min(high, right)), middle, VERMILION if height else BLUE)
        text = f"{middle:.3g}" if np.isfinite(middle) else "median: none would do"
        style.label_right(axes, text, min(high, right), height)
    style.name_rows(axes, rows, above=0.5)
    style.log_axis(axes, "x", [0.01, 0.1, 1, 10, 100, 1000, 10000])
    axes.set_xlim(0.004, 2e5)
    axes.set_xlabel(
        "energy [kWh per million tokens] (log scale; tick: median; needed: 5 to 95 %, the mix at the "
        "meter;\nmeasured: least to greatest, output tokens at the GPUs)"
    )
    return figure


def tornado(bars: Mapping[str, Bar], middle: float, shown: int) -> Figure:
    """Draw how an output moves with each input from its low to its high, widest first."""
    chosen = dict(list(bars.items())[:shown])
    figure, axes = style.chart((7.8, 0.9 + 0.3 * len(chosen)), "Which assumption matters")
    for height, bar in enumerate(chosen.values()):
        axes.barh(height, bar.at_low - middle, left=middle, color=SKY, height=0.62)
        axes.barh(height, bar.at_high - middle, left=middle, color=ORANGE, height=0.62)
    axes.axvline(middle, color=INK, lw=0.9)
    style.name_rows(axes, [name.replace("_", " ") for name in chosen])
    style.percent_axis(axes.xaxis, digits=1)
    axes.set_xlabel("tariff's share of the log spread (blue: input at its low, orange: at its high)")
    return figure


def sobol_bars(indices: Mapping[str, SobolIndex], title: str, shown: int) -> Figure:
    """Draw first-order and total Sobol indices with their intervals, largest first."""
    table = pd.DataFrame.from_dict(indices, orient="index", columns=list(SobolIndex._fields))
    chosen = table.sort_values("total", ascending=False, kind="stable").head(shown)
    figure, axes = style.chart((7.8, 0.9 + 0.36 * len(chosen)), title)
    looks = {"first": (-0.18, BLUE, "alone"), "total": (0.18, GREEN, "with interactions")}
    for order, (shift, colour, label) in looks.items():
        heights = np.arange(len(chosen)) + shift
        axes.barh(heights, chosen[order], height=0.34, color=colour, label=label)
        _error_bars(axes, heights, chosen[[order, f"{order}_low", f"{order}_high"]], 0.9, capsize=2)
    style.name_rows(axes, [name.replace("_", " ") for name in chosen.index])
    style.percent_axis(axes.xaxis)
    axes.set_xlabel("share of the variance (lines: 90 % interval)")
    axes.legend(loc="lower right")
    return figure
