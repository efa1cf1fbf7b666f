"""Figures of the price gap: claims beside evidence, ratios, parts of a delivered kWh, history."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from analysis.figures import style
from analysis.figures.style import BLACK, BLUE, CLAIM, GREEN, INK, ORANGE, PURPLE, SKY, VERMILION, YELLOW

PART_LOOK = {
    "energy": ("energy", SKY),
    "loss": ("grid losses", YELLOW),
    "t_and_d": ("transmission and distribution", BLUE),
    "demand": ("demand charge", GREEN),
    "system": ("system operating cost", ORANGE),
    "funds": ("government funds", PURPLE),
}
SERIES_LOOK = {
    "US industrial (EIA)": (BLUE, "o"),
    "US commercial (EIA)": (SKY, "P"),
    "EU-27 band IE, 20-70 GWh/year": (ORANGE, "s"),
    "EU-27 band IG, above 150 GWh/year": (GREEN, "^"),
    "China, national figures": (VERMILION, "D"),
    "China, hub reports": (PURPLE, "v"),
}
_TAKEN = (BLACK, "X")
_EVIDENCE: style.Looks = {"width": 1.8, "ms": 5.5, "mew": 0.6}
_LANE = 0.17
"""Distance of the claim and the layers within a row [rows]."""


def layer_looks(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Return colour and marker of each layer, in the order of the table's ``layer`` column."""
    looks = ((SKY, "s"), (VERMILION, "D"), (BLUE, "o"))
    return dict(zip(table["layer"].cat.categories, looks, strict=True))


def price_gap(verdicts: pd.DataFrame, currency: str, taken: pd.DataFrame | None = None) -> Figure:
    """Draw each region's claimed range beside the evidence of each layer, with the verdicts.

    `taken` holds ``low``, ``value`` and ``high`` of the price that a run takes, by region, where that is not
    the claim [currency/kWh].
    """
    looks = layer_looks(verdicts)
    lanes = {layer: (number - 0.5) * _LANE for number, layer in enumerate(looks)}
    regions = list(_of_last_layer(verdicts)["region"])
    figure, axes = style.chart((9.2, 1.2 + 0.95 * len(regions)), _finding_of(verdicts))
    right = float(verdicts[["claim_high", "evidence_high"]].max(axis=None))
    if taken is not None:
        right = max(right, float(taken["high"].max()))
    text: style.Looks = {"color": INK, "va": "center"}
    for place, region in enumerate(regions):
        rows = verdicts[verdicts["region"] == region]
        claim = rows.iloc[0]
        _draw_claim(axes, place - 1.5 * _LANE, claim["claim_low"], claim["claim_high"])
        if taken is not None:
            _draw_taken(axes, taken.loc[region, ["low", "value", "high"]], place)
        for row in rows.itertuples():
            height = place + lanes[row.layer]
            ends = (row.evidence_low, row.evidence_high)
            style.draw_interval(axes, height, ends, row.evidence_value, looks[row.layer], **_EVIDENCE)
            grade = f" (grade {row.grade})" if row.grade and "grade" not in row.verdict else ""
            axes.text(right * 1.04, height, f"{row.verdict}{grade}", fontsize=7.5, **text)
    style.name_rows(axes, regions, above=0.6, below=0.65)
    axes.text(right * 1.04, -0.52, "verdict on the article", fontsize=8, fontweight="bold", **text)
    axes.set(xlim=(0, right * 1.02), xlabel=f"price of electricity [{currency}/kWh]")
    _layer_legend(figure, looks, taken is not None)
    return figure


def _finding_of(verdicts: pd.DataFrame) -> str:
    """Say for which regions the article's delivered prices hold, by the last layer of the table."""
    of_last = _of_last_layer(verdicts).set_index("region")["word"]
    names = {region: str(region).replace(" average", "") for region in of_last.index}
    fits, open_, misses = (
        ", ".join(names[region] for region, word in of_last.items() if word in words) or "none"
        for words in ({"holds"}, {"unsettled"}, {"too high", "too low"})
    )
    return f"The article's delivered price fits {fits};\nnot {misses}; evidence is too weak for {open_}"


def _of_last_layer(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the last layer: delivered prices without recoverable tax."""
    return table[table["layer"] == table["layer"].cat.categories[-1]]


def _draw_taken(axes: Axes, taken: pd.Series[float], place: int) -> None:
    """Draw low, value and high of what a run takes, in the lowest lane of a row."""
    low, value, high = taken
    style.draw_interval(axes, place + 2.5 * _LANE, (low, high), value, _TAKEN, **_EVIDENCE)


def _draw_claim(axes: Axes, height: float, low: float, high: float) -> None:
    """Draw a claimed range, or a stroke where a single value is claimed."""
    if low == high:
        axes.plot(low, height, "|", color=CLAIM, ms=10, mew=4)
    axes.plot([low, high], [height, height], color=CLAIM, lw=7, solid_capstyle="butt")


def _layer_legend(figure: Figure, looks: dict[str, tuple[str, str]], with_taken: bool = False) -> None:
    """Explain the claim and each layer below the figure, and what the run takes where it is drawn."""
    layers = [style.legend_entry(layer, colour, marker, ls="-") for layer, (colour, marker) in looks.items()]
    taken = [style.legend_entry("this run", *_TAKEN, ls="-")] if with_taken else []
    style.legend_below(figure, [Patch(color=CLAIM, label="the article"), *layers, *taken], ncols=5)


def price_ratios(claims: pd.DataFrame, evidence: pd.DataFrame, taken: pd.DataFrame | None = None) -> Figure:
    """Draw foreign over Chinese price ratios: the claim beside each layer of the main year, log scale.

    Both come from `tables.price_gap`; the order of the layers is that of the categories of ``layer``. All
    lines join the ends that lie nearest and farthest. `taken` holds the ratios that a run takes, by pair and
    with the columns of `claims`, where they are not the claim [1].
    """
    looks = layer_looks(evidence)
    lanes = {layer: (number - 0.5) * _LANE for number, layer in enumerate(looks)}
    pairs = evidence.sort_values("layer", ascending=False, kind="stable").drop_duplicates("ratio")
    keys = [tuple(name.split(" / ")) for name in pairs["claimed"]]
    figure, axes = style.chart((8.2, 1.4 + 0.72 * len(pairs)), _ratios_found(claims, evidence))
    for place, (key, name) in enumerate(zip(keys, pairs["ratio"], strict=True)):
        claim, height = claims.loc[key], place - 1.5 * _LANE
        _draw_claim(axes, height, claim["narrowest"], claim["widest"])
        axes.plot(claim["mid"], height, "|", color=BLACK, ms=8, mew=1.6)
        style.label_point(axes, f"{claim['mid']:.2f}", (claim["widest"], height), (5, 0), va="center")
        if taken is not None:
            _draw_taken(axes, taken.loc[key, ["narrowest", "mid", "widest"]], place)
            point = (taken.loc[key, "widest"], place + 2.5 * _LANE)
            style.label_point(axes, f"{taken.loc[key, 'mid']:.2f}", point, (5, 0), va="center")
        for row in evidence[evidence["ratio"] == name].sort_values("layer").itertuples():
            height = place + lanes[row.layer]
            style.draw_interval(axes, height, (row.low, row.high), row.value, looks[row.layer], **_EVIDENCE)
            colour = looks[row.layer][0].replace(SKY, INK)  # pale letters are hard to read
            style.label_point(axes, f"{row.value:.2f}", (row.high, height), (5, 0), va="center", color=colour)
    style.log_axis(axes, "x", [0.001, 0.01, 0.1, 0.5, 1, 2, 3, 5, 10, 30, 100, 1000])
    axes.axvline(1, color=INK, lw=1)
    style.name_rows(axes, [name.replace(" average", "") for name in pairs["ratio"]], above=0.6, below=0.65)
    drawn = pd.concat([claims.loc[keys], *([] if taken is None else [taken.loc[keys]])])
    least = min(evidence[["low", "high"]].min(axis=None), drawn["narrowest"].min())
    most = max(evidence[["low", "high"]].max(axis=None), drawn["widest"].max())
    axes.set(xlim=(0.9 * least, 1.5 * most))
    years = ", ".join(str(year) for year in evidence["year"].unique())
    axes.set_xlabel(
        "ratio of electricity prices (1 = same price; log scale;\n"
        "lines: from low over high to high over low;\n"
        f"evidence is of {years} alone, ranges of a run may reach into other years)"
    )
    _layer_legend(figure, looks, taken is not None)
    return figure


def _ratios_found(claims: pd.DataFrame, evidence: pd.DataFrame) -> str:
    """Say between what the ratios of the US to the Chinese average lie, and what the article has."""
    to_average = evidence["claimed"] == "US / China average"
    found = evidence.loc[to_average, "value"]
    claim = claims.loc[("US", "China average"), "mid"]
    return (
        f"US power costs {found.min():.2f} to {found.max():.2f} times the Chinese average,\n"
        f"by class and tax; the article has {claim:.2f}"
    )


def delivered_parts(parts: pd.DataFrame, references: pd.DataFrame, currency: str) -> Figure:
    """Draw what makes up a delivered kWh in Chinese grids.

    `parts` has a row for each grid; `references` holds ``label``, ``low``, ``value`` and ``high`` of prices
    drawn as bands for comparison.
    """
    energy_share = parts["energy"] / parts["built_up"]
    title = f"Energy is {energy_share.min():.0%} to {energy_share.max():.0%} of a delivered Chinese kWh"
    figure, axes = style.chart((8.2, 4.9), title, pad=18)
    places = np.arange(len(parts))
    left = np.zeros(len(parts))
    for part, (label, colour) in PART_LOOK.items():
        width = parts[part].to_numpy()
        axes.barh(places, width, left=left, color=colour, label=label, height=0.66, edgecolor="white", lw=0.4)
        left = left + width
    axes.plot(parts["published"], places, "D", color=BLACK, ms=5, label="published tariff", ls="none")
    top = len(parts) - 0.1
    for row, colour in zip(references.itertuples(), ("#777777", "#222222"), strict=False):
        axes.axvspan(row.low, row.high, color=colour, alpha=0.1, lw=0, zorder=0)
        axes.axvline(row.value, color=colour, ls="--", lw=1.2)
        style.label_point(axes, row.label, (row.value, top), (0, 3), ha="center", color=colour, fontsize=7.5)
    names = [f"{grid}*" if hub else grid for grid, hub in parts["hub"].items()]
    style.name_rows(axes, names, above=0.9, below=0.6, upwards=True)
    axes.set_xlim(0, 1.06 * max(left.max(), parts["published"].max()))
    user = "large two-part user at 110 kV, VAT in it"
    axes.set_xlabel(f"delivered price, {user} [{currency}/kWh]    * hub grid")
    style.legend_below(figure, ncols=4)
    return figure


def price_history(history: pd.DataFrame, claims: pd.DataFrame, currency: str, claim_time: float) -> Figure:
    """Draw prices over time: lines for yearly series, points where only single years are known.

    Both come from `tables.price_gap`.
    """
    rises = {name: _rise(rows) for name, rows in history[history["kind"] == "line"].groupby("series")}
    told = ", ".join(
        f"{rises[name]:+.0%} {name.split(' (')[0].split(',')[0]}" for name in SERIES_LOOK if name in rises
    )
    since = int(history["time"].min())
    figure, axes = style.chart((8.6, 4.8), f"Since {since}, in {currency}: {told}")
    for series, look in SERIES_LOOK.items():
        _draw_series(axes, history[history["series"] == series], series, look)
    colours = (VERMILION, PURPLE, BLUE, ORANGE)
    times = claim_time + 0.3 * np.arange(len(colours))
    for claim, time, colour in zip(claims.itertuples(), times, colours, strict=True):
        axes.plot(
            [time, time], [claim.low, claim.high], color=colour, lw=6, alpha=0.45, solid_capstyle="butt"
        )
        region = str(claim.Index).replace(" average", "")
        point = (times[-1], (claim.low + claim.high) / 2.0)
        style.label_point(axes, region.replace("China western hubs", "hubs"), point, (6, 0), va="center")
    axes.set_xticks(range(2010, 2027, 2))
    axes.set(
        xlim=(float(np.floor(history["time"].min())), times[-1] + 1.1),
        ylim=(0, 1.12 * max(history["price"].max(), claims["high"].max())),
        xlabel="year; the bars on the right are the article's ranges for 2026",
        ylabel=f"price [{currency}/kWh]",
    )
    note = (
        "Points are single years, never joined; hollow points are grade C. US with taxes as billed;\n"
        "EU without recoverable tax; China with VAT, its 2018 point without demand charge."
    )
    looks: style.Looks = {"xycoords": "axes fraction", "fontsize": 7.5, "color": "#555555", "va": "top"}
    style.label_point(axes, note, (0, 0), (0, -44), **looks)
    axes.legend(loc="upper left", ncols=2)
    return figure


def _rise(rows: pd.DataFrame) -> float:
    """Return how much the last price of a series lies above its first one [1]."""
    prices = rows.sort_values("time")["price"]
    return float(prices.iloc[-1] / prices.iloc[0] - 1.0)


def _draw_series(axes: Axes, rows: pd.DataFrame, label: str, look: tuple[str, str]) -> None:
    """Draw a yearly series as a line, single years as points, what is weakly known (grade C) hollow."""
    colour, marker = look
    is_line = (rows["kind"] == "line").all()
    looks: style.Looks = {"ls": "-", "ms": 2.5} if is_line else {"ls": "none", "ms": 6.5}
    looks |= {"marker": marker, "mec": "white", "mew": 0.5, "lw": 1.5}
    axes.plot(rows["time"], rows["price"], color=colour, label=label, **looks)
    weak = rows[rows["grade"] == "C"]
    axes.plot(weak["time"], weak["price"], marker, color=colour, ms=6.5, mfc="white", mew=1.3)
