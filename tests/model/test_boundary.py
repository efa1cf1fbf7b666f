"""From the GPUs to the meter."""

import pytest

from analysis.inputs import datasets
from analysis.model.boundary import BOUNDARIES, OTHER, Links, at_boundary, host_power_shares, load_links

LINKS = Links(host_power_share=0.5, idle_overhead=1.1, pue=1.2)


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
        together = at_boundary(
            gpu_energy_j=[2.0, 4.0], gpu_power_ratio=[0.8, 0.5], links=LINKS, boundary=name
        )
        assert together.tolist() == alone


def test_links_come_from_their_rows():
    own, pue = datasets.load_energy_assumptions(), datasets.load_assumptions()
    for end, links in load_links().items():
        expected = own.loc[["host_power_share", "idle_overhead"], end].to_list()
        assert list(links) == [*expected, pue.loc["pue", end]]


def test_the_host_is_that_of_the_class_of_the_card():
    gpus, machines = datasets.load_gpu_specs(), datasets.load_machines()
    names = ["H100", "L4", "RTX-4090", "H20"]
    places = [*gpus.index.get_indexer(names), OTHER]
    shares = load_links(places)["value"].host_power_share
    assert shares == pytest.approx([269 / 700, 65 / 72, 100 / 450, 269 / 400, 0.385])
    for end, column in host_power_shares().items():
        assert len(column) == len(gpus) + 1
        assert column[places[1]] == pytest.approx(machines.loc["inference-server", f"{end}_w"] / 72)


def test_the_general_host_is_that_of_the_machine_it_was_measured_on():
    own = datasets.load_energy_assumptions().loc["host_power_share"]
    hopper, rated_w = datasets.load_machines().loc["hgx-hopper"], 700.0
    for end in ("low", "value", "high"):
        assert hopper[f"{end}_w"] / rated_w == pytest.approx(own[end], abs=0.001)
