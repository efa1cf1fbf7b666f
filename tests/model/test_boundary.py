"""From the GPUs to the meter."""

import numpy as np
import pytest

from analysis.inputs import datasets
from analysis.model.boundary import BOUNDARIES, Links, at_boundary, link_spread, token_energy_at
from analysis.model.decode_step import TokenEnergy
from analysis.model.predict import load_links

LINKS = Links(host_power_share=0.5, idle_overhead=1.1, pue=1.2)
STEPS = TokenEnergy(**dict.fromkeys(TokenEnergy._fields, np.ones(2)))._replace(
    gpu_energy_j_per_output_token=np.array([2.0, 4.0]), gpu_power_ratio=np.array([0.8, 0.5])
)


def test_boundaries_by_hand():
    energies = [
        float(at_boundary(gpu_energy_j=2.0, gpu_power_ratio=0.8, links=LINKS, boundary=name))
        for name in BOUNDARIES
    ]
    assert energies == pytest.approx([2.0, 2.0 * (1 + 0.5 / 0.8), 2.0 * (1 + 0.5 / 0.8) * 1.1 * 1.2])


def test_arrays_equal_a_loop():
    for name in BOUNDARIES:
        alone = [
            float(at_boundary(gpu_energy_j=energy, gpu_power_ratio=power, links=LINKS, boundary=name))
            for energy, power in ((2.0, 0.8), (4.0, 0.5))
        ]
        assert token_energy_at(name, STEPS, LINKS).tolist() == alone


def test_links_come_from_their_rows():
    own, pue = datasets.load_energy_assumptions(), datasets.load_assumptions()
    for end, links in load_links().items():
        expected = own.loc[["host_power_share", "idle_overhead"], end].to_list()
        assert list(links) == [*expected, pue.loc["pue", end]]


@pytest.mark.parametrize("end", ["low", "high"])
def test_only_links_within_the_boundary_spread(end):
    links = {"low": LINKS._replace(pue=1.0), "value": LINKS, "high": LINKS._replace(pue=1.5)}
    assert link_spread("gpu", STEPS, links, end).tolist() == [0.0, 0.0]
    assert link_spread("server", STEPS, links, end).tolist() == [0.0, 0.0]
    expected = abs(np.log(links[end].pue / 1.2))
    assert link_spread("facility", STEPS, links, end) == pytest.approx([expected, expected])
