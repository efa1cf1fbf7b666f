"""Uncertain inputs: distributions from low, value and high, draws, quantiles, tornado and Sobol indices.

Draws come from one scrambled Sobol sequence in stretches: they are the same however it is split, and memory
is bounded by the stretch. Correlated inputs share a latent factor; the dimensions of the sequence stay
independent, which is what Sobol indices need.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special, stats
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


class Bar(NamedTuple):
    """One bar of a tornado.

    Attributes
    ----------
    at_low, at_high : float
        The output with an input at its low and at its high, in the output's unit.
    """

    at_low: float
    at_high: float


def tornado(inputs: Inputs, output: Callable[[Mapping[str, Floats]], Floats]) -> dict[str, Bar]:
    """Return the `Bar` of each input, all others at their value, the widest first.

    Parameters
    ----------
    inputs : Inputs
        What is uncertain.
    output : callable
        From arrays of inputs, by name, to an array; it is called once.
    """
    entries = inputs.uncertain.values()
    # two points an input: a column each, all at the value but one
    values = np.array([[entry.value] for entry in entries], dtype=float)
    points = np.repeat(values, 2 * len(entries), axis=1)
    for place, entry in enumerate(entries):
        points[place, 2 * place : 2 * place + 2] = entry.low, entry.high
    found = output(dict(zip(inputs.uncertain, points, strict=True))).reshape(-1, 2).tolist()
    bars = {name: Bar(*ends) for name, ends in zip(inputs.uncertain, found, strict=True)}
    return dict(sorted(bars.items(), key=lambda item: -abs(item[1].at_high - item[1].at_low)))


class SobolIndex(NamedTuple):
    """Share of an output's variance that a dimension explains, with the ends of its interval.

    Attributes
    ----------
    first, first_low, first_high : float
        Alone [share].
    total, total_low, total_high : float
        With all its interactions [share].
    """

    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float


def sobol_indices(
    dimensions: Sequence[str],
    function: Callable[[Floats], Floats],
    *,
    points: int,
    seed: int,
    confidence: float,
    resamples: int,
) -> dict[str, SobolIndex]:
    """Return first-order and total Sobol indices of a function on the unit cube.

    Parameters
    ----------
    dimensions : sequence of str
        Names of the independent dimensions.
    function : callable
        Takes [dimension, point] in the unit cube, returns [point].
    points : int
        Base sample, a power of two; the function is evaluated (dimensions + 2) times as often.
    seed, resamples : int
        Of the sequence and of the bootstrap.
    confidence : float
        Of the intervals [share].

    Returns
    -------
    dict
        Dimension to `SobolIndex`.

    References
    ----------
    A. Saltelli et al., Variance based sensitivity analysis of model output, 2010; samples by `scipy.stats`.
    """
    kept: list[Floats] = []

    def indices(f_A: Floats, f_B: Floats, f_AB: Floats) -> tuple[Floats, Floats]:  # noqa: N803
        kept[:] = [f_A, f_B, f_AB]
        return _saltelli(f_A, f_B, f_AB)

    found = stats.sobol_indices(
        func=function,
        n=points,
        dists=[stats.uniform()] * len(dimensions),
        method=indices,
        rng=np.random.default_rng(seed),
    )

    # scipy's own bootstrap cannot be seeded; this one can
    chosen = np.random.default_rng(seed).integers(0, points, size=(resamples, points))
    resampled = [_saltelli(*(values[..., some] for values in kept)) for some in chosen]
    ends = [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0]
    low, high = np.quantile(np.reshape(resampled, (resamples, 2, -1)), ends, axis=0)

    middle = np.reshape([found.first_order, found.total_order], (2, -1))
    columns = np.stack([middle, low, high], axis=1).reshape(len(SobolIndex._fields), -1)
    return {name: SobolIndex(*column) for name, column in zip(dimensions, columns.T.tolist(), strict=True)}


def _saltelli(at_a: Floats, at_b: Floats, mixed: Floats) -> tuple[Floats, Floats]:
    """Return first-order and total indices from a function at two samples and at their mixtures.

    Row d of `mixed` is at the first sample with dimension d taken from the second.
    """
    variance = np.var([at_a, at_b], axis=(0, -1))
    first = np.mean(at_b * (mixed - at_a), axis=-1) / variance
    total = np.mean((at_a - mixed) ** 2, axis=-1) / (2.0 * variance)
    return first.T, total.T
