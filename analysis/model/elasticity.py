"""The elasticity of prices to tariffs within the same weights, and how far few companies let one trust it.

Log price on log tariff with a fixed effect for each set of weights, by the within transformation. Inference
clusters by company: a restricted wild cluster bootstrap, its interval by inversion of the test. Beside it the
mean of ratios that hosts and vendors share, resampled both ways.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

WEBB_SQUARES = (0.5, 1.0, 1.5)
"""Squares of the points of Webb's weights, of either sign [1]."""


def within(values: Floats, groups: Codes) -> Floats:
    """Return values less the mean of their group, along the last axis.

    Examples
    --------
    >>> within(np.array([1.0, 3.0, 7.0]), np.array([0, 0, 1])).tolist()
    [-1.0, 1.0, 0.0]
    """
    means: Floats = _sums(values, groups) / np.bincount(groups)
    return values - means[..., groups]


class Fit(NamedTuple):
    """A fixed-effects regression of log price on log tariff.

    Attributes
    ----------
    estimate, standard_error : float
        The elasticity and its cluster-robust standard error [1].
    rows, effects, clusters : int
        Prices, sets of weights and companies [number].
    effective_clusters : float
        Equal companies that would carry the contrast as unevenly [number].
    """

    estimate: float
    standard_error: float
    rows: int
    effects: int
    clusters: int
    effective_clusters: float


def minimum_detectable(standard_error: float, *, freedom: int, level: float, power: float) -> float:
    """Return the smallest effect that a two-sided test would find with a given power, in its own unit.

    Parameters
    ----------
    standard_error : float
        Of the estimate.
    freedom : int
        Degrees of freedom of t: one less than the clusters.
    level, power : float
        Error probability of the test; probability of finding the effect [share].

    References
    ----------
    Bloom, Minimum Detectable Effects, Evaluation Review 1995.

    Examples
    --------
    >>> round(minimum_detectable(1.0, freedom=10**9, level=0.05, power=0.8), 3)
    2.802
    """
    return float(stats.t.ppf([1 - level / 2, power], freedom).sum()) * standard_error


class Panel:
    """Log prices and log tariffs with their fixed effects and clusters, both taken within effects.

    Parameters
    ----------
    log_price, log_tariff : array
        Natural logarithms; the currency and the unit do not matter.
    effects, clusters : array
        Label of the weights and of the company of each row.

    Raises
    ------
    ValueError
        If lengths differ, a number is not finite, there is one cluster, or no tariff varies within effects.
    """

    def __init__(
        self, log_price: ArrayLike, log_tariff: ArrayLike, effects: ArrayLike, clusters: ArrayLike
    ) -> None:
        price, tariff = (np.asarray(values, dtype=np.float64) for values in (log_price, log_tariff))
        self.effects = np.unique(effects, return_inverse=True)[1]  # whole numbers from zero on
        self.clusters = np.unique(clusters, return_inverse=True)[1]
        if len({price.size, tariff.size, self.effects.size, self.clusters.size}) > 1:
            raise ValueError("prices, tariffs, effects and clusters differ in length")
        if not (np.isfinite(price).all() and np.isfinite(tariff).all()):
            raise ValueError("a log price or log tariff is not finite")
        if np.unique(self.clusters).size < 2:
            raise ValueError("at least two clusters are needed")
        self.price, self.tariff = within(price, self.effects), within(tariff, self.effects)
        self.contrast = float(self.tariff @ self.tariff)
        if self.contrast <= np.finfo(float).eps * max(1, float(tariff @ tariff)):
            raise ValueError("the tariff does not vary within any effect")
        # the within estimate, and the sum over each cluster of the tariff times the residual
        self.estimate = float(self.tariff @ self.price) / self.contrast
        residual = self.price - self.estimate * self.tariff
        self.scores = _sums(self.tariff * residual, self.clusters)


def fit(panel: Panel) -> Fit:
    """Return the fixed-effects estimate with its cluster-robust standard error.

    Notes
    -----
    ``b = sum(x y) / sum(x x)`` with both within effects. The variance is the sum over clusters of
    ``sum(x e)^2 / sum(x x)^2``, times ``G / (G - 1) * (n - 1) / (n - k)``, k counting effects and slope.

    References
    ----------
    Cameron and Miller, A Practitioner's Guide to Cluster-Robust Inference, Journal of Human Resources 2015.

    Examples
    --------
    >>> panel = Panel([0.0, 1.0, 5.0, 6.5], [0.0, 2.0, 0.0, 2.0], list("aabb"), list("mnmn"))
    >>> found = fit(panel)
    >>> found.estimate, found.rows, found.effects, found.clusters
    (0.625, 4, 2, 2)
    """
    rows, effects, clusters = panel.price.size, panel.effects.max() + 1, panel.clusters.max() + 1
    spare = rows - effects - 1
    if spare <= 0:
        raise ValueError("no more rows than coefficients")
    correction = clusters / (clusters - 1) * (rows - 1) / spare
    error = float(np.sqrt(correction * np.square(panel.scores).sum())) / panel.contrast
    share = _sums(np.square(panel.tariff), panel.clusters) / panel.contrast
    return Fit(
        estimate=panel.estimate,
        standard_error=error,
        rows=rows,
        effects=int(effects),
        clusters=int(clusters),
        effective_clusters=float(1 / np.square(share).sum()),
    )


def webb_weights(draws: int, clusters: int, generator: np.random.Generator) -> Floats:
    """Return Webb's six-point weights, one a draw and cluster: mean zero, variance one."""
    points: Floats = np.ravel(np.sqrt(WEBB_SQUARES) * [[-1.0], [1.0]])
    return points[generator.integers(0, points.size, size=(draws, clusters))]


class WildBootstrap:
    """The restricted wild cluster bootstrap of the t statistic, for any null hypothesis.

    Parameters
    ----------
    panel : Panel
        The data.
    weights : array
        Weights of shape (draws, clusters), as `webb_weights` returns.

    Notes
    -----
    Under the null ``b`` the residuals are ``y - b x``. A draw multiplies them by its weight of the cluster,
    and estimates anew. Numerator and cluster scores of every draw are linear in ``b``, so that they are
    computed once. The small-sample factor cancels.

    References
    ----------
    Cameron, Gelbach and Miller, Bootstrap-Based Improvements for Inference with Clustered Errors, Review of
    Economics and Statistics 2008.
    Webb, Reworking Wild Bootstrap-Based Inference for Clustered Errors, Canadian Journal of Economics 2023.
    """

    def __init__(self, panel: Panel, weights: Floats) -> None:
        if weights.shape[1] != panel.clusters.max() + 1:
            raise ValueError("the weights are for another number of clusters")
        self.estimate = panel.estimate
        self.spread = float(np.square(panel.scores).sum())
        squares = _sums(np.square(panel.tariff), panel.clusters)
        # what a cluster's weight does to the scores of each cluster, through the means of the effects
        of_cluster = np.identity(weights.shape[1])[:, panel.clusters]
        moved = within(of_cluster * np.stack([panel.price, panel.tariff])[:, None], panel.effects)
        by_cluster = weights @ _sums(moved * panel.tariff, panel.clusters)
        slopes = by_cluster.sum(axis=-1) / panel.contrast
        # slope and squared scores of y - b x in each draw, as polynomials in b
        self._slope_price, self._slope_tariff = slopes
        of_price, of_tariff = by_cluster - slopes[..., None] * squares
        self._constant = np.square(of_price).sum(axis=1)
        self._linear = (of_price * of_tariff).sum(axis=1)
        self._square = np.square(of_tariff).sum(axis=1)

    def p_value(self, null: float) -> float:
        """Return the share of draws whose t is at least as large as that of the data, the data among them."""
        distance = np.square(self._slope_price - null * self._slope_tariff)
        spread = self._constant - 2 * null * self._linear + null**2 * self._square
        beyond = distance * self.spread >= (self.estimate - null) ** 2 * spread
        return float((1 + beyond.sum()) / (1 + beyond.size))

    def interval(self, *, level: float, step: float, doublings: int, halvings: int) -> tuple[float, float]:
        """Return the ends of the elasticities that the test does not reject, searched from the estimate.

        Parameters
        ----------
        level : float
            Error probability [share].
        step : float
            First step of the search [1], such as the standard error.
        doublings, halvings : int
            How often the step doubles before an end is called infinite, and how often it is halved.

        Returns
        -------
        tuple of float
            Low and high end [1]; infinite where no elasticity is rejected.
        """
        return self._end(level, -step, doublings, halvings), self._end(level, step, doublings, halvings)

    def _end(self, level: float, step: float, doublings: int, halvings: int) -> float:
        # outwards until the test rejects, then between the last two points
        inside, outside = self.estimate, self.estimate + step
        for _ in range(doublings):
            if self.p_value(outside) < level:
                break
            step *= 2
            inside, outside = outside, outside + step
        else:
            return float(np.copysign(np.inf, step))
        for _ in range(halvings):
            middle = (inside + outside) / 2
            if self.p_value(middle) < level:
                outside = middle
            else:
                inside = middle
        return (inside + outside) / 2


def two_way_means(
    values: ArrayLike, rows: ArrayLike, columns: ArrayLike, *, draws: int, generator: np.random.Generator
) -> Floats:
    """Return means of values whose rows and columns are both drawn anew, with replacement.

    Parameters
    ----------
    values : array
        One a cell, such as the log ratio of a host's to a vendor's price.
    rows, columns : array
        Label of the host and of the vendor of each value.
    draws, generator : int, numpy.random.Generator
        Number of draws, and their source of randomness. Draws that catch no cell are left out.

    Raises
    ------
    ValueError
        If there are fewer than two rows or columns: then nothing varies.

    Notes
    -----
    A cell counts as often as its row was drawn times its column. This covers what the prices of a host have
    in common and what the prices of a vendor have, and errs on the wide side where they have little.

    References
    ----------
    Owen, The Pigeonhole Bootstrap, Annals of Applied Statistics 2007.
    """
    weights = np.ones((draws, np.size(values)))
    for labels in (rows, columns):
        names, codes = np.unique(labels, return_inverse=True)
        if names.size < 2:
            raise ValueError("at least two hosts and two vendors are needed")
        weights *= generator.multinomial(names.size, np.full(names.size, 1 / names.size), size=draws)[
            :, codes
        ]
    weights = weights[weights.any(axis=1)]
    means: Floats = weights @ np.asarray(values, dtype=np.float64) / weights.sum(axis=1)
    return means


def _sums(values: Floats, groups: Codes) -> Floats:
    """Return sums by group along the last axis."""
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(groups.max() + 1))
    return np.add.reduceat(values[..., order], starts, axis=-1)
