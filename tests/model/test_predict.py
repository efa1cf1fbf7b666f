import warnings

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError
from analysis.model.decode_step import TokenEnergy
from analysis.model.energy_model import EnergyModel, Tables
from analysis.model.predict import ENERGY

QUANTILES = [f"{ENERGY}_{end}" for end in ("p5", "p50", "p95")]
KNOWN = {
    "params_total_b": 235.0,
    "params_active_b": 22.0,
    "precision": "bf16",
    "gpu_model": "H100",
    "gpu_count": 8,
    "batch": 64.0,
    "input_tokens": 100.0,
    "output_tokens": 800.0,
    "layers": 94,
    "kv_bytes_per_token_bf16": 192512.0,
    "n_experts": 128,
    "experts_per_token": 8,
    "software_year": 2026,
}


def frame(*changes, **columns):
    rows = [KNOWN | columns | change for change in changes or ({},)]
    return pd.DataFrame(rows)


def width(answer):
    return np.log(answer[QUANTILES[2]] / answer[QUANTILES[0]])


def test_the_answer_keeps_the_index_and_orders_its_quantiles():
    rows = frame({}, {"batch": 8.0}, {"precision": "fp8"}).set_index(pd.Index(["x", "y", "x"]))
    answer = analysis.predict_energy(rows)
    assert list(answer.index) == ["x", "y", "x"]
    assert list(answer.columns[:3]) == QUANTILES
    assert (answer[QUANTILES[0]] < answer[QUANTILES[1]]).all()
    assert (answer[QUANTILES[1]] < answer[QUANTILES[2]]).all()
    assert set(TokenEnergy._fields) <= set(answer.columns)


def test_a_measured_row_is_inside_its_interval():
    row = datasets.load_energy_measured().loc["mle3-lm-arena-chat-000"]
    answer = analysis.predict_energy(row.to_frame().T.assign(software_year=2026)).iloc[0]
    assert answer[QUANTILES[0]] < row["value"] < answer[QUANTILES[2]]


def test_boundaries_nest_and_widen():
    answers = [
        analysis.predict_energy(frame(), boundary=name).iloc[0] for name in ("gpu", "server", "facility")
    ]
    medians = [answer[QUANTILES[1]] for answer in answers]
    assert medians == sorted(medians)
    assert [width(answer) for answer in answers] == sorted(width(answer) for answer in answers)
    for answer in answers:
        assert answer["energy_at_gpu_j_per_output_token"] == pytest.approx(medians[0])
        assert answer["energy_at_server_j_per_output_token"] == pytest.approx(medians[1])
        assert answer["energy_at_facility_j_per_output_token"] == pytest.approx(medians[2])


@pytest.mark.parametrize("gpu", ["H100", "B200", "A100", "MI355X", "L40S"])
@pytest.mark.parametrize("total", [70.0, 700.0])
def test_fewer_bits_never_cost_more(gpu, total):
    rows = frame(*({"precision": name} for name in ("bf16", "fp8", "fp4", "mxfp4")))
    rows = rows.assign(gpu_model=gpu, params_total_b=total, params_active_b=70.0, gpu_count=32)
    energy = analysis.predict_energy(rows)[QUANTILES[1]]
    assert (energy.diff().dropna() <= 1e-12).all()


def test_nearly_all_active_is_dense():
    rows = frame({"params_total_b": 8.0}, {"params_total_b": 8.03}, {"params_total_b": 9.0})
    rows = rows.assign(params_active_b=8.0, n_experts=np.nan, gpu_count=1)
    energy = analysis.predict_energy(rows)[QUANTILES[1]]
    assert energy.iloc[1] == pytest.approx(energy.iloc[0], rel=0.01)
    assert energy.iloc[2] > energy.iloc[0]


def test_an_assumed_batch_is_one_whose_cache_fits():
    rows = frame(params_total_b=70.0, params_active_b=70.0, gpu_count=4, input_tokens=32_000.0)
    rows = rows.drop(columns="batch")
    answer = analysis.predict_energy(rows).iloc[0]
    assert answer["batch"] == pytest.approx(answer["batch_kv_limit"])
    room = 4 * 80e9 - 140e9
    assert answer["batch"] == pytest.approx(room / ((32_000 + 400) * 192512))


@pytest.mark.parametrize(
    ("column", "values"), [("batch", [True]), ("batch", [pd.Timestamp("2026-01-01")]), ("batch", [1 + 2j])]
)
def test_columns_that_are_no_numbers_are_refused(column, values):
    with pytest.raises(ValueError, match=f"column {column}: numbers are needed"):
        analysis.predict_energy(frame().assign(**{column: values}))


def test_a_column_twice_is_refused():
    twice = pd.concat([frame(), frame()[["batch"]]], axis=1)
    with pytest.raises(ValueError, match="column batch is there more than once"):
        analysis.predict_energy(twice)


def test_links_widen_by_hand():
    answer = analysis.predict_energy(frame(), boundary="facility").iloc[0]
    own, pue = datasets.load_energy_assumptions(), datasets.load_assumptions().loc["pue"]
    power = answer["gpu_power_ratio"]
    host = datasets.load_machines().loc["hgx-hopper", ["value_w", "high_w"]] / 700.0
    steps = [
        np.log((1 + host["high_w"] / power) / (1 + host["value_w"] / power)),
        np.log(own.loc["idle_overhead", "high"] / own.loc["idle_overhead", "value"]),
        np.log(pue["high"] / pue["value"]),
    ]
    assert answer["spread_links_high"] == pytest.approx(np.sqrt(np.square(steps).sum()))
    spread = np.hypot(answer["spread_model"], answer["spread_links_high"])
    assert answer[QUANTILES[2]] == pytest.approx(answer[QUANTILES[1]] * np.exp(spread))


@pytest.mark.parametrize(
    "name",
    [
        "params_total_b",
        "precision",
        "gpu_model",
        "batch",
        "input_tokens",
        "output_tokens",
        "layers",
        "kv_bytes_per_token_bf16",
        "n_experts",
        "software_year",
    ],
)
def test_leaving_an_input_out_widens_the_answer_however_it_is_left_out(name):
    known = analysis.predict_energy(frame()).iloc[0]
    blank = analysis.predict_energy(frame(**{name: np.nan})).iloc[0]
    gone = analysis.predict_energy(frame().drop(columns=name)).iloc[0]
    assert width(blank) > width(known)
    pd.testing.assert_series_equal(blank, gone)


def test_the_size_alone_is_enough():
    answer = analysis.predict_energy(pd.DataFrame({"params_active_b": [37.0]})).iloc[0]
    assert 0.0 < answer[QUANTILES[0]] < answer[QUANTILES[2]] < np.inf
    assert width(answer) > np.log(20), "almost nothing is known"


def test_strange_names_are_refused_with_row_column_and_suggestion():
    rows = frame({"gpu_model": "H100"}, {"gpu_model": "H20O"})
    with pytest.raises(ParameterError, match="column gpu_model: 'H20O' is not known; did you mean H20 or"):
        analysis.predict_energy(rows)
    with pytest.raises(ParameterError, match="column precision: 'fp3' is not known; did you mean"):
        analysis.predict_energy(frame(precision="fp3"))


def test_a_card_that_is_not_stated_widens_the_interval():
    answer = analysis.predict_energy(frame({"gpu_model": np.nan}, {"gpu_model": "H100"}))
    assert width(answer.iloc[0]) > width(answer.iloc[1])


@pytest.mark.parametrize(
    ("name", "alias"),
    [("gpu_model", "NVIDIA H100 80GB HBM3"), ("gpu_model", "h100_sxm"), ("precision", "FP16")],
)
def test_aliases_are_known(name, alias):
    pd.testing.assert_frame_equal(
        analysis.predict_energy(frame(**{name: alias})), analysis.predict_energy(frame())
    )


def test_an_unfitted_generation_has_the_widest_spread():
    answer = analysis.predict_energy(frame({}, {"gpu_model": "MI300X"}, {"gpu_model": np.nan}))
    spreads = EnergyModel.load().residual_sd
    assert (
        answer["spread_model"].iloc[1]
        == answer["spread_model"].iloc[2]
        == pytest.approx(1.6448536269514722 * max(spreads.values()))
    )
    assert answer["spread_model"].iloc[0] < answer["spread_model"].iloc[1]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("params_active_b", -1.0),
        ("params_active_b", np.nan),
        ("params_active_b", 300.0),
        ("params_active_b", "many"),
        ("params_total_b", 0.0),
        ("gpu_count", 0),
        ("batch", 0.0),
        ("batch", np.inf),
        ("batch", 1e300),
        ("software_year", 24),
        ("input_tokens", -5.0),
        ("output_tokens", 0.0),
        ("layers", -3),
        ("experts_per_token", 500),
    ],
)
def test_nonsense_is_refused_with_row_and_column(column, value):
    rows = frame({}, {column: value}).set_index(pd.Index(["good", "bad"]))
    with pytest.raises(ValueError, match=f"row bad, column {column}"):
        analysis.predict_energy(rows)


def test_other_bad_input_is_refused():
    with pytest.raises(ValueError, match="params_active_b is missing"):
        analysis.predict_energy(pd.DataFrame({"batch": [1.0]}))
    with pytest.raises(ValueError, match="boundary 'rack'"):
        analysis.predict_energy(frame(), boundary="rack")


def test_gpus_that_cannot_hold_the_weights_count_as_unknown():
    rows = frame(params_total_b=671.0, params_active_b=37.0, precision="fp8", gpu_model="H800")
    answer = analysis.predict_energy(rows).iloc[0]
    assert answer["gpu_count"] == 16, "671 GB x 1.2 in 80 GB each"
    pd.testing.assert_series_equal(answer, analysis.predict_energy(rows.assign(gpu_count=np.nan)).iloc[0])


def test_an_array_equals_a_loop_and_the_frame_is_left_alone():
    rows = frame(
        *({"batch": float(batch), "gpu_model": gpu} for batch in (1, 9, 700) for gpu in ("B200", "A100"))
    )
    rows["note"] = "mine"
    before = rows.copy()
    together = analysis.predict_energy(rows, boundary="facility")
    pd.testing.assert_frame_equal(rows, before)
    alone = pd.concat(
        [analysis.predict_energy(rows.iloc[[place]], boundary="facility") for place in range(len(rows))]
    )
    pd.testing.assert_frame_equal(together, alone)


def test_no_rows_give_no_rows():
    assert analysis.predict_energy(frame().iloc[:0]).empty


def test_many_rows_are_the_same_as_few(monkeypatch):
    rows = pd.concat([frame()] * 50, ignore_index=True).assign(batch=np.arange(1.0, 51.0))
    at_once = analysis.predict_energy(rows)
    monkeypatch.setattr("analysis.model.predict.ROWS_AT_ONCE", 7)
    pd.testing.assert_frame_equal(analysis.predict_energy(rows), at_once)


def test_ends_that_are_passed_over_move_nothing(monkeypatch):
    rows = pd.DataFrame({"params_active_b": [8.0, 37.0], "precision": ["fp8", None]})
    passed_over = analysis.predict_energy(rows)
    assert not Tables.load().moves("fp8_experts", "high")
    assert Tables.load().moves("batch", "low")
    monkeypatch.setattr(Tables, "moves", lambda self, name, end: True)
    pd.testing.assert_frame_equal(analysis.predict_energy(rows), passed_over, check_exact=True)


def test_known_rows_raise_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        analysis.predict_energy(frame({}, {"n_experts": np.nan}, {"params_total_b": 22.0}))


def test_more_gpus_or_older_software_cost_more():
    answer = analysis.predict_energy(frame({}, {"gpu_count": 16}, {"software_year": 2024}))[QUANTILES[1]]
    assert answer.iloc[0] < answer.iloc[1]
    assert answer.iloc[0] < answer.iloc[2]


def test_years_beyond_the_measured_ones_count_as_the_nearest():
    answer = analysis.predict_energy(frame({"software_year": 2026}, {"software_year": 2031}))[QUANTILES[1]]
    assert answer.iloc[0] == answer.iloc[1]


@pytest.mark.parametrize("strange", ["8", b"1", True, np.bool_(True), 1j, 10**400, [], "1_000"])
@pytest.mark.parametrize("name", ["params_active_b", "gpu_count", "batch", "software_year"])
def test_an_object_column_may_hold_numbers_alone(name, strange):
    column = pd.Series([KNOWN[name], None], dtype=object)
    column[1] = strange
    with pytest.raises(ParameterError, match=f"^row 1, column {name}: .*: not a number$"):
        analysis.predict_energy(frame({}, {}).assign(**{name: column}))


def test_an_object_column_of_numbers_is_as_good_as_any():
    mixed = frame().astype({name: object for name in ("batch", "gpu_count")}).assign(layers=[np.int8(94)])
    pd.testing.assert_frame_equal(analysis.predict_energy(mixed), analysis.predict_energy(frame()))


@pytest.mark.parametrize("strange", [None, 1, "x", [], {}, pd.Series([1.0]), np.ones(2)])
def test_what_is_no_frame_and_no_boundary_is_refused_by_name(strange):
    with pytest.raises(ParameterError, match=r"^frame: not a pandas DataFrame"):
        analysis.predict_energy(strange)
    with pytest.raises(ParameterError, match=r"^boundary "):
        analysis.predict_energy(frame(), boundary=strange)
