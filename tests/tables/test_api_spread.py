"""Tables of the API spread."""

import pandas as pd
import pytest

from analysis.inputs import datasets
from analysis.inputs.money import mean_rate
from analysis.inputs.scenario import load_scenario
from analysis.tables import api_spread


def test_the_spreads_of_the_article_by_hand(article) -> None:
    found = {key: entry.value for key, entry in api_spread.headlines(article).items()}
    assert found["api_spread_input_max"] == pytest.approx(5 / 0.3)
    assert found["api_spread_input_min"] == pytest.approx(5 / 0.5)
    assert found["api_spread_output_max"] == pytest.approx(25 / 1.0)
    assert found["api_spread_output_min"] == pytest.approx(25 / 1.2)
    assert {key: round(value, 1) for key, value in found.items()} == {
        "api_spread_input_max": 16.7,
        "api_spread_input_min": 10.0,
        "api_spread_output_max": 25.0,
        "api_spread_output_min": 20.8,
    }


def test_the_claimed_pairing_is_input_over_input(article) -> None:
    pairings = api_spread.claimed_pairings(article, "USD")
    assert len(pairings) == 2 * 4
    assert pairings["deviation"].abs().is_monotonic_increasing
    best = pairings.iloc[0]
    assert best["ratio"] == pytest.approx(50 / 3)
    assert best["deviation"] == pytest.approx(best["ratio"] / article.api_spread_claim.value - 1)
    assert (best["us"], best["china"], best["like_for_like"]) == ("input", "input (low)", True)
    assert (best["us_price"], best["china_price"]) == (5.0, 0.3)


@pytest.mark.parametrize("country", ["US", "CN"])
@pytest.mark.parametrize("kind", ["input", "output"])
def test_audited_prices_are_those_of_the_catalogue(audited, country: str, kind: str) -> None:
    """The least, middle and greatest list price of the flagships."""
    models = datasets.load_flagships().query("role == 'flagship' and country == @country")
    listed = models[f"{kind}_usd_per_mtok"]
    price = getattr(audited, f"price_{country.lower()}_{kind}")
    assert (price.low, price.value, price.high) == pytest.approx(
        (listed.min(), listed.median(), listed.max())
    )


def test_named_pairs_by_hand(article) -> None:
    prices = api_spread.price_list(article, "USD")
    ranked = api_spread.ranked_price_ratios(prices).set_index(["us_model", "china_model"])
    assert ranked.loc[("Claude Opus 4.6", "MiniMax-M2.5"), "input"] == pytest.approx(5 / 0.3)
    assert ranked.loc[("Claude Opus 4.6", "GLM-5"), "output"] == pytest.approx(25 / 3.2)
    assert ranked.loc[("GPT-5.2", "GLM-5"), "input"] == pytest.approx(1.75)
    assert ranked.loc[("Claude Opus 4.6", "DeepSeek-V3.2"), "cached input"] == pytest.approx(0.5 / 0.028)
    assert len(ranked) == 42
    assert "GPT-4o" not in ranked.index.get_level_values("us_model")


def test_a_model_without_cache_price_has_no_cached_ratio(article) -> None:
    ranked = api_spread.ranked_price_ratios(api_spread.price_list(article, "USD"))
    qwen = ranked[ranked["china_model"] == "Qwen3-Max"]
    assert qwen["cached input"].isna().all()
    assert qwen["blended"].notna().all()


def test_ratios_do_not_depend_on_the_currency(article) -> None:
    tables = [
        api_spread.ranked_price_ratios(api_spread.price_list(article, money))["blended"]
        for money in ("USD", "CNY")
    ]
    assert tables[0].to_numpy() == pytest.approx(tables[1].to_numpy())


def test_gpt_4o_costs_half_of_what_the_article_says(article) -> None:
    check = api_spread.gpt4o_prices(article, "USD")
    assert check["claim_over_list"].to_dict() == {"input": 2.0, "output": 2.5}


def test_the_blended_spread_tends_to_the_input_spread(article) -> None:
    prices = api_spread.price_list(load_scenario("article", {"input_tokens_per_output_token": 1e5}), "USD")
    ranked = api_spread.ranked_price_ratios(prices)
    assert ranked["blended"].to_numpy() == pytest.approx(ranked["input"].to_numpy(), rel=1e-3)


def test_the_blended_price_by_hand(article) -> None:
    """Three input tokens, half of them cached, for each output token; without a cache price all are paid."""
    three = load_scenario("article", {"input_tokens_per_output_token": 3.0})
    prices = api_spread.price_list(three, "CNY", cached_share=0.5)
    rate = mean_rate("USD", "CNY", api_spread.CATALOGUE_DATE)
    assert prices.loc["Claude Opus 4.6", "blended"] == pytest.approx((3 * (5 + 0.5) / 2 + 25) / 4 * rate)
    qwen = prices.loc["Qwen3-Max"]
    assert qwen["blended"] == pytest.approx((3 * qwen["input"] + qwen["output"]) / 4)
    again = api_spread.blended_price_ratios(api_spread.price_list(article, "USD"), 3.0, 0.5)
    matrix = api_spread.price_ratio_matrix(prices, "blended")
    assert again["Claude Opus 4.6", "GLM-5"] == pytest.approx(matrix.loc["Claude Opus 4.6", "GLM-5"])


def test_the_matrix_runs_from_the_dear_to_the_cheap(article) -> None:
    matrix = api_spread.price_ratio_matrix(api_spread.price_list(article, "USD"), "input")
    assert matrix.iloc[0, 0] == matrix.to_numpy().max()
    assert matrix.iloc[-1, -1] == matrix.to_numpy().min()
    with pytest.raises(KeyError, match="thinking"):
        api_spread.price_ratio_matrix(api_spread.price_list(article, "USD"), "thinking")


def test_a_summary_by_hand() -> None:
    table = api_spread.ratio_summary({"1 : 1": pd.Series([4.0, 1.0, 2.0]), "3 : 1": pd.Series([3.0, 5.0])})
    assert table.loc["1 : 1"].to_dict() == {"min": 1.0, "median": 2.0, "max": 4.0}
    assert table.loc["3 : 1", "median"] == 4.0


def test_spreads_have_the_weaker_grade_of_their_two_prices(article, audited) -> None:
    assert {entry.grade for entry in api_spread.headlines(article).values()} == {"C"}
    assert {entry.grade for entry in api_spread.headlines(audited).values()} == {"B"}
    guessed = audited.price_cn_input.model_copy(update={"grade": "C"})
    weak = audited.model_copy(update={"entries": audited.entries | {"price_cn_input": guessed}})
    grades = {key: entry.grade for key, entry in api_spread.headlines(weak).items()}
    assert grades == {
        "api_spread_input_max": "C",
        "api_spread_input_min": "C",
        "api_spread_output_max": "B",
        "api_spread_output_min": "B",
    }
