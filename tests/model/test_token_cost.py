import numpy as np
import pandas as pd
import pytest

import analysis
from analysis.inputs.errors import ParameterError
from analysis.inputs.money import mean_rate
from analysis.model.token_cost import KINDS, TokenShare, token_cost_of, token_shares

SETUP = pd.DataFrame(
    {
        "params_active_b": [22.0, 70.0],
        "params_total_b": [235.0, 70.0],
        "precision": ["fp8", "bf16"],
        "gpu_model": ["H200", "H100"],
        "gpu_count": [8, 4],
        "batch": [512.0, 128.0],
        "input_tokens": [1500.0, 600.0],
        "output_tokens": [400.0, 300.0],
    },
    index=["mixture", "dense"],
)
COSTS = {
    "gpu_price_usd": 30_000.0,
    "gpu_life_years": 5.0,
    "utilisation": 0.7,
    "pue": 1.2,
    "tariff_usd_per_kwh": 0.08,
    "discount_rate": 0.1,
    "network_usd_per_gpu_hour": 0.3,
}


def test_input_and_output_tokens_use_up_the_hour_exactly():
    """What a mix of tokens is charged equals what the accelerators cost while they serve it."""
    found = analysis.token_cost(SETUP, **COSTS)
    steps = analysis.predict_energy(SETUP, boundary="server")
    for name, row in found.iterrows():
        step = steps.loc[name]
        ratio = SETUP.loc[name, "input_tokens"] / SETUP.loc[name, "output_tokens"]
        hours = (ratio * row["input_gpu_hours_per_mtok"] + row["output_gpu_hours_per_mtok"]) / 1e6
        assert hours == pytest.approx(step["step_time_s"] * step["gpu_count"] / step["batch"] / 3600)
        electricity = ratio * row["input_electricity_usd_per_mtok"] + row["output_electricity_usd_per_mtok"]
        kwh = step["energy_at_server_j_per_output_token"] / 3.6e6 * 1e6 * 1.2
        assert electricity == pytest.approx(kwh * 0.08)
        hour = analysis.gpu_hour_cost(gpu_power_kw=0.0, **COSTS)
        total = ratio * row["input_hardware_usd_per_mtok"] + row["output_hardware_usd_per_mtok"]
        assert total == pytest.approx(hour.hardware * hours * 1e6)


def test_parts_sum_and_currencies_agree():
    found = analysis.token_cost(SETUP, **COSTS)
    rate = mean_rate("USD", "CNY", "2025")
    for kind in KINDS:
        parts = found.filter(regex=f"^{kind}_(electricity|hardware|network|facility|other)_usd_per_mtok$")
        assert parts.sum(axis=1).to_numpy() == pytest.approx(found[f"{kind}_total_usd_per_mtok"].to_numpy())
        assert (found[f"{kind}_total_cny_per_mtok"] / found[f"{kind}_total_usd_per_mtok"]).to_numpy() == (
            pytest.approx(np.full(2, rate))
        )
    cached = found["cached_input_total_usd_per_mtok"] / found["input_total_usd_per_mtok"]
    assert cached.to_numpy() == pytest.approx([0.1, 0.1])


def test_the_energy_interval_carries_over():
    found = analysis.token_cost(SETUP, **COSTS)
    assert (found["output_electricity_low_usd_per_mtok"] < found["output_electricity_usd_per_mtok"]).all()
    assert (found["output_electricity_usd_per_mtok"] < found["output_electricity_high_usd_per_mtok"]).all()


def test_no_prompt_costs_no_input():
    found = analysis.token_cost(SETUP.assign(input_tokens=0.0), **COSTS)
    assert (found["input_total_usd_per_mtok"] == 0.0).all()
    assert (found["output_total_usd_per_mtok"] > 0.0).all()


def test_costs_may_be_arrays():
    tariffs = np.array([0.05, 0.15])
    together = analysis.token_cost(SETUP, **(COSTS | {"tariff_usd_per_kwh": tariffs}))
    for place in range(2):
        alone = analysis.token_cost(SETUP.iloc[[place]], **(COSTS | {"tariff_usd_per_kwh": tariffs[place]}))
        pd.testing.assert_frame_equal(together.iloc[[place]], alone)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="utilisation"):
        analysis.token_cost(SETUP, **(COSTS | {"utilisation": 0.0}))
    with pytest.raises(ValueError, match="row dense, column batch"):
        analysis.token_cost(SETUP.assign(batch=[1.0, -1.0]), **COSTS)
    with pytest.raises(ValueError, match="cached_input_cost"):
        analysis.token_cost(SETUP, cached_input_cost=-0.1, **COSTS)


def test_series_go_by_their_labels():
    by_label = pd.Series([0.16, 0.08], index=["dense", "mixture"])
    found = analysis.token_cost(SETUP, **(COSTS | {"tariff_usd_per_kwh": by_label}))
    expected = analysis.token_cost(SETUP, **(COSTS | {"tariff_usd_per_kwh": np.array([0.08, 0.16])}))
    pd.testing.assert_frame_equal(found, expected)
    with pytest.raises(ValueError, match="tariff_usd_per_kwh: its index is not that of the frame"):
        analysis.token_cost(SETUP, **(COSTS | {"tariff_usd_per_kwh": pd.Series([0.1, 0.2])}))
    with pytest.raises(ValueError, match="pue: 3 numbers for 2 rows"):
        analysis.token_cost(SETUP, **(COSTS | {"pue": [1.1, 1.2, 1.3]}))
    with pytest.raises(ValueError, match="gpu_power_kw: comes from the prediction"):
        analysis.token_cost(SETUP, gpu_power_kw=0.5, **COSTS)
    with pytest.raises(ValueError, match="cached_input_cost: should lie between"):
        analysis.token_cost(SETUP, cached_input_cost=float("nan"), **COSTS)


def test_the_building_is_the_same_for_both_kinds_of_token():
    found = analysis.token_cost(SETUP, facility_capex_usd_per_kw=10_000.0, **COSTS)
    ratio = found["input_facility_usd_per_mtok"] / found["input_hardware_usd_per_mtok"]
    other = found["output_facility_usd_per_mtok"] / found["output_hardware_usd_per_mtok"]
    assert ratio.to_numpy() == pytest.approx(other.to_numpy())


def test_shares_of_tokens_by_hand():
    """100 requests on 4 accelerators; 0.2 s a step, a quarter of it prefill of 5 input tokens each."""
    step = {"step_time_s": 0.2, "prefill_time_s": 0.05, "batch": 100.0, "gpu_count": 4.0}
    energy = {"prefill_energy_j": 1.0, "decode_energy_j": 3.0}
    shares = token_shares(input_tokens_per_output_token=5.0, **step, **energy)
    assert shares["output"].gpu_hours * 3600 == pytest.approx(0.15 * 4 / 100)
    assert shares["output"].gpu_power_kw == pytest.approx(3.0 / (0.15 * 4 / 100) / 1000)
    assert shares["input"].gpu_hours * 3600 == pytest.approx(0.05 * 4 / 100 / 5)
    assert shares["input"].gpu_power_kw == pytest.approx(0.2 / (0.05 * 4 / 100 / 5) / 1000)
    assert token_shares(input_tokens_per_output_token=0.0, **step, **energy)["input"] == (0.0, 0.0)


def test_a_token_costs_its_share_of_the_hour():
    share = TokenShare(gpu_hours=1e-6, gpu_power_kw=0.8)
    cost = token_cost_of(share, tokens=1e6, **COSTS)
    assert cost == pytest.approx(analysis.gpu_hour_cost(gpu_power_kw=0.8, **COSTS))


@pytest.mark.parametrize("strange", ["8", b"1", True, None, 1j, 10**400, "1_000", [True, 0.5]])
@pytest.mark.parametrize("name", [*COSTS, "cached_input_cost"])
def test_text_bytes_truths_none_and_complex_numbers_are_refused_alike(name, strange):
    with pytest.raises(ParameterError, match=f"^{name}: not a number: "):
        analysis.token_cost(SETUP, **(COSTS | {name: strange}))


@pytest.mark.parametrize("period", ["2099", "x", b"2025", True, None, [], 10**400, ["2025"]])
def test_a_period_without_exchange_rates_is_refused_by_name(period):
    with pytest.raises(ParameterError, match=r"^exchange_period: "):
        analysis.token_cost(SETUP, exchange_period=period, **COSTS)


def test_a_year_is_a_period():
    asked = analysis.token_cost(SETUP, exchange_period=2025, **COSTS)
    pd.testing.assert_frame_equal(asked, analysis.token_cost(SETUP, **COSTS))
