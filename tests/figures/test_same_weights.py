"""What the figures of the natural experiment show equals the tables behind them."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from analysis import figures
from analysis.figures.same_weights import CHOICES
from analysis.figures.style import BLUE, ORANGE
from analysis.tables import same_weights, tariff_elasticity


@pytest.fixture(scope="module")
def pairs(article) -> pd.DataFrame:
    return same_weights.price_ratios(article)


@pytest.fixture(scope="module")
def curve(article) -> pd.DataFrame:
    return tariff_elasticity.estimated_specifications(tariff_elasticity.elasticity_by_specification(article))


@pytest.fixture(scope="module")
def alibaba(article) -> pd.DataFrame:
    table = same_weights.within_company_price_ratios(article)
    return table[table["company"] == "alibaba"]


def drawn(axes, marker: str, colour: str | None = None) -> np.ndarray:
    """Return the points of all lines with a marker."""
    lines = [
        line
        for line in axes.get_lines()
        if line.get_marker() == marker and (colour is None or to_hex(line.get_color()) == colour.lower())
    ]
    return np.concatenate([np.asarray(line.get_xydata(), dtype=float) for line in lines])


def test_every_pair_is_a_dot_at_its_ratio(pairs) -> None:
    axes = figures.price_ratios_by_vendor(pairs).axes[0]
    equal, other = drawn(axes, "o", BLUE), drawn(axes, "D", ORANGE)
    assert sorted(equal[:, 0]) == sorted(pairs.loc[pairs["equal"], "output_ratio"])
    assert sorted(other[:, 0]) == sorted(pairs.loc[~pairs["equal"], "output_ratio"])
    assert len(np.unique(np.vstack([equal, other]).round(9), axis=0)) == len(pairs), "no dot hides another"
    assert axes.get_xscale() == "log"


def test_dots_stay_in_the_row_of_their_vendor(pairs) -> None:
    axes = figures.price_ratios_by_vendor(pairs).axes[0]
    names = [label.get_text().rpartition(" ")[0] for label in axes.get_yticklabels()]
    points = np.vstack([drawn(axes, "o", BLUE), drawn(axes, "D", ORANGE)])
    counts = pd.Series([names[int(row)] for row in np.floor(points[:, 1] + 1e-9)]).value_counts()
    assert counts.to_dict() == pairs["vendor"].value_counts().to_dict()


def test_the_curve_shows_estimates_intervals_and_what_could_be_detected(curve) -> None:
    above, below = figures.specification_curve(curve, claim_low=0.6, claim_high=0.7).axes
    points = above.collections[-1].get_offsets()
    order = np.argsort(curve["estimate"].to_numpy(), kind="stable")
    assert points[:, 1].tolist() == sorted(curve["estimate"])
    assert drawn(above, "_")[:, 1] == pytest.approx(
        curve.sort_values(["estimate", *CHOICES], kind="stable")["minimum_detectable"].to_numpy()
    )
    wild, plain = (np.array(part.get_segments())[:, :, 1] for part in above.collections[:2])
    assert sorted(plain[:, 0]) == sorted(curve["low"])
    assert sorted(wild[:, 1]) == sorted(curve["wild_high"].clip(-3, 3))
    assert len(order) == len(points)
    (band,) = above.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((0.6, 0.7))
    assert "elasticity" in above.get_ylabel()
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


def test_cut_intervals_are_marked(curve) -> None:
    above = figures.specification_curve(curve, claim_low=0.6, claim_high=0.7).axes[0]
    assert len(drawn(above, "v")) == (curve["wild_low"] < -3).sum() > 0
    assert len(drawn(above, "^")) == (curve["wild_high"] > 3).sum()


def test_one_company_in_two_places_beside_the_tariffs(alibaba) -> None:
    axes = figures.within_company_prices(alibaba, "one over the other").axes[0]
    ordered = alibaba.sort_values(["output_ratio", "weights"])
    assert drawn(axes, "o")[:, 0].tolist() == ordered["output_ratio"].tolist()
    assert drawn(axes, "s")[:, 0].tolist() == ordered["input_ratio"].tolist()
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [name.partition("/")[2] for name in ordered["weights"]]
    tariff = alibaba["tariff_ratio"].iloc[0]
    assert any(line.get_xdata()[0] == tariff for line in axes.get_lines())
    assert axes.get_xlabel() == "one over the other"
