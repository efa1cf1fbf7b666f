"""Parts of an interval: unknown inputs, links, regimes."""

import numpy as np
import pandas as pd
import pytest

from analysis.model.boundary import Links
from analysis.model.energy_model import EnergyModel
from analysis.model.intervals import (
    REGIMES,
    effects_of_unknowns,
    link_effects,
    regimes,
    residual_spread,
    unknown_inputs,
)
from analysis.model.read_rows import read_rows
from tests.model.test_predict import frame

LINKS = Links(host_power_share=0.5, idle_overhead=1.1, pue=1.2)


def test_a_row_is_in_the_least_known_regime_that_holds():
    changes = ({}, {"engine": "early"}, {"gpu_model": "L4"}, {"batch": np.nan, "engine": "naive"})
    rows = read_rows(frame(*changes))
    assert [REGIMES[place] for place in regimes(rows)] == list(REGIMES)
    sd = dict(zip(REGIMES, (0.1, 0.2, 0.3, 0.4), strict=True))
    model = EnergyModel(EnergyModel.load().coefficients, {}, sd)
    assert residual_spread(model, rows).tolist() == list(sd.values())


def test_what_is_told_is_not_unknown():
    found = unknown_inputs(read_rows(frame()))
    assert not any(unknown.any() for unknown in found.values())
    nothing = unknown_inputs(read_rows(pd.DataFrame({"params_active_b": [8.0]})))
    assert {name for name, unknown in nothing.items() if unknown.any()} == {*found} - {
        "closed_size",
        "shared_share",
    }
    loaded = unknown_inputs(read_rows(frame(load="balanced").drop(columns="batch")))
    assert not loaded["batch"].any(), "a load tells enough"


def test_effects_add_in_squares_to_their_own_side():
    rows = read_rows(frame().drop(columns=["input_tokens", "output_tokens"]))
    filled = EnergyModel.load().fill(rows)
    factors = {("input_tokens", "high"): 2.0, ("output_tokens", "low"): 3.0, ("output_tokens", "high"): 0.5}

    def energies_of(some, ends):
        (moved,) = ends.items()
        return {"energy": np.full(len(some.gpu), factors.get(moved, 1.0))}

    found = effects_of_unknowns(rows, filled, {"energy": np.ones(1)}, energies_of)
    assert found["low"]["energy"] == pytest.approx([np.log(2.0) ** 2])
    assert found["high"]["energy"] == pytest.approx([np.log(2.0) ** 2 + np.log(3.0) ** 2])


@pytest.mark.parametrize("end", ["low", "high"])
def test_only_links_within_the_boundary_spread(end):
    links = {"low": LINKS._replace(pue=1.0), "value": LINKS, "high": LINKS._replace(pue=1.5)}

    def energies_of(moved):
        return {"energy": np.array([moved.pue, 2.0 * moved.pue])}

    assert link_effects(energies_of, links, "gpu", end)["energy"] == 0.0
    assert link_effects(energies_of, links, "server", end)["energy"].tolist() == [0.0, 0.0]
    expected = np.log(links[end].pue / 1.2) ** 2
    assert link_effects(energies_of, links, "facility", end)["energy"] == pytest.approx([expected] * 2)
