"""Figures of the cost of a token: its parts, and electricity's share of it, ours and published."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLUE, CLAIM, INK, ORANGE, PURPLE, SKY, VERMILION, Looks
from analysis.model.gpu_hour import PARTS

_CASH = "cash cost alone"
"""What a stack that counts no capital is called."""

PART_COLOURS = dict(zip(PARTS, (VERMILION, BLUE, SKY, ORANGE, PURPLE), strict=True))


def cost_waterfalls(stacks: pd.DataFrame, kind: str) -> Figure:
    """Draw the cost of a kind of token as waterfalls, one a model and place, all on one scale.

    `stacks` comes from `tables.cost_stack`.
    """
    chosen = _china_first(stacks.xs(kind, level="kind"))
    figure, panels = plt.subplots(1, len(chosen), figsize=(9.8, 3.9), sharey=True)
    for axes, ((model, place), row) in zip(panels, chosen.iterrows(), strict=True):
        below = 0.0
        for number, part in enumerate(PARTS):
            axes.bar(number, row[part], bottom=below, color=PART_COLOURS[part], width=0.75)
            below += row[part]
            share = f"{row[part] / row['total']:.0%}"
            style.label_point(axes, share, (number, below), (0, 2), ha="center", fontsize=7)
        axes.bar(len(PARTS), row["total"], color=INK, width=0.75)
        axes.set_xticks(range(len(PARTS) + 1), [*PARTS, "total"], rotation=60, ha="right", fontsize=7.5)
        axes.set_title(f"{model.rpartition('/')[2]}\n{place}", fontsize=8.5)
        axes.grid(axis="x", visible=False)
    panels[0].set_ylim(0.0, chosen["total"].max() * 1.08)
    panels[0].set_ylabel(f"cost [USD per million tokens, {kind}]")
    shares = {part: chosen[part] / chosen["total"] for part in ("hardware", "electricity")}
    ends = {part: f"{share.min():.0%} to {share.max():.0%}" for part, share in shares.items()}
    title = f"The accelerator is {ends['hardware']} of what a token costs, electricity {ends['electricity']}"
    style.figure_title(figure, title)
    return figure


def _china_first(table: pd.DataFrame) -> pd.DataFrame:
    american = table.index.get_level_values("served_on") == "US"
    return pd.concat([table[~american], table[american]])


def electricity_in_cost(published: pd.DataFrame, ours: pd.DataFrame, claim: tuple[float, float]) -> Figure:
    """Draw electricity's share of published costs, of ours for the same card and of our tokens.

    Parameters
    ----------
    published : pandas.DataFrame
        By stack, one tariff each: from `tables.electricity_shares.at_own_tariff`.
    ours : pandas.DataFrame
        From `tables.electricity_shares.our_shares`.
    claim : tuple of float
        The ends of the claimed share [ratio].
    """
    shares = ours["electricity_share"].groupby(["model", "served_on"], sort=False)
    tokens = _china_first(shares.agg(["min", "max"]))
    names = [f"a token of {model.rpartition('/')[2]}, {place}" for model, place in tokens.index]
    service = published[published["gpu_model"].notna()]
    low, high = service["share_part_load"].min(), service["share_full_load"].max()
    cash = published.loc[published.index.str.contains(_CASH), "share_stated"]
    title = (
        f"Electricity is {low:.0%} to {high:.0%} of published full costs of serving,\n"
        f"{_of_cash(cash)}; the article has {claim[0]:.0%} to {claim[1]:.0%}"
    )
    figure, axes = style.chart((8.6, 1.5 + 0.26 * (len(published) + len(tokens))), title)
    axes.axvspan(*claim, color=CLAIM, alpha=0.3, lw=0)
    thick: Looks = {"lw": 5, "marker": "|", "solid_capstyle": "butt"}
    columns = ["share_part_load", "share_full_load", "our_share_part_load", "our_share_full_load"]
    for height, (least, greatest, *same_card) in enumerate(published[columns].to_numpy(dtype=float)):
        axes.plot([least, greatest], [height] * 2, color=ORANGE, **thick)
        axes.plot(same_card, [height + 0.28] * 2, color=BLUE, lw=2)
        style.label_right(axes, _ends(least, greatest), np.nanmax([greatest, same_card[1]]), height)
    for height, (least, greatest) in enumerate(tokens.to_numpy(), start=len(published)):
        axes.plot([least, greatest], [height] * 2, color=BLUE, **thick)
        by_class = " by class of tariff" if least < greatest else ""
        style.label_right(axes, _ends(least, greatest) + by_class, greatest, height)
    style.label_point(axes, "the article", (sum(claim) / 2.0, -0.3), ha="center", va="center")
    style.name_rows(axes, [*published.index, *names], above=0.8, fontsize=8)
    style.percent_axis(axes.xaxis)
    axes.set_xlim(0.0, max(0.75, high * 1.2))
    axes.set_xlabel("electricity as a share of cost (published: power at part of full load to full load)")
    looks = {"published": (ORANGE, 5), "ours: the same card every hour in use, and tokens": (BLUE, 3)}
    style.legend_below(figure, [style.legend_entry(name, c, lw=w) for name, (c, w) in looks.items()], ncols=2)
    return figure


def _of_cash(shares: pd.Series) -> str:
    ends = (f"{share:.0%}" for share in (shares.min(), shares.max()))
    return f"{' to '.join(dict.fromkeys(ends))} of cash cost"


def _ends(least: float, greatest: float) -> str:
    return f"{least:.1%}" if least == greatest else f"{least:.1%} to {greatest:.1%}"


def share_steps(steps: pd.DataFrame, card: str) -> Figure:
    """Draw how our share of electricity turns into the published one of a card, step by step.

    `steps` comes from `tables.electricity_shares.share_step_by_step`.
    """
    shares = steps["electricity_share"]
    ends = f"From {shares.iloc[0]:.1%} as our tokens are served to {shares.iloc[-1]:.1%}"
    title = f"{ends} as published ({card}, US)"
    figure, axes = style.chart((8.2, 3.6), title)
    before = shares.shift().fillna(0.0)
    colours = [INK, *np.where(steps["change"].iloc[1:] > 0.0, ORANGE, SKY)]
    axes.barh(range(len(steps)), shares - before, left=before, color=colours, height=0.62)
    for height, (share, change) in enumerate(zip(shares, steps["change"], strict=True)):
        text = f"{share:.1%}" + (f" ({change * 100.0:+.1f} points)" if height else "")
        style.label_right(axes, text, max(share, share - change), height)
    style.name_rows(axes, steps.index)
    style.percent_axis(axes.xaxis)
    axes.set_xlim(0.0, shares.max() * 1.35)
    axes.set_xlabel("electricity as a share of the cost of an hour, after each step")
    return figure
