"""Figures of the API spread: every pair ranked, the spread by kind of token."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, INK, ORANGE, VERMILION

TICKS = [0.5, 1, 2, 5, 10, 20, 50]


def spread_ranked(ranked: pd.DataFrame, claim: float) -> Figure:
    """Draw every pair of a US and a Chinese model, ranked by its input ratio, with its output ratio."""
    size = (7.4, 0.155 * len(ranked) + 1.6)
    reached = (ranked["input"].round(1) >= claim).sum()
    title = (
        f"{reached} of {len(ranked)} pairs of a US and a Chinese flagship reach {claim:g} on input;\n"
        f"the median pair is at {ranked['input'].median():.1f}"
    )
    figure, axes = style.chart(size, title)
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
    medians = ranked[list(kinds)].median()
    title = (
        f"The median pair of flagships is {medians.min():.1f} to {medians.max():.1f} times apart,\n"
        f"by kind of token; the article says {claim:g}"
    )
    figure, axes = style.chart((7.6, 3.4), title)
    for place, kind in enumerate(kinds):
        ratios = ranked[kind].dropna().sort_values().to_numpy()
        lanes = place + 0.28 * (np.arange(ratios.size) % 7 - 3) / 3
        axes.plot(ratios, lanes, "o", color=BLUE, ms=4, alpha=0.65, mec="white", mew=0.4)
        median = float(medians[kind])
        top = (median, place - 0.36)
        axes.plot([median, median], [place - 0.36, place + 0.36], color=BLACK, lw=2)
        style.label_point(axes, f"median {median:.1f}", top, (0, 2), ha="center", fontsize=7.5)
    style.mark_claim(axes, claim, f"the article: {claim:g}", -0.62)
    axes.axvline(1, color=INK, lw=1)
    style.log_axis(axes, "x", TICKS)
    style.name_rows(axes, kinds, above=0.8, below=0.6)
    axes.set_xlabel("US over Chinese list price, every pair of models (log scale)")
    return figure
