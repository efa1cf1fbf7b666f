"""Figures of the API spread: the matrix of ratios, every pair ranked, the spread by kind of token."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, INK, ORANGE, VERMILION

TICKS = [0.5, 1, 2, 5, 10, 20, 50]


def spread_matrix(matrices: Mapping[str, pd.DataFrame], claim: float) -> Figure:
    """Draw US over Chinese list prices as heatmaps, one for each kind of token, two in a row.

    `matrices` maps the kind of token to its ratios, of `tables.api_spread`; cells near the claim are framed.
    """
    lines = -(-len(matrices) // 2)
    figure, panels = plt.subplots(lines, 2, figsize=(10.6, 4.1 * lines + 0.3), squeeze=False)
    values = np.concatenate([ratios.to_numpy().ravel() for ratios in matrices.values()])
    norm = LogNorm(np.nanmin(values), np.nanmax(values))
    for axes in panels.flat[len(matrices) :]:
        axes.set_axis_off()
    for axes, (kind, ratios) in zip(panels.flat, matrices.items(), strict=False):
        _ratio_heatmap(axes, ratios, norm)
        for row, column in zip(*np.nonzero((ratios / claim - 1).abs().to_numpy() < 0.02), strict=True):
            axes.add_patch(Rectangle((column, row), 1, 1, fill=False, ec=VERMILION, lw=2.5))
        axes.set_title(kind if kind == "blended" else f"{kind} tokens")
    bar = figure.colorbar(ScalarMappable(norm, "cividis"), ax=panels, ticks=TICKS, format="%g", shrink=0.6)
    bar.set_label("US over Chinese list price (log scale)")
    bar.ax.minorticks_off()
    figure.supxlabel("Chinese model", fontsize=9)
    figure.supylabel("US model", fontsize=9)
    style.figure_title(figure, f"US over Chinese list prices (frame: within 2 % of {claim:g})", "large")
    return figure


def _ratio_heatmap(axes: Axes, ratios: pd.DataFrame, norm: LogNorm) -> None:
    """Draw ratios as coloured cells with their values, the names of the columns slanted."""
    looks = {"norm": norm, "cmap": "cividis", "linewidths": 0.6, "annot_kws": {"fontsize": 8.5}}
    sns.heatmap(ratios, annot=True, fmt=".1f", ax=axes, cbar=False, **looks)
    axes.grid(visible=False)
    axes.set(xlabel="", ylabel="")
    axes.tick_params(axis="x", rotation=40)
    plt.setp(axes.get_xticklabels(), ha="right", rotation_mode="anchor")
    axes.tick_params(axis="y", rotation=0)


def spread_ranked(ranked: pd.DataFrame, claim: float) -> Figure:
    """Draw every pair of a US and a Chinese model, ranked by its input ratio, with its output ratio."""
    size = (7.4, 0.155 * len(ranked) + 1.6)
    figure, axes = style.chart(size, "Every pair of a US and a Chinese model")
    places = np.arange(len(ranked))
    ratios = ranked[["input", "output"]]
    axes.hlines(places, ratios.min(axis=1), ratios.max(axis=1), color="#CCCCCC", lw=1)
    axes.plot(ranked["input"], places, "o", color=BLUE, ms=4.5, label="input over input")
    hollow: style.Looks = {"mfc": "none", "ms": 6, "mew": 1.3}
    axes.plot(ranked["output"], places, "D", color=ORANGE, label="output over output", **hollow)
    axes.axvline(claim, color=VERMILION, lw=1.4, label=f"the article: {claim:g}")
    axes.axvline(1, color=INK, lw=1)
    style.log_axis(axes, "x", TICKS)
    pairs = zip(ranked["us_model"], ranked["china_model"], strict=True)
    style.name_rows(axes, [f"{us} : {china}" for us, china in pairs], above=0.6, below=0.6)
    axes.tick_params(axis="y", labelsize=6.8, pad=0)
    axes.set_xlabel("US over Chinese list price (log scale)")
    axes.legend(loc="lower right")
    return figure


def spread_strip(ranked: pd.DataFrame, kinds: Sequence[str], claim: float) -> Figure:
    """Draw the spread of all pairs by kind of token, with its median and the claim."""
    title = f"Where {claim:g} stands among all pairs of a US and a Chinese model"
    figure, axes = style.chart((7.6, 3.3), title)
    for place, kind in enumerate(kinds):
        ratios = ranked[kind].dropna().sort_values().to_numpy()
        lanes = place + 0.28 * (np.arange(ratios.size) % 7 - 3) / 3
        axes.plot(ratios, lanes, "o", color=BLUE, ms=4, alpha=0.65, mec="white", mew=0.4)
        median = float(np.median(ratios))
        top = (median, place - 0.36)
        axes.plot([median, median], [place - 0.36, place + 0.36], color=BLACK, lw=2)
        style.label_point(axes, f"median {median:.1f}", top, (0, 2), ha="center", fontsize=7.5)
    style.mark_claim(axes, claim, f"the article: {claim:g}", -0.62)
    axes.axvline(1, color=INK, lw=1)
    style.log_axis(axes, "x", TICKS)
    style.name_rows(axes, kinds, above=0.8, below=0.6)
    axes.set_xlabel("US over Chinese list price, every pair of models (log scale)")
    return figure
