"""The fit: what it finds, and that what is stored is what it finds."""

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets, paths
from analysis.model import fit
from analysis.model.energy_model import EnergyModel
from analysis.model.evidence import evidence, shapes
from analysis.model.predict import ENERGY
from analysis.model.quantities import Coefficients
from analysis.model.read_rows import read_rows
from analysis.runs.outputs import as_csv


@pytest.fixture(scope="module")
def rows():
    return evidence()


@pytest.fixture(scope="module")
def table():
    return datasets.load_coefficients()


@pytest.fixture(scope="module")
def model(rows, table):
    return fit.fit(rows, table)


def test_stored_coefficients_are_those_of_a_fresh_fit(model, table):
    for name in Coefficients._fields:
        assert getattr(model.coefficients, name) == pytest.approx(table.loc[name, "value"], rel=0.005)


def test_no_coefficient_sits_on_its_bound(table):
    fitted = table[table["kind"] == "fitted"]
    assert set(fitted.index) == set(Coefficients._fields)
    assert (fitted["value"] > 1.02 * fitted["least"]).all()
    assert (fitted["value"] < fitted["greatest"] / 1.02).all()
    assert (fitted["low"] > fitted["least"]).all()


def test_coefficients_carry_ranges_errors_and_sources(table):
    fitted = table[table["kind"] == "fitted"]
    assert fitted["standard_error"].between(0.01, 1.5).all()
    assert ((fitted["low"] <= fitted["value"]) & (fitted["value"] <= fitted["high"])).all()
    told = {source for cell in fitted["told_by"] for source in cell.split(";")}
    assert told <= set(evidence().energy["source"])
    assert len(told) >= 6


def test_stored_predictions_are_those_of_a_fit_that_never_saw_the_source(rows, table):
    source = "inferencex_powerx_qwen"
    unseen = fit.fit(rows.without("source", source), table)
    chosen = rows.energy[rows.energy["source"] == source]
    stored = datasets.load_held_out().query("held_out == 'source'").set_index("id").loc[chosen.index]
    found = unseen.steps(unseen.fill(read_rows(chosen))).gpu_energy_j_per_output_token
    np.testing.assert_allclose(stored[f"{ENERGY}_p50"], found, rtol=0.005)


def test_a_fit_recovers_the_coefficients_that_made_the_rows(rows, table):
    truth = EnergyModel.load().coefficients._replace(
        kv_read_excess=1.8, power_floor=0.3, weight_read_excess=1.2, sequence_overhead_s=3e-5
    )
    made = EnergyModel(truth, shapes(), {})
    seen = rows.fitted()

    def answers(frame):
        return made.steps(made.fill(read_rows(frame)))

    energy = answers(seen.energy)
    fake = rows._replace(
        energy=seen.energy.assign(
            **{ENERGY: energy.gpu_energy_j_per_output_token, "gpu_power_w": energy.gpu_power_w}
        ),
        rates=seen.rates.assign(value=answers(seen.rates).output_tokens_per_gpu_second),
        prefill=seen.prefill.assign(value=answers(seen.prefill).prefill_tokens_per_gpu_second),
    )
    start = table.assign(start=[getattr(truth, name, 1.0) for name in table.index])
    start["start"] = (start["start"] * 1.1).clip(start["least"], start["greatest"])
    found = fit.fit(fake, start).coefficients
    for name in ("kv_read_excess", "power_floor", "weight_read_excess", "sequence_overhead_s"):
        assert getattr(found, name) == pytest.approx(getattr(truth, name), rel=0.08)


def test_fixed_coefficients_stay(rows, table):
    few = rows._replace(energy=rows.energy.groupby("source").head(5))
    assert fit.fit(few, table, early_overhead=3.0).coefficients.early_overhead == 3.0


def test_the_table_is_that_of_the_fits_by_hand(table, model):
    other = model.coefficients._replace(power_floor=1.1 * model.coefficients.power_floor)
    others = {"a": EnergyModel(other, {}, {}), "b": EnergyModel(model.coefficients, {}, {})}
    found = fit.coefficient_table(table, model, others).loc["power_floor"]
    assert found["high"] / found["low"] == pytest.approx(1.1, rel=1e-3)
    assert found["value"] == found["low"]
    # jackknife of two: both are half of log 1.1 off their mean
    assert found["standard_error"] == pytest.approx(np.sqrt(0.5 * 2 * (np.log(1.1) / 2) ** 2), rel=1e-3)
    assert found["told_by"] == "a;b"


def test_tables_that_differ_are_named(table):
    fresh = {"energy_coefficients.csv": table, "energy_held_out.csv": datasets.load_held_out()}
    assert fit.differing_tables(fresh) == []
    for name, column in (("energy_held_out.csv", f"{ENERGY}_p50"), ("energy_coefficients.csv", "value")):
        worse = fresh[name].assign(**{column: fresh[name][column] * 1.1})
        assert fit.differing_tables(fresh | {name: worse}) == [name]
    fewer = fresh["energy_held_out.csv"].iloc[1:]
    assert fit.differing_tables(fresh | {"energy_held_out.csv": fewer}) == ["energy_held_out.csv"]


def test_the_text_of_a_table_is_the_stored_file(table, tmp_path):
    stored = {"energy_coefficients.csv": table, "energy_held_out.csv": datasets.load_held_out()}
    for name, frame in stored.items():
        as_csv(frame, fit.DIGITS)(tmp_path / name)
        assert (tmp_path / name).read_text() == (paths.DATA / name).read_text()


def test_rates_are_met_within_a_factor_of_two(rows):
    found = EnergyModel.load()
    steps = found.steps(found.fill(read_rows(rows.rates)))
    off = np.log(steps.output_tokens_per_gpu_second / rows.rates["value"])
    published = off[rows.rates["engine"] == "current"]
    assert len(published) == 55
    assert (published.abs() <= np.log(2.0)).mean() >= 0.97
    assert isinstance(off, pd.Series)
