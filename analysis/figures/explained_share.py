"""Figures of what explains a price ratio."""

from collections.abc import Mapping
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.figures import style
from analysis.figures.style import BLUE, CLAIM, GREEN, INK, ORANGE, SKY, VERMILION
from analysis.inputs.plain import percent, times

_TITLE_LETTERS = 64
"""Letters of a line of a title beside long names of rows."""

_SPREAD_COLOURS = {"tariff": VERMILION, "remainder": CLAIM}


def spread_without_electricity(free: Mapping[str, tuple[float, float, float]], spread: float) -> Figure:
    """Draw what is left of the claimed price ratio if electricity cost nothing on both sides.

    Parameters
    ----------
    free : mapping
        Case, such as whose tariffs, to 5, 50 and 95 % of what is left [ratio].
    spread : float
        The claimed ratio [ratio].
    """
    middles = sorted({f"{middle:.1f}" for _, middle, _ in free.values()}, key=float)
    left = " to ".join(dict.fromkeys((middles[0], middles[-1])))
    title = (
        f"US prices of tokens are said to be {spread:g} times the Chinese ones;\n"
        f"with free electricity on both sides they would be {left} times"
    )
    figure, axes = style.chart((8.2, 1.5 + 0.55 * (len(free) + 1)), title)
    axes.barh(0, spread, color=CLAIM, height=0.6)
    style.label_right(axes, f"{spread:g}", spread, 0)
    for height, (low, middle, high) in enumerate(free.values(), start=1):
        axes.barh(height, middle, color=BLUE, height=0.6)
        axes.barh(height, spread - middle, left=middle, color=VERMILION, height=0.6, alpha=0.8)
        axes.plot([low, high], [height, height], color=INK, lw=1.2)
        style.label_right(axes, f"{middle:.1f} ({low:.1f} to {high:.1f})", max(spread, high), height)
    style.name_rows(axes, ["as claimed", *(fill(f"free electricity, {case}", 28) for case in free)])
    axes.set_xlim(0.0, 1.28 * max(spread, *(high for _, _, high in free.values())))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_xlabel(
        "US price of tokens over the Chinese one [ratio]\n(blue: what is left, orange: what free "
        "electricity would remove; line: 5 to 95 %;\nmargins stay the same share of the price)"
    )
    return figure


def tariff_effect_factors(effects: pd.DataFrame, names: Mapping[str, str], spread: float) -> Figure:
    """Draw the factor by which the tariff gap moves cost, in all ways to count, by Chinese grid.

    Parameters
    ----------
    effects : pandas.DataFrame
        ``factor`` with its ends, indexed by ``us_tariff``, ``grid`` and ``definition``; the first class of US
        tariff is drawn.
    names : mapping
        Definition to its name.
    spread : float
        The claimed price ratio [ratio].
    """
    us_tariff = effects.index[0][0]
    effects = effects.xs(us_tariff, level="us_tariff")
    grids = list(dict.fromkeys(effects.index.get_level_values("grid")))
    first = effects.xs(grids[0], level="grid")["factor"]
    title = (
        f"From the {grids[0]} to the US tariff, the effect on cost is {times(first.iloc[0])};\n"
        f"on running cost alone {times(first['cash'])}, on electricity alone {times(first['electricity'])}"
    )
    figure, axes = style.chart((8.2, 4.6), title)
    looks = dict(zip(grids, (*zip((BLUE, ORANGE, GREEN), "osD", strict=True),), strict=False))
    for place, (grid, look) in enumerate(looks.items()):
        rows = effects.xs(grid, level="grid").loc[[*names]]
        for height, row in enumerate(rows.itertuples()):
            shifted = height + 0.22 * (place - (len(grids) - 1) / 2.0)
            ends = (row.factor_low, row.factor_high)
            style.draw_interval(axes, shifted, ends, row.factor, look, width=1.6, ms=6)
            style.label_right(axes, times(row.factor), row.factor_high, shifted)
    axes.axvline(1.0, color=INK, lw=0.9)
    style.mark_claim(axes, spread, f"claimed: {spread:g}", -0.75)
    style.log_axis(axes, "x", [0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, spread])
    axes.set_xlim(0.6, 1.8 * spread)
    style.name_rows(axes, [fill(name, 24) for name in names.values()], above=1.0)
    axes.set_xlabel(
        f"cost at the US tariff ({us_tariff.replace('_', ' ')}) over cost at the Chinese one [ratio]\n"
        "(log scale; lines: 5 to 95 %)"
    )
    entries = [style.legend_entry(f"China: {grid}", colour, mark) for grid, (colour, mark) in looks.items()]
    style.legend_below(figure, entries, ncols=len(entries))
    return figure


def spread_parts(parts: pd.DataFrame, spread: float) -> Figure:
    """Draw the parts of the claimed price ratio, as shares of its logarithm, with their intervals.

    `parts` comes from `tables.explained_share`.
    """
    largest = parts["share_of_log_spread"].drop("tariff").idxmax()
    title = (
        f"In a price ratio of {spread:g} the tariff makes {times(parts.loc['tariff', 'factor'])};\n"
        f"the largest part is {_PART_NAMES.get(largest, largest)}, x{parts.loc[largest, 'factor']:.2f}"
    )
    figure, axes = style.chart((8.2, 3.9), title)
    colours = [_SPREAD_COLOURS.get(name, BLUE) for name in parts.index]
    heights = np.arange(len(parts))
    axes.barh(heights, parts["share_of_log_spread"], color=colours, height=0.6)
    _error_bars(axes, heights, parts[["share_of_log_spread", "share_low", "share_high"]], 1, capsize=3)
    for height, row in enumerate(parts.itertuples()):
        style.label_right(axes, times(row.factor), max(row.share_high, 0.0), height)
    axes.axvline(0.0, color=INK, lw=0.8)
    style.name_rows(axes, [fill(_PART_NAMES.get(name, name), 30) for name in parts.index])
    style.percent_axis(axes.xaxis)
    axes.set_xlim(-0.45, 1.5)
    axes.set_xlabel(
        f"share of the logarithm of {spread:g} (bars: medians, which need not sum to 100 %;\n"
        "lines: 5 to 95 %; beside them the factor)"
    )
    return figure


_PART_NAMES = {"remainder": "what cost does not explain"}


def _error_bars(
    axes: Axes, heights: np.ndarray, intervals: pd.DataFrame, width: float, *, capsize: float
) -> None:
    """Draw intervals, given as columns of value, low and high, as lines with caps."""
    value, *ends = intervals.to_numpy(dtype=float).T
    distances = np.abs(ends - value)
    axes.errorbar(value, heights, xerr=distances, fmt="none", ecolor=INK, elinewidth=width, capsize=capsize)


def needed_energy(needed: Mapping[str, pd.Series], measured: tuple[float, float, float]) -> Figure:
    """Draw the energy at which electricity alone would make the spread, beside what is measured.

    `needed` has ``p5``, ``p50``, ``p95`` [kWh per million tokens]; `measured` is least, median, greatest.
    """
    quantiles = {label: tuple(row[["p5", "p50", "p95"]]) for label, row in needed.items()}
    rows = {"measured (GPUs alone)": measured, **quantiles}
    least = min(middle for _, middle, _ in quantiles.values())
    title = "No energy per token is enough for electricity alone to make the spread"
    if np.isfinite(least):
        title = (
            "For electricity alone to make the spread,\n"
            f"a million tokens would need {least:,.0f} kWh or more; measured: {measured[1]:.2g}"
        )
    figure, axes = style.chart((8.2, 1.1 + 0.55 * len(rows)), title)
    right = 1e4
    for height, (low, middle, high) in enumerate(rows.values()):
        style.draw_band(axes, height, (low, min(high, right)), middle, VERMILION if height else BLUE)
        text = (
            f"{middle:,.{0 if middle >= 10.0 else 2}f}"
            if np.isfinite(middle)
            else "no energy is enough: the US tariff is not higher"
        )
        style.label_right(axes, text, min(high, right), height)
    style.name_rows(axes, rows, above=0.5)
    style.log_axis(axes, "x", [0.01, 0.1, 1, 10, 100, 1000, 10000])
    axes.set_xlim(0.004, 1e6)
    axes.set_xlabel(
        "energy [kWh per million tokens] (log scale to 10,000; tick: median; needed: 5 to 95 %, the mix\n"
        "at the meter; measured: least to greatest, output tokens at the GPUs)"
    )
    return figure


def tornado(bars: pd.DataFrame, middle: float, shown: int) -> Figure:
    """Draw how the tariff's share moves with each input from its low to its high, widest first.

    Parameters
    ----------
    bars : pandas.DataFrame
        ``meaning``, ``at_low`` and ``at_high`` by input.
    middle : float
        The share with all inputs at their central values [ratio].
    shown : int
        How many bars.
    """
    chosen = bars.head(shown)
    ends = chosen[["at_low", "at_high"]].to_numpy()
    widest = fill(f"the widest bar: {chosen['meaning'].iloc[0]}", _TITLE_LETTERS)
    title = f"No single assumption lifts the tariff's share above {percent(ends.max())};\n{widest}"
    figure, axes = style.chart((8.2, 1.1 + 0.38 * len(chosen)), title)
    for height, (at_low, at_high) in enumerate(ends):
        axes.barh(height, at_low - middle, left=middle, color=SKY, height=0.62)
        axes.barh(height, at_high - middle, left=middle, color=ORANGE, height=0.62)
    axes.axvline(middle, color=INK, lw=0.9)
    style.name_rows(axes, [fill(text, 44) for text in chosen["meaning"]], fontsize=8)
    style.percent_axis(axes.xaxis, digits=1)
    axes.set_xlabel(
        "tariff's share of the logarithm of the spread, one input moved at a time\n"
        "(blue: at its low, orange: at its high; line: all at their central values)"
    )
    return figure


def sobol_bars(indices: pd.DataFrame, shown: int) -> Figure:
    """Draw first-order and total Sobol indices with their intervals, largest first.

    `indices` holds ``meaning`` and the fields of `analysis.model.sensitivity.SobolIndex` by input.
    """
    chosen = indices.sort_values("total", ascending=False, kind="stable").head(shown)
    top = chosen.iloc[0]
    source = fill(top["meaning"], _TITLE_LETTERS)
    title = f"{percent(top['first'], digits=0)} of the uncertainty comes from one source:\n{source}"
    figure, axes = style.chart((8.2, 1.1 + 0.42 * len(chosen)), title)
    looks = {"first": (-0.18, BLUE, "alone"), "total": (0.18, GREEN, "with interactions")}
    for order, (shift, colour, label) in looks.items():
        heights = np.arange(len(chosen)) + shift
        axes.barh(heights, chosen[order], height=0.34, color=colour, label=label)
        _error_bars(axes, heights, chosen[[order, f"{order}_low", f"{order}_high"]], 0.9, capsize=2)
    style.name_rows(axes, [fill(text, 44) for text in chosen["meaning"]], fontsize=8)
    style.percent_axis(axes.xaxis)
    axes.set_xlabel("share of the variance of the tariff's share (lines: 90 % interval)")
    axes.legend(loc="lower right")
    return figure
