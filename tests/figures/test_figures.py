"""Figures: the plotted data, labels and units, not pixels."""

import numpy as np
import pytest

from analysis import claims, figures
from analysis.figures.style import CLAIM
from analysis.inputs import datasets
from analysis.tables import (
    api_spread,
    china_grids,
    electricity_to_token,
    generation_history,
    gpu_offset,
    price_evidence,
    price_gap,
    token_share,
)


@pytest.fixture(scope="module")
def ledger():
    return claims.evaluate()


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def lines_of(axes, colour: str):
    return [line for line in axes.lines if line.get_color() == colour]


def clipped_texts(figure) -> list[str]:
    """Return the visible texts that do not lie inside the figure."""
    figure.draw_without_rendering()
    visible = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        visible += [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        for axis, (start, end) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            inside = sorted((start, end))
            visible += [
                tick.label1 for tick in axis.get_major_ticks() if inside[0] <= tick.get_loc() <= inside[1]
            ]
    boxes = {
        text.get_text(): text.get_window_extent()
        for text in visible
        if text.get_text() and text.get_visible()
    }
    frame = figure.bbox.padded(3)
    return [
        words
        for words, box in boxes.items()
        if box.x0 < frame.x0 or box.x1 > frame.x1 or box.y0 < frame.y0 or box.y1 > frame.y1
    ]


@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_price_gap_draws_claim_and_evidence(article, currency: str) -> None:
    verdicts = price_gap.tariff_verdicts(article, article, currency)
    figure = figures.price_gap(verdicts, currency)
    axes = figure.axes[0]
    assert axes.get_xlabel() == f"price of electricity [{currency}/kWh]"
    assert [label.get_text() for label in axes.get_yticklabels()] == list(price_evidence.REGIONS)
    claims = lines_of(axes, CLAIM)
    assert [tuple(line.get_xdata()) for line in claims] == [
        (row["claim_low"], row["claim_high"]) for _, row in verdicts.drop_duplicates("region").iterrows()
    ]
    shown = texts(axes)
    for row in verdicts.itertuples():
        assert any(text.startswith(row.verdict) for text in shown)
    assert clipped_texts(figure) == []


def test_price_ratios_show_every_value(article) -> None:
    layers = price_evidence.price_evidence_by_layer(article, "CNY")
    ratios = price_gap.price_ratios_by_layer(layers)
    main = ratios[ratios["year"] == price_evidence.MAIN_YEAR]
    claimed = price_gap.tariff_ratios(price_gap.scenario_tariffs(article, "CNY"))
    figure = figures.price_ratios(claimed, main)
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    shown = texts(axes)
    assert {"1.83", "4.65"} <= set(shown)
    assert {f"{value:.2f}" for value in main["value"]} <= set(shown)
    assert clipped_texts(figure) == []


def test_delivered_parts_stack_up_to_the_total(article) -> None:
    parts = china_grids.delivered_price_parts(article, "CNY")
    layers = price_evidence.price_evidence_by_layer(article, "CNY")
    references = layers[(layers["layer"] == price_evidence.WITH_VAT) & (layers["year"] == 2025)].iloc[1:3]
    figure = figures.delivered_parts(parts, references.assign(label=references["region"].astype(str)), "CNY")
    axes = figure.axes[0]
    ends = np.array([bar.get_x() + bar.get_width() for bar in axes.patches if bar.get_height() == 0.66])
    assert ends.reshape(6, -1)[-1] == pytest.approx(parts["built_up"].to_numpy())
    assert "[CNY/kWh]" in axes.get_xlabel()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert "Gansu*" in labels
    assert "Sichuan" in labels
    assert clipped_texts(figure) == []


def test_history_joins_lines_and_never_points(article) -> None:
    history = price_gap.price_history("CNY", price_evidence.price_evidence_by_layer(article, "CNY"))
    figure = figures.price_history(history, price_gap.scenario_tariffs(article, "CNY"), "CNY", 2026.2)
    by_label = {line.get_label(): line for line in figure.axes[0].lines}
    for series, rows in history.groupby("series"):
        line = by_label[series]
        assert line.get_xdata() == pytest.approx(rows["time"].to_numpy())
        assert line.get_linestyle() == ("-" if (rows["kind"] == "line").all() else "None")
    assert clipped_texts(figure) == []


def test_spread_matrix_annotates_every_cell(article) -> None:
    prices = api_spread.price_list(article, "USD")
    matrices = {kind: api_spread.price_ratio_matrix(prices, kind) for kind in ("input", "output")}
    figure = figures.spread_matrix(matrices, 16.7)
    for axes, ratios in zip(figure.axes, matrices.values(), strict=False):
        assert texts(axes) == [f"{value:.1f}" for value in ratios.to_numpy().ravel()]
        assert np.asarray(axes.collections[0].get_array()).ravel() == pytest.approx(ratios.to_numpy().ravel())
    frames = [patch.get_xy() for patch in figure.axes[0].patches]
    assert frames == [(1, 0)]  # Opus 4.6 over MiniMax-M2.5
    assert clipped_texts(figure) == []


def test_spread_ranked_draws_both_kinds(article) -> None:
    ranked = api_spread.ranked_price_ratios(api_spread.price_list(article, "USD"))
    figure = figures.spread_ranked(ranked, 16.7)
    axes = figure.axes[0]
    by_label = {line.get_label(): line for line in axes.lines}
    assert by_label["input over input"].get_xdata() == pytest.approx(ranked["input"].to_numpy())
    assert by_label["output over output"].get_xdata() == pytest.approx(ranked["output"].to_numpy())
    assert by_label["the article: 16.7"].get_xdata()[0] == 16.7
    assert axes.get_yticklabels()[1].get_text() == "Claude Opus 4.6 : MiniMax-M2.5"
    assert clipped_texts(figure) == []


def test_spread_strip_marks_medians(article) -> None:
    ranked = api_spread.ranked_price_ratios(api_spread.price_list(article, "USD"))
    figure = figures.spread_strip(ranked, api_spread.KINDS, 16.7)
    shown = texts(figure.axes[0])
    for kind in api_spread.KINDS:
        assert f"median {ranked[kind].median():.1f}" in shown
    assert clipped_texts(figure) == []


@pytest.mark.parametrize("horizon", [1, 5, 40])
def test_offset_heatmap_shows_the_grid_and_the_pairs(audited, horizon: int) -> None:
    pairs = gpu_offset.offset_by_tariff_pair(audited, "CNY", horizon, 0.08)
    grid = gpu_offset.offset_by_gap_and_horizon(audited, "CNY", discount_rate=0.08)
    figure = figures.offset_heatmap(grid, pairs, "CNY", share=0.15, years=5, horizon=horizon)
    axes = figure.axes[0]
    assert np.asarray(axes.collections[0].get_array()).ravel() == pytest.approx(grid.to_numpy().ravel())
    marks = {line.get_label(): (line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines}
    assert marks[gpu_offset.MID] == (horizon, pairs.loc[gpu_offset.MID, "tariff_gap"])
    assert "[CNY/kWh]" in axes.get_ylabel()
    assert clipped_texts(figure) == []


@pytest.mark.parametrize("horizon", [1, 5, 40])
def test_savings_over_time_start_at_nothing(audited, horizon: int) -> None:
    savings = gpu_offset.cumulative_savings(audited, "USD", horizon_years=horizon, discount_rate=0.08)
    figure = figures.savings_over_time(savings, "USD", share=0.15, mid=gpu_offset.MID)
    axes = figure.axes[0]
    plain = axes.lines[0]
    mid = savings[savings["pair"] == gpu_offset.MID]
    assert plain.get_ydata() == pytest.approx(mid["undiscounted"].to_numpy() / 1e6)
    assert plain.get_ydata()[0] == 0
    assert axes.get_ylabel() == "cumulative saving [million USD]"
    assert clipped_texts(figure) == []


def test_electricity_shares_show_claim_and_values(article) -> None:
    pairs = gpu_offset.offset_by_tariff_pair(article, "CNY", 5, 0.08)
    figure = figures.electricity_shares(
        pairs, gpu_offset.published_electricity_shares(), claim_low=0.6, claim_high=0.7, mid=gpu_offset.MID
    )
    shown = texts(figure.axes[0])
    assert {"3.9%", "16.0%", "7.1%", "66.7%"} <= set(shown)
    band = figure.axes[0].patches[0]
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((0.6, 0.7))
    assert clipped_texts(figure) == []


def test_ledger_draws_every_claim(ledger) -> None:
    figure = figures.claims_over_evidence(ledger)
    axes = figure.axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(labels) == len(ledger) + ledger["topic"].nunique()
    marks = [
        line for line in axes.lines if line.get_marker() not in {"None", ""} and len(line.get_xdata()) == 1
    ]
    assert len(marks) == len(ledger)
    energy = labels.index("energy of 100 tokens  (11)")
    (mark,) = [line for line in marks if line.get_ydata()[0] == energy]
    assert mark.get_xdata()[0] == pytest.approx(ledger.loc["p11-energy-per-token", "ratio"])
    assert clipped_texts(figure) == []


def test_verdicts_are_told_apart_by_mark_as_well_as_colour() -> None:
    looks = list(figures.claims_ledger.VERDICT_LOOK.values())
    assert len({colour for colour, _ in looks}) == len(looks)
    assert len(set(looks)) == len(looks)


def test_verdict_counts_are_labelled(ledger) -> None:
    counts = claims.counts(ledger)
    figure = figures.verdict_counts(counts)
    assert [bar.get_width() for bar in figure.axes[0].patches] == counts.tolist()
    assert texts(figure.axes[0]) == [str(number) for number in counts]
    assert clipped_texts(figure) == []


def test_energy_ladder_spans_claim_and_measurement(article) -> None:
    ladder = electricity_to_token.energy_ladder()
    figure = figures.energy_ladder(ladder)
    axes = figure.axes[0]
    ends = [tuple(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2]
    assert ends == [(row["low"], row["high"]) for _, row in ladder.iterrows()]
    assert "[kWh per million tokens]" in axes.get_xlabel()
    assert clipped_texts(figure) == []


def test_training_and_bounds_show_the_claim(article) -> None:
    rows = datasets.load_facts().query("quantity == 'training energy'").copy()
    rows[["low", "high"]] = rows[["low", "high"]].apply(lambda column: column.fillna(rows["value"]))
    figure = figures.training_energy(rows, 50.0)
    assert {"1.3", "4.3", "21.6", "50", "310", "the article: over 50"} == set(texts(figure.axes[0]))
    assert clipped_texts(figure) == []
    bounds = figures.cost_ratio_bounds(electricity_to_token.cost_ratios(article), 16.7)
    assert {"1.89-2.22", "5.94-6.76", "2.50-3.33"} <= set(texts(bounds.axes[0]))
    assert clipped_texts(bounds) == []


def test_history_marks_met_and_missed(ledger) -> None:
    generation, capacity = generation_history.generation_by_year(), generation_history.capacity_by_year()
    figure = figures.generation_history(
        generation, generation_history.dated_claims(ledger, "TWh"), generation_history.FIRST_COMPLETE_YEAR
    )
    axes = figure.axes[0]
    china = axes.lines[0]
    assert china.get_xdata().tolist() == list(range(1985, 2026))
    assert axes.lines[1].get_xdata().tolist() == [1949, 1978]
    assert axes.lines[1].get_linestyle() == "None"
    assert clipped_texts(figure) == []
    ratios = generation_history.dated_claims(ledger, "ratio")
    solar = figures.capacity_ratios(capacity, ratios[ratios["quantity"].str.contains("capacity")])
    marks = {
        line.get_marker(): line.get_ydata()[0] for line in solar.axes[0].lines if line.get_marker() in "oX"
    }
    assert marks == {"o": 3, "X": 6}
    assert clipped_texts(solar) == []
    for drawn in (
        figures.world_share(generation, generation_history.dated_claims(ledger, "share").iloc[[1]]),
        figures.capacity_history(capacity, generation_history.dated_claims(ledger, "GW")),
    ):
        assert clipped_texts(drawn) == []


def test_token_shares_are_labelled_with_grades() -> None:
    shares = token_share.token_share_by_denominator()
    figure = figures.token_denominators(shares, 0.61)
    assert "60.9% (grade B)" in texts(figure.axes[0])
    assert "50.0% (grade A)" in texts(figure.axes[0])
    assert clipped_texts(figure) == []
    weekly = figures.weekly_tokens(token_share.weekly_tokens(), 5.16)
    assert all(line.get_linestyle() == "None" for line in weekly.axes[0].lines[:2])
    assert clipped_texts(weekly) == []
