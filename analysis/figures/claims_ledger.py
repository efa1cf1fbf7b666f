"""Figures of the ledger: every claim over its evidence, and the count of verdicts."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

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
    plain_log_axis,
)

VERDICT_LOOK = {
    "holds": (GREEN, "o"),
    "holds within rounding": (SKY, "o"),
    "overstated": (ORANGE, "^"),
    "understated": (BLUE, "v"),
    "false": (VERMILION, "X"),
    "misattributed": (PURPLE, "D"),
    "unsupported": (CLAIM, "s"),
    "undefined": (BLACK, "P"),
}
_FARTHEST = 1e5
_NO_NUMBER = 0.1


def claims_over_evidence(ledger: pd.DataFrame) -> Figure:
    """Draw each claim over its evidence on a log axis, grouped by topic, coloured and marked by verdict.

    `ledger` comes from `claims.evaluate`. Ranks, yes-no statements and claims without evidence have no ratio;
    they stand at the left.
    """
    topics = list(dict.fromkeys(ledger["topic"]))
    rows: list[tuple[str, pd.Series | None]] = []
    for topic in topics:
        rows.append((topic, None))
        rows += [(topic, claim) for _, claim in ledger[ledger["topic"] == topic].iterrows()]
    figure, axes = plt.subplots(figsize=(8.6, 0.168 * len(rows) + 1.5))
    labels = []
    for place, (topic, claim) in enumerate(rows):
        if claim is None:
            labels.append(topic.upper())
            continue
        labels.append(f"{claim['quantity']}  ({claim['paragraph']})")
        colour, marker = VERDICT_LOOK[claim["verdict"]]
        ratio = claim["ratio"] if claim["ratio"] > 0 else np.nan
        if np.isfinite(ratio):
            axes.plot([1, ratio], [place, place], color=colour, lw=1, alpha=0.6)
        axes.plot(
            ratio if np.isfinite(ratio) else _NO_NUMBER,
            place,
            marker,
            color=colour,
            ms=6,
            mec="white",
            mew=0.5,
        )
    axes.axvspan(0.5, 2, color=CLAIM, alpha=0.12, lw=0)
    axes.axvline(1, color=INK, lw=1)
    axes.axvline(0.16, color=CLAIM, lw=0.8, ls=":")
    plain_log_axis(axes, "x", [0.25, 0.5, 1, 2, 5, 10, 100, 1000, 10000, 100000])
    axes.set_xlim(_NO_NUMBER * 0.75, _FARTHEST * 1.6)
    axes.annotate(
        "no ratio", (_NO_NUMBER, -0.9), fontsize=7.5, ha="center", va="bottom", annotation_clip=False
    )
    axes.set_yticks(range(len(rows)), labels)
    axes.tick_params(axis="y", labelsize=7, pad=0)
    for (_, claim), text in zip(rows, axes.get_yticklabels(), strict=True):
        text.set_fontweight("bold" if claim is None else "normal")
    axes.set_ylim(len(rows) - 0.4, -1.0)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("claim over evidence (log scale; shaded: a factor of two)")
    axes.set_title(f"{len(ledger)} claims over the evidence (in brackets: paragraph)", pad=16)
    used = [verdict for verdict in VERDICT_LOOK if (ledger["verdict"] == verdict).any()]
    handles = [
        Line2D(
            [], [], color=VERDICT_LOOK[verdict][0], marker=VERDICT_LOOK[verdict][1], ls="none", label=verdict
        )
        for verdict in used
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


def verdict_counts(counts: pd.Series) -> Figure:
    """Draw the number of claims by verdict; `counts` comes from `claims.counts`."""
    figure, axes = plt.subplots(figsize=(7.0, 2.9))
    places = np.arange(len(counts))
    axes.barh(
        places, counts.to_numpy(), color=[VERDICT_LOOK[verdict][0] for verdict in counts.index], height=0.66
    )
    for place, number in zip(places, counts, strict=True):
        axes.annotate(
            str(number), (number, place), (4, 0), textcoords="offset points", va="center", fontsize=9
        )
    axes.set_yticks(places, list(counts.index))
    axes.set_ylim(len(counts) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlim(0, float(counts.max()) * 1.12 + 1)
    axes.set_xlabel("claims")
    axes.set_title(f"Verdicts on the article's {int(counts.sum())} claims")
    return figure
