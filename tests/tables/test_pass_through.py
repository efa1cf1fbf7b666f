"""What US hosts ask for Chinese weights, beside what tariffs would make them ask."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.inputs.assumption import Range
from analysis.inputs.scenario import load_scenario
from analysis.model.spread import RatioRange
from analysis.tables import pass_through, price_gap
from analysis.tables.pass_through import (
    AGREES,
    ALL,
    AS_SET,
    AS_STATED,
    AT_THE_MIDDLE,
    AVERAGE,
    CANNOT_TELL,
    HUB,
    REJECTED,
    TOO_FEW,
)

LEAST, MOST = Range(0.6, 0.65, 0.7), RatioRange(2.0, 4.0, 4.0, 4.0, 8.0)


@pytest.fixture(scope="module")
def tests(measured, article, audited) -> pd.DataFrame:
    return pass_through.verdicts(measured, pass_through.predicted_ratios(article, audited))


def test_predictions_by_hand() -> None:
    """Gap of four, 60 to 70 %: 1 / (0.4 + 0.15) and 1 / (0.3 + 0.175); 1 + 0.6 x 3 and 1 + 0.7 x 3."""
    found = pass_through.predicted_ratio(LEAST, MOST)
    assert found.least == pytest.approx(1 / 0.55)
    assert found.most_us_site == pytest.approx(1 / 0.475)
    assert (found.least_cn_site, found.most) == pytest.approx((2.8, 3.1))
    assert found.narrowest == pytest.approx(1 / (0.4 + 0.3))


def test_equal_tariffs_predict_equal_prices_and_free_power_the_rest_of_cost() -> None:
    assert set(pass_through.predicted_ratio(LEAST, RatioRange(*[1.0] * 5))) == {1.0}
    free = pass_through.predicted_ratio(LEAST, RatioRange(*[np.inf] * 5))
    assert (free.least, free.most_us_site) == pytest.approx((1 / 0.4, 1 / 0.3))


def test_the_predictions_of_the_article_as_published(article) -> None:
    """A referee's own arithmetic, share at the US and at the Chinese site."""
    table = pass_through.predicted_ratios(article, article)
    hub, average = (table.loc[("article", AS_STATED, cn)] for cn in (HUB, AVERAGE))
    names = ["tariff_ratio", "least", "most_us_site", "least_cn_site", "most"]
    assert hub[names].tolist() == pytest.approx([4.65, 1.89, 2.22, 3.2, 3.55], abs=0.01)
    assert average[names].tolist() == pytest.approx([1.83, 1.37, 1.47, 1.50, 1.58], abs=0.01)
    assert hub["tariff_low"] == pytest.approx(0.8 / 0.3)
    assert hub["tariff_high"] == pytest.approx(1.2 / 0.13)


def test_every_class_of_us_tariff_stands_beside_both_chinese_ones(article, audited) -> None:
    table = pass_through.predicted_ratios(article, audited)
    classes = audited.definition("tariff_us").choices
    assert len(table) == 2 * (1 + len(classes))
    assert table.index[0] == ("article", AS_STATED, HUB)
    for word, name in classes.items():
        headlines = price_gap.headlines(audited.choosing("tariff_us", word))
        for cn, key in ((HUB, "tariff_ratio_us_to_hub"), (AVERAGE, "tariff_ratio_us_to_cn_average")):
            row = table.loc[("audited", word.replace("_", " "), cn)]
            ends = row[["tariff_ratio", "tariff_low", "tariff_high"]]
            assert ends.tolist() == pytest.approx(headlines[key][:3]), "as everywhere else"
        graded = (audited.entries[name].grade, audited.tariff_cn_average.grade)
        assert row["grade"] == max(graded)
    assert (table["narrowest"] <= table["least"]).all()


def test_an_override_gets_a_row_of_its_own(article) -> None:
    scenario = load_scenario("audited", {"tariff_us": 0.2, "tariff_cn_hub": 0.3})
    table = pass_through.predicted_ratios(article, scenario)
    assert table.loc[("audited", AS_SET, HUB), "tariff_ratio"] > 3
    assert table.loc[("audited", AS_SET, HUB), "grade"] == "C"
    assert AS_SET not in pass_through.predicted_ratios(article, article).index.get_level_values("us")
    twice = pass_through.predicted_ratios(article, load_scenario("article", {"tariff_us": 2.0}))
    assert twice.loc[("article", AS_SET, HUB), "tariff_ratio"] == pytest.approx(2 / 0.215)
    assert twice.loc[("article", AS_STATED, HUB), "tariff_ratio"] == pytest.approx(1 / 0.215)


def test_the_measured_means_as_published(measured) -> None:
    """A referee's own code: mean and interval of four subsets, and the number of pairs in the last."""
    published = {
        ALL: (0.92, 0.76, 1.23),
        "without Qwen": (1.02, 0.93, 1.43),
        "without exact copies": (0.87, 0.70, 1.56),
        "neither Qwen nor copies": (1.05, 0.85, 2.08),
    }
    for name, numbers in published.items():
        assert measured.loc[name, ["mean", "low", "high"]].tolist() == pytest.approx(numbers, abs=0.02)
    assert measured.loc[[*published], "pairs"].tolist() == [105, 75, 62, 32]
    assert measured.loc[ALL, ["weights", "hosts", "vendors"]].tolist() == [31, 14, 6]


def test_means_and_copies_are_those_of_the_pairs(pairs, measured) -> None:
    ratios = pairs["output_ratio"]
    assert measured.loc[ALL, "mean"] == pytest.approx(np.prod(ratios ** (1 / len(ratios))))
    assert measured.loc[ALL, "median"] == ratios.median()
    assert measured.loc[ALL, "copies"] == pairs["equal"].mean()
    assert measured.loc["without exact copies", "copies"] == 0.0
    means = [np.log(part["output_ratio"]).mean() for _, part in pairs.groupby("vendor")]
    assert measured.loc[ALL, "mean_of_vendors"] == pytest.approx(np.exp(np.mean(means)))
    assert measured["grade"].tolist()[0] == max(pairs["grade"])


def test_the_bound_is_never_below_that_of_t(measured) -> None:
    t = stats.t.ppf(0.95, measured["freedom"])
    bound = measured["mean"] * np.exp(t * measured["standard_error"])
    assert (measured["upper"] >= bound - 1e-12).all()
    assert measured["freedom"].tolist() == (measured[["hosts", "vendors"]].min(axis=1) - 1).tolist()
    assert (measured["low"] < measured["mean"]).all()
    assert (measured["mean"] < measured["upper"]).all()


def test_names_of_hosts_do_not_matter(pairs, measured) -> None:
    renamed = pairs.assign(provider_id="x" + pairs["provider_id"]).sample(frac=1.0, random_state=3)
    again = pass_through.measured_ratios(renamed)
    numbers = measured.columns.drop("grade")
    assert (again[numbers] - measured[numbers]).abs().max(axis=None) < 1e-9


def test_a_common_factor_of_all_host_prices_is_found(pairs, measured) -> None:
    doubled = pass_through.measured_ratios(pairs.assign(output_ratio=2 * pairs["output_ratio"]))
    ends = ["mean", "low", "high", "upper", "mean_of_vendors"]
    assert (doubled[ends] / measured[ends] - 2.0).abs().max(axis=None) < 1e-9


@pytest.mark.parametrize(
    ("low", "high", "upper", "clusters", "word"),
    [
        (0.8, 1.3, 1.2, 4, REJECTED),
        (0.8, 1.5, 1.45, 4, AT_THE_MIDDLE),
        (0.8, 2.0, 1.9, 4, CANNOT_TELL),
        (1.2, 2.0, 1.9, 4, AGREES),
        (1.2, 1.4, 1.35, 4, REJECTED),
        (3.2, 4.0, 3.9, 4, CANNOT_TELL),
        (0.8, 1.3, 1.2, 3, TOO_FEW),
    ],
)
def test_verdicts_by_hand(low: float, high: float, upper: float, clusters: int, word: str) -> None:
    """The least prediction is 1.82, at the narrowest gap 1.43, the most 3.1."""
    predicted = pd.DataFrame(
        {
            "tariff_ratio": [4.0],
            **{key: [n] for key, n in pass_through.predicted_ratio(LEAST, MOST)._asdict().items()},
        }
    ).assign(grade="B")
    predicted.index = pd.MultiIndex.from_tuples([("a", "b", "c")], names=["basis", "us", "cn"])
    row = {"mean": 1.0, "low": low, "high": high, "upper": upper, "standard_error": 0.1, "freedom": 3}
    measured = pd.DataFrame([row | {"hosts": clusters, "vendors": 9, "grade": "C"}], index=["all"])
    (found,) = pass_through.verdicts(measured.rename_axis("pairs_of"), predicted).itertuples()
    assert (found.verdict, found.grade) == (word, "C")
    assert found.elasticity == 0.0
    assert found.elasticity_upper == pytest.approx(np.log(upper) / np.log(4))
    assert found.minimum_detectable == pytest.approx((3.182446 + 0.978472) * 0.1 / np.log(4), rel=1e-6)


def test_the_claim_of_the_article_is_rejected_in_every_subset_with_enough_hosts(tests) -> None:
    """A referee found the same with a percentile bound."""
    claimed = tests[(tests["us"] == AS_STATED) & (tests["cn"] == HUB)].set_index("pairs_of")["verdict"]
    enough = claimed[claimed != TOO_FEW]
    assert len(enough) == 4
    assert set(enough) == {REJECTED, AT_THE_MIDDLE}
    assert enough[ALL] == REJECTED


def test_a_gap_that_is_none_has_no_elasticity(measured, article) -> None:
    cheap = load_scenario("article", {"tariff_us": 0.1})
    found = pass_through.verdicts(measured, pass_through.predicted_ratios(article, cheap))
    rows = found[(found["us"] == AS_SET) & (found["pairs_of"] == ALL)]
    assert rows[["elasticity", "elasticity_upper", "minimum_detectable"]].isna().all(axis=None)
    assert set(rows["verdict"]) == {CANNOT_TELL}
    upper = pass_through.headlines(article, cheap, measured)["same_weights_passthrough_upper"]
    assert upper[:3] == (None, None, None)
    predicted = pass_through.headlines(article, cheap, measured)["same_weights_ratio_predicted"]
    assert predicted.low < predicted.high < 1.0


def test_headlines_are_cells_of_the_tables(measured, tests, article, audited) -> None:
    found = pass_through.headlines(article, article, measured)
    assert found["same_weights_price_ratio_mean"][:3] == tuple(measured.loc[ALL, ["mean", "low", "high"]])
    claimed = tests[(tests["us"] == AS_STATED) & (tests["cn"] == HUB) & (tests["verdict"] != TOO_FEW)]
    first = claimed.iloc[0]
    assert found["same_weights_ratio_predicted"][:3] == pytest.approx((first.least, first.least, first.most))
    bounds = claimed["elasticity_upper"]
    expected = (bounds.iloc[0], bounds.min(), bounds.max())
    assert found["same_weights_passthrough_upper"][:3] == pytest.approx(expected)
    own = pass_through.headlines(article, audited, measured)["same_weights_ratio_predicted"]
    rows = pass_through.predicted_ratios(article, audited).xs("audited")
    assert own.value in rows.xs(HUB, level="cn")["least"].tolist()


def test_grades_of_the_headlines_by_hand(measured, article, audited) -> None:
    """What is measured has the grade of the prices; the bound that of tariffs, too."""
    better = measured.assign(grade="A")
    scenario = audited.choosing("tariff_cn_hub", "subsidised")
    assert (scenario.tariff_us.grade, scenario.tariff_cn_hub.grade) == ("B", "B")
    found = pass_through.headlines(article, scenario, better)
    assert found["same_weights_price_ratio_mean"].grade == "A"
    assert found["same_weights_passthrough_upper"].grade == "B"
    assert found["same_weights_ratio_predicted"].grade == article.electricity_share.grade == "C"
