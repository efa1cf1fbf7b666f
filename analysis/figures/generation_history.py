"""Figures of generation and capacity since 1949, with the dated claims marked."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from analysis.figures.style import BLUE, CLAIM, GREEN, INK, ORANGE, PURPLE, VERMILION, plain_log_axis

LABEL_YEARS = 4
"""Claims this near in time put their labels on different sides."""


def generation_history(table: pd.DataFrame, claims: pd.DataFrame, first_complete_year: int) -> Figure:
    """Draw generation by year on a log axis: lines where every year is known, points before, claims marked.

    `table` comes from `tables.history.generation`, `claims` from `tables.history.dated_claims` in TWh.
    """
    figure, axes = plt.subplots(figsize=(8.4, 4.6))
    looks = {
        "China": (VERMILION, 2.2),
        "US": (BLUE, 1.6),
        "four countries": (ORANGE, 1.6),
        "World": (CLAIM, 1.2),
    }
    for name, (colour, width) in looks.items():
        complete = table.loc[first_complete_year:, name].dropna()
        axes.plot(complete.index, complete, color=colour, lw=width, label=name)
        before = table.loc[: first_complete_year - 1, name].dropna()
        axes.plot(before.index, before, "o", color=colour, ms=6, mec="white")
    plain_log_axis(axes, "y", [1, 10, 100, 1000, 10000])
    _mark_claims(axes, claims, "{:,.10g}")
    axes.set_ylim(2, 60000)
    axes.set_xlim(1945, 2030)
    axes.set_xlabel("year; single points where the years between are not known")
    axes.set_ylabel("generation [TWh] (log scale)")
    axes.set_title("Electricity generation and the article's dated claims")
    _legend(figure, axes)
    return figure


def world_share(table: pd.DataFrame, claims: pd.DataFrame) -> Figure:
    """Draw China's share of world generation, with the claim of a third marked."""
    figure, axes = plt.subplots(figsize=(7.4, 3.4))
    share = table["China share of world"].dropna()
    axes.plot(share.index, share, color=VERMILION, lw=2, label="China over world")
    ratio = (table["China"] / table["four countries"]).dropna()
    axes.plot(
        ratio.index, ratio, color=ORANGE, lw=1.6, label="China over US, India, Russia and Japan together"
    )
    axes.axhline(1, color=INK, lw=0.8)
    _mark_claims(axes, claims, "{:.0%}")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlim(share.index.min(), 2029)
    axes.set_ylim(0, float(ratio.max()) * 1.1)
    axes.set_xlabel("year")
    axes.set_ylabel("ratio of generation")
    axes.set_title("China's generation over the world's and over four countries'")
    _legend(figure, axes)
    return figure


def capacity_history(table: pd.DataFrame, claims: pd.DataFrame) -> Figure:
    """Draw China's capacity: points where known, wind and solar as lines, claims marked."""
    figure, axes = plt.subplots(figsize=(7.8, 4.2))
    total = table["China, total"].dropna()
    axes.plot(
        total.index, total, "o", color=VERMILION, ms=6, mec="white", label="China, all capacity (known years)"
    )
    for kind, colour in (("wind", BLUE), ("solar", ORANGE)):
        series = table[f"China, {kind}"].dropna()
        axes.plot(series.index, series, color=colour, lw=1.8, label=f"China, {kind}")
    plain_log_axis(axes, "y", [1, 10, 100, 1000])
    _mark_claims(axes, claims, "{:,.10g}")
    axes.set_ylim(0.1, 12000)
    axes.set_xlim(1945, 2030)
    axes.set_xlabel("year")
    axes.set_ylabel("capacity [GW] (log scale)")
    axes.set_title("China's generating capacity and the article's dated claims")
    _legend(figure, axes)
    return figure


def capacity_ratios(table: pd.DataFrame, claims: pd.DataFrame) -> Figure:
    """Draw wind and solar capacity of China over that of the US, claims marked."""
    figure, axes = plt.subplots(figsize=(7.4, 3.6))
    for kind, colour in (("wind", BLUE), ("solar", ORANGE)):
        ratio = table[f"{kind}, China over US"].dropna()
        axes.plot(ratio.index, ratio, color=colour, lw=2, label=kind)
    _mark_claims(axes, claims, "{:.0f}x")
    axes.set_xlim(2000, 2028)
    axes.set_ylim(0, 7)
    axes.set_xlabel("year")
    axes.set_ylabel("China over US")
    axes.set_title("Wind and solar capacity, China over the United States")
    _legend(figure, axes)
    return figure


def _mark_claims(axes: Axes, claims: pd.DataFrame, form: str) -> None:
    """Mark each claim at its year: met as a circle, missed as a cross."""
    single = claims.drop_duplicates(["year", "stated"]).sort_values(["year", "stated"])
    cluster = (single["year"].diff() >= LABEL_YEARS).cumsum()
    above = single.groupby(cluster).cumcount() % 2 == 1
    for (_, claim), is_above in zip(single.iterrows(), above, strict=True):
        colour, marker = (GREEN, "o") if claim["met"] else (PURPLE, "X")
        axes.plot(
            claim["year"],
            claim["stated"],
            marker,
            color=colour,
            ms=10,
            mfc="none" if claim["met"] else colour,
            mew=1.8,
        )
        axes.annotate(
            form.format(claim["stated"]),
            (claim["year"], claim["stated"]),
            (0, 9 if is_above else -9),
            textcoords="offset points",
            ha="center",
            va="bottom" if is_above else "top",
            fontsize=7.5,
        )


def _legend(figure: Figure, axes: Axes) -> None:
    marks = [
        Line2D([], [], color=GREEN, marker="o", mfc="none", mew=1.8, ms=9, ls="none", label="claim met"),
        Line2D([], [], color=PURPLE, marker="X", ms=9, ls="none", label="claim missed"),
    ]
    handles, _ = axes.get_legend_handles_labels()
    figure.legend(handles=[*handles, *marks], loc="outside lower center", ncols=3)
