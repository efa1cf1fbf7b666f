"""Figure of the strongest case for electricity: what each channel can do, beside the claimed spread."""

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLUE, CLAIM, GREEN, INK, ORANGE

TICKS = (0.8, 1, 1.5, 2, 3, 5, 10, 20, 40)
ENDS = ["low", "value", "high"]
PATHS = ("All at full cost", "All at cash cost", "US at full, China at cash cost")
"""What the last rows of the steps are called here."""


def strongest_channels(channels: pd.DataFrame, together: pd.DataFrame, spread: float) -> Figure:
    """Draw the factor of each channel and of all together on a log axis up to the claimed spread.

    `channels` and `together` come from `tables.strongest_case`; the first channel is the reference.
    """
    best = channels["value"].iloc[1:].idxmax()
    last = dict(zip(PATHS, together.iloc[-len(PATHS) :][ENDS].to_dict("index").values(), strict=True))
    most = max(row["value"] for row in list(last.values())[:-1])
    told = " ".join(filter(None, (f"{best[0].lower()}{best[1:]}", channels.loc[best, "condition"])))
    title = (
        f"The best single case is {told}: x {channels.loc[best, 'value']:.2f}.\n"
        f"All that fits together makes x {most:.1f}, of a claimed {spread:g}"
    )
    rows = channels[ENDS].to_dict("index") | last
    looks = dict.fromkeys(rows, (BLUE, "o")) | {channels.index[0]: (CLAIM, "s"), best: (ORANGE, "o")}
    looks |= dict.fromkeys(PATHS, (GREEN, "D")) | {PATHS[-1]: (CLAIM, "X")}
    figure, axes = style.chart((8.6, 1.5 + 0.36 * len(rows)), title)
    for height, (name, row) in enumerate(rows.items()):
        low, value, high = (row[end] for end in ENDS)
        style.draw_interval(axes, height, (low, high), value, looks[name])
        style.label_right(axes, f"x {value:.2f} ({low:.2f} to {high:.2f})", high, height)
    axes.axvline(1.0, color=INK, lw=0.9, zorder=0)
    axes.axhline(len(channels) - 0.5, color=CLAIM, lw=0.8)
    style.mark_claim(axes, spread, f"claimed: {spread:g}", -0.85)
    style.log_axis(axes, "x", TICKS)
    least = min(0.85, *(0.95 * row["low"] for row in rows.values()))
    axes.set_xlim(least, 4.0 * max(spread, *(row["high"] for row in rows.values())))
    style.name_rows(axes, list(rows), above=1.2)
    axes.set_xlabel(
        "cost in the US over cost at a Chinese hub, all else alike [ratio] (log scale; mark: at the values;\n"
        "line: all that enters at its low or high end at once)"
    )
    entries = [
        style.legend_entry("tariff, for comparison", CLAIM, "s"),
        style.legend_entry("channel alone", BLUE, "o"),
        style.legend_entry("the strongest", ORANGE, "o"),
        style.legend_entry("together", GREEN, "D"),
        style.legend_entry("mostly sunk capital, not power", CLAIM, "X"),
    ]
    style.legend_below(figure, entries, ncols=5)
    return figure
