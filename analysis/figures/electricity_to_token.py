"""Figures of the energy claims, of what tariffs can explain, and of token shares."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from analysis.figures.style import (
    BLUE,
    CLAIM,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    VERMILION,
    label_right,
    mark_claim,
    plain_log_axis,
)
from analysis.inputs.units import TOKENS_PER_MTOK, joules_per_token

J_PER_TOKEN = float(joules_per_token(1.0, TOKENS_PER_MTOK))


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 1000.0 else f"{number:.3g}"


def energy_ladder(ladder: pd.DataFrame) -> Figure:
    """Draw energy per million tokens on a log axis, the printed claim, its other reading, and measurements.

    `ladder` comes from `tables.contradictions.energy_ladder`.
    """
    figure, axes = plt.subplots(figsize=(8.2, 3.8))
    for place, (_, row) in enumerate(ladder.iterrows()):
        colour = BLUE if row["grade"] == "A" else VERMILION
        axes.plot(
            [row["low"], row["high"]], [place, place], color=colour, lw=6, alpha=0.4, solid_capstyle="butt"
        )
        axes.plot(row["value"], place, "|", color=colour, ms=13, mew=2.5)
        label_right(axes, _short(row["value"]), row["high"], place)
    plain_log_axis(axes, "x", [0.01, 0.1, 1, 10, 100, 1000, 10000])
    axes.set_xlim(0.004, 60000)
    axes.set_yticks(range(len(ladder)), list(ladder.index))
    axes.set_ylim(len(ladder) - 0.5, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("energy [kWh per million tokens] (log scale; tick: middle or median)")
    axes.set_title("Energy per token, claimed and measured")
    top = axes.secondary_xaxis(
        "top",
        functions=(
            lambda kwh: np.asarray(kwh) * J_PER_TOKEN,
            lambda joules: np.asarray(joules) / J_PER_TOKEN,
        ),
    )
    top.set_xlabel("[J per token]", fontsize=8)
    return figure


def training_energy(rows: pd.DataFrame, claim: float) -> Figure:
    """Draw the energy of training runs on a log axis beside the claim; `rows` are facts in GWh."""
    figure, axes = plt.subplots(figsize=(7.4, 2.9))
    for place, (_, row) in enumerate(rows.iterrows()):
        disclosed = "undisclosed" not in row["basis"]
        colour = BLUE if disclosed else ORANGE
        axes.plot([row["low"], row["high"]], [place, place], color=colour, lw=2)
        axes.plot(row["value"], place, "o" if disclosed else "D", color=colour, ms=7, mec="white")
        label_right(axes, f"{row['value']:g}", row["high"], place)
    mark_claim(axes, claim, f"the article: over {claim:g}", -0.62)
    plain_log_axis(axes, "x", [1, 3, 10, 30, 100, 300])
    axes.set_xlim(0.8, 700)
    axes.set_yticks(range(len(rows)), list(rows["subject"]))
    axes.set_ylim(len(rows) - 0.5, -0.9)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("energy of one training run [GWh] (log scale; diamonds: size not disclosed)")
    axes.set_title("Training runs of large models")
    return figure


def cost_ratio_bounds(ratios: pd.DataFrame, claim: float) -> Figure:
    """Draw the cost ratio that electricity share and tariffs can make, beside the claimed spread.

    `ratios` comes from `tables.contradictions.cost_ratios`.
    """
    figure, axes = plt.subplots(figsize=(7.6, 3.3))
    names = list(dict.fromkeys(ratios["tariffs"]))
    for place, name in enumerate(names):
        rows = ratios[ratios["tariffs"] == name]
        for lane, column, colour in (
            (-0.14, "share_at_dear_site", BLUE),
            (0.14, "share_at_cheap_site", ORANGE),
        ):
            ends = rows[column].replace(np.inf, np.nan).dropna()
            if ends.empty:
                continue
            axes.plot([ends.min(), ends.max()], [place + lane] * 2, color=colour, lw=5, solid_capstyle="butt")
            label_right(axes, f"{ends.min():.2f}-{ends.max():.2f}", ends.max(), place + lane)
    axes.plot([], [], color=BLUE, lw=5, label="share counted where power is dear")
    axes.plot([], [], color=ORANGE, lw=5, label="share counted where power is cheap")
    axes.axvline(claim, color=VERMILION, lw=1.6, label=f"claimed spread {claim:g}")
    axes.axvline(1, color=INK, lw=1)
    plain_log_axis(axes, "x", [1, 2, 3, 5, 10, 20])
    axes.set_xlim(0.9, 24)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("cost ratio that electricity alone can make (log scale)")
    axes.set_title("What the claimed share and tariffs can explain")
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def token_denominators(shares: pd.DataFrame, claim: float) -> Figure:
    """Draw the Chinese share of tokens for each denominator; `shares` comes from `tables.token_share`."""
    figure, axes = plt.subplots(figsize=(8.0, 3.5))
    looks = {
        "top ten models": (PURPLE, "D"),
        "models on the weekly list": (ORANGE, "s"),
        "all traffic": (BLUE, "o"),
    }
    for place, (_, row) in enumerate(shares.iterrows()):
        colour, marker = looks[row["basis"]]
        axes.plot(row["share"], place, marker, color=colour, ms=9, mec="white")
        label_right(axes, f"{row['share']:.1%} (grade {row['grade']})", row["share"], place)
    mark_claim(axes, claim, f"the article: {claim:.0%}", -0.7)
    axes.set_yticks(range(len(shares)), list(shares.index))
    axes.set_ylim(len(shares) - 0.5, -1.0)
    axes.set_xlim(0.3, 0.85)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("Chinese share of the tokens counted")
    axes.set_title("One platform, several denominators")
    return figure


def weekly_tokens(weekly: pd.DataFrame, claim: float) -> Figure:
    """Draw weekly tokens of Chinese and US models on the list: points, since weeks are missing."""
    figure, axes = plt.subplots(figsize=(7.2, 3.2))
    days = pd.to_datetime(weekly.index)
    for name, colour, marker in (("Chinese models", VERMILION, "o"), ("US models", BLUE, "s")):
        axes.plot(days, weekly[name], marker, color=colour, ms=8, mec="white", label=name)
    axes.axhline(claim, color=GREEN, lw=1, ls="--", label=f"claimed peak {claim:g}")
    axes.axhline(0, color=CLAIM, lw=0.8)
    axes.set_ylim(0, float(weekly.max().max()) * 1.15)
    axes.set_xticks(days, [f"{day:%d %b}" for day in days])
    axes.set_ylabel("tokens in the week [trillion]")
    axes.set_xlabel("first day of the week, 2026")
    axes.set_title("Weekly tokens of the models on the list")
    axes.legend(loc="lower right", ncols=3)
    return figure
