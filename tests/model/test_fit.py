import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets, paths
from analysis.model import fit
from analysis.model.decode_step import Coefficients
from analysis.model.energy_model import EnergyModel
from analysis.model.predict import ENERGY, intervals, read_rows
from analysis.runs.outputs import as_csv


@pytest.fixture(scope="module")
def rows():
    return fit.measured()


@pytest.fixture(scope="module")
def table():
    return datasets.load_coefficients()


@pytest.fixture(scope="module")
def seen(rows):
    return rows[rows["source"].isin(fit.FITTED_SOURCES)]


@pytest.fixture(scope="module")
def model(seen, table):
    return fit.calibrated(seen, table)


@pytest.fixture(scope="module")
def fresh(rows, table, model):
    """Return coefficients fitted anew and stored predictions: fitting these too takes half a minute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "calibrated", lambda frame, table: model)
        coefficients = fit.coefficient_table(rows, table)
    return {"energy_coefficients.csv": coefficients, "energy_held_out.csv": datasets.load_held_out()}


def test_the_fit_sees_measured_rows_of_serving_engines_alone(rows, seen):
    assert set(rows["boundary"]) == {"gpu"}
    assert set(rows["source"]) == {*fit.FITTED_SOURCES, fit.OLDEST}
    assert len(seen) == 718
    assert rows["gpu_power_ratio"].between(0.05, 1.05).all()


def test_stored_coefficients_are_those_of_a_fresh_fit(model, table):
    for name in Coefficients._fields:
        assert getattr(model.coefficients, name) == pytest.approx(table.loc[name, "value"], rel=0.005)
        assert table.loc[name, "low"] <= table.loc[name, "value"] <= table.loc[name, "high"] * (1 + 1e-9)


def test_stored_predictions_are_those_of_a_model_that_never_saw_the_family(rows, seen, table):
    family = "DeepSeek V3"
    model = fit.calibrated(seen[seen["family"] != family], table)
    chosen = rows[(rows["family"] == family) & (rows["source"] == fit.NEWEST)]
    stored = datasets.load_held_out().query("held_out == 'family'").set_index("id").loc[chosen.index]
    for end, quantile in zip(("p5", "p50", "p95"), intervals(model, read_rows(chosen)), strict=True):
        np.testing.assert_allclose(stored[f"{ENERGY}_{end}"], quantile, rtol=0.005)


def test_every_row_is_held_out_once_in_every_trial(rows):
    stored = datasets.load_held_out()
    newest = set(rows.index[rows["source"] == fit.NEWEST])
    for trial in fit.TRIALS:
        ids = stored.loc[stored["held_out"] == trial, "id"]
        assert ids.is_unique
        if trial == "2023":
            assert set(ids) == set(rows.index[rows["source"] == fit.OLDEST])
        elif trial == "2026":
            told = rows.index[(rows["family"] == "Llama 3") & (rows["gpu_model"] == "H100")]
            assert set(ids) == newest - set(told)
        else:
            assert set(ids) == newest


def test_a_fit_recovers_the_coefficients_that_made_the_rows(seen, table):
    truth = EnergyModel.load()
    truth_coefficients = truth.coefficients._replace(
        kv_read_excess=1.8, power_floor=0.3, weight_read_excess=1.2
    )
    made = EnergyModel(truth_coefficients, fit.shapes(), {"other": 0.0}, truth.years)
    steps = made.steps(made.fill(read_rows(seen)))
    fake = seen.assign(
        energy_j_per_output_token=steps.gpu_energy_j_per_output_token, gpu_power_ratio=steps.gpu_power_ratio
    )
    start = table.assign(start=[getattr(truth_coefficients, name, 1.0) for name in table.index])
    start["start"] = (start["start"] * 1.1).clip(start["least"], start["greatest"])
    found = fit.fit(fake, start).coefficients
    for name in ("kv_read_excess", "power_floor", "weight_read_excess", "layer_overhead_s"):
        assert getattr(found, name) == pytest.approx(getattr(truth_coefficients, name), rel=0.05)


def test_fixed_coefficients_stay(seen, table):
    found = fit.fit(seen[seen["family"] == "Llama 3"], table, overhead_growth_per_year=0.5)
    assert found.coefficients.overhead_growth_per_year == 0.5


def test_calibrated_intervals_cover_what_they_promise(seen, model):
    newest = seen[seen["source"] == fit.NEWEST]
    low, _, high = intervals(model, read_rows(newest))
    inside = ((newest[ENERGY] >= low) & (newest[ENERGY] <= high)).mean()
    assert fit.COVERED - 0.02 <= inside <= 0.99, "rows that were seen are inside at least as often"


def test_shapes_come_near_the_cards():
    cards = datasets.load_model_cards().dropna(subset=["params_total_b", "layers"])
    for name, shape in fit.shapes().items():
        known = cards.dropna(subset=[name])
        guess = shape.at(known["params_total_b"].to_numpy(), known["params_active_b"].to_numpy(), 0.0)
        assert np.median(np.abs(np.log(guess / known[name]))) < shape.sd
        assert abs(np.log(guess / known[name]).mean()) < 1e-9, "least squares have no bias"


def test_everything_in_the_coefficient_table_is_fitted_anew(fresh, table):
    numbers = ["value", "low", "high"]
    found = fresh["energy_coefficients.csv"]
    assert list(found) == list(table)
    np.testing.assert_allclose(found[numbers].astype(float), table[numbers].astype(float), rtol=0.005)


def test_tables_that_differ_are_named(fresh):
    assert fit.differing_tables(fresh) == []
    for name, column in (("energy_held_out.csv", f"{ENERGY}_p50"), ("energy_coefficients.csv", "value")):
        worse = fresh[name].assign(**{column: fresh[name][column] * 1.1})
        assert fit.differing_tables(fresh | {name: worse}) == [name]
    fewer = fresh["energy_held_out.csv"].iloc[1:]
    assert fit.differing_tables(fresh | {"energy_held_out.csv": fewer}) == ["energy_held_out.csv"]


def test_the_text_of_a_table_is_the_stored_file(fresh, tmp_path):
    for name, table in fresh.items():
        as_csv(table, fit.DIGITS)(tmp_path / name)
        text, stored = (tmp_path / name).read_text(), (paths.DATA / name).read_text()
        assert text.splitlines()[0] == stored.splitlines()[0]
        pd.testing.assert_frame_equal(
            pd.read_csv(tmp_path / name), pd.read_csv(paths.DATA / name), rtol=0.005
        )
    assert text == stored, "held-out predictions, to the letter"
