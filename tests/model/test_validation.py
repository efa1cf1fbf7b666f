"""Rows that no fit saw: which, how wide, and how good the stored predictions are."""

import numpy as np
import pandas as pd
import pytest

from analysis.inputs import datasets
from analysis.model import validation
from analysis.model.energy_model import EnergyModel
from analysis.model.evidence import evidence
from analysis.model.intervals import REGIMES
from analysis.model.predict import ENERGY
from analysis.model.validation import NEWEST, TRIALS, families, residual_spread, validated


@pytest.fixture(scope="module")
def stored():
    rows = evidence().energy.drop(columns=["id"]).rename(columns={ENERGY: "measured", "batch": "told_batch"})
    table = datasets.load_held_out().join(rows, on="id")
    table["off"] = np.log(table[f"{ENERGY}_p50"] / table["measured"])
    table["covered"] = table["measured"].between(table[f"{ENERGY}_p5"], table[f"{ENERGY}_p95"])
    plain = table["care"].isna() & (table["engine"] == "current") & (table["boundary"] == "gpu")
    return table[plain & table["told_batch"].notna()]


def scores(table):
    error = (np.exp(table["off"]) - 1.0).abs().median()
    return error, (table["off"].abs() <= np.log(2.0)).mean(), table["covered"].mean()


def test_a_source_left_out_is_predicted_as_promised(stored):
    error, within, covered = scores(stored[stored["held_out"] == "source"])
    assert error <= 0.30
    assert within >= 0.90
    assert 0.85 <= covered <= 0.95


def test_a_family_left_out_is_predicted_as_promised(stored):
    error, within, covered = scores(stored[stored["held_out"] == "family"])
    assert error <= 0.15
    assert within >= 0.95
    assert 0.85 <= covered <= 0.95


def test_without_the_batch_the_interval_still_covers(stored):
    """The batch decides: half of the rows lie within 55 %, which misses the 50 % that were aimed at."""
    error, within, covered = scores(stored[stored["held_out"] == "source, batch unknown"])
    assert error <= 0.55
    assert within >= 0.55
    assert covered >= 0.85


def test_sources_that_are_not_the_largest_are_predicted_within_a_factor_of_two(stored):
    others = stored[(stored["held_out"] == "source") & (stored["source"] != NEWEST)]
    error, within, covered = scores(others)
    assert len(others) == 34
    assert error <= 0.35
    assert within >= 0.85
    assert covered >= 0.70


def test_saturated_walls_that_no_fit_saw_are_met():
    table = datasets.load_held_out().query("held_out == 'source'").set_index("id")
    rows = evidence().energy.query("source == 'mlperf_v4_1_power'")
    found = table.loc[rows.index]
    assert np.median(np.abs(found[f"{ENERGY}_p50"] / rows[ENERGY] - 1.0)) <= 0.25
    assert ((found[f"{ENERGY}_p5"] <= rows[ENERGY]) & (rows[ENERGY] <= found[f"{ENERGY}_p95"])).all()


def test_every_row_is_held_out_once_in_every_trial():
    stored, rows = datasets.load_held_out(), evidence().energy
    newest = set(rows.index[rows["source"] == NEWEST])
    wanted = {
        "source": set(rows.index),
        "source, batch unknown": set(rows.index[rows["batch"].notna()]),
        "source, sizes alone": set(rows.index),
        "laboratory": set(rows.index),
        "family": newest,
        "family, batch unknown": newest,
    }
    for trial in TRIALS:
        ids = stored.loc[stored["held_out"] == trial, "id"]
        assert ids.is_unique
        assert set(ids) == wanted[trial], trial


def test_a_spread_covers_nine_in_ten_with_large_sources_held_down():
    many = pd.DataFrame({"source": "many", "regime": "known", "off": np.linspace(0.0, 0.1, 400)})
    few = pd.DataFrame({"source": "few", "regime": "known", "off": [0.5] * 4})
    found = residual_spread(pd.concat([many, few], ignore_index=True))
    assert set(found) == set(REGIMES)
    # the many count as 20 rows, the few as 2: nine tenths of 22 lie among the many
    assert found["known"] * 1.6449 == pytest.approx(0.1 * 19.8 / 20, rel=0.02)
    assert found["batch_unknown"] == found["known"], "a regime without rows takes the widest"


def test_nothing_is_narrower_than_what_is_known_best():
    rows = pd.DataFrame({"source": "a", "regime": ["known", "other_card"], "off": [0.4, 0.1]})
    found = residual_spread(rows)
    assert found["other_card"] == found["known"] == found["other_engine"]


def test_what_is_scored_was_predicted_by_the_fit_that_never_saw_it():
    rows = evidence()
    few = rows._replace(energy=rows.energy.groupby(["source", "boundary"], sort=True).head(3))
    good = EnergyModel.load()
    doubled = good.coefficients._replace(weight_read_excess=2 * good.coefficients.weight_read_excess)
    slow = EnergyModel(doubled, good.shapes, {})
    odd = "cregg"
    without = {source: slow if source == odd else good for source in sorted(set(few.energy["source"]))}
    laboratories = {name: slow if name == odd else good for name in sorted(set(few.energy["laboratory"]))}
    fits = {"source": without, "laboratory": laboratories, "family": dict.fromkeys(families(few), good)}
    model, table = validated(few, good, fits)
    of_laboratory = table.query("held_out == 'laboratory'").set_index("id")[f"{ENERGY}_p50"]
    both = few.energy.query("source in ('cregg', 'cregg_pythia') and boundary == 'gpu'")
    expected = slow.steps(slow.fill(validation.read_rows(both))).gpu_energy_j_per_output_token
    np.testing.assert_allclose(of_laboratory[both.index], expected)
    assert set(model.residual_sd) == set(REGIMES)
    found = table.query("held_out == 'source'").set_index("id")[f"{ENERGY}_p50"]
    for source, fitted in without.items():
        part = few.energy[(few.energy["source"] == source) & (few.energy["boundary"] == "gpu")]
        if not part.empty:
            expected = fitted.steps(fitted.fill(validation.read_rows(part))).gpu_energy_j_per_output_token
            np.testing.assert_allclose(found[part.index], expected)
