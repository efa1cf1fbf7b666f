"""From a frame to rows: names, cards, what contradicts itself."""

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError
from analysis.model.read_rows import read_rows, refusal

OWN = {"gpu_tdp_w": 300.0, "gpu_memory_gb": 48.0, "gpu_bandwidth_gb_s": 900.0, "gpu_peak_16bit_tflops": 150.0}


def test_names_become_places_and_what_is_missing_is_none():
    rows = read_rows(pd.DataFrame({"params_active_b": [8.0, 8.0], "gpu_model": ["h100 sxm", None]}))
    assert rows.gpu.tolist() == [datasets.load_gpu_specs().index.get_loc("H100"), -1]
    assert rows.engine.tolist() == rows.load.tolist() == rows.attention.tolist() == [-1, -1]
    assert np.isnan(rows.numbers["batch"]).all()


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("gpu_model", "H20O"),
        ("precision", "nf5"),
        ("engine", "vlm"),
        ("load", "ballanced"),
        ("attention", "gqb"),
    ],
)
def test_an_unknown_name_is_refused_with_a_suggestion(column, name):
    with pytest.raises(ParameterError, match=rf"row 0, column {column}: '{name}' is not known; did you mean"):
        read_rows(pd.DataFrame({"params_active_b": [8.0], column: [name]}))


def test_a_card_tells_shape_and_number_format():
    rows = read_rows(pd.DataFrame({"model": ["deepseek-v3", None], "params_active_b": [np.nan, 8.0]}))
    assert rows.numbers["params_total_b"][0] == 671.0
    assert rows.numbers["layers"][0] == 61.0
    assert np.isnan(rows.numbers["layers"][1])
    assert datasets.load_precisions().index[rows.precision[0]] == "fp8"
    assert rows.attention[0] >= 0 > rows.attention[1]


def test_a_closed_model_has_ends_unless_its_size_is_told():
    named = read_rows(pd.DataFrame({"model": ["gpt-4o"] * 2, "params_active_b": [np.nan, 50.0]}))
    low, high = named.numbers["params_active_b_low"], named.numbers["params_active_b_high"]
    assert low[0] < named.numbers["params_active_b"][0] < high[0]
    assert np.isnan(low[1])


def test_a_name_that_no_card_has_is_a_label_where_the_size_is_told():
    rows = read_rows(pd.DataFrame({"model": ["my own 7b"], "params_active_b": [7.0]}))
    assert np.isnan(rows.numbers["layers"]).all()
    with pytest.raises(ParameterError, match="row 1, column model: 'my own 7b' is not known"):
        read_rows(pd.DataFrame({"model": ["my own 7b"] * 2, "params_active_b": [7.0, np.nan]}))


def test_neither_model_nor_size_is_too_little():
    with pytest.raises(ParameterError, match="params_active_b is missing, and so is model"):
        read_rows(pd.DataFrame({"batch": [1.0]}))
    with pytest.raises(ParameterError, match="row 1, column params_active_b: nan: a number is needed"):
        read_rows(pd.DataFrame({"params_active_b": [8.0, np.nan]}))


def test_a_card_of_ones_own_needs_all_four_numbers_and_may_have_any_name():
    rows = read_rows(pd.DataFrame([{"params_active_b": 8.0, "gpu_model": "mine", **OWN}]))
    assert rows.has_own_card.tolist() == [True]
    assert rows.gpu.tolist() == [-1]
    for name in OWN:
        with pytest.raises(ParameterError, match=f"column {name}: .*needs gpu_tdp_w"):
            read_rows(pd.DataFrame([{"params_active_b": 8.0, **OWN, name: np.nan}]))


def test_a_request_of_no_tokens_is_refused():
    with pytest.raises(ParameterError, match="neither input nor output tokens"):
        read_rows(pd.DataFrame([{"params_active_b": 8.0, "input_tokens": 0.0, "output_tokens": 0.0}]))


def test_a_refusal_names_row_column_and_value():
    frame = pd.DataFrame({"batch": [2.5]}, index=[("a", 1)])
    assert str(refusal(frame, "batch", 0, "why")) == "row ('a', '1'), column batch: 2.5: why"
