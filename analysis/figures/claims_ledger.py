"""Charts of the ledger: every claim over its evidence, and the count of verdicts; history stands apart."""

from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, CLAIM, GREEN, INK, ORANGE, PURPLE, SKY, VERMILION, YELLOW
from analysis.model.verdict import FALSE_BEYOND

VERDICT_LOOK = {
    "holds": (GREEN, "o"),
    "holds within rounding": (SKY, "o"),
    "partly holds": (YELLOW, "o"),
    "understated": (BLUE, "v"),
    "overstated": (ORANGE, "^"),
    "misattributed": (PURPLE, "D"),
    "depends on the class": (INK, "h"),
    "false": (VERMILION, "X"),
    "unsupported": (CLAIM, "s"),
    "undefined": (BLACK, "P"),
}
_HOLDS = ("holds", "holds within rounding")
_HISTORY = "history"
_RATIO_TICKS = [0.25, 0.5, 1, 2, 4]
_EDGE = (0.18, 5.6)
"""Claims further off stand at these edges, with an arrow and their ratio beside it."""

_WITHOUT_RATIO = 9.5
"""Claims without a ratio stand here, right of a dotted line at `_BORDER`."""

_LONGEST, _LETTERS = 54, 42
"""Letters of a claim's name in one line, and of each line where it takes two."""

_BORDER, _FRAME = 7.3, (0.14, 13.0)


def claims_over_evidence(ledger: pd.DataFrame) -> Figure:
    """Draw each claim over its evidence on a log axis, by topic, coloured and marked by verdict.

    `ledger` comes from `claims.evaluate`; what repeats another claim is left out. Ranks, yes-no statements
    and claims without evidence have no ratio; they stand at the right. Topics fill two panels, history last.
    """
    distinct = ledger[ledger["same_as"] == ""]
    parts = _panels(pd.concat(_by_history(distinct)))
    rows = max(len(part) + part["topic"].nunique() for part in parts)
    figure, panels = plt.subplots(1, len(parts), figsize=(6.0 * len(parts), 0.215 * rows + 2.3))
    for axes, part in zip(np.atleast_1d(panels), parts, strict=True):
        _draw_claims(axes, part, rows)
    used = [verdict for verdict in VERDICT_LOOK if verdict in set(distinct["verdict"])]
    entries = [style.legend_entry(word, *VERDICT_LOOK[word], mec=INK, mew=0.5) for word in used]
    style.legend_below(figure, entries, ncols=5)
    style.figure_title(figure, _finding(*(part["verdict"] for part in _by_history(distinct))), 12)
    return figure


def _panels(claims: pd.DataFrame) -> list[pd.DataFrame]:
    """Return claims in parts of about the same height, none torn from its topic; one if one is empty."""
    heights = claims.groupby("topic", sort=False).size() + 1
    left = heights.index[(heights.cumsum() - heights / 2.0) <= heights.sum() / 2.0]
    is_left = claims["topic"].isin(left)
    return [part for part in (claims[is_left], claims[~is_left]) if len(part)]


def _by_history(ledger: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the claims outside history, and those on it."""
    history = ledger["topic"] == _HISTORY
    return ledger[~history], ledger[history]


def _finding(outside: pd.Series, history: pd.Series) -> str:
    """Return how many claims hold by their verdicts, those on history apart where there are some."""
    held = [f"{int(part.isin(_HOLDS).sum())} of {len(part)}" for part in (outside, history)]
    if history.empty:
        return f"{held[0]} claims hold"
    return f"{held[0]} claims outside history hold, rounding included; {held[1]} on the past do"


def _draw_claims(axes: Axes, claims: pd.DataFrame, rows: int) -> None:
    """Draw the claims of one panel, a bold heading over each topic, in a panel with room for some rows."""
    labels: list[str] = []
    headings: list[int] = []
    for topic, of_topic in claims.groupby("topic", sort=False):
        headings.append(len(labels))
        labels.append(str(topic).upper())
        for claim in of_topic.itertuples():
            _draw_claim(axes, claim, len(labels))
            name = f"{claim.quantity}  ({claim.paragraph})"
            labels.append(name if len(name) <= _LONGEST else fill(name, _LETTERS))
    axes.axvspan(1 / FALSE_BEYOND, FALSE_BEYOND, color=CLAIM, alpha=0.12, lw=0)
    axes.axvline(1, color=INK, lw=1)
    axes.axvline(_BORDER, color=CLAIM, lw=0.8, ls=":")
    style.label_point(axes, "no ratio", (_WITHOUT_RATIO, -0.6), ha="center", va="bottom", fontsize=8)
    style.log_axis(axes, "x", _RATIO_TICKS)
    style.name_rows(axes, labels, above=0.8, below=0.6 + rows - len(labels))
    axes.tick_params(axis="y", labelsize=8.5, pad=0)
    for heading in headings:
        axes.get_yticklabels()[heading].set_fontweight("bold")
    axes.set_xlim(_FRAME)
    told = "log scale; shaded: within a factor of two;\nin brackets: paragraph"
    axes.set_xlabel(f"claim over the middle of its evidence\n({told})")


def _draw_claim(axes: Axes, claim: Any, height: float) -> None:
    """Draw one claim at its ratio, at the edge where that is far off, or beside the border without one."""
    colour, marker = VERDICT_LOOK[claim.verdict]
    ratio = float(claim.ratio)
    look: style.Looks = {"color": colour, "ms": 7, "mec": INK, "mew": 0.5}
    if not np.isfinite(ratio):
        axes.plot(_WITHOUT_RATIO, height, marker, **look)
        return
    place = float(np.clip(ratio, *_EDGE))
    axes.plot([1, place], [height, height], color=colour, lw=1.2, alpha=0.8)
    axes.plot(place, height, marker, **look)
    if place != ratio:
        told = f"{ratio:,.0f} \N{RIGHTWARDS ARROW}" if ratio > 1 else f"\N{LEFTWARDS ARROW} {ratio:.2g}"
        inwards, side = (-7, "right") if ratio > 1 else (7, "left")
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        style.label_point(axes, told, (place, height), (inwards, 0), va="center", ha=side, bbox=box)


def verdict_counts(counts: pd.DataFrame) -> Figure:
    """Draw the number of claims by verdict, history apart; `counts` comes from `claims.counts`."""
    outside, history = counts["outside_history"], counts["history"]
    verdicts = pd.Series(counts.index, dtype=str)
    title = _finding(verdicts.repeat(outside), verdicts.repeat(history)).replace("; ", ";\n")
    figure, axes = style.chart((7.4, 3.6), title)
    colours = [VERDICT_LOOK[str(verdict)][0] for verdict in counts.index]
    places = range(len(counts))
    axes.barh(places, outside.to_numpy(), color=colours, height=0.66, edgecolor=INK, lw=0.5)
    axes.barh(
        places,
        history.to_numpy(),
        left=outside.to_numpy(),
        color="white",
        height=0.66,
        edgecolor=colours,
        hatch="////",
        lw=0.8,
    )
    for place, (first, second) in enumerate(zip(outside, history, strict=True)):
        told = f"{first} + {second}" if second else str(first)
        style.label_point(axes, told, (first + second, place), (4, 0), va="center", fontsize=9)
    style.name_rows(axes, [str(word) for word in counts.index], above=0.6, below=0.6)
    axes.set(xlim=(0, float((outside + history).max()) * 1.15 + 1))
    apart = ": outside history (full) + on history (hatched)" if history.any() else ""
    axes.set_xlabel(f"distinct claims{apart}")
    return figure
