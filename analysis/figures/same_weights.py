"""Figures of the natural experiment: measured ratios, predictions, the specification curve, the months."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, CLAIM, GREEN, INK, ORANGE, SKY, VERMILION

RATIO_TICKS = [0.125, 0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 4.0, 8.0]
CHOICES = ("price", "country", "tariff", "sample")
_DOT_AREA, _BINS_PER_DOUBLING, _COUNTED_FROM, _ABOVE = 24.0, 12, 3, 0.2
"""Of a pair [pt2]; bins of ratios drawn as one dot; dots that carry their count; copies, above the others."""


def price_ratios_by_vendor(pairs: pd.DataFrame, mean: pd.Series) -> Figure:
    """Draw output prices of US hosts over the Chinese vendor's by vendor; the area counts pairs.

    `pairs` comes from `tables.same_weights`, `mean` is the row of all of them in `tables.pass_through`.
    """
    counts = pairs.groupby("maker").size().sort_values()
    title = f"US hosts ask {mean['mean']:.2f} times the Chinese vendor's price; {mean['copies']:.0%} copy it"
    figure, axes = style.chart((7.8, 0.62 * len(counts) + 1.9), title)
    axes.axvspan(mean["low"], mean["high"], color=SKY, alpha=0.3, lw=0)
    axes.axvline(mean["mean"], color=BLUE, lw=1.6)
    axes.axvline(1.0, color=BLACK, lw=0.8)
    bins = np.log2(pairs["output_ratio"]).mul(_BINS_PER_DOUBLING).round()
    places = pairs.groupby(["maker", "equal", bins.rename("bin")])["output_ratio"].agg(["size", "mean"])
    for (maker, equal, _), place in places.iterrows():
        point = (place["mean"], counts.index.get_loc(maker) + (_ABOVE if equal else -_ABOVE))
        looks = {"s": _DOT_AREA * place["size"], "color": BLUE if equal else ORANGE, "alpha": 0.9}
        axes.scatter(*point, edgecolors="white", linewidths=0.6, zorder=3, **looks)
        if equal and place["size"] >= _COUNTED_FROM:
            count = f"{place['size']:.0f}"
            style.label_point(axes, count, point, color="white", ha="center", va="center", zorder=5)
    style.log_axis(axes, "x", [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0])
    axes.set_xlim(0.85 * pairs["output_ratio"].min(), 1.2 * pairs["output_ratio"].max())
    names = [f"{maker}, {number} pair{'s' * (number > 1)}" for maker, number in counts.items()]
    style.name_rows(axes, names, above=0.7, below=0.7, upwards=True)
    axes.set_xlabel("output price of a US host over that of the Chinese vendor [ratio]")
    entries = [
        style.legend_entry("the vendor's input and output price", BLUE, "o", ms=8),
        style.legend_entry("another price", ORANGE, "o", ms=6),
        style.legend_entry("mean of all pairs", BLUE, lw=1.6),
        Patch(color=SKY, alpha=0.3, label="its 95 % interval"),
    ]
    style.legend_below(figure, entries, ncols=4)
    return figure


def measured_and_predicted(measured: pd.DataFrame, predicted: pd.DataFrame) -> Figure:
    """Draw the mean price ratio of each subset of pairs above the ratio that each tariff gap predicts.

    Both come from `tables.pass_through`.
    """
    first, everyone = predicted.iloc[0], measured.iloc[0]
    title = (
        f"With the claimed tariffs and share of cost, hosts would ask at least {first['least']:.1f} times "
        f"the vendor's price; they ask {everyone['mean']:.2f}"
    )
    rows = len(measured) + len(predicted) + 1
    figure, axes = style.chart((8.6, 0.3 * rows + 1.7), title, fontsize=9.5, loc="right")
    axes.axvspan(everyone["low"], everyone["upper"], color=SKY, alpha=0.3, lw=0)
    axes.axvline(1.0, color=BLACK, lw=0.8)
    for height, row in enumerate(measured.itertuples()):
        style.draw_interval(axes, height, (row.low, row.high), row.mean, (BLUE, "o"))
        axes.plot([row.high, row.upper], [height, height], color=BLUE, lw=0.8)
        axes.plot(row.upper, height, "|", color=BLUE, ms=9, mew=1.8)
    for height, row in enumerate(predicted.itertuples(), start=len(measured) + 1):
        axes.plot([row.narrowest, row.least], [height, height], color=ORANGE, lw=1.2)
        axes.plot(row.narrowest, height, "|", color=ORANGE, ms=8, mew=1.8)
        ends = (row.least, row.most_us_site), (row.least_cn_site, row.most)
        for (low, high), colour in zip(ends, (ORANGE, VERMILION), strict=True):
            axes.plot([low, high], [height, height], color=colour, lw=7, solid_capstyle="butt")
            axes.plot([low, high], [height, height], "|", color=colour, ms=7, mew=1.4)
    style.log_axis(axes, "x", RATIO_TICKS)
    gaps = [f"{basis}: US {us} / {cn}" for basis, us, cn in predicted.index]
    ratios = [f"{name} = {ratio:.2f}" for name, ratio in zip(gaps, predicted["tariff_ratio"], strict=True)]
    style.name_rows(axes, [*measured.index, "tariff gap [ratio]:", *ratios], above=0.7, below=0.7, fontsize=8)
    axes.set_xlabel("output price of a US host over that of the Chinese vendor [ratio]")
    entries = [
        style.legend_entry("measured mean, 95 % interval", BLUE, "o", ls="-", lw=2),
        style.legend_entry("one-sided upper bound", BLUE, "|", ms=9, mew=1.8),
        style.legend_entry("predicted, share of cost at the US site", ORANGE, lw=6),
        style.legend_entry("predicted, share at the Chinese site", VERMILION, lw=6),
        style.legend_entry("least prediction at the narrowest gap", ORANGE, "|", ms=8, mew=1.8),
        Patch(color=SKY, alpha=0.3, label="all pairs, up to the bound"),
    ]
    style.legend_below(figure, entries, ncols=3)
    return figure


def specification_curve(rows: pd.DataFrame, *, claim_low: float, claim_high: float) -> Figure:
    """Draw estimates in order, with their intervals, above the choices that each was made with.

    `rows` are those of `tables.tariff_elasticity` that count; the claim is a share of electricity in cost,
    which an elasticity would equal.
    """
    rows = rows.sort_values(["estimate", *CHOICES], kind="stable").reset_index(drop=True)
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(8.4, 7.0), sharex=True, gridspec_kw={"height_ratios": [1.2, 1.0]}
    )
    above.axhspan(claim_low, claim_high, color=CLAIM, alpha=0.45, lw=0)
    above.axhline(0.0, color=BLACK, lw=1.0)
    colours = np.where(rows["country"] == "headquarters", BLUE, ORANGE).tolist()
    above.vlines(rows.index, rows["low"], rows["high"], color=colours, lw=1.6, alpha=0.7)
    above.scatter(rows.index, rows["estimate"], c=colours, s=18, zorder=3, edgecolors="white", linewidths=0.4)
    above.plot(rows["minimum_detectable"], "_", color=GREEN, ms=6, mew=1.8)
    found = f"{rows['estimate'].min():.2f} to {rows['estimate'].max():.2f}" if len(rows) else "none"
    above.set(
        ylabel="elasticity of price to tariff",
        title=f"Elasticity where data could tell: {found}; claimed: {claim_low:.2f} to {claim_high:.2f}",
    )
    _draw_choices(below, rows)
    entries = [
        style.legend_entry("tariff of the headquarters", BLUE, "o", ls="-", lw=1.6, ms=5),
        style.legend_entry("tariff where it says it serves", ORANGE, "o", ls="-", lw=1.6, ms=5),
        Patch(color=CLAIM, alpha=0.45, label="if electricity were the claimed share of cost"),
        style.legend_entry("smallest detectable elasticity", GREEN, "_", mew=1.8),
    ]
    style.legend_below(figure, entries, ncols=2)
    return figure


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
    axes.set(xlim=(-1, max(len(rows), 1)), xlabel="specifications that count, a column each, by estimate")
    axes.tick_params(axis="x", labelbottom=False)


def ratios_by_month(months: pd.DataFrame) -> Figure:
    """Draw the ratio of hosts' to vendors' prices by month, and whence its movement came.

    `months` comes from `tables.same_weights`.
    """
    later = months.iloc[1:]
    stayed, changed = (later["pairs"] - later["entered"]).sum(), later["host_changed"].sum()
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(7.8, 5.6), sharex=True, gridspec_kw={"height_ratios": [1.2, 1.0]}
    )
    places = np.arange(len(months))
    above.fill_between(places, months["ratio_q25"], months["ratio_q75"], color=SKY, alpha=0.3, lw=0)
    above.plot(places, months["ratio_mean"], "o-", color=BLUE, lw=1.8, ms=5)
    above.plot(places, months["chained"], color=VERMILION, lw=1.8)
    above.axhline(1.0, color=BLACK, lw=0.8, zorder=0)
    above.set(
        ylim=(0.0, 1.15 * months[["ratio_q75", "ratio_mean", "chained"]].max(axis=None)),
        ylabel="host over vendor [ratio]",
        title=f"US hosts changed {changed} of {stayed} monthly output prices of Chinese weights",
    )
    below.bar(places, months["entered"], color=BLUE, width=0.7)
    below.bar(places, -months["left"], color=ORANGE, width=0.7)
    moves = months["host_changed"] + months["vendor_changed"]
    below.plot(places[moves > 0], moves[moves > 0], "D", color=VERMILION, ms=6, mec="white")
    below.axhline(0.0, color=BLACK, lw=0.8)
    below.set(ylabel="pairs of host and weights", xlabel="month (end), as the catalogue shows it")
    below.set_xticks(places, months.index, rotation=45, ha="right")
    entries = [
        style.legend_entry("geometric mean", BLUE, "o", ls="-", lw=1.8),
        Patch(color=SKY, alpha=0.3, label="middle half of pairs"),
        style.legend_entry("change within pairs that stay, chained", VERMILION, lw=1.8),
        Patch(color=BLUE, label="pairs that enter"),
        Patch(color=ORANGE, label="pairs that leave"),
        style.legend_entry("pairs with a changed price", VERMILION, "D"),
    ]
    style.legend_below(figure, entries, ncols=3)
    return figure
