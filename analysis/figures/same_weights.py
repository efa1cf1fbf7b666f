"""Figures of the natural experiment: price ratios, the specification curve, one company in two places."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, CLAIM, GREEN, INK, ORANGE, VERMILION

RATIO_TICKS = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
CHOICES = ("price", "country", "tariff", "sample")
_FARTHEST = 3.0
"""Elasticities beyond this are cut off at the edge of the figure and marked by an arrow."""


def price_ratios_by_vendor(pairs: pd.DataFrame) -> Figure:
    """Draw output prices of American hosts over the Chinese vendor's, one dot a pair, by vendor.

    `pairs` comes from `tables.same_weights`. Equal prices stack upwards, so that they can be counted.
    """
    counts = pairs.groupby("vendor").size().sort_values()
    title = "The same weights, two countries: prices of open Chinese models"
    figure, axes = style.chart((7.4, 0.62 * len(counts) + 1.9), title)
    for row, vendor in enumerate(counts.index):
        part = pairs[pairs["vendor"] == vendor].sort_values(["output_ratio", "weights", "provider_id"])
        heights = row + _stacked_heights(part["output_ratio"])
        for equal, colour, marker in ((False, ORANGE, "D"), (True, BLUE, "o")):
            chosen = part["equal"] == equal
            ratios = part.loc[chosen, "output_ratio"]
            axes.plot(ratios, heights[chosen], marker, color=colour, ms=5, mec="white", mew=0.5)
        median = float(part["output_ratio"].median())
        axes.plot([median, median], [row - 0.3, row - 0.1], color=BLACK, lw=2.4, solid_capstyle="butt")
    axes.axvline(1.0, color=VERMILION, lw=1.2, zorder=0)
    style.log_axis(axes, "x", [tick for tick in RATIO_TICKS if tick <= 1.6 * pairs["output_ratio"].max()])
    names = [f"{vendor} ({number})" for vendor, number in counts.items()]
    style.name_rows(axes, names, above=0.7, upwards=True)
    axes.set_xlabel(
        "output price of an American host over that of the Chinese vendor (number of pairs in brackets)"
    )
    entries = [
        style.legend_entry("input and output price equal", BLUE, "o"),
        style.legend_entry("not equal", ORANGE, "D"),
        style.legend_entry("median of the vendor", BLACK, "|", mew=2.4, ms=9),
    ]
    style.legend_below(figure, entries, ncols=3)
    return figure


def _stacked_heights(ratios: pd.Series) -> pd.Series:
    """Return heights that let dots of one place stand above one another, within one row."""
    bins = np.log2(ratios).mul(12).round()
    level = ratios.groupby(bins).cumcount()
    return level * (0.52 / max(float(level.max()), 10.0))


def specification_curve(table: pd.DataFrame, *, claim_low: float, claim_high: float) -> Figure:
    """Draw estimates in order, with their intervals, above the choices that each was made with.

    `table` has a row for each specification; the claim is a share of electricity in cost, which an
    elasticity would equal. Thick bars are t intervals, thin ones those of the wild cluster bootstrap.
    """
    rows = table.sort_values(["estimate", *CHOICES], kind="stable").reset_index(drop=True)
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(8.4, 8.6), sharex=True, gridspec_kw={"height_ratios": [1.25, 1.0]}
    )
    above.axhspan(claim_low, claim_high, color=CLAIM, alpha=0.45, lw=0)
    above.axhline(0.0, color=BLACK, lw=1.0)
    _draw_estimates(above, rows)
    above.set(
        ylim=(-_FARTHEST, _FARTHEST),
        ylabel="elasticity of price to tariff",
        title="The elasticity under every combination of choices",
    )
    _draw_choices(below, rows)
    entries = [
        style.legend_entry("tariff of the headquarters", BLUE, "o", ls="-", lw=2.6, ms=5),
        style.legend_entry("tariff where it says it serves", ORANGE, "o", ls="-", lw=2.6, ms=5),
        style.legend_entry("interval of the wild cluster bootstrap", INK, lw=0.8),
        Patch(color=CLAIM, alpha=0.45, label="if electricity were the claimed share of cost"),
        style.legend_entry("smallest detectable elasticity", GREEN, "_", mew=1.8),
        style.legend_entry("goes on", INK, "^", ms=4),
    ]
    style.legend_below(figure, entries, ncols=2)
    return figure


def _draw_estimates(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw estimates with both intervals, cut off at the edges, and what could have been detected."""
    colours = np.where(rows["country"] == "headquarters", BLUE, ORANGE).tolist()
    wild = rows[["wild_low", "wild_high"]].clip(-_FARTHEST, _FARTHEST)
    axes.vlines(rows.index, wild["wild_low"], wild["wild_high"], color=colours, lw=0.8)
    axes.vlines(rows.index, rows["low"], rows["high"], color=colours, lw=2.6, alpha=0.45)
    for column, edge, marker in (("wild_low", -_FARTHEST, "v"), ("wild_high", _FARTHEST, "^")):
        cut = rows.index[rows[column].abs() > _FARTHEST]
        axes.plot(cut, np.full(len(cut), edge), marker, color=INK, ms=4, clip_on=False)
    axes.scatter(rows.index, rows["estimate"], c=colours, s=14, zorder=3, edgecolors="white", linewidths=0.4)
    axes.plot(rows["minimum_detectable"], "_", color=GREEN, ms=6, mew=1.8)


def _draw_choices(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw a stroke in the row of each choice that an estimate was made with."""
    labels: list[str] = []
    for choice in CHOICES:
        if labels:
            axes.axhline(len(labels) - 0.5, color="#BBBBBB", lw=0.8)
        for option in sorted(rows[choice].unique()):
            chosen = rows.index[rows[choice] == option]
            axes.plot(chosen, np.full(len(chosen), len(labels)), "|", color=INK, ms=6, mew=1.3)
            labels.append(f"{choice}: {option}")
    style.name_rows(axes, labels, above=0.6, below=0.6, fontsize=8)
    axes.grid(visible=False)
    axes.set(xlim=(-1, len(rows)), xlabel="specifications, by estimate")


def within_company_prices(table: pd.DataFrame, label: str) -> Figure:
    """Draw, for each weights, one company's price in a dear place over a cheap one, beside the tariffs.

    `table` holds rows of `tables.same_weights`, of one company and one pair of places;
    `label` says which over which.
    """
    rows = table.sort_values(["output_ratio", "weights"]).reset_index(drop=True)
    tariff = rows.iloc[0]
    figure, axes = style.chart((7.6, 0.27 * len(rows) + 1.9), "One company, the same weights, two grids")
    axes.axvspan(tariff["tariff_low"], tariff["tariff_high"], color=CLAIM, alpha=0.25, lw=0)
    axes.axvline(tariff["tariff_ratio"], color=VERMILION, lw=1.6)
    axes.axvline(1.0, color=BLACK, lw=0.8)
    axes.hlines(rows.index, rows["input_ratio"], rows["output_ratio"], color="#999999", lw=1.2)
    hollow: style.Looks = {"mec": ORANGE, "mfc": "white", "mew": 1.6, "ms": 8}
    axes.plot(rows["input_ratio"], rows.index, "s", **hollow)
    axes.plot(rows["output_ratio"], rows.index, "o", color=BLUE, ms=5)
    names = [name.partition("/")[2] or name for name in rows["weights"]]
    style.name_rows(axes, names, above=0.7, below=0.7, upwards=True)
    right = 1.06 * rows[["input_ratio", "output_ratio", "tariff_high"]].max(axis=None)
    axes.set(xlim=(0.0, right), xlabel=label)
    entries = [
        style.legend_entry("input price", ORANGE, "s", **hollow),
        style.legend_entry("output price", BLUE, "o"),
        style.legend_entry("tariff", VERMILION, lw=1.6),
        Patch(color=CLAIM, alpha=0.25, label="tariff, between its ends"),
    ]
    style.legend_below(figure, entries, ncols=4)
    return figure
