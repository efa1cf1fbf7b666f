"""Figures of the cost of a token and of what explains a price ratio."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures.style import (
    BLUE,
    CLAIM,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    label_right,
    plain_log_axis,
)
from analysis.model.gpu_hour import PARTS
from analysis.model.uncertainty import Bar, SobolIndex

PART_COLOURS = dict(zip(PARTS, (VERMILION, BLUE, SKY, ORANGE, PURPLE), strict=True))
_REMAINDER = "remainder"


def cost_waterfalls(stacks: pd.DataFrame, kind: str) -> Figure:
    """Draw the cost of a kind of token as waterfalls, one a model and place.

    `stacks` comes from `tables.cost_stack.stacks`.
    """
    chosen = stacks.xs(kind, level="kind")
    figure, panels = plt.subplots(1, len(chosen), figsize=(9.6, 3.9))
    for axes, ((model, place), row) in zip(panels, chosen.iterrows(), strict=True):
        below = 0.0
        for number, part in enumerate(PARTS):
            axes.bar(number, row[part], bottom=below, color=PART_COLOURS[part], width=0.75)
            below += row[part]
            axes.annotate(
                f"{row[part] / row['total']:.0%}",
                (number, below),
                (0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=7.5,
            )
        axes.bar(len(PARTS), row["total"], color=INK, width=0.75)
        axes.set_xticks(range(len(PARTS) + 1), [*PARTS, "total"], rotation=60, ha="right", fontsize=7.5)
        axes.set_title(f"{model.rpartition('/')[2]}\n{place}", fontsize=9)
        axes.set_ylim(0.0, row["total"] * 1.14)
        axes.grid(axis="x", visible=False)
    panels[0].set_ylabel(f"cost [USD per million tokens, {kind}]")
    title = "What a million tokens cost, each panel on its own scale"
    figure.suptitle(title, fontsize=10.5, fontweight="bold", x=0.01, ha="left")
    return figure


def electricity_in_cost(stacks: pd.DataFrame, claim: tuple[float, float]) -> Figure:
    """Draw electricity's share of cost by model, place and kind of token beside the claimed share."""
    chosen = stacks[~stacks.index.isin(["cached_input"], level="kind")]
    labels = [f"{model.rpartition('/')[2]}, {place}: {kind}" for model, place, kind in chosen.index]
    figure, axes = plt.subplots(figsize=(8.2, 4.2))
    heights = range(len(chosen))
    axes.barh(heights, chosen["electricity_share"], color=VERMILION, height=0.62)
    for height, share in enumerate(chosen["electricity_share"]):
        label_right(axes, f"{share:.1%}", share, height)
    axes.axvspan(*claim, color=CLAIM, alpha=0.3, lw=0)
    axes.annotate(
        f"the article:\n{claim[0]:.0%} to {claim[1]:.0%}",
        (sum(claim) / 2.0, 0.0),
        ha="center",
        va="center",
        fontsize=8,
    )
    axes.set_yticks(heights, labels, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0.0, 0.75)
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("electricity as a share of cost")
    axes.set_title("Electricity in the cost of a token")
    return figure


def spread_parts(parts: pd.DataFrame, spread: float) -> Figure:
    """Draw the parts of the log spread with their intervals.

    `parts` comes from `tables.explained.parts_table`.
    """
    figure, axes = plt.subplots(figsize=(8.2, 3.7))
    heights = np.arange(len(parts))
    colours = [
        VERMILION if name == "tariff" else CLAIM if name == _REMAINDER else BLUE for name in parts.index
    ]
    axes.barh(heights, parts["share_of_log_spread"], color=colours, height=0.6)
    ends = np.abs(parts[["share_low", "share_high"]].to_numpy().T - parts["share_of_log_spread"].to_numpy())
    axes.errorbar(
        parts["share_of_log_spread"], heights, xerr=ends, fmt="none", ecolor=INK, elinewidth=1, capsize=3
    )
    for height, (_, row) in enumerate(parts.iterrows()):
        label_right(axes, f"x {row['ratio']:.2f}", max(row["share_high"], 0.0), height)
    axes.axvline(0.0, color=INK, lw=0.8)
    axes.set_yticks(heights, [name.replace(" (", "\n(") for name in parts.index])
    axes.invert_yaxis()
    axes.set_xlim(-0.45, 1.5)
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"share of the logarithm of {spread:g} (bars: at the values; lines: 5 to 95 %)")
    axes.set_title(f"What a price ratio of {spread:g} is made of")
    return figure


def answer_at_a_glance(shares: Mapping[str, tuple[float, float, float]], spread: float) -> Figure:
    """Draw the project's answer: the tariff's share of the log spread by scenario and grid.

    `shares` holds 5, 50 and 95 % by label.
    """
    figure, axes = plt.subplots(figsize=(8.2, 2.9))
    for height, (label, (low, middle, high)) in enumerate(shares.items()):
        axes.barh(height, 1.0, color=CLAIM, alpha=0.25, height=0.55)
        axes.barh(height, max(middle, 0.0), color=VERMILION, height=0.55)
        axes.plot([low, high], [height, height], color=INK, lw=1.2)
        label_right(axes, f"{middle:.1%} ({low:.1%} to {high:.1%})", max(high, 0.0) + 0.01, height)
        axes.annotate(label, (0.99, height), ha="right", va="center", fontsize=8.5)
    axes.set_yticks([])
    axes.invert_yaxis()
    axes.set_xlim(-0.01, 1.0)
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("share of the logarithm of the price ratio that the tariff explains (5 to 95 %)")
    axes.set_title(f"How much of the {spread:g} is the tariff of electricity?")
    return figure


def needed_energy(needed: Mapping[str, pd.Series], measured: tuple[float, float, float]) -> Figure:
    """Draw the energy that electricity alone would need to make the spread, beside what is measured.

    `needed` has ``p5``, ``p50``, ``p95`` [kWh per million tokens]; `measured` is least, median, greatest.
    """
    figure, axes = plt.subplots(figsize=(8.2, 0.9 + 0.55 * (len(needed) + 1)))
    rows = [("measured (GPUs alone)", *measured, BLUE)]
    rows += [(label, row["p5"], row["p50"], row["p95"], VERMILION) for label, row in needed.items()]
    right = 1e4
    for height, (_, low, middle, high, colour) in enumerate(rows):
        if np.isfinite(low):
            axes.plot([low, min(high, right)], [height, height], color=colour, lw=6, alpha=0.4)
        if np.isfinite(middle):
            axes.plot(middle, height, "|", color=colour, ms=13, mew=2.5)
        text = f"{middle:.3g}" if np.isfinite(middle) else "median: none would do"
        label_right(axes, text, min(high, right), height)
    axes.set_yticks(range(len(rows)), [row[0] for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    plain_log_axis(axes, "x", [0.01, 0.1, 1, 10, 100, 1000, 10000])
    axes.set_xlim(0.004, 2e5)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(
        "energy [kWh per million tokens] (log scale; tick: median; needed: 5 to 95 %, the mix at the meter;\n"
        "measured: least to greatest, output tokens at the GPUs)"
    )
    axes.set_title("The energy at which electricity alone would make the spread")
    return figure


def tornado(bars: Mapping[str, Bar], middle: float, shown: int) -> Figure:
    """Draw how an output moves with each input from its low to its high, widest first."""
    chosen = list(bars.items())[:shown]
    figure, axes = plt.subplots(figsize=(7.8, 0.9 + 0.3 * len(chosen)))
    for height, (_, bar) in enumerate(chosen):
        axes.barh(height, bar.at_low - middle, left=middle, color=SKY, height=0.62)
        axes.barh(height, bar.at_high - middle, left=middle, color=ORANGE, height=0.62)
    axes.axvline(middle, color=INK, lw=0.9)
    axes.set_yticks(range(len(chosen)), [name.replace("_", " ") for name, _ in chosen])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.1%}")
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("tariff's share of the log spread (blue: input at its low, orange: at its high)")
    axes.set_title("Which assumption matters")
    return figure


def sobol_bars(indices: Mapping[str, SobolIndex], title: str, shown: int) -> Figure:
    """Draw first-order and total Sobol indices with their intervals, largest first."""
    chosen = sorted(indices.items(), key=lambda item: -item[1].total)[:shown]
    figure, axes = plt.subplots(figsize=(7.8, 0.9 + 0.36 * len(chosen)))
    heights = np.arange(len(chosen), dtype=float)
    for shift, colour, label, ends in (
        (-0.18, BLUE, "alone", ("first", "first_low", "first_high")),
        (0.18, GREEN, "with interactions", ("total", "total_low", "total_high")),
    ):
        values = np.array([[getattr(index, end) for end in ends] for _, index in chosen])
        spread = np.abs(values[:, 1:].T - values[:, 0])
        axes.barh(heights + shift, values[:, 0], height=0.34, color=colour, label=label)
        axes.errorbar(
            values[:, 0], heights + shift, xerr=spread, fmt="none", ecolor=INK, elinewidth=0.9, capsize=2
        )
    axes.set_yticks(heights, [name.replace("_", " ") for name, _ in chosen])
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.set_xlabel("share of the variance (lines: 90 % interval)")
    axes.set_title(title)
    axes.legend(loc="lower right")
    return figure
