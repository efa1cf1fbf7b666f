"""What the memory that is told cannot hold."""

import numpy as np
import pytest

import analysis
from analysis.inputs.errors import ParameterError
from analysis.model.energy_model import EnergyModel
from analysis.model.evidence import evidence
from analysis.model.limits import refuse_what_does_not_fit
from analysis.model.read_rows import read_rows
from tests.model.test_predict import frame


def test_a_model_that_does_not_fit_is_refused():
    rows = frame(params_total_b=671.0, params_active_b=37.0, precision="fp8", gpu_model="H800", gpu_count=2)
    with pytest.raises(ParameterError, match=r"row 0, column gpu_count: 2: .* 671 GB of weights, 160 GB"):
        analysis.predict_energy(rows)
    fits = rows.assign(precision="fp4", gpu_count=8)
    assert analysis.predict_energy(fits)["gpu_count"].iloc[0] == 8


def test_a_precision_that_is_not_told_is_given_the_benefit_of_the_doubt():
    rows = frame(params_total_b=671.0, params_active_b=37.0, gpu_model="H800", gpu_count=8)
    analysis.predict_energy(rows.drop(columns="precision"))
    with pytest.raises(ParameterError, match="does not fit"):
        analysis.predict_energy(rows.drop(columns="precision").assign(gpu_count=4))


def test_a_batch_beyond_memory_is_refused_with_the_largest_that_fits():
    """2 x (8 x 80 - 470) GB over 500 tokens of 192512 B."""
    most = int(2 * (640e9 - 470e9) / (500 * 192_512))
    assert analysis.predict_energy(frame(batch=float(most))).notna().all(axis=None)
    with pytest.raises(ParameterError, match=rf"row 0, column batch: .* at most {most} requests"):
        analysis.predict_energy(frame(batch=most + 1.0))


def test_a_request_that_does_not_fit_is_refused_by_its_longer_part():
    """A million tokens of 192512 B are 193 GB, half of it in eight bits, and 170 GB are free."""
    analysis.predict_energy(frame(batch=np.nan, input_tokens=1e6))
    with pytest.raises(ParameterError, match=r"row 0, column input_tokens: 2e\+06: .* not even one request"):
        analysis.predict_energy(frame(batch=np.nan, input_tokens=2e6))
    with pytest.raises(ParameterError, match=r"row 0, column output_tokens: 4e\+06: .* not even one request"):
        analysis.predict_energy(frame(output_tokens=4e6))


def test_without_a_card_or_a_count_nothing_is_too_large():
    analysis.predict_energy(frame(batch=1e5, gpu_count=np.nan))
    analysis.predict_energy(frame(params_total_b=9000.0, gpu_model=np.nan))


def test_no_measured_row_is_refused():
    for rows in evidence():
        refuse_what_does_not_fit(rows, EnergyModel.load(), read_rows(rows))
