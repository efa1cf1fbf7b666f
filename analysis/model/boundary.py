"""From the GPUs to the meter of the facility: hosts, idle servers, cooling and power supply."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.inputs import datasets
from analysis.inputs.errors import ParameterError, quoted
from analysis.model.memory import Floats


class Links(NamedTuple):
    """What lies between the GPUs and the meter of the facility.

    Attributes
    ----------
    host_power_share : float or array
        Power of the rest of the server over the rated power of its GPUs [ratio], whatever they do.
    idle_overhead : float or array
        Energy with idle servers over energy without [ratio].
    pue : float or array
        Facility energy over IT energy [ratio].
    """

    host_power_share: Any
    idle_overhead: Any
    pue: Any


OTHER = -1
"""The place of a card that the table does not hold."""

LINKS_WITHIN = {"gpu": (), "server": ("host_power_share",), "facility": Links._fields}
"""The links that lie within each boundary."""

BOUNDARIES = tuple(LINKS_WITHIN)
"""Where energy is counted, from the inside out."""


def check_boundary(boundary: Any) -> None:
    """Raise `ParameterError` where a boundary is none of `BOUNDARIES`."""
    if not isinstance(boundary, str) or boundary not in BOUNDARIES:
        raise ParameterError(f"boundary {quoted(boundary)}: not one of {', '.join(BOUNDARIES)}")


@lru_cache(maxsize=1)
def host_power_shares() -> dict[str, Floats]:
    """Return power of the rest of the machine over the rated power of a card, by place in the table [ratio].

    Returns
    -------
    dict of numpy.ndarray
        At ``low``, ``value`` and ``high``: that of the card's class of machine (``data/machines.csv``) for
        each of its cards; last, at `OTHER`, that of a card of one's own (``data/energy_assumptions.csv``).
    """
    gpus, own = datasets.load_gpu_specs(), datasets.load_energy_assumptions().loc["host_power_share"]
    machines = datasets.load_machines().loc[gpus["machine"]]
    return {
        end: np.append(machines[f"{end}_w"].to_numpy() / gpus["tdp_w"].to_numpy(), own[end])
        for end in ("low", "value", "high")
    }


def load_links(gpu: ArrayLike = OTHER) -> dict[str, Links]:
    """Return the links of some cards at their ``low``, ``value`` and ``high``.

    Parameters
    ----------
    gpu : array_like of int
        Places in the table of accelerators, `OTHER` for one that it does not hold.

    Examples
    --------
    A machine that holds a card of one's own draws two fifths of its cards' rated power beside them.

    >>> round(float(load_links()["value"].host_power_share), 1)
    0.4
    """
    beyond = _beyond_the_machine()
    return {end: Links(shares[np.asarray(gpu)], *beyond[end]) for end, shares in host_power_shares().items()}


@lru_cache(maxsize=1)
def _beyond_the_machine() -> dict[str, tuple[float, float]]:
    """Return idle overhead and PUE at ``low``, ``value`` and ``high``."""
    own, pue = datasets.load_energy_assumptions(), datasets.load_assumptions().loc["pue"]
    return {end: (own.loc["idle_overhead", end], pue[end]) for end in ("low", "value", "high")}


def at_boundary(
    *, gpu_energy_j: ArrayLike, gpu_power_ratio: ArrayLike, links: Links, boundary: str
) -> Floats:
    """Return energy at a boundary [J], from that of the GPUs.

    Parameters
    ----------
    gpu_energy_j : array_like
        Energy of the GPUs [J].
    gpu_power_ratio : array_like
        Board power over rated power while they spent it [ratio].
    links : Links
        Host share, idle overhead, PUE.
    boundary : str
        One of `BOUNDARIES`: ``server`` adds the host, ``facility`` idle servers and PUE too.

    Returns
    -------
    numpy.ndarray
        Energy at the boundary [J].

    Examples
    --------
    GPUs at half of their rated power, a host that draws a quarter of it: half as much again; with 10 %
    idle and a PUE of 1.2, 1.98 times.

    >>> links = Links(host_power_share=0.25, idle_overhead=1.1, pue=1.2)
    >>> for boundary in BOUNDARIES:
    ...     print(at_boundary(gpu_energy_j=1.0, gpu_power_ratio=0.5, links=links, boundary=boundary).round(3))
    1.0
    1.5
    1.98
    """
    check_boundary(boundary)
    energy = np.asarray(gpu_energy_j, dtype=float)
    if boundary == "gpu":
        return energy
    server = energy * (1.0 + links.host_power_share / np.asarray(gpu_power_ratio))
    return server if boundary == "server" else server * links.idle_overhead * links.pue
