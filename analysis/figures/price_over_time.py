"""Figures of prices over time: the spread by date, and price moves of one model beside those of tariffs."""

from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, GREEN, INK, SKY, VERMILION

RATIO_TICKS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200]
FACTOR_TICKS = [1, 1.25, 1.5, 2, 3, 4, 5, 7, 10]


def spread_over_time(spreads: pd.DataFrame, claim: float, claim_date: str) -> Figure:
    """Draw US over Chinese list prices by date: median, ends over pairs, ends over the choice of models.

    `spreads` is of `tables.price_over_time.spread_by_date`. Medians of few models are hollow and not joined.
    """
    then, now = spreads.loc[claim_date], spreads.iloc[-1]
    days = pd.to_datetime(spreads.index)
    title = (
        f"US flagships cost {then.blended:.1f} times as much as Chinese ones when the article\n"
        f"came out, {now.blended:.1f} times in {days[-1]:%B %Y} "
        f"({now.choice_low:.1f} to {now.choice_high:.1f} by choice of flagship)"
    )
    figure, axes = style.chart((8.8, 4.8), title)
    axes.vlines(days, spreads["pair_low"], spreads["pair_high"], color="#BBBBBB", lw=1.5, label="every pair")
    looks: style.Looks = {"color": SKY, "lw": 7, "label": "median, by choice of flagships"}
    axes.vlines(days, spreads["choice_low"], spreads["choice_high"], **looks)
    few = spreads["few"].to_numpy()
    median = spreads["blended"].to_numpy()
    axes.plot(days[~few], median[~few], "-o", color=BLACK, lw=1.3, ms=5, label="median flagship")
    axes.plot(
        days[few], median[few], "o", color=BLACK, mfc="white", ms=6, label="median, too few Chinese models"
    )
    axes.axhline(claim, color=VERMILION, lw=1.2, ls="--")
    told = f"the article: {claim:g} (input price, not blended)"
    axes.plot(pd.Timestamp(claim_date), claim, "D", color=VERMILION, ms=7, label=told)
    axes.axhline(1, color=INK, lw=1)
    style.log_axis(axes, "y", RATIO_TICKS)
    axes.set(ylim=(0.3, 260), ylabel="US over Chinese list price, blended (log scale)")
    _date_axis(axes, days, spreads)
    axes.legend(loc="upper right", fontsize=8)
    return figure


def _date_axis(axes: Axes, days: pd.DatetimeIndex, spreads: pd.DataFrame) -> None:
    """Write months along the axis, and over it how many models stand behind each date."""
    axes.xaxis.set_major_locator(mdates.MonthLocator(bymonth=(1, 4, 7, 10)))
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%b %Y"))
    axes.grid(axis="x", visible=False)
    text: style.Looks = {"ha": "center", "fontsize": 7.5, "color": "#555555"}
    for day, us, china in zip(days, spreads["us_models"], spreads["china_models"], strict=True):
        style.label_point(axes, f"{us}:{china}", (mdates.date2num(day), 0.34), **text)
    axes.set_xlabel("day of the catalogue; above the axis: number of US to Chinese models")


def moves_beside_tariffs(moves: pd.DataFrame, tariffs: pd.DataFrame, wholesale: str) -> Figure:
    """Draw the largest price moves within one model beside those of monthly electricity prices.

    Both tables are of `tables.price_over_time`; `wholesale` is the component that is only a part of a tariff.
    """
    retail = tariffs[tariffs["component"] != wholesale]
    title = (
        f"A model's list price moved by a factor of up to {moves['factor'].max():.1f} within a year,\n"
        f"what users pay for electricity by up to {retail['factor'].max():.2f}"
    )
    rows = [
        (f"{model} ({move.vendor}), {move.date_from[:7]} to {move.date_to[:7]}", move.factor, BLUE, "o")
        for model, move in zip(moves.index, moves.itertuples(), strict=True)
    ]
    for colour, marker, part in ((GREEN, "s", retail), (SKY, "^", tariffs.drop(retail.index))):
        rows += [(_series_name(row), row.factor, colour, marker) for row in part.itertuples()]
    figure, axes = style.chart((8.8, 0.32 * len(rows) + 1.7), title)
    for height, (_, factor, colour, marker) in enumerate(rows):
        axes.plot([1, factor], [height, height], color=colour, lw=2)
        axes.plot(factor, height, marker, color=colour, ms=7)
        style.label_right(axes, f"{factor:.2f}", factor, height)
    style.log_axis(axes, "x", FACTOR_TICKS)
    axes.set_xlim(1, 1.25 * max(factor for _, factor, _, _ in rows))
    style.name_rows(axes, [name for name, *_ in rows], above=0.6, below=0.6, fontsize=8)
    axes.set_xlabel("greatest over least price (log scale)")
    looks = {"list price of one model": (BLUE, "o"), "what users pay": (GREEN, "s"), wholesale: (SKY, "^")}
    entries = [style.legend_entry(label, *look) for label, look in looks.items()]
    style.legend_below(figure, entries, ncols=3)
    return figure


def _series_name(row: Any) -> str:
    """Return what a series of tariffs is called, with the months between which it is known."""
    return f"{row.area}, {row.consumer_class}, {row.first} to {row.last}"
