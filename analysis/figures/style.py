"""One look for all figures: a palette that the colour-blind can tell apart, and settings for stable bytes."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes

# Okabe and Ito's palette, distinct under the common kinds of colour blindness.
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#000000"
CLAIM = "#8C8C8C"
INK = "#333333"

_SETTINGS: Any = {
    "figure.dpi": 100,
    "savefig.dpi": 160,
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#666666",
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.hashsalt": "kwh2token",
    "svg.fonttype": "path",
}


def apply_style() -> None:
    """Set the project's look; the same for notebooks, batch runs and tests."""
    sns.set_theme(style="whitegrid", rc=_SETTINGS)
    mpl.rcParams.update(_SETTINGS)


def note_below(axes: Axes, text: str) -> None:
    """Write a small note under an axes."""
    axes.annotate(
        text,
        xy=(0, 0),
        xycoords="axes fraction",
        xytext=(0, -44),
        textcoords="offset points",
        fontsize=7.5,
        color="#555555",
        va="top",
    )


def mark_claim(axes: Axes, value: float, text: str, height: float) -> None:
    """Draw the article's figure as a vertical line, with its text beside it at a height."""
    axes.axvline(value, color=VERMILION, lw=1.6)
    axes.annotate(
        text,
        (value, height),
        (4, 0),
        textcoords="offset points",
        fontsize=8,
        color=VERMILION,
        va="center",
    )


def label_right(axes: Axes, text: str, right: float, height: float) -> None:
    """Write a value to the right of its mark, readable over lines."""
    axes.annotate(
        text,
        (right, height),
        (7, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )


def plain_log_axis(axes: Axes, axis: str, ticks: list[float]) -> None:
    """Make an axis logarithmic with plain numbers at given ticks."""
    chosen = axes.xaxis if axis == "x" else axes.yaxis
    (axes.set_xscale if axis == "x" else axes.set_yscale)("log")
    chosen.set_major_locator(mpl.ticker.FixedLocator(ticks))
    chosen.set_major_formatter(mpl.ticker.FuncFormatter(lambda number, _: f"{number:g}"))
    chosen.set_minor_locator(mpl.ticker.NullLocator())
