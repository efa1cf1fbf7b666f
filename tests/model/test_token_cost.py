import numpy as np
import pandas as pd
import pytest

import analysis
from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError
from analysis.inputs.money import mean_rate
from analysis.model.hour_inputs import ARGUMENTS, REFERENCE_CARD, assumed_costs
from analysis.model.token_cost import TokenShare, token_cost_of, token_shares
from analysis.model.token_use import KINDS

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
    steps = analysis.predict_energy(SETUP, boundary="gpu")
    for name, row in found.iterrows():
        step = steps.loc[name]
        ratio = SETUP.loc[name, "input_tokens"] / SETUP.loc[name, "output_tokens"]
        hours = (ratio * row["input_gpu_hours_per_mtok"] + row["output_gpu_hours_per_mtok"]) / 1e6
        assert hours == pytest.approx(step["step_time_s"] * step["gpu_count"] / step["batch"] / 3600)
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


def test_every_part_and_total_lies_in_its_interval():
    found = analysis.token_cost(SETUP, **COSTS)
    for kind in KINDS:
        for part in ("electricity", "hardware", "network", "facility", "other", "total"):
            low, value, high = (found[f"{kind}_{part}_usd_per_mtok{end}"] for end in ("_p5", "", "_p95"))
            assert ((low < value) & (value < high)).all(), (kind, part)
    # what the energy model does not know moves all parts alike
    energy = analysis.predict_energy(SETUP, boundary="gpu")
    least = (
        energy["decode_energy_j_per_output_token_p95"] / energy["decode_energy_j_per_output_token_p50"]
    ).min()
    total = found["output_total_usd_per_mtok_p95"] / found["output_total_usd_per_mtok"]
    assert (total >= least).all()


def test_electricity_is_the_energy_of_the_facility_at_the_tariff():
    found = analysis.token_cost(SETUP, tariff_usd_per_kwh=0.36)
    energy = analysis.predict_energy(SETUP, boundary="facility")
    for kind, name in (("input", "energy_j_per_input_token"), ("output", "decode_energy_j_per_output_token")):
        usd = energy[f"{name}_p50"] / 10  # 0.36 USD/kWh are 1e-7 USD/J
        assert found[f"{kind}_electricity_usd_per_mtok"].to_numpy() == pytest.approx(usd.to_numpy())


def test_no_prompt_costs_no_input():
    found = analysis.token_cost(SETUP.assign(input_tokens=0.0), **COSTS)
    assert found["input_total_usd_per_mtok"].isna().all(), "there is none to be charged"
    assert (found["output_total_usd_per_mtok"] > 0.0).all()
    request = found["output_total_usd_per_mtok"] * SETUP["output_tokens"] / 1e6
    assert found["request_total_usd"].to_numpy() == pytest.approx(request.to_numpy())


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
    with pytest.raises(ValueError, match="cached_input_cost: not a finite number"):
        analysis.token_cost(SETUP, cached_input_cost=float("nan"), **COSTS)
    with pytest.raises(ValueError, match="gpu_hour_price_usd: -1 is no price"):
        analysis.token_cost(SETUP, gpu_hour_price_usd=-1.0)


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


@pytest.mark.parametrize("side", ["us", "cn"])
def test_what_is_left_out_is_assumed_and_said(side):
    """Never silently zero: the same as if each assumption were told, but for the interval."""
    one = SETUP.iloc[[0]].assign(gpu_model=REFERENCE_CARD[side])
    left_out = analysis.token_cost(one, side=side)
    told = assumed_costs(side)["value"].to_dict()
    spelt = analysis.token_cost(one, **told)
    for kind in KINDS:
        for part in ("electricity", "hardware", "network", "facility", "other", "total"):
            name = f"{kind}_{part}_usd_per_mtok"
            assert left_out[name].item() == pytest.approx(spelt[name].item())
            assert left_out[name].item() > 0.0
        width = [
            row[f"{kind}_total_usd_per_mtok_p95"].item() / row[f"{kind}_total_usd_per_mtok_p5"].item()
            for row in (left_out, spelt)
            if kind != "cached_input"
        ]
        assert width == sorted(width, reverse=True)
    assert left_out.attrs["assumed"] == list(ARGUMENTS)
    assert spelt.attrs["assumed"] == []


def test_a_rented_hour_costs_its_price_with_electricity_in_it():
    rented = analysis.token_cost(SETUP, gpu_hour_price_usd=2.0, tariff_usd_per_kwh=0.08)
    for kind in ("input", "output"):
        hours = rented[f"{kind}_gpu_hours_per_mtok"]
        total, electricity = (rented[f"{kind}_{part}_usd_per_mtok"] for part in ("total", "electricity"))
        assert total.to_numpy() == pytest.approx((2.0 * hours).to_numpy())
        assert (electricity > 0).all()
        rest = rented[f"{kind}_hardware_usd_per_mtok"]
        assert (rest + electricity).to_numpy() == pytest.approx(total.to_numpy())
        for part in ("network", "facility", "other"):
            assert rented[f"{kind}_{part}_usd_per_mtok"].isna().all(), "not told apart, and not zero"
    assert rented.attrs["assumed"] == ["pue", "cached_input_cost"]
    dearer = analysis.token_cost(SETUP, gpu_hour_price_usd=2.0, tariff_usd_per_kwh=0.16)
    assert dearer["output_total_usd_per_mtok"].to_numpy() == pytest.approx(
        rented["output_total_usd_per_mtok"].to_numpy()
    )
    half = analysis.token_cost(SETUP, gpu_hour_price_usd=1.0, utilisation=0.5, tariff_usd_per_kwh=0.08)
    assert half["output_total_usd_per_mtok"].to_numpy() == pytest.approx(
        rented["output_total_usd_per_mtok"].to_numpy()
    ), "an hour of which half is used costs twice"


def test_hours_may_be_rented_in_some_rows():
    both = analysis.token_cost(SETUP, gpu_hour_price_usd=np.array([2.0, np.nan]))
    rented, owned = (
        analysis.token_cost(SETUP.iloc[[0]], gpu_hour_price_usd=2.0),
        analysis.token_cost(SETUP.iloc[[1]]),
    )
    pd.testing.assert_frame_equal(both.iloc[[0]], rented)
    pd.testing.assert_frame_equal(both.iloc[[1]], owned)


def test_costs_may_be_columns_of_the_frame():
    columns = {"gpu_hour_price_usd": [2.0, None], "tariff_usd_per_kwh": [0.05, 0.1]}
    told = analysis.token_cost(SETUP.assign(**columns))
    arguments = {name: np.array(values, dtype=float) for name, values in columns.items()}
    pd.testing.assert_frame_equal(told, analysis.token_cost(SETUP, **arguments))
    argument_wins = analysis.token_cost(SETUP.assign(**columns), gpu_hour_price_usd=3.0)
    hours = argument_wins["output_gpu_hours_per_mtok"]
    assert argument_wins["output_total_usd_per_mtok"].to_numpy() == pytest.approx((3.0 * hours).to_numpy())
    with pytest.raises(ParameterError, match=r"^row dense, column pue: 'x': not a number"):
        analysis.token_cost(SETUP.assign(pue=[1.2, "x"]))


def test_a_large_card_costs_more_than_a_small_one():
    cards = pd.DataFrame(
        {
            "params_active_b": 8.0,
            "params_total_b": 8.0,
            "precision": "fp8",
            "gpu_count": 1,
            "gpu_model": ["L4", "H100"],
            "batch": 4.0,
        }
    )
    hardware = analysis.token_cost(cards)["output_hardware_usd_per_mtok"]
    hours = analysis.token_cost(cards)["output_gpu_hours_per_mtok"]
    assert (hardware / hours).is_monotonic_increasing


def test_an_unknown_keyword_is_told_by_this_function():
    with pytest.raises(
        TypeError,
        match=r"^token_cost\(\) got an unexpected keyword argument 'tarif_usd_per_kwh'; "
        r"did you mean tariff_usd_per_kwh\?$",
    ):
        analysis.token_cost(SETUP, tarif_usd_per_kwh=0.1)
    with pytest.raises(ParameterError, match=r"^side 'eu': not one of us, cn$"):
        analysis.token_cost(SETUP, side="eu")


def test_the_call_of_the_readme_does_not_cost_half():
    """Network, facility, other and capital were zero where they were left out."""
    known = {
        "gpu_price_usd": 30_000.0,
        "gpu_life_years": 5.0,
        "utilisation": 0.7,
        "pue": 1.2,
        "tariff_usd_per_kwh": 0.08,
    }
    left = dict.fromkeys(
        (
            "discount_rate",
            "network_usd_per_gpu_hour",
            "facility_capex_usd_per_kw",
            "other_opex_usd_per_gpu_hour",
        ),
        0.0,
    )
    now, before = analysis.token_cost(SETUP, **known), analysis.token_cost(SETUP, **known, **left)
    ratio = now["output_total_usd_per_mtok"] / before["output_total_usd_per_mtok"]
    assert ratio.between(1.4, 3.0).all()


def test_an_hour_of_each_card_is_near_the_published_one():
    """By the clock, ours in America lies within a sixth of the published one of a hyperscaler."""
    rows = datasets.load_gpu_economics()
    published = rows[rows["quantity"] == "cost of an hour"].set_index("gpu_model")["value"]
    frame = pd.DataFrame({"params_active_b": 8.0, "gpu_model": published.index, "batch": 8.0, "gpu_count": 1})
    found = analysis.token_cost(frame)
    of_used_hour = found["output_total_usd_per_mtok"] / found["output_gpu_hours_per_mtok"]
    by_clock = of_used_hour.to_numpy() * assumed_costs("us").loc["utilisation", "value"]
    ratio = by_clock / published.to_numpy()
    assert (np.abs(np.log(ratio)) < np.log(7 / 6)).all(), ratio
