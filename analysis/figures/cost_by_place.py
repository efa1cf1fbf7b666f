"""Figure of what tokens cost by place: ranked, electricity's part marked."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.cost_stack import PART_COLOURS
from analysis.figures.style import INK

ENDS = "at the low and high end of the tariff"
TITLE_WIDTH, NAME_WIDTH = 74, 26
REST = "#B9C7D2"


def cost_by_place(ranked: pd.DataFrame, model: str) -> Figure:
    """Draw the cost of a mix of tokens by place, from the cheapest on, electricity first.

    Parameters
    ----------
    ranked : pandas.DataFrame
        By place: ``electricity`` and ``total``, and the total at the ``low`` and ``high`` end of the tariff
        [USD per million tokens], ``electricity_share`` and ``is_base``; from `tables.cost_by_place`.
    model : str
        What is served.
    """
    electricity, total = ranked["electricity"].to_numpy(), ranked["total"].to_numpy()
    shares = ranked["electricity_share"]
    title = (
        f"From {ranked.index[0]} to {ranked.index[-1]} the cost of a token rises by a factor of "
        f"{total[-1] / total[0]:.2f}; electricity is {shares.min():.1%} to {shares.max():.1%} of it"
    )
    as_written: style.Looks = {"parse_math": False}
    size = (8.4, 1.8 + 0.3 * len(ranked))
    figure, axes = style.chart(size, textwrap.fill(title, TITLE_WIDTH), **as_written)
    heights = np.arange(len(ranked))
    axes.barh(heights, electricity, color=PART_COLOURS["electricity"], height=0.62, label="electricity")
    axes.barh(
        heights, total - electricity, left=electricity, color=REST, height=0.62, label="everything else"
    )
    for height, row in enumerate(ranked.itertuples()):
        axes.plot([row.low, row.high], [height] * 2, color=INK, lw=1.4, label=None if height else ENDS)
        text = f"{row.total:.3f}, electricity {row.electricity_share:.1%}"
        style.label_right(axes, text, max(row.high, row.total), height)
    names = [textwrap.fill(str(name), NAME_WIDTH) for name in ranked.index]
    style.name_rows(axes, names, below=0.7, above=0.7, **as_written)
    for label, is_base in zip(axes.get_yticklabels(), ranked["is_base"], strict=True):
        label.set_fontweight("bold" if is_base else "normal")
    axes.set_xlim(0.0, ranked[["high", "total"]].to_numpy().max() * 1.3)
    axes.set_xlabel(f"cost of {model.rpartition('/')[2]} [USD per million tokens, input and output mixed]")
    style.legend_below(figure, ncols=3)
    return figure
