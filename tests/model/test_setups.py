"""The tables behind a set-up, and shapes that follow from size."""

import numpy as np
import pytest

from analysis.inputs import datasets
from analysis.model.setups import HIGH, LOW, VALUE, Z95, Shape, Tables


def test_weights_of_four_bits_are_unpacked_where_a_card_has_no_units_for_them():
    tables, gpus = Tables.load_all(), datasets.load_gpu_specs()
    of = {name: gpus.index.get_loc(name) for name in ("H100", "B200", "A100")}
    sixteen, fp8, fp4 = (tables.peak_flop_per_s[datasets.PEAKS.index(name)] for name in datasets.PEAKS)
    assert fp4[of["H100"]] == sixteen[of["H100"]] < fp8[of["H100"]]
    assert fp4[of["B200"]] == pytest.approx(2 * fp8[of["B200"]])
    assert fp8[of["A100"]] == sixteen[of["A100"]]


def test_a_prompt_gains_nothing_from_four_bits_over_eight():
    tables = Tables.load_all()
    eight, four = (tables.prefill_peak_flop_per_s[datasets.PEAKS.index(name)] for name in ("fp8", "fp4"))
    assert (four <= eight).all()


def test_links_count_one_way():
    tables, gpus = Tables.load_all(), datasets.load_gpu_specs()
    assert tables.gpu["link_b_per_s"][gpus.index.get_loc("H100")] == 450e9


def test_ends_of_a_shape_are_one_quantile_width_off():
    shape = Shape(constant=np.log(10.0), total=0.5, active=0.25, sd=0.3)
    assert shape.at(16.0, 16.0) == pytest.approx(10 * 4 * 2)
    low, high = shape.at(16.0, 16.0, LOW), shape.at(16.0, 16.0, HIGH)
    assert low * high == pytest.approx(80.0**2)
    assert np.log(high / 80.0) == pytest.approx(0.3 * Z95)


def test_what_does_not_move_is_passed_over():
    tables = Tables.load_all()
    assert tables.moves("engine", HIGH)
    assert not tables.moves("engine", LOW), "no kind of engine is better than the current one"
    assert tables.moves("batch", LOW)
    assert not tables.moves("dense_up_to", HIGH)
    assert tables.unknown["input_tokens"][VALUE] < tables.unknown["input_tokens"][HIGH]
