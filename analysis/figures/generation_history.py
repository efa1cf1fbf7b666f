"""Figures of generation and capacity since 1949, with the dated claims marked."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLUE, CLAIM, GREEN, INK, ORANGE, PURPLE, VERMILION

LABEL_YEARS = 4
"""Claims this near in time put their labels on different sides."""


def generation_history(table: pd.DataFrame, claims: pd.DataFrame, first_complete_year: int) -> Figure:
    """Draw generation by year on a log axis: lines where every year is known, points before, claims marked.

    Both come from `tables.generation_history`, the claims in TWh.
    """
    looks = {
        "China": (VERMILION, 2.2),
        "US": (BLUE, 1.6),
        "four countries": (ORANGE, 1.6),
        "World": (CLAIM, 1.2),
    }
    figure, axes = style.chart((8.4, 4.6), "Electricity generation and the article's dated claims")
    for name, (colour, width) in looks.items():
        known = table[name].dropna()
        axes.plot(known.loc[first_complete_year:], color=colour, lw=width, label=name)
        axes.plot(known.loc[: first_complete_year - 1], "o", color=colour, ms=6, mec="white")
    style.log_axis(axes, "y", [1, 10, 100, 1000, 10000])
    _mark_claims(figure, axes, claims, "{:,.10g}")
    axes.set(
        xlim=(1945, 2030),
        ylim=(2, 60000),
        xlabel="year; single points where the years between are not known",
        ylabel="generation [TWh] (log scale)",
    )
    return figure


def world_share(table: pd.DataFrame, claims: pd.DataFrame) -> Figure:
    """Draw China's share of world generation, with the claim of a third marked."""
    share = table["China share of world"].dropna()
    ratio = (table["China"] / table["four countries"]).dropna()
    figure, axes = style.chart((7.4, 3.4), "China's generation over the world's and over four countries'")
    axes.plot(share, color=VERMILION, lw=2, label="China over world")
    axes.plot(ratio, color=ORANGE, lw=1.6, label="China over US, India, Russia and Japan together")
    axes.axhline(1, color=INK, lw=0.8)
    _mark_claims(figure, axes, claims, "{:.0%}")
    style.percent_axis(axes.yaxis)
    axes.set(xlim=(share.index.min(), 2029), ylim=(0, float(ratio.max()) * 1.1))
    axes.set(xlabel="year", ylabel="ratio of generation")
    return figure


def capacity_history(table: pd.DataFrame, claims: pd.DataFrame) -> Figure:
    """Draw China's capacity: points where known, wind and solar as lines, claims marked."""
    figure, axes = style.chart((7.8, 4.2), "China's generating capacity and the article's dated claims")
    total = table["China, total"].dropna()
    axes.plot(total, "o", color=VERMILION, ms=6, mec="white", label="China, all capacity (known years)")
    for kind, colour in (("wind", BLUE), ("solar", ORANGE)):
        axes.plot(table[f"China, {kind}"].dropna(), color=colour, lw=1.8, label=f"China, {kind}")
    style.log_axis(axes, "y", [1, 10, 100, 1000])
    _mark_claims(figure, axes, claims, "{:,.10g}")
    axes.set(xlim=(1945, 2030), ylim=(0.1, 12000), xlabel="year", ylabel="capacity [GW] (log scale)")
    return figure


def capacity_ratios(table: pd.DataFrame, claims: pd.DataFrame) -> Figure:
    """Draw wind and solar capacity of China over that of the US, claims marked."""
    figure, axes = style.chart((7.4, 3.6), "Wind and solar capacity, China over the United States")
    for kind, colour in (("wind", BLUE), ("solar", ORANGE)):
        axes.plot(table[f"{kind}, China over US"].dropna(), color=colour, lw=2, label=kind)
    _mark_claims(figure, axes, claims, "{:.0f}x")
    axes.set(xlim=(2000, 2028), ylim=(0, 7), xlabel="year", ylabel="China over US")
    return figure


def _mark_claims(figure: Figure, axes: Axes, claims: pd.DataFrame, form: str) -> None:
    """Mark each claim at its year, met as a circle, missed as a cross, and explain all marks below."""
    single = claims.drop_duplicates(["year", "stated"]).sort_values(["year", "stated"])
    cluster = (single["year"].diff() >= LABEL_YEARS).cumsum()
    above = single.groupby(cluster).cumcount() % 2 == 1
    looks: dict[bool, style.Looks] = {
        True: {"color": GREEN, "marker": "o", "mfc": "none"},
        False: {"color": PURPLE, "marker": "X"},
    }
    for claim, is_above in zip(single.itertuples(), above, strict=True):
        point = (claim.year, claim.stated)
        axes.plot(*point, ls="none", ms=10, mew=1.8, **looks[claim.met])
        offset, side = ((0, 9), "bottom") if is_above else ((0, -9), "top")
        style.label_point(axes, form.format(claim.stated), point, offset, ha="center", va=side, fontsize=7.5)
    lines, _ = axes.get_legend_handles_labels()
    met = style.legend_entry("claim met", GREEN, "o", mfc="none", mew=1.8, ms=9)
    style.legend_below(figure, [*lines, met, style.legend_entry("claim missed", PURPLE, "X", ms=9)], ncols=3)
