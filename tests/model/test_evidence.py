"""What the model is fitted to, and what is left out of it."""

import numpy as np
import pytest

from analysis.inputs import datasets
from analysis.model.evidence import IDLE_MAY_BE_SUBTRACTED, evidence, shapes


def test_the_fit_sees_measured_energy_of_gpus_whose_batch_is_told():
    seen = evidence().fitted().energy
    assert set(seen["boundary"]) == {"gpu"}
    assert seen["batch"].notna().all()
    care = seen.loc[seen["care"].notna(), "source"]
    assert set(care) == {IDLE_MAY_BE_SUBTRACTED}, "what unpacking costs nothing else tells"
    assert len(left_out_sources := set(evidence().energy["source"]) - set(seen["source"])) == 2
    assert left_out_sources == {"mlperf_v4_1_power", "samsi_2023"}


def test_prompts_are_those_of_the_row_or_of_its_task():
    rows, lengths = evidence().energy, datasets.load_workloads()
    of_task = rows[rows["workload"].notna()]
    expected = of_task["workload"].map(lengths["input_tokens"])
    np.testing.assert_allclose(of_task["input_tokens"], expected)
    assert rows["input_tokens"].notna().sum() > len(of_task)


@pytest.mark.parametrize(("column", "entry"), [("source", "inferencex_powerx_qwen"), ("family", "gpt-oss")])
def test_what_is_left_out_is_left_out_everywhere(column, entry):
    whole, less = evidence(), evidence().without(column, entry)
    for before, after in zip(whole, less, strict=True):
        assert (after[column] != entry).all()
        assert len(after) + (before[column] == entry).sum() == len(before)
    assert len(less.rates) < len(whole.rates)


def test_shapes_come_near_the_cards():
    cards = datasets.load_model_cards().dropna(subset=["params_total_b", "params_active_b"])
    for name, shape in shapes().items():
        known = cards.dropna(subset=[name])
        if name != "layers":
            known = known[(known["attention"] == "grouped") & known["state_bytes_per_request"].isna()]
        guess = shape.at(known["params_total_b"].to_numpy(), known["params_active_b"].to_numpy())
        off = np.log(guess / known[name])
        assert np.median(np.abs(off)) < shape.sd
        assert abs(off.mean()) < 1e-9, "least squares have no bias"
