"""Charts of the ledger: every claim over its evidence, and the count of verdicts."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, CLAIM, GREEN, INK, ORANGE, PURPLE, SKY, VERMILION
from analysis.model.verdict import FALSE_BEYOND

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
_RATIO_TICKS = [0.25, 0.5, 1, 2, 5, 10, 100, 1000, 10000, 100000]
_WITHOUT_RATIO = 0.1
"""Claims without a ratio stand here, left of a dotted line."""


def claims_over_evidence(ledger: pd.DataFrame) -> Figure:
    """Draw each claim over its evidence on a log axis, grouped by topic, coloured and marked by verdict.

    `ledger` comes from `claims.evaluate`. Ranks, yes-no statements and claims without evidence have no ratio;
    they stand at the left.
    """
    labels: list[str] = []
    headings: list[int] = []
    height = 0.168 * (len(ledger) + ledger["topic"].nunique()) + 1.5
    title = f"{len(ledger)} claims over the evidence (in brackets: paragraph)"
    figure, axes = style.chart((8.6, height), title, pad=16)
    for topic, claims in ledger.groupby("topic", sort=False):
        headings.append(len(labels))
        labels.append(str(topic).upper())
        for claim in claims.itertuples():
            colour, marker = VERDICT_LOOK[claim.verdict]
            ratio = _WITHOUT_RATIO
            if claim.ratio > 0 and np.isfinite(claim.ratio):
                ratio = claim.ratio
                axes.plot([1, ratio], [len(labels), len(labels)], color=colour, lw=1, alpha=0.6)
            axes.plot(ratio, len(labels), marker, color=colour, ms=6, mec="white", mew=0.5)
            labels.append(f"{claim.quantity}  ({claim.paragraph})")
    axes.axvspan(1 / FALSE_BEYOND, FALSE_BEYOND, color=CLAIM, alpha=0.12, lw=0)
    axes.axvline(1, color=INK, lw=1)
    axes.axvline(0.16, color=CLAIM, lw=0.8, ls=":")
    style.label_point(axes, "no ratio", (_WITHOUT_RATIO, -0.9), ha="center", va="bottom", fontsize=7.5)
    style.log_axis(axes, "x", _RATIO_TICKS)
    style.name_rows(axes, labels, above=1.0, below=0.6)
    axes.tick_params(axis="y", labelsize=7, pad=0)
    for heading in headings:
        axes.get_yticklabels()[heading].set_fontweight("bold")
    axes.set_xlim(0.75 * _WITHOUT_RATIO, 1.6 * _RATIO_TICKS[-1])
    axes.set_xlabel("claim over evidence (log scale; shaded: a factor of two)")
    used = [verdict for verdict in VERDICT_LOOK if verdict in set(ledger["verdict"])]
    entries = [style.legend_entry(verdict, *VERDICT_LOOK[verdict]) for verdict in used]
    style.legend_below(figure, entries, ncols=4)
    return figure


def verdict_counts(counts: pd.Series) -> Figure:
    """Draw the number of claims by verdict; `counts` comes from `claims.counts`."""
    figure, axes = style.chart((7.0, 2.9), f"Verdicts on the article's {int(counts.sum())} claims")
    colours = [VERDICT_LOOK[verdict][0] for verdict in counts.index]
    axes.barh(range(len(counts)), counts.to_numpy(), color=colours, height=0.66)
    for place, number in enumerate(counts):
        style.label_point(axes, str(number), (number, place), (4, 0), va="center", fontsize=9)
    style.name_rows(axes, counts.index, above=0.6, below=0.6)
    axes.set(xlim=(0, float(counts.max()) * 1.12 + 1), xlabel="claims")
    return figure
