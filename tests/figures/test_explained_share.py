"""The parts of the spread: bars as long as the numbers behind them."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from analysis import figures
from analysis.model.sensitivity import SobolIndex
from analysis.tables import explained_share


@pytest.fixture(scope="module")
def parts(article) -> pd.DataFrame:
    return explained_share.log_spread_parts(
        article, "hub", explained_share.output_quantiles(article, "hub", 512)
    )


def test_what_free_electricity_leaves_is_the_blue_and_the_rest_up_to_the_claim(names, texts) -> None:
    free = {"hub tariff": (14.0, 15.0, 17.5), "average tariff": (15.5, 16.25, 16.5)}
    axes = figures.spread_without_electricity(free, 16.7).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([16.7, 15.0, 1.7, 16.25, 0.45])
    assert axes.get_title(loc="left") == (
        "US prices of tokens are said to be 16.7 times the Chinese ones;\n"
        "with free electricity on both sides they would be 15.0 to 16.2 times"
    )
    assert names(axes) == ["as claimed", "free electricity, hub tariff", "free electricity, average\ntariff"]
    assert "15.0 (14.0 to 17.5)" in texts(axes)


def test_one_case_of_free_electricity_has_one_number_in_its_title(clipped_texts) -> None:
    case = "independent tariffs of the hub and of US data centres"
    figure = figures.spread_without_electricity({case: (16.0, 16.4, 16.7)}, 16.7)
    assert "would be 16.4 times" in figure.axes[0].get_title(loc="left")
    assert clipped_texts(figure) == []


@pytest.fixture
def effects() -> pd.DataFrame:
    middles = {"all_orders": 1.002, "moved": 1.05, "bill": 1.2, "cash": 2.0, "electricity": 4.0}
    keys = product(("data_centre", "commercial"), ("hub", "average"), middles.items())
    rows = {(us, grid, name): factor + (us == "commercial") for us, grid, (name, factor) in keys}
    index = pd.MultiIndex.from_tuples(rows, names=["us_tariff", "grid", "definition"])
    table = pd.DataFrame({"factor": rows.values()}, index=index)
    return table.assign(factor_low=0.9 * table["factor"], factor_high=1.1 * table["factor"])


def test_ways_to_count_are_marked_and_told_in_the_title(effects, names, texts) -> None:
    named = {"all_orders": "all orders", "cash": "running cost", "electricity": "electricity alone"}
    axes = figures.tariff_effect_factors(effects, named, 16.7).axes[0]
    marks = [line.get_xdata()[0] for line in axes.lines if line.get_marker() in {"o", "s"}]
    assert marks == pytest.approx([1.002, 2.0, 4.0] * 2)
    assert names(axes) == list(named.values())
    title = axes.get_title(loc="left")
    assert "From the hub to the US tariff, the effect on cost is no difference" in title
    assert "running cost alone x2.00, on electricity alone x4.00" in title
    assert texts(axes).count("no difference") == 2
    assert "x1.00" not in texts(axes)
    assert "US tariff (data centre)" in axes.get_xlabel()


def test_parts_of_the_spread_are_drawn_with_their_ends(parts, names) -> None:
    axes = figures.spread_parts(parts, 16.7).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(parts["share_of_log_spread"].tolist())
    ends = np.array([segment[:, 0] for segment in axes.collections[0].get_segments()])
    assert ends == pytest.approx(parts[["share_low", "share_high"]].to_numpy())
    assert names(axes)[-1] == "what cost does not explain"
    title = axes.get_title(loc="left")
    assert f"x{parts.loc['tariff', 'factor']:.2f}" in title
    assert "what cost does not explain" in title


def test_the_title_of_the_parts_names_the_largest(parts) -> None:
    changed = parts.copy()
    changed.loc["utilisation", ["share_of_log_spread", "factor"]] = 0.9, 12.6
    changed.loc["tariff", "factor"] = 1.001
    title = figures.spread_parts(changed, 16.7).axes[0].get_title(loc="left")
    assert title == (
        "In a price ratio of 16.7 the tariff makes no difference;\nthe largest part is utilisation, x12.60"
    )


def test_energy_beyond_any_number_is_said_so(texts) -> None:
    row = pd.Series({"p5": 900.0, "p50": np.inf, "p95": np.inf})
    axes = figures.needed_energy({"average": row}, (0.01, 0.15, 9.0)).axes[0]
    assert "no energy is enough: the US tariff is not higher" in texts(axes)
    assert axes.get_title(loc="left").startswith("No energy per token is enough")


def test_the_least_energy_needed_stands_in_the_title(texts, clipped_texts) -> None:
    rows = {
        "hub": pd.Series({"p5": 60.0, "p50": 4321.0, "p95": np.inf}),
        "average": pd.Series({"p5": 900.0, "p50": np.inf, "p95": np.inf}),
    }
    figure = figures.needed_energy(rows, (0.01, 0.15, 9.0))
    assert "need 4,321 kWh or more; measured: 0.15" in figure.axes[0].get_title(loc="left")
    assert {"4,321", "0.15"} <= set(texts(figure.axes[0]))
    assert clipped_texts(figure) == []


def test_tornado_bars_end_at_low_and_high_and_have_words(names) -> None:
    bars = pd.DataFrame(
        {"meaning": ["price of power", "hours"], "at_low": [0.1, 0.25], "at_high": [0.4, 0.2]},
        index=["tariff_us", "utilisation_us"],
    )
    axes = figures.tornado(bars, 0.2, shown=2).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([-0.1, 0.2, 0.05, 0.0])
    assert names(axes) == ["price of power", "hours"]
    assert axes.get_title(loc="left") == (
        "No single assumption lifts the tariff's share above 40.0%;\nthe widest bar: price of power"
    )


def test_sobol_bars_begin_with_the_largest_total(names) -> None:
    indices = pd.DataFrame(
        [SobolIndex(0.5, 0.4, 0.6, 0.7, 0.6, 0.8), SobolIndex(0.1, 0.0, 0.2, 0.9, 0.8, 1.0)], index=["x", "y"]
    ).assign(meaning=["first of all", "price of power"])
    axes = figures.sobol_bars(indices, shown=1).axes[0]
    assert names(axes) == ["price of power"]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([0.1, 0.9])
    assert axes.get_title(loc="left") == "10% of the uncertainty comes from one source:\nprice of power"


def test_long_names_fit_into_titles_and_rows(clipped_texts) -> None:
    name = "a tariff with a long name that somebody wrote out in full in the table of assumptions, place"
    bars = pd.DataFrame({"meaning": [name], "at_low": [0.01], "at_high": [0.03]})
    assert clipped_texts(figures.tornado(bars, 0.02, shown=1)) == []
    ends = {f"{order}{end}": [0.1] for order in ("first", "total") for end in ("", "_low", "_high")}
    assert clipped_texts(figures.sobol_bars(pd.DataFrame({"meaning": [name], **ends}), shown=1)) == []


def test_the_axis_names_the_colours_that_are_drawn(names) -> None:
    axes = figures.spread_without_electricity({"hub tariff": (15.0, 15.7, 16.2)}, 16.7).axes[0]
    assert "orange: what free electricity would remove" in axes.get_xlabel().replace("\n", " ")
