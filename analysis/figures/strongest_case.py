"""Figure of the strongest case for electricity: what each channel can do, beside the claimed spread."""

import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLUE, CLAIM, GREEN, INK, ORANGE

TICKS = (0.8, 1, 1.25, 1.5, 2, 3, 5, 10, 20, 40)


def strongest_channels(channels: pd.DataFrame, together: pd.DataFrame, spread: float) -> Figure:
    """Draw the factor of each channel and of all together on a log axis up to the claimed spread.

    `channels` and `together` come from `tables.strongest_case`; the first channel is the reference.
    """
    shown = together[together["path"] != together["path"].iloc[-1]].iloc[-2:]
    best = channels["value"].iloc[1:].idxmax()
    most = shown["value"].max()
    title = (
        f"The best single case is {best[0].lower()}{best[1:]}: x {channels.loc[best, 'value']:.2f}.\n"
        f"All that fits together makes x {most:.1f}, of a claimed {spread:g}"
    )
    ends = ["low", "value", "high"]
    joined = {"All at full cost": shown.iloc[0][ends], "All at cash cost": shown.iloc[1][ends]}
    rows = {**channels[ends].to_dict("index"), **{name: row.to_dict() for name, row in joined.items()}}
    figure, axes = style.chart((8.4, 1.5 + 0.36 * len(rows)), title)
    for height, (name, row) in enumerate(rows.items()):
        colour, marker = BLUE, "o"
        if name in joined:
            colour, marker = GREEN, "D"
        elif height == 0:
            colour, marker = CLAIM, "s"
        elif name == best:
            colour, marker = ORANGE, "o"
        style.draw_interval(axes, height, (row["low"], row["high"]), row["value"], (colour, marker))
        style.label_right(axes, f"x {row['value']:.2f}", max(row["high"], row["value"]), height)
    axes.axvline(1.0, color=INK, lw=0.9, zorder=0)
    axes.axhline(len(channels) - 0.5, color=CLAIM, lw=0.8)
    style.mark_claim(axes, spread, f"claimed:\n{spread:g}", 0.3)
    style.log_axis(axes, "x", TICKS)
    least = min(0.85, *(0.95 * row["low"] for row in rows.values()))
    axes.set_xlim(least, 1.7 * max(spread, *(row["high"] for row in rows.values())))
    style.name_rows(axes, list(rows), above=0.6)
    axes.set_xlabel(
        "cost in the US over cost at a Chinese hub, all else alike [ratio] (log scale; mark: at the values;\n"
        "line: all that enters at its low or high end at once)"
    )
    entries = [
        style.legend_entry("tariff, for comparison", CLAIM, "s"),
        style.legend_entry("channel alone", BLUE, "o"),
        style.legend_entry("the strongest", ORANGE, "o"),
        style.legend_entry("together", GREEN, "D"),
    ]
    style.legend_below(figure, entries, ncols=4)
    return figure
