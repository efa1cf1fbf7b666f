"""The fitted model: what stands in for an unknown input, and what follows from it."""

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets
from analysis.model.energy_model import EnergyModel
from analysis.model.predict import read_rows

KNOWN = {"params_active_b": 8.0, "params_total_b": 8.0, "gpu_model": "H100", "precision": "bf16"}


@pytest.fixture(scope="module")
def model() -> EnergyModel:
    return EnergyModel.load()


def filled(model: EnergyModel, tilts: dict[str, str] | None = None, **setup) -> dict[str, float]:
    rows = read_rows(pd.DataFrame([KNOWN | setup]))
    return {name: float(column[0]) for name, column in model.fill(rows, tilts).numbers.items()}


def test_what_is_told_stays(model) -> None:
    told = {"gpu_count": 2, "batch": 48.0, "input_tokens": 900.0, "output_tokens": 300.0, "layers": 32.0}
    found = filled(model, **told)
    assert {name: found[name] for name in told} == told


def test_unknown_lengths_take_their_rows(model) -> None:
    rows = datasets.load_energy_assumptions()
    found = filled(model)
    assert found["output_tokens"] == rows.loc["output_tokens", "value"]
    assert filled(model, {"output_tokens": "high"})["output_tokens"] == rows.loc["output_tokens", "high"]


def test_as_many_gpus_as_hold_the_weights(model) -> None:
    """405 billion parameters of two bytes are 810 GB: more than eight cards of 80 GB."""
    assert filled(model)["gpu_count"] == 1.0
    count = filled(model, params_active_b=405.0, params_total_b=405.0)["gpu_count"]
    assert count * 80.0 >= 810.0
    assert np.log2(count) == int(np.log2(count))


def test_an_unknown_batch_fits_beside_the_weights(model) -> None:
    """Where the cache of the assumed batch does not fit, as many requests are taken as do."""
    short, long = filled(model), filled(model, input_tokens=60_000.0)
    assert 1.0 <= long["batch"] < short["batch"]


def test_a_tilt_of_the_shape_is_one_quantile_width(model) -> None:
    low, middle, high = (filled(model, {"layers": end})["layers"] for end in ("low", "value", "high"))
    assert low < middle < high
    assert low * high == pytest.approx(middle**2)


def test_software_newer_than_any_measured_counts_as_the_newest(model) -> None:
    assert filled(model, software_year=model.years[1])["software_year"] == model.years[1]
    later = model.years[1] + 3.0
    rows = read_rows(pd.DataFrame([KNOWN | {"software_year": later}]))
    assert model.fill(rows).numbers["software_year"][0] == model.years[1]
