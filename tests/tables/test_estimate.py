"""Set-ups in, energy and cost with their intervals out: the same numbers as the public functions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analysis
from analysis.inputs import datasets
from analysis.inputs.cards import card_of
from analysis.inputs.errors import ParameterError
from analysis.inputs.money import mean_rate
from analysis.model.hour_inputs import assumed_costs
from analysis.model.token_use import KINDS
from analysis.tables.estimate import ENERGIES, estimate
from analysis.tables.places import places

SETUP = pd.DataFrame(
    {
        "params_active_b": [8.0, 37.0],
        "params_total_b": [8.0, 671.0],
        "precision": "fp8",
        "gpu_model": ["H100", "H200"],
        "gpu_count": [1, 8],
        "batch": [32.0, 128.0],
        "input_tokens": 1000.0,
        "output_tokens": 300.0,
    },
    index=["small", "large"],
)


@pytest.mark.parametrize("boundary", ["gpu", "server", "facility"])
def test_energy_is_that_of_predict_energy(boundary: str) -> None:
    found, expected = (
        estimate(SETUP, boundary=boundary).table,
        analysis.predict_energy(SETUP, boundary=boundary),
    )
    for name in ENERGIES:
        for end in ("p5", "p50", "p95"):
            column = f"{name}_{end}"
            assert found[column].to_numpy() == pytest.approx(expected[column].to_numpy()), column
    assert (found["boundary"] == boundary).all()


def test_cost_is_that_of_token_cost() -> None:
    found = estimate(SETUP.assign(tariff_usd_per_kwh=0.07, utilisation=0.6)).table
    expected = analysis.token_cost(SETUP, tariff_usd_per_kwh=0.07, utilisation=0.6)
    for name in expected.filter(regex="_usd|_cny|_share").columns:
        assert found[name].to_numpy() == pytest.approx(expected[name].to_numpy()), name


@given(
    active=st.floats(0.5, 100),
    times=st.floats(1, 10),
    batch=st.floats(1, 16),
    cached=st.floats(0, 0.9),
    tariff=st.floats(0.01, 0.5),
    rent=st.none() | st.floats(2, 20),  # above the electricity of an hour at the dearest tariff
)
@settings(max_examples=25, deadline=None)
def test_one_set_up_of_any_kind_costs_what_the_function_says(
    active, times, batch, cached, tariff, rent
) -> None:
    setup = pd.DataFrame(
        [
            {
                "params_active_b": active,
                "params_total_b": active * times,
                "batch": batch,
                "gpu_model": "B200",
                "cached_share": cached,
            }
        ]
    )
    costs = {"tariff_usd_per_kwh": tariff} | ({} if rent is None else {"gpu_hour_price_usd": rent})
    expected = analysis.token_cost(setup, **costs)
    found = estimate(setup.assign(**costs)).table
    for kind in KINDS:
        for name in (
            f"{kind}_total_usd_per_mtok",
            f"{kind}_electricity_usd_per_mtok",
            f"{kind}_electricity_share",
        ):
            for end in ("_p5", "", "_p95"):
                assert found[f"{name}{end}"].item() == pytest.approx(
                    expected[f"{name}{end}"].item(), nan_ok=True
                )
        low, value, high = (found[f"{kind}_total_usd_per_mtok{end}"].item() for end in ("_p5", "", "_p95"))
        assert low <= value <= high


def test_kwh_are_joules_and_electricity_is_kwh_at_the_tariff() -> None:
    found = estimate(SETUP.assign(tariff="0.05 EUR/kWh")).table
    usd_per_kwh = 0.05 * mean_rate("EUR", "USD", "2025")
    assert found["tariff_usd_per_kwh"].to_numpy() == pytest.approx(np.full(2, usd_per_kwh))
    names = {"input": "energy_j_per_input_token", "output": "decode_energy_j_per_output_token"}
    for kind, joules in names.items():
        kwh = found[f"{kind}_kwh_per_mtok_p50"]
        assert kwh.to_numpy() == pytest.approx((found[f"{joules}_p50"] / 3.6).to_numpy())
        usd = found[f"{kind}_electricity_usd_per_mtok"].to_numpy()
        assert usd == pytest.approx((kwh * usd_per_kwh).to_numpy())
        # the tariff is told: the interval of the bill is that of the energy
        for end in ("p5", "p95"):
            relative = found[f"{kind}_electricity_usd_per_mtok_{end}"] / usd
            assert relative.to_numpy() == pytest.approx(
                (found[f"{kind}_kwh_per_mtok_{end}"] / kwh).to_numpy()
            )


def test_a_pue_that_is_told_scales_the_facility_and_narrows_it() -> None:
    assumed, told = (estimate(SETUP.assign(**more)).table for more in ({}, {"pue": 1.2 * 1.1}))
    for name in ENERGIES:
        ratio = told[f"{name}_p50"] / assumed[f"{name}_p50"]
        assert ratio.to_numpy() == pytest.approx(np.full(2, 1.1))
        width = [table[f"{name}_p95"] / table[f"{name}_p5"] for table in (told, assumed)]
        assert (width[0] < width[1]).all()
    same = estimate(SETUP.assign(pue=2.0), boundary="server").table
    assert same["energy_wh_per_request_p50"].equals(
        estimate(SETUP, boundary="server").table["energy_wh_per_request_p50"]
    )


def test_a_place_gives_tariff_side_grade_and_source() -> None:
    found = estimate(SETUP.assign(place=["guizhou", None])).table
    row = places().loc["Guizhou"]
    small, large = found.loc["small"], found.loc["large"]
    assert small["tariff_usd_per_kwh"] == row["value"]
    assert (small["place"], small["tariff_grade"], small["tariff_source"]) == (
        "Guizhou",
        row["grade"],
        row["source"],
    )
    assert small["utilisation"] == assumed_costs("cn").loc["utilisation", "value"]
    assert "tariff_usd_per_kwh" not in small["assumed"]
    ours = assumed_costs("us").loc["tariff_usd_per_kwh"]
    assert (large["tariff_usd_per_kwh"], large["tariff_source"]) == (ours["value"], ours["source"])
    assert "tariff_usd_per_kwh" in large["assumed"]
    wide = estimate(SETUP.assign(place="Germany")).table
    assert (
        (wide["output_electricity_usd_per_mtok_p95"] / wide["output_electricity_usd_per_mtok"])
        .gt(places().loc["Germany", "high"] / places().loc["Germany", "value"])
        .all()
    )


def test_a_mixed_frame_is_its_rows_alone() -> None:
    more = {
        "place": ["Guizhou", None],
        "gpu_hour_price_usd": [np.nan, 2.5],
        "pue": [None, 1.1],
        "tariff": [None, "0.3 CNY/kWh"],
        "name": ["a", "b"],
    }
    frame = SETUP.assign(**more)
    both = estimate(frame).table
    for label in frame.index:
        alone = estimate(frame.loc[[label]]).table
        pd.testing.assert_frame_equal(both.loc[[label]], alone, check_dtype=False)
    assert both["name"].tolist() == ["a", "b"], "what is not ours is handed through"


def test_what_was_assumed_is_listed_with_where_it_is_from() -> None:
    found = estimate(SETUP.drop(columns=["batch", "output_tokens"]).assign(tariff=0.08))
    listed = {entry["name"]: entry for entry in found.assumptions(0)}
    assert list(listed) == found.table["assumed"].iloc[0].split("; ")
    assert not {"input_tokens", "precision", "gpu_model", "gpu_count", "tariff_usd_per_kwh"} & set(listed)
    assert {"output_tokens", "utilisation", "gpu_price_usd", "pue"} <= set(listed)
    known = set(datasets.load_sources().index) | {"project"}
    for name in ("output_tokens", "utilisation", "gpu_price_usd", "pue", "cached_input_cost"):
        entry = listed[name]
        assert entry["low"] <= entry["value"] <= entry["high"], name
        assert entry["grade"] in {"A", "B", "C"}
        assert set(entry["source"].split("; ")) <= known


def test_a_rented_card_has_no_price_that_is_assumed() -> None:
    found = estimate(SETUP.assign(gpu_hour_price_usd=2.0))
    assert found.table["gpu_price_grade"].tolist() == ["", ""]
    assert not {"gpu_price_usd", "discount_rate", "network_usd_per_gpu_hour", "utilisation"} & set(
        found.table["assumed"].iloc[0].split("; ")
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"tariff": [None, "8 ct"]}, r"^row large, column tariff: '8 ct': unit 'ct' is not one of USD/kWh"),
        ({"place": ["Texas", "Mars"]}, r"^row large, column place: 'Mars' is not known"),
        ({"pue": [1.2, "x"]}, r"^row large, column pue: 'x': not a number"),
        ({"pue": 0.5}, r"^pue: 0.5 is below one"),
        ({"gpu_hour_price_usd": 0.0}, r"^gpu_hour_price_usd: 0 is no price"),
        ({"gpu_model": ["H100", "H20O"]}, r"^row large, column gpu_model: 'H20O' is not known; did you mean"),
    ],
)
def test_what_makes_no_sense_is_named(more: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        estimate(SETUP.assign(**more))
    with pytest.raises(ParameterError, match=r"^boundary 'grid'"):
        estimate(SETUP, boundary="grid")


def test_embeddings_have_an_input_and_no_output() -> None:
    row = estimate(SETUP.assign(output_tokens=0.0)).table.iloc[0]
    assert row["energy_j_per_input_token_p50"] > 0
    assert row["energy_wh_per_request_p50"] == pytest.approx(
        row["energy_j_per_input_token_p50"] * 1000 / 3600
    )
    assert (
        row[["energy_j_per_output_token_p50", "output_total_usd_per_mtok", "output_kwh_per_mtok_p50"]]
        .isna()
        .all()
    )
    assert row["request_total_usd"] == pytest.approx(row["input_total_usd_per_mtok"] / 1e3)


def test_grades_travel_with_what_they_grade() -> None:
    frame = pd.DataFrame(
        {
            "model": ["deepseek-v3", None],
            "params_active_b": [np.nan, 8.0],
            "gpu_model": ["L4", None],
            "gpu_count": [np.nan, 1.0],
        }
    )
    table = estimate(frame).table
    assert table["model_grade"].tolist() == [card_of("deepseek-v3").grade, ""]
    specs = datasets.load_gpu_specs()["grade"]
    assert table["gpu_model_grade"].tolist() == [specs["L4"], specs[table["gpu_model"][1]]]
    assert (table["energy_grade"] == "C").all()
    assert table["gpu_price_grade"].tolist() == ["C", "C"]
