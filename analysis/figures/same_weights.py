"""Figures of the natural experiment: price ratios, the specification curve, one company in two places."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.figures.style import BLACK, BLUE, CLAIM, GREEN, INK, ORANGE, VERMILION, plain_log_axis

RATIO_TICKS = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
CHOICES = ("price", "country", "tariff", "sample")
_FARTHEST = 3.0
"""Elasticities beyond this are cut off at the edge of the figure and marked by an arrow."""


def price_ratios_by_vendor(pairs: pd.DataFrame) -> Figure:
    """Draw output prices of American hosts over the Chinese vendor's, one dot a pair, by vendor.

    `pairs` comes from `tables.same_weights.ratios`. Equal prices stack upwards, so that they can be counted.
    """
    order = pairs.groupby("vendor")["output_ratio"].agg(["size"]).sort_values("size").index.to_list()
    figure, axes = plt.subplots(figsize=(7.4, 0.62 * len(order) + 1.9))
    for row, vendor in enumerate(order):
        part = pairs[pairs["vendor"] == vendor].sort_values(["output_ratio", "weights", "provider_id"])
        places = row + _stacked(part["output_ratio"])
        for equal, colour, marker in ((False, ORANGE, "D"), (True, BLUE, "o")):
            chosen = (part["equal"] == equal).to_numpy()
            axes.plot(
                part["output_ratio"].to_numpy()[chosen],
                places[chosen],
                marker,
                color=colour,
                ms=5,
                mec="white",
                mew=0.5,
            )
        median = float(part["output_ratio"].median())
        axes.plot([median, median], [row - 0.3, row - 0.1], color=BLACK, lw=2.4, solid_capstyle="butt")
    axes.axvline(1.0, color=VERMILION, lw=1.2, zorder=0)
    plain_log_axis(axes, "x", [tick for tick in RATIO_TICKS if tick <= 1.6 * pairs["output_ratio"].max()])
    counts = pairs["vendor"].value_counts()
    axes.set_yticks(range(len(order)), [f"{vendor} ({counts[vendor]})" for vendor in order])
    axes.set_ylim(-0.5, len(order) - 0.3)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(
        "output price of an American host over that of the Chinese vendor (number of pairs in brackets)"
    )
    axes.set_title("The same weights, two countries: prices of open Chinese models")
    handles = [
        Line2D([], [], color=BLUE, marker="o", ls="", label="input and output price equal"),
        Line2D([], [], color=ORANGE, marker="D", ls="", label="not equal"),
        Line2D([], [], color=BLACK, marker="|", ls="", mew=2.4, ms=9, label="median of the vendor"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _stacked(ratios: pd.Series) -> np.ndarray:
    """Return heights that let dots of one place stand above one another, within one row."""
    bins = np.log2(ratios).mul(12).round()
    level = ratios.groupby(bins).cumcount().to_numpy()
    per_level = 0.52 / max(float(level.max()), 10.0)
    return level * per_level


def specification_curve(table: pd.DataFrame, *, claim_low: float, claim_high: float) -> Figure:
    """Draw estimates in order, with their intervals, above the choices that each was made with.

    `table` comes from `tables.same_weights.curve`; the claim is a share of electricity in cost, which an
    elasticity would equal. Thick bars are t intervals, thin ones those of the wild cluster bootstrap.
    """
    rows = table.sort_values(["estimate", *CHOICES], kind="stable").reset_index(drop=True)
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(8.4, 8.6), sharex=True, gridspec_kw={"height_ratios": [1.25, 1.0]}
    )
    above.axhspan(claim_low, claim_high, color=CLAIM, alpha=0.45, lw=0)
    above.axhline(0.0, color=BLACK, lw=1.0)
    colours = {"headquarters": BLUE}
    colour = [colours.get(country, ORANGE) for country in rows["country"]]
    wild = rows[["wild_low", "wild_high"]].clip(-_FARTHEST, _FARTHEST)
    above.vlines(rows.index, wild["wild_low"], wild["wild_high"], color=colour, lw=0.8)
    above.vlines(rows.index, rows["low"], rows["high"], color=colour, lw=2.6, alpha=0.45)
    for column, edge, marker in (("wild_low", -_FARTHEST, "v"), ("wild_high", _FARTHEST, "^")):
        cut = rows.index[rows[column].abs() > _FARTHEST]
        above.plot(cut, np.full(len(cut), edge), marker, color=INK, ms=4, clip_on=False)
    above.scatter(rows.index, rows["estimate"], c=colour, s=14, zorder=3, edgecolors="white", linewidths=0.4)
    above.plot(rows.index, rows["minimum_detectable"], "_", color=GREEN, ms=6, mew=1.8)
    above.set_ylim(-_FARTHEST, _FARTHEST)
    above.set_ylabel("elasticity of price to tariff")
    above.set_title("The elasticity under every combination of choices")
    handles = [
        Line2D([], [], color=BLUE, marker="o", lw=2.6, ms=5, label="tariff of the headquarters"),
        Line2D([], [], color=ORANGE, marker="o", lw=2.6, ms=5, label="tariff where it says it serves"),
        Line2D([], [], color=INK, lw=0.8, label="interval of the wild cluster bootstrap"),
        Patch(color=CLAIM, alpha=0.45, label="if electricity were the claimed share of cost"),
        Line2D([], [], color=GREEN, marker="_", ls="", mew=1.8, label="smallest detectable elasticity"),
        Line2D([], [], color=INK, marker="^", ls="", ms=4, label="goes on"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    _choice_matrix(below, rows)
    return figure


def _choice_matrix(axes: Axes, rows: pd.DataFrame) -> None:
    labels: list[str] = []
    for choice in CHOICES:
        for option in dict.fromkeys(rows.sort_values(choice)[choice]):
            chosen = rows.index[rows[choice] == option]
            axes.plot(chosen, np.full(len(chosen), len(labels)), "|", color=INK, ms=6, mew=1.3)
            labels.append(f"{choice}: {option}")
        if choice != CHOICES[-1]:
            axes.axhline(len(labels) - 0.5, color="#BBBBBB", lw=0.8)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", labelsize=8)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xlim(-1, len(rows))
    axes.grid(visible=False)
    axes.set_xlabel("specifications, by estimate")


def within_company_prices(table: pd.DataFrame, label: str) -> Figure:
    """Draw, for each weights, one company's price in a dear place over a cheap one, beside the tariffs.

    `table` holds rows of `tables.same_weights.within_company` of one company and one pair of places;
    `label` says which over which.
    """
    rows = table.sort_values(["output_ratio", "weights"]).reset_index(drop=True)
    first = rows.iloc[0]
    figure, axes = plt.subplots(figsize=(7.6, 0.27 * len(rows) + 1.9))
    axes.axvspan(first["tariff_low"], first["tariff_high"], color=CLAIM, alpha=0.25, lw=0)
    axes.axvline(first["tariff_ratio"], color=VERMILION, lw=1.6)
    axes.axvline(1.0, color=BLACK, lw=0.8)
    axes.hlines(rows.index, rows["input_ratio"], rows["output_ratio"], color="#999999", lw=1.2)
    axes.plot(rows["input_ratio"], rows.index, "s", mec=ORANGE, mfc="white", mew=1.6, ms=8)
    axes.plot(rows["output_ratio"], rows.index, "o", color=BLUE, ms=5)
    axes.set_yticks(rows.index, [name.partition("/")[2] or name for name in rows["weights"]])
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlim(
        0.0, 1.06 * max(rows["output_ratio"].max(), rows["input_ratio"].max(), first["tariff_high"])
    )
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(label)
    axes.set_title("One company, the same weights, two grids")
    handles = [
        Line2D([], [], mec=ORANGE, mfc="white", mew=1.6, ms=8, marker="s", ls="", label="input price"),
        Line2D([], [], color=BLUE, marker="o", ls="", label="output price"),
        Line2D([], [], color=VERMILION, lw=1.6, label="tariff"),
        Patch(color=CLAIM, alpha=0.25, label="tariff, between its ends"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure
