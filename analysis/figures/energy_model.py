"""Figures of the energy model: predictions against measurements, residuals, and energy by batch."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import style
from analysis.figures.style import BLUE, CLAIM, GREEN, INK, ORANGE, PURPLE, SKY, VERMILION

MOST_ABREAST = 6
"""Labels that stand side by side; more are turned upright."""

_COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY)


def measured_against_predicted(table: pd.DataFrame, score: Mapping[str, float]) -> Figure:
    """Draw held-out predictions over measurements, a colour a source, with the band of a factor of two.

    Both come from `tables.energy_model`; the score is that of the rows of current serving engines.
    """
    figure, panels = plt.subplots(1, 2, figsize=(9.4, 4.5), sharex=True, sharey=True)
    dots: style.Looks = {"ms": 3.2, "mew": 0, "alpha": 0.75}
    parts = {
        "current serving engines": table[table["comparable"]],
        "early and naive engines": table[~table["comparable"]],
    }
    for axes, (name, part) in zip(panels, parts.items(), strict=True):
        _factor_of_two_band(axes)
        # the largest source is drawn first, so that it covers none
        sources = part["source"].value_counts().index
        for colour, source in zip(_COLOURS, sources, strict=False):
            chosen = part[part["source"] == source]
            axes.plot(chosen["measured"], chosen["p50"], "o", color=colour, label=source, **dots)
        axes.set(title=f"{name} ({len(part)} rows)", xlabel="measured [J per output token, GPUs]")
        axes.legend(loc="lower right", markerscale=1.8)
    panels[0].set_ylabel("predicted, source left out [J per output token]")
    style.figure_title(
        figure,
        f"Sources that the fit never saw: half of the rows within {score['mdape']:.0%}, "
        f"{score['within_2x']:.0%} within a factor of two",
    )
    return figure


def _factor_of_two_band(axes: Axes) -> None:
    """Draw where prediction and measurement are equal, with a factor of two to both sides, on log axes."""
    ends = np.array([0.02, 60.0])
    axes.fill_between(ends, ends / 2.0, ends * 2.0, color=CLAIM, alpha=0.15, lw=0)
    axes.plot(ends, ends, color=INK, lw=0.8)
    style.log_axis(axes, "x", [0.03, 0.1, 0.3, 1, 3, 10, 30])
    style.log_axis(axes, "y", [0.03, 0.1, 0.3, 1, 3, 10, 30])
    axes.set(xlim=ends, ylim=ends)


def residuals_by_group(table: pd.DataFrame) -> Figure:
    """Draw predicted over measured by source, batch, GPU, engine, precision and shape.

    `table` holds predictions of `tables.energy_model`.
    """
    batches = pd.cut(table["batch"], [0, 16, 64, 256, np.inf], labels=["≤ 16", "16-64", "64-256", "> 256"])
    groups = {
        "source": table["source"],
        "batch": batches,
        "generation of GPU": table["generation"],
        "engine": table["engine"],
        "precision": table["precision"],
        "shape": table["shape"].replace({"mixture of experts": "mixture"}),
    }
    figure, panels = plt.subplots(2, 3, figsize=(9.4, 6.6), sharey=True)
    for axes, (title, keys) in zip(panels.flat, groups.items(), strict=True):
        axes.axhspan(*np.log([0.5, 2.0]), color=CLAIM, alpha=0.15, lw=0)
        axes.axhline(0.0, color=INK, lw=0.8)
        _box_plots(axes, {str(name): part for name, part in table.groupby(keys, observed=True)["log_ratio"]})
        axes.set_title(title)
    ticks = [0.2, 0.5, 1.0, 2.0]
    for axes in panels[:, 0]:
        axes.set_yticks(np.log(ticks), [f"{tick:g}" for tick in ticks])
        axes.set_ylabel("predicted over measured")
    title = "Where the model is off (box: middle half; whiskers: 5 to 95 %; band: factor of two)"
    style.figure_title(figure, title)
    return figure


def _box_plots(axes: Axes, samples: Mapping[str, pd.Series]) -> None:
    """Draw a box for each sample, whiskers from 5 to 95 %, under its name."""
    boxes = axes.boxplot(
        [sample.to_numpy() for sample in samples.values()],
        whis=(5, 95),
        widths=0.55,
        patch_artist=True,
        flierprops={"marker": ".", "ms": 3, "mec": BLUE, "alpha": 0.5},
        medianprops={"color": INK},
    )
    for box in boxes["boxes"]:
        box.set(facecolor=SKY, alpha=0.6, edgecolor=BLUE)
    upright = len(samples) > MOST_ABREAST
    names = [name.removeprefix("inferencex_") if upright else _on_two_lines(name) for name in samples]
    axes.set_xticks(range(1, len(samples) + 1), names, fontsize=7.5, rotation=90 if upright else 0)
    axes.grid(axis="x", visible=False)


def _on_two_lines(name: str) -> str:
    """Return a long name on two lines."""
    return name.replace("-", "-\n", 1).replace(" ", "\n", 1) if len(name) > 9 else name


def error_distributions(errors: Mapping[str, pd.Series]) -> Figure:
    """Draw, for each model, the share of rows whose error is at most a factor.

    `errors` holds predicted over measured [log ratio] by label.
    """
    figure, axes = style.chart((7.4, 3.9), "The same measured rows, two models")
    for colour, (label, ratio) in zip((BLUE, SKY, ORANGE, VERMILION), errors.items(), strict=False):
        factor = np.exp(np.sort(ratio.abs().to_numpy()))
        share = np.arange(1, len(factor) + 1) / len(factor)
        axes.step(factor, share, where="post", color=colour, lw=2, label=label)
    axes.axvline(2.0, color=CLAIM, lw=1, ls="--")
    style.log_axis(axes, "x", [1, 1.25, 1.5, 2, 3, 5, 10])
    style.percent_axis(axes.yaxis)
    axes.set(xlim=(1.0, 10.0), xlabel="off by at most this factor (log scale)")
    axes.set(ylim=(0.0, 1.02), ylabel="share of the measured rows")
    axes.legend(loc="lower right")
    return figure


def energy_by_batch(curve: pd.DataFrame, label: str) -> Figure:
    """Draw energy per million tokens at the facility over the batch, with its interval.

    `curve` comes from `tables.energy_model`.
    """
    figure, axes = style.chart((7.4, 3.9), f"Batch decides: {label}")
    low, middle, high = (curve[f"kwh_per_mtok_{quantile}"] for quantile in ("p5", "p50", "p95"))
    axes.fill_between(curve.index, low, high, color=BLUE, alpha=0.18, lw=0, label="5 to 95 %")
    axes.plot(curve.index, middle, "o-", color=BLUE, ms=4, label="median")
    style.log_axis(axes, "x", [1, 4, 16, 64, 256, 1024, 4096])
    style.log_axis(axes, "y", [0.2, 0.5, 1, 2, 5, 10, 20, 50])
    axes.set_xlabel("requests served at once (log scale)")
    axes.set_ylabel("facility energy [kWh per million output tokens]")
    axes.legend(loc="upper right")
    return figure
