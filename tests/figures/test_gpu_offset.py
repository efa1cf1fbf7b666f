"""The GPU offset: the grid as computed, pairs at their gaps, savings from nothing upwards."""

import numpy as np
import pytest

from analysis import figures
from analysis.tables import gpu_offset


@pytest.mark.parametrize("horizon", [1, 5, 40])
def test_offset_heatmap_shows_the_grid_and_the_pairs(audited, horizon: int, clipped_texts) -> None:
    pairs = gpu_offset.offset_by_tariff_pair(audited, "CNY", horizon, 0.08)
    grid = gpu_offset.offset_by_gap_and_horizon(audited, "CNY", discount_rate=0.08)
    claim = {"share": 0.15, "years": 5, "claimed_gap": 0.785}
    figure = figures.offset_heatmap(grid, pairs, "CNY", **claim, horizon=horizon, mid=gpu_offset.MID)
    axes = figure.axes[0]
    assert np.asarray(axes.collections[0].get_array()).ravel() == pytest.approx(grid.to_numpy().ravel())
    marks = {line.get_label(): (line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines}
    assert marks[gpu_offset.MID] == (horizon, pairs.loc[gpu_offset.MID, "tariff_gap"])
    assert marks["the article: 15% in 5 years, not discounted"] == (5, 0.785)
    star = next(line for line in axes.lines if line.get_marker() == "*")
    assert all(star.get_zorder() > line.get_zorder() for line in axes.lines if line is not star)
    least, greatest = axes.get_ylim()
    assert least <= pairs["tariff_gap"].min() <= pairs["tariff_gap"].max() < greatest
    assert least == grid.index.min(), "no strip without colour"
    found = pairs.loc[gpu_offset.MID, "offset_share_present_value"]
    assert f"{horizon} years of saving pay {found:.0%}" in axes.get_title(loc="left")
    assert "[CNY/kWh]" in axes.get_ylabel()
    assert clipped_texts(figure) == []


@pytest.mark.parametrize("horizon", [1, 5, 40])
def test_savings_over_time_start_at_nothing(audited, horizon: int, clipped_texts) -> None:
    savings = gpu_offset.cumulative_savings(audited, "USD", horizon_years=horizon, discount_rate=0.08)
    figure = figures.savings_over_time(savings, "USD", share=0.15, mid=gpu_offset.MID)
    axes = figure.axes[0]
    plain = axes.lines[0]
    mid = savings[savings["pair"] == gpu_offset.MID]
    assert plain.get_ydata() == pytest.approx(mid["undiscounted"].to_numpy() / 1e6)
    assert plain.get_ydata()[0] == 0
    assert axes.get_ylabel() == "cumulative saving [million USD]"
    last, target = plain.get_ydata()[-1], 0.15 * savings["purchase"].iloc[0] / 1e6
    title = axes.get_title(loc="left")
    assert title.startswith(f"In {horizon} years the load saves {last:.0f} million USD, ")
    assert f"{mid['present_value'].iloc[-1] / 1e6:.0f} when discounted" in title
    assert title.endswith(f"the claim needs {target:.0f}")
    assert all("band" in line.get_label() for line in axes.lines[:2])
    assert clipped_texts(figure) == []


def test_the_articles_own_savings_say_nothing_twice_and_name_no_band(article, clipped_texts) -> None:
    savings = gpu_offset.cumulative_savings(article, "CNY", horizon_years=5, discount_rate=0.08)
    figure = figures.savings_over_time(savings, "CNY", share=0.15, mid=gpu_offset.MID)
    axes = figure.axes[0]
    present = sum(23 / 1.08**year for year in range(1, 6))
    assert axes.get_title(loc="left").endswith(f"discounted they come to {present:.0f} of 115 million CNY")
    assert [line.get_label() for line in axes.lines[:2]] == ["as it adds up", "discounted"]
    assert clipped_texts(figure) == []


def test_electricity_shares_show_claim_and_values(article, texts, clipped_texts) -> None:
    pairs = gpu_offset.offset_by_tariff_pair(article, "CNY", 5, 0.08)
    published = gpu_offset.published_electricity_shares()
    figure = figures.electricity_shares(pairs, published, claim_low=0.6, claim_high=0.7, mid=gpu_offset.MID)
    axes = figure.axes[0]
    assert {"3.9%", "16.0%", "7.1%", "66.7%"} <= set(texts(axes))
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_marker() in {"o", "D"}]
    implied = pairs.loc[gpu_offset.MID, ["electricity_share_cn", "electricity_share_us"]]
    assert marks == pytest.approx([*implied, *published["value"]])
    assert (
        axes.get_title(loc="left")
        == "Electricity would be 4% of what GPUs and electricity\ncost together at the hub, 16% in the US"
    )
    band = axes.patches[0]
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((0.6, 0.7))
    assert clipped_texts(figure) == []
