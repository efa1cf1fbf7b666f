"""Figures of the GPU offset: share over gap and horizon, savings over time, electricity shares."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis.figures.style import BLACK, BLUE, CLAIM, INK, ORANGE, VERMILION
from analysis.inputs.assumption import Range

MILLION = 1e6


def offset_heatmap(
    grid: pd.DataFrame, pairs: pd.DataFrame, currency: str, *, share: float, years: float, horizon: int
) -> Figure:
    """Draw the share of the GPU purchase that savings offset, over tariff gap and horizon.

    `grid` comes from `tables.gpu_offset.offset_grid`, `pairs` from `tables.gpu_offset.pairs`; the claim is
    that `years` of saving pay `share`.
    """
    figure, axes = plt.subplots(figsize=(7.4, 4.4))
    horizons, gaps = grid.columns.to_numpy(dtype=float), grid.index.to_numpy(dtype=float)
    mesh = axes.pcolormesh(
        horizons, gaps, grid.to_numpy(), cmap="cividis", shading="nearest", rasterized=True
    )
    levels = [0.05, 0.15, 0.3, 0.5, 1.0]
    contours = axes.contour(horizons, gaps, grid.to_numpy(), levels=levels, colors="white", linewidths=1)
    axes.clabel(contours, fmt=lambda level: f"{level:.0%}", fontsize=8)
    styles = dict(zip(pairs.index, ("v", "o", "^"), strict=True))
    for pair, row in pairs.iterrows():
        axes.plot(
            horizon, row["tariff_gap"], styles[pair], color=ORANGE, mec=BLACK, ms=9, label=pair, clip_on=False
        )
    axes.set_xlabel("years of savings")
    axes.set_ylabel(f"tariff gap, US less hub [{currency}/kWh]")
    axes.set_xlim(horizons.min() - 0.5, horizons.max() + 0.5)
    axes.set_ylim(min(gaps.min(), float(pairs["tariff_gap"].min())), gaps.max())
    axes.grid(visible=False)
    figure.colorbar(mesh, label="share of the GPU purchase, discounted", format=PercentFormatter(1.0))
    axes.set_title(
        f"What the saving, discounted, pays of the purchase (claimed: {share:.0%} in {years:g} years)"
    )
    figure.legend(loc="outside lower center", ncols=3)
    return figure


def savings_over_time(savings: pd.DataFrame, currency: str, *, share: float, mid: str) -> Figure:
    """Draw cumulative savings, plain and discounted: the mid pair, with a band over the pairs.

    `savings` comes from `tables.gpu_offset.cumulative_savings`.
    """
    figure, axes = plt.subplots(figsize=(7.4, 4.0))
    for column, label, colour, style in (
        ("undiscounted", "undiscounted", BLUE, "-"),
        ("present_value", "present value", ORANGE, "--"),
    ):
        table = savings.pivot(index="year", columns="pair", values=column) / MILLION
        axes.fill_between(table.index, table.min(axis=1), table.max(axis=1), color=colour, alpha=0.18, lw=0)
        axes.plot(
            table.index,
            table[mid],
            style,
            color=colour,
            lw=2,
            label=f"{label} (mid pair; band over the pairs)",
        )
    target = share * float(savings["purchase"].iloc[0]) / MILLION
    axes.axhline(target, color=VERMILION, lw=1.4)
    axes.annotate(
        f"{share:.0%} of the GPU purchase: {target:.0f} million",
        (0, target),
        (4, 4),
        textcoords="offset points",
        fontsize=8,
        color=VERMILION,
    )
    axes.set_xlim(0, max(float(savings["year"].max()), 1.0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    lowest = min(0.0, float(savings[["undiscounted", "present_value"]].min().min()) / MILLION)
    axes.set_ylim(bottom=lowest)
    axes.set_xlabel("years of savings")
    axes.set_ylabel(f"cumulative saving [million {currency}]")
    axes.set_title("Savings of the western centre against its US counterpart")
    axes.legend(loc="best")
    return figure


def electricity_shares(
    pairs: pd.DataFrame, published: pd.DataFrame, *, claim_low: float, claim_high: float, mid: str
) -> Figure:
    """Draw the electricity share that the offset implies beside the article's own and a published one.

    `pairs` comes from `tables.gpu_offset.pairs`, `published` from `tables.gpu_offset.published_shares`.
    """
    rows = [
        (
            f"implied at the {site} tariff:\nelectricity of GPUs + electricity",
            Range(pairs[column].min(), pairs.loc[mid, column], pairs[column].max()),
            BLUE,
            "o",
        )
        for site, column in (("hub", "electricity_share_cn"), ("US", "electricity_share_us"))
    ]
    rows += [
        (
            f"published 1 GW data centre:\nelectricity of {basis}",
            Range(row["low"], row["value"], row["high"]),
            ORANGE,
            "D",
        )
        for basis, row in published.iterrows()
    ]
    figure, axes = plt.subplots(figsize=(7.6, 3.3))
    axes.axvspan(claim_low, claim_high, color=CLAIM, alpha=0.45, lw=0)
    claim = f"the article:\n{claim_low:.0%}-{claim_high:.0%} of operating cost"
    axes.annotate(
        claim,
        ((claim_low + claim_high) / 2, -0.5),
        ha="center",
        va="bottom",
        fontsize=8,
        color=INK,
        annotation_clip=False,
    )
    for place, (_, ends, colour, marker) in enumerate(rows):
        axes.plot([ends.low, ends.high], [place, place], color=colour, lw=2)
        axes.plot(ends.value, place, marker, color=colour, ms=7, mec="white")
        axes.annotate(
            f"{ends.value:.1%}",
            (ends.high, place),
            (7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
        )
    axes.set_yticks(range(len(rows)), [label for label, *_ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.6)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("electricity share of cost")
    axes.set_title("Electricity as a share of cost: implied, published, claimed", pad=30)
    return figure
