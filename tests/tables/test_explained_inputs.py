import numpy as np
import pytest

from analysis.inputs import datasets
from analysis.tables import api_spread, explained_inputs, explained_share
from analysis.tables.cost_stack import uncertain_inputs


@pytest.fixture(scope="module")
def bars(article):
    return explained_inputs.tariff_share_by_input(article, "hub")


def share_at(scenario, grid, values):
    return float(explained_inputs.explained_spread_at(scenario, grid, values).share_of_log_spread[0])


def test_the_tornado_moves_the_way_that_tariffs_say(bars):
    assert bars.index[0] == "tariff_us", "widest first"
    assert bars.loc["tariff_us", "at_low"] < bars.loc["tariff_us", "at_high"]
    assert bars.loc["tariff_cn_hub", "at_low"] > bars.loc["tariff_cn_hub", "at_high"]


def test_the_tornado_equals_the_model_at_the_ends_of_an_input(article, bars):
    active = article.closed_model_active
    ends = explained_share.log_spread_shares_by_flagship_size(article, "hub", (active.low, active.high))
    found = bars.loc["closed_model_active", ["at_low", "at_high"]].astype(float)
    assert found.to_numpy() == pytest.approx(ends["tariff"].to_numpy())


def test_what_does_not_enter_has_no_bar_and_no_digit_of_noise(article, bars):
    middle = explained_share.explained_spread_at_values(article, "hub").share_of_log_spread[0]
    for name in ("energy_error_cn", "energy_error_us", "price_cn_input", "price_us_output"):
        assert bars.loc[name, "at_low"] == bars.loc[name, "at_high"] == pytest.approx(middle)
        assert bars.loc[name, "in_corner"] == uncertain_inputs(article, "hub").uncertain[name].value


@pytest.mark.parametrize("grid", ["hub", "average"])
def test_no_single_move_leaves_the_corner_upwards_and_no_random_corner_is_higher(article, audited, grid):
    for scenario in (article, audited):
        found = explained_inputs.tariff_share_by_input(scenario, grid)
        uncertain = uncertain_inputs(scenario, grid).uncertain
        corner = found["in_corner"].to_dict()
        top = share_at(scenario, grid, corner)
        assert top > found[["at_low", "at_high"]].to_numpy().max()
        moves = {name: np.full(3 * len(uncertain), corner[name]) for name in uncertain}
        for place, (name, entry) in enumerate(uncertain.items()):
            moves[name][3 * place : 3 * place + 3] = entry.low, entry.value, entry.high
        moved = explained_share.explained_spread(scenario, grid, moves).share_of_log_spread
        assert moved.max() <= top * (1 + 1e-9)
        chosen = np.random.default_rng(0).integers(0, 2, (len(uncertain), 4096)).astype(bool)
        entries = zip(chosen, uncertain.items(), strict=True)
        corners = {name: np.where(high, entry.high, entry.low) for high, (name, entry) in entries}
        others = explained_share.explained_spread(scenario, grid, corners).share_of_log_spread
        assert others.max() <= top


def test_inputs_have_meanings_in_words(article, audited):
    for scenario in (article, audited):
        meanings = explained_inputs.input_meanings(scenario, "hub")
        assert set(uncertain_inputs(scenario, "hub").dimensions) <= set(meanings)
        assert not [text for text in meanings.values() if "_" in text]
    chosen = next(
        name
        for name in audited.definition("tariff_us").choices.values()
        if getattr(audited, name) == audited.tariff_us
    )
    assert meanings["tariff_us"] == audited.definition(chosen).meaning
    assert meanings["batch_us"].endswith(", US")


def test_sobol_indices_are_named_by_dimension_and_bounded(article, monkeypatch):
    monkeypatch.setitem(explained_inputs.SOBOL, "points", 256)
    monkeypatch.setitem(explained_inputs.SOBOL, "resamples", 20)
    table = explained_inputs.output_sobol_indices(article, "hub", "share_of_log_spread")
    assert {"tariff_us", "gpu_price_cn (own part)", "factor hardware market"} <= set(table.index)
    assert table["total"].idxmax() == "tariff_us"
    numbers = table.drop(columns="meaning")
    assert table["meaning"].notna().all()
    assert (numbers.loc["energy_error_cn (own part)"] == 0.0).all()
    assert ((numbers == 0.0) | (numbers.abs() > 1e-9)).all(axis=None)


def test_correlations_leave_the_tariffs_own_part_nearly_alone(article):
    table = explained_inputs.explained_by_correlation(article, "hub", 2048)
    assert list(table.index.get_level_values("correlation").unique()) == ["none", "as assumed", "strong"]
    medians = table.xs("share_of_log_spread", level="output")["p50"]
    assert medians.to_numpy() == pytest.approx(medians["as assumed"], rel=0.02)
    as_assumed = table.loc["as assumed"]
    quantiles = explained_share.output_quantiles(article, "hub", 2048)
    assert as_assumed.equals(quantiles.loc[as_assumed.index])
    free = table.xs("spread_if_free", level="output")
    spans = free["p95"] - free["p5"]
    assert spans["none"] > spans["strong"], "what moves together moves the ratio less"


def test_list_prices_go_together_as_in_the_catalogue(audited):
    """The square of the loading is the correlation of a country's input and output prices."""
    prices = api_spread.price_list(audited, "USD")
    flagships = prices[prices["role"] == "flagship"]
    loadings = datasets.load_correlations()["loading"]
    for country in ("cn", "us"):
        chosen = flagships[flagships["country"] == country.upper()]
        logs = np.log(chosen[["input", "output"]].to_numpy(dtype=float))
        both = loadings[f"price_{country}_input"] * loadings[f"price_{country}_output"]
        assert both == pytest.approx(np.corrcoef(logs.T)[0, 1], abs=0.02)
