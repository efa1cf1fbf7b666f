"""Figures of the energy claims, of what tariffs can explain, and of token shares."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLUE, CLAIM, GREEN, INK, ORANGE, PURPLE, VERMILION
from analysis.inputs import units


def energy_ladder(ladder: pd.DataFrame) -> Figure:
    """Draw energy per million tokens on a log axis, the printed claim, its other reading, and measurements.

    `ladder` comes from `tables.electricity_to_token`.
    """
    figure, axes = style.chart((8.2, 3.8), "Energy per token, claimed and measured")
    for place, row in enumerate(ladder.itertuples()):
        colour = BLUE if row.grade == "A" else VERMILION
        style.draw_band(axes, place, (row.low, row.high), row.value, colour, solid_capstyle="butt")
        shown = f"{row.value:,.0f}" if row.value >= 1000.0 else f"{row.value:.3g}"
        style.label_right(axes, shown, row.high, place)
    style.log_axis(axes, "x", [0.01, 0.1, 1, 10, 100, 1000, 10000])
    style.name_rows(axes, ladder.index, above=0.6)
    axes.set(
        xlim=(0.004, 60000), xlabel="energy [kWh per million tokens] (log scale; tick: middle or median)"
    )
    both_ways = (partial(units.joules_per_token, tokens=units.TOKENS_PER_MTOK), units.kwh_per_mtok)
    axes.secondary_xaxis("top", functions=both_ways).set_xlabel("[J per token]", fontsize=8)
    return figure


def training_energy(rows: pd.DataFrame, claim: float) -> Figure:
    """Draw the energy of training runs on a log axis beside the claim; `rows` are facts in GWh."""
    figure, axes = style.chart((7.4, 2.9), "Training runs of large models")
    for place, row in enumerate(rows.itertuples()):
        look = (ORANGE, "D") if "undisclosed" in row.basis else (BLUE, "o")
        style.draw_interval(axes, place, (row.low, row.high), row.value, look)
        style.label_right(axes, f"{row.value:g}", row.high, place)
    style.mark_claim(axes, claim, f"the article: over {claim:g}", -0.62)
    style.log_axis(axes, "x", [1, 3, 10, 30, 100, 300])
    style.name_rows(axes, rows["subject"], above=0.9)
    axes.set(xlim=(0.8, 700))
    axes.set_xlabel("energy of one training run [GWh] (log scale; diamonds: size not disclosed)")
    return figure


def cost_ratio_bounds(ratios: pd.DataFrame, claim: float) -> Figure:
    """Draw the cost ratio that electricity share and tariffs can make, beside the claimed spread.

    `ratios` comes from `tables.electricity_to_token`.
    """
    figure, axes = style.chart((7.6, 3.3), "What the claimed share and tariffs can explain")
    least = 0.9
    by_tariffs = ratios.replace(np.inf, np.nan).groupby("tariffs", sort=False)
    for place, (_, rows) in enumerate(by_tariffs):
        for lane, site, colour in ((-0.14, "expensive", BLUE), (0.14, "cheap", ORANGE)):
            found = rows[f"share_at_{site}_site"]
            low, high = found.min(), found.max()
            if np.isfinite(high):
                least = min(least, 0.95 * low)
                axes.plot([low, high], [place + lane] * 2, color=colour, lw=5, solid_capstyle="butt")
                style.label_right(axes, f"{low:.2f}-{high:.2f}", high, place + lane)
    axes.plot([], [], color=BLUE, lw=5, label="share counted where power is expensive")
    axes.plot([], [], color=ORANGE, lw=5, label="share counted where power is cheap")
    axes.axvline(claim, color=VERMILION, lw=1.6, label=f"claimed spread {claim:g}")
    axes.axvline(1, color=INK, lw=1)
    style.log_axis(axes, "x", [1, 2, 3, 5, 10, 20])
    style.name_rows(axes, ratios["tariffs"].unique(), above=0.6)
    axes.set(xlim=(least, 24), xlabel="cost ratio that electricity alone can make (log scale)")
    style.legend_below(figure, ncols=3)
    return figure


def token_denominators(shares: pd.DataFrame, claim: float) -> Figure:
    """Draw the Chinese share of tokens for each denominator; `shares` comes from `tables.token_share`."""
    looks = {
        "top ten models": (PURPLE, "D"),
        "models on the weekly list": (ORANGE, "s"),
        "all traffic": (BLUE, "o"),
    }
    figure, axes = style.chart((8.0, 3.5), "One platform, several denominators")
    for place, row in enumerate(shares.itertuples()):
        colour, marker = looks[row.basis]
        axes.plot(row.share, place, marker, color=colour, ms=9, mec="white")
        style.label_right(axes, f"{row.share:.1%} (grade {row.grade})", row.share, place)
    style.mark_claim(axes, claim, f"the article: {claim:.0%}", -0.7)
    style.name_rows(axes, shares.index, above=1.0)
    style.percent_axis(axes.xaxis)
    axes.set(xlim=(0.3, 0.85), xlabel="Chinese share of the tokens counted")
    return figure


def weekly_tokens(weekly: pd.DataFrame, claim: float) -> Figure:
    """Draw weekly tokens of Chinese and US models on the list: points, since weeks are missing."""
    figure, axes = style.chart((7.2, 3.2), "Weekly tokens of the models on the list")
    days = pd.to_datetime(weekly.index)
    for name, colour, marker in (("Chinese models", VERMILION, "o"), ("US models", BLUE, "s")):
        axes.plot(days, weekly[name], marker, color=colour, ms=8, mec="white", label=name)
    axes.axhline(claim, color=GREEN, lw=1, ls="--", label=f"claimed peak {claim:g}")
    axes.axhline(0, color=CLAIM, lw=0.8)
    axes.set_xticks(days, [f"{day:%d %b}" for day in days])
    axes.set(xlabel="first day of the week, 2026", ylabel="tokens in the week [trillion]")
    axes.set_ylim(0, float(weekly.max().max()) * 1.15)
    axes.legend(loc="lower right", ncols=3)
    return figure
