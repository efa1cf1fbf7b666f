"""Published figures of requests beside the estimate."""

import pandas as pd
import pytest

import analysis
from analysis.inputs import datasets
from analysis.tables.energy_model import deepseek_day_energy
from analysis.tables.request_figures import SETUPS, published_request_figures


def test_published_figures_lie_in_wide_intervals():
    table = published_request_figures()
    assert table["inside"].all()
    assert (table["low"] < table["value"]).all()
    assert (table["value"] < table["high"]).all()
    closed = table[table["unit"] == "Wh/request"]
    assert (closed["high"] / closed["low"] > 10.0).all(), "neither size nor load nor lengths are told"


def test_figures_are_those_of_their_rows():
    table, facts = published_request_figures(), datasets.load_facts()
    assert table["published"].iloc[:3].tolist() == facts.loc[list(SETUPS), "value"].tolist()
    assert table["published"].iloc[:3].tolist() == [0.24, 0.34, 0.301]
    assert set(table["grade"]) <= {"B", "C"}, "no figure of a request is a measurement"


def test_estimates_are_those_of_the_public_function():
    table = published_request_figures()
    setup = {"model": ["gpt-4o"], "gpu_model": ["H100"], "output_tokens": [500.0], "engine": ["current"]}
    answer = analysis.predict_energy(pd.DataFrame(setup), boundary="facility").iloc[0]
    assert table["value"].iloc[2] == pytest.approx(answer["energy_wh_per_request_p50"])


def test_the_day_is_that_of_its_own_table():
    table, day = published_request_figures(), deepseek_day_energy()
    last = table.iloc[-1]
    assert [last["low"], last["high"]] == pytest.approx(day.iloc[-1][["low", "high"]].tolist())
    assert [last["published_low"], last["published_high"]] == pytest.approx(
        day.iloc[0][["low", "high"]].tolist()
    )
