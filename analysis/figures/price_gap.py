"""Figures of the price gap: claims beside evidence, ratios, parts of a delivered kWh, history."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.figures.style import (
    BLACK,
    BLUE,
    CLAIM,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
    note_below,
    plain_log_axis,
)
from analysis.tables.price_evidence import LAYERS

LAYER_LOOK = dict(zip(LAYERS, ((SKY, "s"), (VERMILION, "D"), (BLUE, "o")), strict=True))
PART_LOOK = {
    "energy": ("energy", SKY),
    "loss": ("grid losses", YELLOW),
    "t_and_d": ("transmission and distribution", BLUE),
    "demand": ("demand charge", GREEN),
    "system": ("system operating cost", ORANGE),
    "funds": ("government funds", PURPLE),
}
_LANE = 0.2


def price_gap(verdicts: pd.DataFrame, currency: str) -> Figure:
    """Draw each region's claimed range beside the evidence of each layer, with the verdicts."""
    regions = list(dict.fromkeys(verdicts["region"]))
    figure, axes = plt.subplots(figsize=(8.6, 5.0))
    right = float(np.nanmax(verdicts[["claim_high", "evidence_high"]].to_numpy()))
    for place, region in enumerate(regions):
        rows = verdicts[verdicts["region"] == region]
        claim = rows.iloc[0]
        _draw_claim(axes, place - 1.5 * _LANE, claim["claim_low"], claim["claim_high"])
        for lane, (_, row) in enumerate(rows.iterrows(), start=1):
            height = place + (lane - 1.5) * _LANE
            colour, marker = LAYER_LOOK[row["layer"]]
            _draw_range(
                axes, height, row["evidence_low"], row["evidence_value"], row["evidence_high"], colour, marker
            )
            grade = f" (grade {row['grade']})" if row["grade"] else ""
            axes.text(right * 1.04, height, f"{row['verdict']}{grade}", fontsize=7.5, color=INK, va="center")
    axes.set_yticks(range(len(regions)), regions)
    axes.set_ylim(len(regions) - 0.45, -0.6)
    axes.set_xlim(0, right * 1.02)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"price of electricity [{currency}/kWh]")
    axes.set_title("What the article says industry pays, and what independent prices say")
    axes.text(
        right * 1.04, -0.52, "verdict on the article", fontsize=8, fontweight="bold", color=INK, va="center"
    )
    _layer_legend(figure)
    return figure


def _draw_claim(axes: Axes, height: float, low: float, high: float) -> None:
    if low == high:
        axes.plot(low, height, "|", color=CLAIM, ms=10, mew=4)
    axes.plot([low, high], [height, height], color=CLAIM, lw=7, solid_capstyle="butt")


def _draw_range(
    axes: Axes, height: float, low: float, value: float, high: float, colour: str, marker: str
) -> None:
    axes.plot([low, high], [height, height], color=colour, lw=1.8)
    axes.plot(value, height, marker, color=colour, ms=5.5, mec="white", mew=0.6)


def _layer_legend(figure: Figure) -> None:
    handles: list[Patch | Line2D] = [Patch(color=CLAIM, label="the article")]
    handles += [
        Line2D([], [], color=colour, marker=marker, label=layer)
        for layer, (colour, marker) in LAYER_LOOK.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)


def price_ratios(claims: pd.DataFrame, evidence: pd.DataFrame) -> Figure:
    """Draw foreign over Chinese price ratios: the claim beside each layer of the main year, log scale.

    `claims` comes from `tables.price_gap.ratio_matrix`, `evidence` from `tables.evidence.ratios`.
    """
    names = list(dict.fromkeys(evidence["ratio"]))
    pairs = [tuple(name.split(" / ")) for name in names]
    figure, axes = plt.subplots(figsize=(7.6, 3.9))
    for place, (name, pair) in enumerate(zip(names, pairs, strict=True)):
        claim = claims.loc[pair]
        height = place - 1.5 * _LANE
        _draw_claim(axes, height, claim["narrowest"], claim["widest"])
        axes.plot(claim["mid"], height, "|", color=BLACK, ms=8, mew=1.6)
        axes.annotate(
            f"{claim['mid']:.2f}",
            (claim["widest"], height),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
        for lane, layer in enumerate(LAYERS, start=1):
            for _, row in evidence[(evidence["ratio"] == name) & (evidence["layer"] == layer)].iterrows():
                colour, marker = LAYER_LOOK[layer]
                height = place + (lane - 1.5) * _LANE
                _draw_range(axes, height, row["low"], row["value"], row["high"], colour, marker)
                axes.annotate(
                    f"{row['value']:.2f}",
                    (row["high"], height),
                    (5, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                    color=colour if colour != SKY else INK,
                )
    plain_log_axis(axes, "x", [0.001, 0.01, 0.1, 0.5, 1, 2, 3, 5, 10, 30, 100, 1000])
    axes.axvline(1, color=INK, lw=1)
    axes.set_yticks(range(len(names)), [name.replace(" average", "") for name in names])
    axes.set_ylim(len(names) - 0.45, -0.6)
    drawn = [
        *evidence["low"],
        *evidence["high"],
        *claims.loc[pairs, ["narrowest", "widest"]].to_numpy().ravel(),
    ]
    axes.set_xlim(0.9 * min(drawn), 1.5 * max(drawn))
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("ratio of electricity prices (1 = same price; log scale)")
    axes.set_title("Foreign over Chinese electricity prices, like against like")
    _layer_legend(figure)
    return figure


def delivered_parts(parts: pd.DataFrame, references: pd.DataFrame, currency: str) -> Figure:
    """Draw what makes up a delivered kWh in Chinese grids.

    `parts` comes from `tables.price_gap.components`; `references` holds ``label``, ``low``, ``value`` and
    ``high`` of prices drawn as bands for comparison.
    """
    figure, axes = plt.subplots(figsize=(8.2, 4.9))
    places = np.arange(len(parts))
    left = np.zeros(len(parts))
    for part, (label, colour) in PART_LOOK.items():
        width = parts[part].to_numpy()
        axes.barh(places, width, left=left, color=colour, label=label, height=0.66, edgecolor="white", lw=0.4)
        left = left + width
    published = parts["published"].to_numpy()
    axes.plot(published, places, "D", color=BLACK, ms=5, label="published tariff", ls="none")
    for (_, row), colour in zip(references.iterrows(), ("#777777", "#222222"), strict=False):
        axes.axvspan(row["low"], row["high"], color=colour, alpha=0.1, lw=0, zorder=0)
        axes.axvline(row["value"], color=colour, ls="--", lw=1.2)
        axes.annotate(
            row["label"],
            (row["value"], len(parts) - 0.1),
            (0, 3),
            textcoords="offset points",
            fontsize=7.5,
            ha="center",
            color=colour,
            annotation_clip=False,
        )
    names = [f"{grid}*" if hub else grid for grid, hub in zip(parts.index, parts["hub"], strict=True)]
    axes.set_yticks(places, names)
    axes.set_ylim(-0.6, len(parts) - 0.1)
    axes.set_xlim(0, float(max(left.max(), np.nanmax(published))) * 1.06)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(
        f"delivered price, large two-part user at 110 kV, VAT in it [{currency}/kWh]    * hub grid"
    )
    energy_share = parts["energy"] / parts["built_up"]
    axes.set_title(
        f"Energy is {energy_share.min():.0%} to {energy_share.max():.0%} of a delivered Chinese kWh", pad=18
    )
    figure.legend(loc="outside lower center", ncols=4)
    return figure


def price_history(history: pd.DataFrame, claims: pd.DataFrame, currency: str, claim_time: float) -> Figure:
    """Draw prices over time: lines for yearly series, points where only single years are known.

    `history` comes from `tables.price_gap.history`, `claims` from `tables.price_gap.scenario_tariffs`.
    """
    looks = {
        "US industrial (EIA)": (BLUE, "o"),
        "EU-27 band IE, 20-70 GWh/year": (ORANGE, "s"),
        "EU-27 band IG, above 150 GWh/year": (GREEN, "^"),
        "China, national figures": (VERMILION, "D"),
        "China, hub reports": (PURPLE, "v"),
    }
    figure, axes = plt.subplots(figsize=(8.6, 4.6))
    for series, (colour, marker) in looks.items():
        rows = history[history["series"] == series]
        line = bool((rows["kind"] == "line").all())
        weak = (rows["grade"] == "C").to_numpy()
        axes.plot(
            rows["time"],
            rows["price"],
            color=colour,
            lw=1.5,
            ls="-" if line else "none",
            label=series,
            marker=marker,
            ms=2.5 if line else 6.5,
            mfc=colour,
            mec="white",
            mew=0.5,
        )
        axes.plot(rows["time"][weak], rows["price"][weak], marker, color=colour, ms=6.5, mfc="white", mew=1.3)
    colours = (VERMILION, PURPLE, BLUE, ORANGE)
    for number, ((region, row), colour) in enumerate(zip(claims.iterrows(), colours, strict=True)):
        time = claim_time + 0.35 * number
        axes.plot(
            [time, time], [row["low"], row["high"]], color=colour, lw=6, alpha=0.45, solid_capstyle="butt"
        )
        axes.annotate(
            str(region).replace(" average", ""),
            (time, row["high"]),
            (0, 4),
            rotation=90,
            textcoords="offset points",
            fontsize=7.5,
            ha="center",
            va="bottom",
        )
    top = max(float(history["price"].max()), float(claims["high"].max()))
    axes.set_ylim(0, top * 1.12)
    axes.set_xlim(float(np.floor(history["time"].min())), claim_time + 0.35 * len(colours))
    axes.set_xticks(range(2010, 2027, 2))
    axes.set_xlabel("year; the bars on the right are the article's ranges for 2026")
    axes.set_ylabel(f"price [{currency}/kWh]")
    axes.set_title("The scissors: industrial electricity prices since 2010 and the article's ranges")
    note_below(
        axes,
        "Points are single years, never joined; hollow points are grade C. US with taxes as billed;\n"
        "EU without recoverable tax; China with VAT, its 2018 point without demand charge.",
    )
    axes.legend(loc="upper left", ncols=2)
    return figure
