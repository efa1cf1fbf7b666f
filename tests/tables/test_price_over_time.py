"""Prices over time: ratios at one date by hand, withdrawals and aliases, the sign of small models."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.inputs import catalogue, datasets
from analysis.inputs.scenario import load_scenario
from analysis.tables import api_spread
from analysis.tables import price_over_time as over_time

ARTICLE = "2026-03-13"


def priced(date: str, vendor: str, price: float, **cells: object) -> dict[str, object]:
    """Return a row of `price_flagships.csv` whose input and output cost the same."""
    return {
        "date": date, "country": "US", "vendor": vendor, "label": vendor, "role": "flagship",
        "provider_id": vendor.lower(), "model_id": vendor, "one_version": True, "input_usd_per_mtok": price,
        "output_usd_per_mtok": price, "source": "a", "grade": "B", **cells,
    }  # fmt: skip


def changed(date: str, model: str, price: float | None, provider: str = "maker") -> dict[str, object]:
    """Return a row of `price_changes.csv`; without a price the model is withdrawn."""
    prices = dict.fromkeys(catalogue.PRICES[:2], price)
    return {"observed": date, "provider_id": provider, "model_id": model, "source": "b", **prices}


@pytest.fixture
def tables(monkeypatch) -> dict[str, pd.DataFrame]:
    """Return tables that stand in for those of the data folder: fill them."""
    found = {"sources": pd.DataFrame({"grade": ["A", "C"]}, index=["a", "b"])}
    monkeypatch.setattr(over_time.datasets, "load_table", lambda name, _=None: found[name])
    return found


def test_the_article_came_out_on_a_date_of_the_table(audited) -> None:
    assert over_time.article_date() == ARTICLE
    assert ARTICLE in over_time.spread_by_date(audited).index


def test_the_article_s_day_by_hand(audited) -> None:
    """Medians of 5, 3, 2.5, 2 over 0.28, 0.3, 0.6, 1, 1.2 on input; of 25, 15, 15, 12 over 3 on output."""
    day = over_time.spread_by_date(audited).loc[ARTICLE]
    assert (day["us_models"], day["china_models"], day["few"]) == (4, 5, False)
    assert day["input"] == pytest.approx(2.75 / 0.6)
    assert day["output"] == pytest.approx(15 / 3)
    m = audited.input_tokens_per_output_token.value
    us = [(m * a + b) / (m + 1) for a, b in ((5, 25), (3, 15), (2.5, 15), (2, 12))]
    china = [(m * a + b) / (m + 1) for a, b in ((0.28, 0.42), (0.3, 1.2), (0.6, 3), (1, 3.2), (1.2, 6))]
    assert day["blended"] == pytest.approx(np.median(us) / np.median(china))
    assert (day["pair_low"], day["pair_high"]) == pytest.approx((min(us) / max(china), max(us) / min(china)))
    assert day["claimed_pairs"] == pytest.approx(2 / 20)  # 5 over 0.28 and over 0.3
    assert day["us_cheaper"] == 0


def test_the_last_day_by_hand(audited) -> None:
    """No pair reaches the claim: 4 over 0.3 is the widest on input, 2 over 1.4 the medians."""
    last = over_time.spread_by_date(audited).iloc[-1]
    assert last.name == "2026-11-24"
    assert (last["input"], last["output"]) == pytest.approx((2 / 1.4, 10 / 4.4))
    assert last["claimed_pairs"] == 0
    assert last["pair_low"] < 1 < last["blended"] < last["choice_high"]
    m = audited.input_tokens_per_output_token.value
    assert last["choice_pair"] == pytest.approx((m * 10 + 50) / (m * 0.3 + 1.2))  # Fable or Astra over M3


def test_rows_of_the_article_s_day_are_those_of_the_pinned_catalogue(audited) -> None:
    prices = over_time.dated_prices(audited)
    prices = prices[(prices["date"] == ARTICLE)].reset_index(drop=True)
    listed = catalogue.list_prices(prices, "price_flagships.csv")
    for kind, column in zip(("input", "output"), catalogue.PRICES[:2], strict=True):
        assert prices[kind].to_numpy() == pytest.approx(listed[column].to_numpy())


def test_the_compared_models_of_notebook_02_are_among_the_choices(audited) -> None:
    prices = over_time.dated_prices(audited)
    chosen = prices[(prices["date"] == ARTICLE) & (prices["role"] != "small")]
    flagships = api_spread.price_list(audited, "USD").query("role == 'flagship'")
    assert set(flagships["catalogue_id"]) == set(chosen["provider_id"] + "/" + chosen["model_id"])


def test_rows_agree_with_the_history_of_changes() -> None:
    """Where the vendor's own entry stands in the history, it shows the same price on that day."""
    dated, changes = datasets.load_table("price_flagships"), datasets.load_table("price_changes")
    checked = 0
    for row in dated[dated["date"].between("2026-01-01", "2026-06-30")].itertuples():
        seen = changes[(changes["provider_id"] == row.provider_id) & (changes["model_id"] == row.model_id)]
        seen = seen[seen["observed"] <= row.date]
        if not seen.empty:
            last = seen.iloc[-1]
            assert (last["input_usd_per_mtok"], last["output_usd_per_mtok"]) == pytest.approx(
                (row.input_usd_per_mtok, row.output_usd_per_mtok)
            ), row.label
            checked += 1
    assert checked > 50


def test_2025_rests_on_few_models_and_says_so(audited) -> None:
    spreads = over_time.spread_by_date(audited)
    assert list(spreads.index[spreads["few"]]) == ["2025-01-01", "2025-06-01"]
    assert (spreads["china_models"] >= over_time.FEW_MODELS).equals(~spreads["few"])


def test_the_choice_of_flagship_holds_the_choice_made(audited) -> None:
    spreads = over_time.spread_by_date(audited)
    assert (spreads["choice_low"] <= spreads["blended"] * (1 + 1e-12)).all()
    assert (spreads["choice_high"] >= spreads["blended"] * (1 - 1e-12)).all()
    assert spreads["blended"].between(spreads["pair_low"], spreads["pair_high"]).all()
    assert (spreads["choice_pair"] >= spreads["pair_high"]).all()


@given(st.lists(st.lists(st.floats(0.1, 100), min_size=1, max_size=3), min_size=1, max_size=4))
def test_medians_by_choice_are_those_of_every_choice(candidates: list[list[float]]) -> None:
    rows = [
        {"country": "US", "vendor": str(vendor), "blended": price}
        for vendor, prices in enumerate(candidates)
        for price in prices
    ]
    found = over_time._medians_by_choice(pd.DataFrame(rows), "US")
    assert sorted(found) == pytest.approx(sorted(np.median(c) for c in itertools.product(*candidates)))


def test_the_blended_spread_tends_to_the_input_spread() -> None:
    spreads = over_time.spread_by_date(load_scenario("audited", {"input_tokens_per_output_token": 1e5}))
    assert spreads["blended"].to_numpy() == pytest.approx(spreads["input"].to_numpy(), rel=1e-3)


def test_the_grade_of_the_mix_reaches_the_spread(audited) -> None:
    mix = {"input_tokens_per_output_token": {"value": 4.0, "grade": "C"}}
    assert set(over_time.spread_by_date(audited)["grade"]) == {"B"}
    assert set(over_time.spread_by_date(load_scenario("audited", mix))["grade"]) == {"C"}


def test_the_sign_flips_among_small_models(audited) -> None:
    """On 24 November 0.1 / 0.5 twice and 0.3 / 2.5 over 0.15 / 0.47, 0.15 / 0.5 and 0.3 / 1.2."""
    last = over_time.spread_by_date(audited, "small").iloc[-1]
    assert (last["us_models"], last["china_models"]) == (3, 3)
    assert (last["input"], last["output"]) == pytest.approx((0.1 / 0.15, 0.5 / 0.5))
    assert last["us_cheaper"] == pytest.approx(6 / 9)
    assert last["blended"] < 1


def test_opus_over_deepseek_by_hand(audited) -> None:
    pairs = over_time.vendor_pairs(audited).set_index(["date", "china_model"])
    assert pairs.loc[(ARTICLE, "DeepSeek-V3.2"), "output"] == pytest.approx(25 / 0.42)
    peak, off_peak = (pairs.loc[("2026-11-24", f"DeepSeek-V4-Pro{hours}")] for hours in ("", ", off-peak"))
    assert peak["input"] == pytest.approx(4 / 1.32)
    assert off_peak["blended"] == pytest.approx(2 * peak["blended"])


def test_steps_of_one_model(audited) -> None:
    steps = over_time.price_steps(audited)
    pro = steps[steps["model"] == "DeepSeek-V4-Pro"]
    assert pro[["input", "output"]].to_numpy().tolist() == [
        [1.74, 3.48], [0.435, 0.87], [1.32, 3.96], [0.66, 1.98]
    ]  # fmt: skip
    assert pro["date"].tolist()[:2] == ["2026-04-24", "2026-05-25"]
    assert not steps["model"].isin(["DeepSeek-V3.2", "DeepSeek-R1"]).any()  # sold under an alias


def test_the_largest_moves_by_hand(audited) -> None:
    moves = over_time.largest_moves(over_time.price_steps(audited))
    assert moves.loc["o3", ["times", "factor"]].tolist() == pytest.approx([0.2, 5.0])  # 10/40 to 2/8
    assert moves.loc["DeepSeek-V4-Pro", ["times", "factor"]].tolist() == pytest.approx([0.25, 4.0])
    assert moves["factor"].is_monotonic_decreasing
    assert (moves["factor"] > 1).all()


def test_withdrawals_previews_and_aliases_are_no_prices(audited, tables) -> None:
    tables["price_flagships"] = pd.DataFrame(
        [
            priced("2025-01-01", "Maker", 4.0, model_id="m"),
            priced("2025-01-01", "Maker", 9.0, model_id="latest", one_version=False),
        ]
    )
    tables["price_changes"] = pd.DataFrame(
        [
            changed("2025-02-01", "m", 0.0),
            changed("2025-03-01", "m", None),
            changed("2025-04-01", "m", 1.0),
            changed("2025-04-02", "m", 4.0),
            changed("2025-05-01", "latest", 90.0),
            changed("2025-05-01", "m", 70.0, provider="host"),
        ]
    )
    steps = over_time.price_steps(audited)
    assert steps[["date", "input"]].to_numpy().tolist() == [["2025-01-01", 4.0], ["2025-04-01", 1.0]]
    assert steps["grade"].tolist() == ["B", "C"], "a change has the grade of its source"
    assert over_time.largest_moves(steps).loc["Maker", ["factor", "grade"]].tolist() == [4.0, "C"]


def test_moves_are_those_within_a_year(audited, tables) -> None:
    tables["price_flagships"] = pd.DataFrame([priced("2025-01-01", "Maker", 8.0, model_id="m")])
    tables["price_changes"] = pd.DataFrame(
        [
            changed("2025-12-31", "m", 4.0),
            changed("2026-01-02", "m", 1.0),
            changed("2026-01-02", "other", 7.0),
        ]
    )
    move = over_time.largest_moves(over_time.price_steps(audited)).loc["Maker"]
    assert (move["date_from"], move["date_to"], move["factor"]) == ("2025-12-31", "2026-01-02", 4.0)


def test_tariffs_move_between_the_months_that_are_asked_for() -> None:
    moves = over_time.tariff_moves("2025-01-01", "2025-12-31")
    prices = datasets.load_prices()
    months = prices[prices["id"].str.fullmatch(r"us-avg-ind-2025-\d{2}")]["value"]
    us = moves[(moves["area"] == "US average") & (moves["consumer_class"] == "industrial")].iloc[0]
    assert us["months"] == len(months) == 12
    assert us["factor"] == pytest.approx(months.max() / months.min())
    assert (moves["first"].min(), moves["last"].max()) == ("2025-01", "2025-12")
    assert moves["months"].min() > 1
    assert moves["factor"].min() >= 1
    assert set(over_time.retail_moves(moves)["component"]) <= {"delivered", "rate per kWh"}


def test_the_headlines(audited) -> None:
    spreads = over_time.spread_by_date(audited)
    tariffs = over_time.tariff_moves(spreads.index[0], spreads.index[-1])
    found = over_time.headlines(audited)
    latest, then = found["flagship_spread_median_latest"], found["flagship_spread_median_article"]
    assert (latest.low, latest.value, latest.high) == tuple(
        spreads.iloc[-1][["choice_low", "blended", "choice_high"]]
    )
    assert then.value == pytest.approx(spreads.loc[ARTICLE, "blended"])
    assert found["within_model_price_factor"].value == pytest.approx(5.0)
    assert found["tariff_factor_same_months"].value == over_time.retail_moves(tariffs)["factor"].max()
    assert found["tariff_factor_same_months"].value < found["within_model_price_factor"].value


def test_headlines_take_the_weakest_price_and_the_mix(audited) -> None:
    """All list prices are B and the mix is A; tariffs are B and C."""
    found = over_time.headlines(audited)
    mix = audited.input_tokens_per_output_token
    assert (set(over_time.dated_prices(audited)["grade"]), mix.grade) == ({"B"}, "A")
    for name in ("flagship_spread_median_article", "flagship_spread_median_latest"):
        assert found[name].grade == "B"
    assert found["within_model_price_factor"].grade == "B"
    dates = over_time.spread_by_date(audited).index
    of_series = over_time.retail_moves(over_time.tariff_moves(dates[0], dates[-1]))["grade"]
    assert found["tariff_factor_same_months"].grade == max(of_series)
    guessed = mix.model_copy(update={"grade": "C"})
    weak = audited.model_copy(
        update={"entries": audited.entries | {"input_tokens_per_output_token": guessed}}
    )
    assert over_time.headlines(weak)["flagship_spread_median_article"].grade == "C"
