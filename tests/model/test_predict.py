import warnings

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError
from analysis.model.energy_model import EnergyModel
from analysis.model.predict import ENERGY, QUANTITIES
from analysis.model.request import TokenEnergy
from analysis.model.setups import Z95, Tables

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
    "engine": "current",
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
    answer = analysis.predict_energy(row.to_frame().T).iloc[0]
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


def test_nearly_all_active_is_dense():
    rows = frame({"params_total_b": 8.0}, {"params_total_b": 8.03}, {"params_total_b": 9.0})
    rows = rows.assign(params_active_b=8.0, n_experts=np.nan, gpu_count=1)
    energy = analysis.predict_energy(rows)[QUANTILES[1]]
    assert energy.iloc[1] == pytest.approx(energy.iloc[0], rel=0.01)
    assert energy.iloc[2] > energy.iloc[0]


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
        "engine",
        "gpu_count",
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
        ("batch", 0.5),
        ("gpu_count", 1e9),
        ("params_active_b", 70e9),
        ("cached_share", 1.5),
        ("tokens_per_step", 0.5),
        ("input_tokens", -5.0),
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


def test_known_rows_raise_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        analysis.predict_energy(frame({}, {"n_experts": np.nan}, {"params_total_b": 22.0}))


@pytest.mark.parametrize("strange", ["8", b"1", True, np.bool_(True), 1j, 10**400, [], "1_000"])
@pytest.mark.parametrize("name", ["params_active_b", "gpu_count", "batch", "output_tokens"])
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


@pytest.mark.parametrize("gpu", ["B200", "MI355X"])
@pytest.mark.parametrize("total", [70.0, 700.0])
def test_fewer_bits_never_cost_more_where_a_card_has_units_for_them(gpu, total):
    rows = frame(*({"precision": name} for name in ("bf16", "fp8", "fp4", "mxfp4")))
    rows = rows.assign(gpu_model=gpu, params_total_b=total, params_active_b=70.0, gpu_count=32)
    energy = analysis.predict_energy(rows)[QUANTILES[1]]
    assert (energy.diff().dropna() <= 1e-12).all()


@pytest.mark.parametrize("gpu", ["H100", "A100", "L40S"])
def test_fewer_bits_cost_less_than_sixteen_everywhere(gpu):
    rows = frame(*({"precision": name} for name in ("bf16", "fp8", "int4", "mxfp4")))
    energy = analysis.predict_energy(rows.assign(gpu_model=gpu, gpu_count=32))[QUANTILES[1]]
    assert (energy.iloc[1:] < energy.iloc[0]).all()


def test_each_quantity_has_an_interval_around_its_median():
    answer = analysis.predict_energy(frame(), boundary="facility").iloc[0]
    for name in QUANTITIES:
        low, median, high = (answer[f"{name}_{end}"] for end in ("p5", "p50", "p95"))
        assert 0.0 < low < median < high
    request = 800 * answer["energy_j_per_output_token_p50"] / 3600
    assert answer["energy_wh_per_request_p50"] == pytest.approx(request)
    parts = (
        800 * answer["decode_energy_j_per_output_token_p50"] + 100 * answer["energy_j_per_input_token_p50"]
    )
    assert parts / 3600 == pytest.approx(request)


def test_a_prompt_without_an_answer_has_an_energy_by_request():
    answer = analysis.predict_energy(frame(output_tokens=0.0)).iloc[0]
    assert np.isnan(answer[QUANTILES[1]])
    wh = answer["energy_wh_per_request_p50"]
    assert wh * 3600 == pytest.approx(100 * answer["energy_j_per_input_token_p50"])
    assert 0.0 < answer["energy_wh_per_request_p5"] < wh < answer["energy_wh_per_request_p95"]


def test_cached_input_costs_nothing_to_read():
    answer = analysis.predict_energy(frame({}, {"cached_share": 0.9}, {"cached_share": 1.0}))
    energy = answer["energy_wh_per_request_p50"]
    assert energy.is_monotonic_decreasing
    assert np.isnan(answer["energy_j_per_input_token_p50"].iloc[2])
    assert answer["prefill_energy_j_per_output_token"].iloc[2] == 0.0


def test_engines_differ_and_one_that_is_not_told_counts_as_current():
    rows = frame(*({"engine": name} for name in ("vLLM", "sglang", "early", "transformers")))
    energy = analysis.predict_energy(rows)[QUANTILES[1]].tolist()
    assert energy[0] == energy[1] < energy[2]
    assert energy[0] < energy[3]
    untold = analysis.predict_energy(frame().drop(columns="engine")).iloc[0]
    assert untold[QUANTILES[1]] == energy[0]
    assert untold[QUANTILES[2]] > energy[3], "the interval reaches to what any engine takes"


def test_a_model_by_name_is_its_card():
    card = datasets.load_model_cards().loc["Qwen/Qwen3-235B-A22B-Instruct-2507"]
    told = ["params_total_b", "params_active_b", "layers", "kv_bytes_per_token_bf16"]
    told += ["n_experts", "experts_per_token"]
    named = frame().drop(columns=told).assign(model="qwen3 235b-a22b instruct 2507")
    answer = analysis.predict_energy(named).iloc[0]
    assert answer["layers"] == card["layers"]
    spelled = analysis.predict_energy(frame(**card[told].to_dict())).iloc[0]
    assert answer[QUANTILES[1]] == pytest.approx(spelled[QUANTILES[1]])
    more = analysis.predict_energy(named.assign(params_active_b=30.0)).iloc[0]
    assert more["params_active_b"] == 30.0, "what a row tells comes before the card"


def test_a_closed_model_is_wider_than_an_open_one_of_its_size():
    closed = analysis.predict_energy(pd.DataFrame({"model": ["gpt-4o"], "gpu_model": ["H100"]})).iloc[0]
    sizes = {name: [closed[name]] for name in ("params_total_b", "params_active_b")}
    opened = analysis.predict_energy(pd.DataFrame(sizes | {"gpu_model": ["H100"]})).iloc[0]
    assert closed[QUANTILES[1]] == pytest.approx(opened[QUANTILES[1]])
    assert width(closed) > width(opened)


def test_only_one_of_batch_load_and_speed_may_be_told():
    for more in ({"load": "saturated"}, {"tokens_per_s_per_user": 30.0}):
        with pytest.raises(ParameterError, match="only one of batch, load and tokens_per_s_per_user"):
            analysis.predict_energy(frame(**more))
    without = frame().drop(columns="batch")
    with pytest.raises(ParameterError, match="only one of"):
        analysis.predict_energy(without.assign(load="balanced", tokens_per_s_per_user=30.0))


def test_more_gpus_cost_more_at_one_batch():
    answer = analysis.predict_energy(frame({}, {"gpu_count": 16}))[QUANTILES[1]]
    assert answer.iloc[0] < answer.iloc[1]


def test_regimes_that_are_known_less_have_wider_residuals():
    changes = ({}, {"engine": "naive"}, {"gpu_model": "MI300X"}, {"batch": np.nan})
    answer = analysis.predict_energy(frame(*changes))["spread_model"] / Z95
    sd = EnergyModel.load().residual_sd
    names = ["known", "other_engine", "other_card", "batch_unknown"]
    assert answer.tolist() == pytest.approx([sd[name] for name in names])
    assert answer.iloc[0] <= answer.iloc[1] <= answer.iloc[2] <= answer.iloc[3]


def test_the_ends_of_what_moves_nothing_move_nothing(monkeypatch):
    rows = pd.DataFrame({"params_active_b": [8.0, 37.0], "precision": ["fp8", None]})
    passed_over = analysis.predict_energy(rows)
    monkeypatch.setattr(Tables, "moves", lambda self, name, end: True)
    pd.testing.assert_frame_equal(analysis.predict_energy(rows), passed_over, rtol=1e-9)
