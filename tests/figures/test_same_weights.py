"""What the figures of the natural experiment show equals the tables behind them."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from analysis import figures
from analysis.figures.same_weights import CHOICES
from analysis.figures.style import BLUE, ORANGE, VERMILION
from analysis.inputs import datasets
from analysis.tables import pass_through, same_weights, tariff_elasticity


@pytest.fixture(scope="module")
def predicted(article, audited) -> pd.DataFrame:
    return pass_through.predicted_ratios(article, audited)


@pytest.fixture(scope="module")
def curve(article) -> pd.DataFrame:
    tariffs = same_weights.host_tariffs(article)
    found = tariff_elasticity.elasticity_by_specification(article, tariffs)
    return found[found["qualifies"]]


@pytest.fixture(scope="module")
def months() -> pd.DataFrame:
    return same_weights.monthly_ratios(same_weights.pairs_by_month(datasets.load_table("price_changes")))


def drawn(axes, marker: str, colour: str | None = None) -> np.ndarray:
    """Return the points of all lines with a marker."""
    lines = [
        line
        for line in axes.get_lines()
        if line.get_marker() == marker and (colour is None or to_hex(line.get_color()) == colour.lower())
    ]
    return np.concatenate([np.asarray(line.get_xydata(), dtype=float) for line in lines])


def test_the_area_of_the_dots_counts_the_pairs(pairs, measured) -> None:
    axes = figures.price_ratios_by_vendor(pairs, measured.loc[pass_through.ALL]).axes[0]
    names = [label.get_text().partition(",")[0] for label in axes.get_yticklabels()]
    counts = dict.fromkeys([(name, equal) for name in names for equal in (True, False)], 0.0)
    for dots in axes.collections:
        ((_, height),) = dots.get_offsets()
        equal = to_hex(dots.get_facecolor()[0]) == BLUE.lower()
        assert (height > round(height)) == equal, "copies stand above the row"
        counts[names[round(height)], equal] += dots.get_sizes()[0]
    unit = sum(counts.values()) / len(pairs)
    assert {"Moonshot AI", "MiniMax"} <= set(names), "names for readers"
    expected = pairs.groupby(["maker", "equal"]).size().to_dict()
    found = {key: area / unit for key, area in counts.items() if area}
    assert found == pytest.approx(expected)


def test_the_title_of_the_ratios_is_computed(pairs, measured) -> None:
    mean = measured.loc[pass_through.ALL].copy()
    mean["mean"], mean["copies"] = 1.37, 0.25
    axes = figures.price_ratios_by_vendor(pairs, mean).axes[0]
    assert axes.get_title(loc="left").startswith("US hosts ask 1.37 times")
    assert "25%" in axes.get_title(loc="left")
    assert 1.37 in [line.get_xdata()[0] for line in axes.get_lines()]


def test_predictions_stand_beside_measurements(measured, predicted) -> None:
    axes = figures.measured_and_predicted(measured, predicted).axes[0]
    assert drawn(axes, "o", BLUE)[:, 0].tolist() == measured["mean"].tolist()
    bounds = drawn(axes, "|", BLUE)
    assert bounds[:, 0].tolist() == measured["upper"].tolist()
    rows = len(measured) + 1 + np.arange(len(predicted))
    us_site, cn_site = drawn(axes, "|", ORANGE), drawn(axes, "|", VERMILION)
    for height, row in zip(rows, predicted.itertuples(), strict=True):
        assert sorted(us_site[us_site[:, 1] == height, 0]) == sorted(
            [row.narrowest, row.least, row.most_us_site]
        )
        assert sorted(cn_site[cn_site[:, 1] == height, 0]) == sorted([row.least_cn_site, row.most])
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[: len(measured)] == measured.index.tolist()
    assert labels[-1].endswith(f"{predicted['tariff_ratio'].iloc[-1]:.2f}")
    title = axes.get_title(loc="right")
    assert f"{predicted['least'].iloc[0]:.1f} times" in title
    assert title.endswith(f"{measured['mean'].iloc[0]:.2f}")


def test_the_curve_shows_estimates_intervals_and_what_could_be_detected(curve) -> None:
    above, below = figures.specification_curve(curve, claim_low=0.6, claim_high=0.7).axes
    points = above.collections[-1].get_offsets()
    assert points[:, 1].tolist() == sorted(curve["estimate"])
    ordered = curve.sort_values(["estimate", *CHOICES], kind="stable")
    assert drawn(above, "_")[:, 1].tolist() == ordered["minimum_detectable"].tolist()
    ends = np.array(above.collections[0].get_segments())[:, :, 1]
    assert ends.tolist() == ordered[["low", "high"]].to_numpy().tolist()
    (band,) = above.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((0.6, 0.7))
    assert f"{curve['estimate'].min():.2f} to {curve['estimate'].max():.2f}" in above.get_title(loc="left")
    assert below.get_xlabel()


def test_the_matrix_marks_each_choice_of_each_specification(curve) -> None:
    _, below = figures.specification_curve(curve, claim_low=0.6, claim_high=0.7).axes
    labels = [label.get_text() for label in below.get_yticklabels()]
    marks = drawn(below, "|")
    assert len(marks) == 4 * len(curve)
    counts = pd.Series([labels[int(row)] for row in marks[:, 1]]).value_counts()
    for choice in CHOICES:
        for option, number in curve[choice].value_counts().items():
            assert counts[f"{choice}: {option}"] == number


def test_a_curve_of_nothing_says_so(curve) -> None:
    above, _ = figures.specification_curve(curve.iloc[:0], claim_low=0.6, claim_high=0.7).axes
    assert "none" in above.get_title(loc="left")


def test_the_months_show_means_changes_and_who_came_and_went(months) -> None:
    above, below = figures.ratios_by_month(months).axes
    lines = {line.get_marker(): line.get_ydata() for line in above.get_lines()[:2]}
    assert list(lines["o"]) == months["ratio_mean"].tolist()
    assert list(lines["None"]) == months["chained"].tolist()
    heights = [bar.get_height() for bar in below.patches]
    assert heights == [*months["entered"], *-months["left"]]
    moves = months["host_changed"] + months["vendor_changed"]
    assert drawn(below, "D")[:, 1].tolist() == moves[moves > 0].tolist()
    stayed = (months["pairs"] - months["entered"]).iloc[1:].sum()
    assert f"{months['host_changed'].iloc[1:].sum()} of {stayed}" in above.get_title(loc="left")
