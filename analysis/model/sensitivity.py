"""Which uncertain input matters: one at a time, all at once, and at which ends an output is greatest.

What is smaller than `NOISE` of the largest effect is rounding, and counts as no effect.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.model.memory import Floats
from analysis.model.uncertainty import Inputs

NOISE = 1e-9
"""Effects below this share of the largest are rounding."""

Corners = NDArray[np.integer]
"""Corners of the box of inputs, one a column: 0 for an input's low, 1 for its high."""

Output = Callable[[Mapping[str, Floats]], Floats]
"""From arrays of inputs, by name, to an array."""


class Bar(NamedTuple):
    """One bar of a tornado.

    Attributes
    ----------
    at_low, at_high : float
        The output with an input at its low and at its high, in the output's unit.
    """

    at_low: float
    at_high: float


def tornado(inputs: Inputs, output: Output) -> dict[str, Bar]:
    """Return the `Bar` of each input, all others at their value, the widest first.

    Parameters
    ----------
    inputs : Inputs
        What is uncertain.
    output : callable
        It is called once. Both ends of an input without effect are the output at the values, exactly.
    """
    entries = inputs.uncertain.values()
    # two points an input: a column each, all at the value but one
    values = np.array([[entry.value] for entry in entries], dtype=float)
    points = np.repeat(values, 2 * len(entries) + 1, axis=1)  # the last: all at the value
    for place, entry in enumerate(entries):
        points[place, 2 * place : 2 * place + 2] = entry.low, entry.high
    *ends, middle = output(dict(zip(inputs.uncertain, points, strict=True))).tolist()
    found = np.reshape(ends, (-1, 2))
    moved = np.abs(found - middle).max(axis=1)
    found[moved <= NOISE * moved.max(initial=0.0)] = middle
    bars = {name: Bar(*pair) for name, pair in zip(inputs.uncertain, found.tolist(), strict=True)}
    return dict(sorted(bars.items(), key=lambda item: -abs(item[1].at_high - item[1].at_low)))


def greatest_corner(inputs: Inputs, output: Output) -> dict[str, float]:
    """Return the end of each input at which, all together, an output is greatest.

    Parameters
    ----------
    inputs : Inputs
        What is uncertain.
    output : callable
        It is called once a step.

    Returns
    -------
    dict
        Input to its low or its high; to its value where it has no effect there.

    Notes
    -----
    Ascent from each of three corners (all low, all high, each input at the better end by itself): every
    input is moved to its other end alone, the best move is kept, until no single move raises the output by
    more than `NOISE` of it. The best of the three is returned.

    Examples
    --------
    By itself y is better high; beside a high x it is better low.

    >>> from analysis.model.uncertainty import Uncertain
    >>> two = Inputs({"x": Uncertain(0.0, 1.0, 4.0), "y": Uncertain(1.0, 2.0, 3.0)})
    >>> greatest_corner(two, lambda at: at["x"] + (2.0 - at["x"]) * at["y"] + at["x"] ** 2)
    {'x': 4.0, 'y': 1.0}
    """
    names = tuple(inputs.uncertain)
    ends = np.array([[entry.low, entry.high] for entry in inputs.uncertain.values()], dtype=float)

    def outputs_at(corners: Corners) -> Floats:
        points = np.take_along_axis(ends, corners, axis=1)
        return np.asarray(output(dict(zip(names, points, strict=True))), dtype=float)

    bars = tornado(inputs, output)
    alone = np.array([[int(bars[name].at_high > bars[name].at_low)] for name in names])
    reached = [_ascent(start, outputs_at) for start in (alone, np.zeros_like(alone), np.ones_like(alone))]
    best, flips, top = max(reached, key=lambda found: found[2])
    idle = np.abs(flips - top) <= NOISE * abs(top)
    chosen = np.take_along_axis(ends, best, axis=1)[:, 0].tolist()
    entries = zip(inputs.uncertain.items(), chosen, idle, strict=True)
    return {name: entry.value if still else end for (name, entry), end, still in entries}


def _ascent(corner: Corners, outputs_at: Callable[[Corners], Floats]) -> tuple[Corners, Floats, float]:
    """Return a corner that no single move raises, the outputs after each single move, and its own."""
    while True:
        moves = np.eye(len(corner), dtype=int)
        *flips, top = outputs_at(np.hstack([corner ^ moves, corner]))
        best = int(np.argmax(flips))
        if flips[best] <= top + NOISE * abs(top):
            return corner, np.array(flips), float(top)
        corner = corner ^ moves[:, [best]]


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
        Dimension to `SobolIndex`, all zero where its total index is below `NOISE`.

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
    for index in (middle, low, high):
        index[:, middle[1] <= NOISE] = 0.0
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
