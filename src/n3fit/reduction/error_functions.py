"""Error functions of a choice of replicas (arXiv:1504.06469): how far its statistics are from those of all replicas.

Each is the mean over flavours and points in x of the square of a difference. The paper divides differences by the value
of the original set, which diverges where that vanishes; here they are in natural units: central values in standard
deviations, standard deviations relative, skewness, excess kurtosis and correlation coefficients as they are, and as
Kolmogorov distance the largest difference between the two distribution functions.
"""

from __future__ import annotations

import numpy as np

from n3fit.reduction.samples import Samples
from n3fit.typing import Floats, Indices

ESTIMATORS = ("central value", "standard deviation", "skewness", "kurtosis", "Kolmogorov distance", "correlations")
"""Names of the error functions, in the order of their columns."""

_CORRELATED = 5  # points in x for each flavour
_TINY = 1e-12


class ErrorFunctions:
    """The error functions of choices among the R replicas of ``samples``.

    A choice is an array of n different replicas, counted from 0; several choices of one size are rows, (B, n).
    """

    def __init__(self, samples: Samples) -> None:
        spread = samples.deviation
        varying = spread > 0
        values = samples.members[:, varying]
        scaled = (values - values.mean(axis=0)) / spread[varying]
        self.replicas, self._points = scaled.shape
        near = np.zeros(spread.shape[1], dtype=bool)
        near[np.arange(_CORRELATED) * (spread.shape[1] - 1) // (_CORRELATED - 1)] = True
        self._correlated = np.flatnonzero((varying & near)[varying])
        few = scaled[:, self._correlated]
        self._pairs = np.triu_indices(few.shape[1], k=1)
        products = few[:, self._pairs[0]] * few[:, self._pairs[1]]
        self._features = np.concatenate([scaled, scaled**2, scaled**3, scaled**4, products], axis=1)
        self._upper, self._lower = _ranks(scaled)
        self._all = self._statistics(np.arange(self.replicas)[None])

    def __call__(self, choices: Indices) -> Floats:
        """Compute the error functions (B, 6) of choices (B, n) of at least two replicas."""
        differences = [
            (found - wanted) ** 2 for found, wanted in zip(self._statistics(choices), self._all, strict=True)
        ]
        differences[4:4] = [self.kolmogorov_distances(choices) ** 2]
        means = [entry.mean(axis=1) if entry.shape[1] else np.zeros(len(choices)) for entry in differences]
        return np.stack(means, axis=1)

    def _statistics(self, choices: Indices) -> tuple[Floats, ...]:
        """Return mean, standard deviation, skewness, excess kurtosis (B, P) and correlations (B, pairs)."""
        count = choices.shape[1]
        # sums, not a product of matrices, whose rounding depends on the machine and may change a choice
        means = np.stack([self._features[choice].sum(axis=0) for choice in choices]) / count
        first, second, third, fourth = (
            means[:, place * self._points : (place + 1) * self._points] for place in range(4)
        )
        variance = np.maximum(second - first**2, 0.0)
        constant = variance < _TINY
        safe = np.where(constant, 1.0, variance)
        skewness = (third - 3 * first * second + 2 * first**3) / safe**1.5
        kurtosis = (fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4) / safe**2 - 3.0
        few, spread = first[:, self._correlated], np.sqrt(safe[:, self._correlated])
        one, other = self._pairs
        covariances = means[:, 4 * self._points :] - few[:, one] * few[:, other]
        return (
            first,
            np.sqrt(variance * count / (count - 1)),
            np.where(constant, 0.0, skewness),
            np.where(constant, 0.0, kurtosis),
            covariances / (spread[:, one] * spread[:, other]),
        )

    def kolmogorov_distances(self, choices: Indices) -> Floats:
        """Compute the largest difference (B, P) between the distribution functions of choice and original.

        It is found at a value of the choice or just below one.
        """
        count = choices.shape[1]
        upper = np.sort(self._upper[:, choices], axis=2)  # (P, B, n)
        lower = np.take_along_axis(self._lower[:, None, :], upper - 1, axis=2)
        steps = np.arange(1, count + 1)
        first = np.ones(upper.shape, dtype=bool)
        first[..., 1:] = np.diff(upper, axis=2) > 0  # equal values are one step of the distribution function
        last = np.ones_like(first)
        last[..., :-1] = first[..., 1:]
        at = np.where(last, np.abs(steps / count - upper / self.replicas), 0.0)
        below = np.where(first, np.abs((steps - 1) / count - lower / self.replicas), 0.0)
        distances: Floats = np.maximum(at, below).max(axis=2).T
        return distances


def _ranks(values: Floats) -> tuple[Indices, Indices]:
    """Return how many of the values (R, P) of a point are at most each of them, (P, R).

    The second array, (P, R), has how many are below a value of which k are at most, at the place k - 1.
    """
    replicas = len(values)
    order = np.argsort(values, axis=0, kind="stable").T
    ordered = np.take_along_axis(values.T, order, axis=1)
    new = np.ones(ordered.shape, dtype=bool)
    new[:, 1:] = np.diff(ordered, axis=1) > 0
    places = np.arange(replicas)
    lower = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    ends = np.ones_like(new)
    ends[:, :-1] = new[:, 1:]
    at_most = np.minimum.accumulate(np.where(ends, places + 1, replicas)[:, ::-1], axis=1)[:, ::-1]
    upper = np.empty_like(order)
    np.put_along_axis(upper, order, at_most, axis=1)
    return upper, lower
