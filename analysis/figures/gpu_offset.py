"""Figures of the GPU offset: share over gap and horizon, savings over time, electricity shares."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, CLAIM, GREEN, INK, SKY, VERMILION

MILLION = 1e6


def offset_heatmap(
    grid: pd.DataFrame,
    pairs: pd.DataFrame,
    currency: str,
    *,
    share: float,
    years: float,
    horizon: int,
    claimed_gap: float,
    mid: str,
) -> Figure:
    """Draw the share of the GPU purchase that savings offset, over tariff gap and horizon.

    Both tables come from `tables.gpu_offset`; the claim is that `years` of saving pay `share`, which takes
    `claimed_gap` [currency/kWh]; it is marked where it stands without discounting.
    """
    found = pairs.loc[mid, "offset_share_present_value"]
    title = (
        f"Discounted, {horizon} years of saving pay {found:.0%} of the GPUs;\n"
        f"the article has {share:.0%} in {years:g} years"
    )
    figure, axes = style.chart((7.4, 4.8), title)
    horizons, gaps = grid.columns.to_numpy(dtype=float), grid.index.to_numpy(dtype=float)
    cells: style.Looks = {"cmap": "cividis", "shading": "nearest", "rasterized": True}
    mesh = axes.pcolormesh(horizons, gaps, grid.to_numpy(), **cells)
    levels = [0.05, 0.15, 0.3, 0.5, 1.0]
    contours = axes.contour(horizons, gaps, grid.to_numpy(), levels=levels, colors="white", linewidths=1)
    axes.clabel(contours, fmt=lambda level: f"{level:.0%}", fontsize=8)
    mark: style.Looks = {"color": SKY, "mec": BLACK, "ms": 12, "clip_on": False, "ls": "none"}
    claim = f"the article: {share:.0%} in {years:g} years, not discounted"
    axes.plot(years, claimed_gap, "*", label=claim, **mark | {"color": VERMILION, "zorder": 4})
    for (pair, gap), marker in zip(pairs["tariff_gap"].items(), ("v", "o", "^"), strict=True):
        axes.plot(horizon, gap, marker, label=pair, **mark)
    axes.grid(visible=False)
    figure.colorbar(mesh, label="share of the GPU purchase, discounted", format=PercentFormatter(1.0))
    axes.set(
        xlim=(horizons.min() - 0.5, horizons.max() + 0.5),
        ylim=(gaps.min(), gaps.max()),
        xlabel="years of savings",
        ylabel=f"tariff gap, US less hub [{currency}/kWh]",
    )
    style.legend_below(figure, ncols=2)
    return figure


def savings_over_time(savings: pd.DataFrame, currency: str, *, share: float, mid: str) -> Figure:
    """Draw cumulative savings, plain and discounted: the mid pair, with a band over the pairs.

    `savings` comes from `tables.gpu_offset`.
    """
    target = share * float(savings["purchase"].iloc[0]) / MILLION
    by_pair = savings.pivot(index="year", columns="pair", values=["undiscounted", "present_value"]) / MILLION
    last = int(by_pair.index[-1])
    reached = float(by_pair["undiscounted"][mid].iloc[-1])
    discounted = f"{float(by_pair['present_value'][mid].iloc[-1]):.0f}"
    title = f"In {last} years the load saves {reached:.0f} million {currency}, {discounted} when discounted;"
    title += f"\nthe claim needs {target:.0f}"
    if np.isclose(reached, target):  # so the purchase was worked out
        title = f"Not discounted, {last} years of saving pay the {share:.0%} by construction;\n"
        title += f"discounted they come to {discounted} of {target:.0f} million {currency}"
    figure, axes = style.chart((7.4, 4.0), title)
    named = {"undiscounted": ("as it adds up", BLUE, "-"), "present_value": ("discounted", SKY, "--")}
    for column, (name, colour, dashes) in named.items():
        table = by_pair[column]
        low, high = table.min(axis=1), table.max(axis=1)
        band = "" if np.allclose(low, high) else "; band: ends of the tariffs"
        axes.fill_between(table.index, low, high, color=colour, alpha=0.15, lw=0)
        axes.plot(table[mid], dashes, color=colour, lw=2, label=f"{name}{band}")
    axes.axhline(target, color=VERMILION, lw=1.4)
    text = f"the article: {share:.0%} of the GPU purchase"
    style.label_point(axes, text, (0, target), (4, -11), color=VERMILION)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(
        bottom=min(0.0, float(by_pair.min(axis=None))), top=1.1 * max(target, by_pair.max(axis=None))
    )
    axes.set_xlim(0, max(float(savings["year"].max()), 1.0))
    axes.set(xlabel="years of savings", ylabel=f"cumulative saving [million {currency}]")
    style.legend_below(figure, ncols=2)
    return figure


def electricity_shares(
    pairs: pd.DataFrame, published: pd.DataFrame, *, claim_low: float, claim_high: float, mid: str
) -> Figure:
    """Draw the electricity share that the offset implies beside the article's own and a published one.

    Both tables come from `tables.gpu_offset`.
    """
    names, intervals = [], []
    for site, column in (("hub", "electricity_share_cn"), ("US", "electricity_share_us")):
        names.append(f"implied at the {site} tariff:\nelectricity in GPUs and electricity")
        shares = pairs[column]
        intervals.append((shares.min(), shares[mid], shares.max(), (BLUE, "o")))
    for row in published.itertuples():
        names.append(f"published 1 GW data centre:\nelectricity in {row.Index}")
        intervals.append((row.low, row.value, row.high, (GREEN, "D")))
    at_hub, at_us = (value for _, value, _, _ in intervals[:2])
    title = (
        f"Electricity would be {at_hub:.0%} of what GPUs and electricity\n"
        f"cost together at the hub, {at_us:.0%} in the US"
    )
    figure, axes = style.chart((7.6, 3.4), title, pad=32)
    axes.axvspan(claim_low, claim_high, color=CLAIM, alpha=0.45, lw=0)
    claim = f"the article:\n{claim_low:.0%}-{claim_high:.0%} of operating cost"
    middle = ((claim_low + claim_high) / 2, -0.5)
    style.label_point(axes, claim, middle, ha="center", va="bottom", color=INK)
    for place, (low, value, high, look) in enumerate(intervals):
        style.draw_interval(axes, place, (low, high), value, look)
        style.label_point(axes, f"{value:.1%}", (high, place), (7, 0), va="center", fontsize=8.5)
    style.name_rows(axes, names, above=0.6)
    style.percent_axis(axes.xaxis)
    axes.set(xlim=(0, 1), xlabel="electricity share of cost")
    return figure
