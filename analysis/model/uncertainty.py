"""Uncertain inputs: distributions from low, value and high, draws and quantiles.

Draws come from one scrambled Sobol sequence in stretches: they are the same however it is split, and memory
is bounded by the stretch. Correlated inputs share a latent factor; the dimensions of the sequence stay
independent, which is what Sobol indices need.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import special
from scipy.stats import qmc

from analysis.inputs.units import QUANTILE_TAIL
from analysis.model.memory import Floats


@dataclass(frozen=True)
class Uncertain:
    """An input with its median and its 5 and 95 % quantiles.

    Attributes
    ----------
    low, value, high : float
        Quantiles; `low` and `high` may equal `value`: no spread on that side.
    least, greatest : float
        Bounds of what is possible; draws beyond count as the bound.
    factor : str
        Latent factor that it shares with others, or empty.
    loading : float
        Correlation with that factor, from -1 to 1.
    """

    low: float
    value: float
    high: float
    least: float = -np.inf
    greatest: float = np.inf
    factor: str = ""
    loading: float = 0.0

    def __post_init__(self) -> None:
        """Refuse ends out of order."""
        if not self.least <= self.low <= self.value <= self.high <= self.greatest:
            raise ValueError(
                f"not in order: least {self.least:g}, low {self.low:g}, value {self.value:g}, "
                f"high {self.high:g}, greatest {self.greatest:g}"
            )
        if not -1.0 <= self.loading <= 1.0:
            raise ValueError(f"loading {self.loading:g} is not between -1 and 1")

    def at(self, normal: Floats) -> Floats:
        """Return the input at standard normal scores, half of it on each side of the median.

        Examples
        --------
        >>> scores = special.ndtri(np.array([0.05, 0.5, 0.95]))
        >>> Uncertain(0.5, 1.0, 4.0).at(scores).round(6).tolist()
        [0.5, 1.0, 4.0]
        """
        score = normal / special.ndtri(1.0 - QUANTILE_TAIL)
        if self.low > 0.0:  # on a log scale
            below, above = np.log(self.value / self.low), np.log(self.high / self.value)
            drawn = self.value * np.exp(np.where(score < 0.0, below, above) * score)
        else:
            drawn = self.value + np.where(score < 0.0, self.value - self.low, self.high - self.value) * score
        return np.asarray(np.clip(drawn, self.least, self.greatest))


@dataclass(frozen=True)
class Inputs:
    """Uncertain inputs by name, and the independent dimensions that drive them."""

    uncertain: Mapping[str, Uncertain]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Own dimensions of the inputs by name, then the shared factors."""
        factors = {entry.factor: None for entry in self.uncertain.values() if entry.factor}
        return (*self.uncertain, *(f"factor {name}" for name in factors))

    def correlated(self, correlation: float) -> "Inputs":
        """Return the inputs with one correlation between any two that share a factor.

        Examples
        --------
        >>> pair = Uncertain(1.0, 2.0, 3.0, factor="rates", loading=0.5)
        >>> Inputs({"x": pair, "y": pair}).correlated(0.81).uncertain["y"].loading
        0.9
        """
        loading = float(np.sqrt(correlation))
        changed = {n: replace(entry, loading=loading) for n, entry in self.uncertain.items() if entry.factor}
        return Inputs({**self.uncertain, **changed})

    def at(self, uniform: Floats) -> dict[str, Floats]:
        """Return the inputs at points of the unit cube, one row a dimension [number of dimensions, n]."""
        normal = special.ndtri(np.clip(uniform, np.finfo(float).tiny, 1.0 - np.finfo(float).eps))
        score = dict(zip(self.dimensions, normal, strict=True))
        for name, entry in self.uncertain.items():
            if entry.factor:  # a part of what it shares and a part of its own, of variance one together
                own_part = np.sqrt(1.0 - entry.loading**2)
                score[name] = entry.loading * score[f"factor {entry.factor}"] + own_part * score[name]
        return {name: entry.at(score[name]) for name, entry in self.uncertain.items()}

    def draws(self, count: int, *, seed: int, at_once: int) -> Iterator[dict[str, Floats]]:
        """Yield stretches of draws, `at_once` together, until there are `count`; a seed has one sequence."""
        sequence = qmc.Sobol(len(self.dimensions), scramble=True, rng=np.random.default_rng(seed))
        for start in range(0, count, at_once):
            with warnings.catch_warnings():  # their number need not be a power of two
                warnings.filterwarnings("ignore", message="The balance properties", category=UserWarning)
                points = sequence.random(min(at_once, count - start))
            yield self.at(np.ascontiguousarray(points.T))


Model = Callable[[Mapping[str, Floats]], Mapping[str, Floats]]
"""From inputs to outputs, by name, arrays of one length."""


class Sketch:
    """Quantiles of a stream in bounded memory: counts on a fine grid of the logarithm of size, by sign.

    Parameters
    ----------
    bins_per_log, reach : int
        Grid cells for a factor of e: quantiles are right to half of their inverse, relatively; sizes beyond
        e^±reach count at the end of the grid.
    """

    def __init__(self, bins_per_log: int, reach: int) -> None:
        self._bins, self._reach = bins_per_log, reach
        self._cells = 2 * bins_per_log * reach + 1  # of each sign
        self._counts = np.zeros(2 * self._cells, dtype=np.int64)

    def add(self, values: Floats) -> None:
        """Count a stretch of values."""
        if not np.isfinite(values).all():
            raise ValueError("a draw gave a value that is not a finite number")
        cells = self._cells
        with np.errstate(divide="ignore"):
            place = np.floor((np.log(np.abs(values)) + self._reach) * self._bins)
        place = np.clip(place, 0, cells - 1).astype(np.int64)
        signed = np.where(values < 0.0, cells - 1 - place, cells + place)
        self._counts += np.bincount(signed, minlength=len(self._counts))

    def quantile(self, share: float) -> float:
        """Return a quantile: the middle of its grid cell."""
        cells, reached = self._cells, np.cumsum(self._counts)
        if not reached[-1]:
            raise ValueError("no draws, so no quantiles")
        place = int(np.searchsorted(reached, max(share * reached[-1], 1.0), side="left"))
        cell = cells - 1 - place if place < cells else place - cells
        size = float(np.exp((cell + 0.5) / self._bins - self._reach)) if cell else 0.0
        return -size if place < cells else size


def monte_carlo(
    inputs: Inputs, model: Model, *, draws: int, seed: int, at_once: int, bins_per_log: int, reach: int
) -> dict[str, Sketch]:
    """Return the distribution of each output over draws of the inputs, in bounded memory.

    Parameters
    ----------
    inputs : Inputs
        What is uncertain.
    model : callable
        From inputs to outputs.
    draws, seed : int
        How many draws of which sequence.
    at_once : int
        Draws that are in memory together; the outcome does not depend on it.
    bins_per_log, reach : int
        Grid of the `Sketch`.

    Returns
    -------
    dict
        Output to `Sketch`.
    """
    sketches: dict[str, Sketch] = {}
    for drawn in inputs.draws(draws, seed=seed, at_once=at_once):
        for name, values in model(drawn).items():
            sketches.setdefault(name, Sketch(bins_per_log, reach)).add(np.asarray(values, dtype=float))
    return sketches
