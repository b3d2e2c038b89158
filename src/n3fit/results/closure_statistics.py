"""Statistics of many closure tests, which show whether uncertainties are faithful (arXiv:2111.05787, section 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError
from n3fit.results.closure import ClosureEstimates
from n3fit.typing import Floats

CONFIDENCE = 0.95
"""Of the bootstrap intervals."""


@dataclass(frozen=True)
class Interval:
    """A number with its bootstrap interval at 95 % confidence and its standard deviation."""

    value: float
    low: float
    high: float
    deviation: float

    def contains(self, number: float) -> bool:
        """Return whether ``number`` is in the interval."""
        return self.low <= number <= self.high


@dataclass(frozen=True)
class ClosureStatisticsRow:
    """One group of points over all fits.

    Parameters
    ----------
    level, name, points
        As in :class:`n3fit.results.closure.ClosureRow`.
    chi2, delta_chi2, bias, variance : float
        Means over the fits, per point; of bias and variance the estimates that a finite number of replicas does not
        shift.
    ratio : Interval
        R_bv, the square root of mean bias over mean variance: one for faithful uncertainties, above one when they
        are too small.
    coverage : Interval
        xi, the fraction of points and fits whose truth is within one standard deviation of the replicas.
    """

    level: str
    name: str
    points: int
    chi2: float
    delta_chi2: float
    bias: float
    variance: float
    ratio: Interval
    coverage: Interval

    @property
    def expected_coverage(self) -> float:
        """The coverage expected from ``ratio`` for Gaussian distributions, ``erf(1 / (R_bv sqrt 2))``."""
        return math.erf(1 / (self.ratio.value * math.sqrt(2))) if self.ratio.value > 0 else math.nan


@dataclass(frozen=True)
class ClosureStatistics:
    """Closure tests of some fits: a row for every data set, every experiment, and last everything."""

    fits: int
    rows: tuple[ClosureStatisticsRow, ...]

    @property
    def total(self) -> ClosureStatisticsRow:
        """The row of all points."""
        return self.rows[-1]


def combine_estimates(
    estimates: Sequence[ClosureEstimates], *, samples: int = 10_000, seed: int = 1
) -> ClosureStatistics:
    """Compute the statistics of closure tests of level 2.

    Parameters
    ----------
    estimates : sequence of ClosureEstimates
        Of fits that differ in their seeds alone.
    samples, seed : int
        Of the bootstrap over fits.

    Raises
    ------
    DataError
        Fewer than two fits; one is not a closure test of level 2 or has one replica only; the fits have different
        truths or data; or two of them have the same level 1 data.
    """
    _check_comparable(estimates)
    draws = np.random.default_rng(seed).integers(len(estimates), size=(samples, len(estimates)))
    rows = [_combine(estimates, column, draws) for column in range(len(estimates[0].rows))]
    return ClosureStatistics(len(estimates), tuple(rows))


def _combine(estimates: Sequence[ClosureEstimates], column: int, draws: NDArray[np.int64]) -> ClosureStatisticsRow:
    rows = [entry.rows[column] for entry in estimates]
    replicas = np.array([entry.replicas for entry in estimates])
    plain_bias, plain_variance, coverage = (
        np.array([getattr(row, field) for row in rows]) for field in ("bias", "variance", "coverage")
    )
    bias, variance = without_replica_noise(plain_bias, plain_variance, replicas)
    return ClosureStatisticsRow(
        level=rows[0].level,
        name=rows[0].name,
        points=rows[0].points,
        chi2=float(np.mean([row.chi2 for row in rows])),
        delta_chi2=float(np.mean([row.delta_chi2 for row in rows])),
        bias=float(bias.mean()),
        variance=float(variance.mean()),
        ratio=_interval(float(ratio_of_means(bias, variance)), ratio_of_means(bias[draws], variance[draws])),
        coverage=_interval(float(coverage.mean()), coverage[draws].mean(axis=1)),
    )


def ratio_of_means(bias: Floats, variance: Floats) -> Floats:
    """Return R_bv (...,) for fits on the last axis; zero where noise makes the mean bias negative."""
    ratio: Floats = np.sqrt(np.maximum(bias.mean(axis=-1), 0.0) / variance.mean(axis=-1))
    return ratio


def without_replica_noise(bias: Floats, variance: Floats, replicas: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the estimates of bias and variance that have no shift from the finite number of replicas R.

    The mean of R replicas scatters by variance / R around that of infinitely many, which adds to the bias and is
    missing in the variance.
    """
    unbiased = variance * replicas / (replicas - 1)
    return bias - unbiased / replicas, unbiased


def _interval(value: float, drawn: Floats) -> Interval:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(value, float(low), float(high), float(drawn.std(ddof=1)))


def _check_comparable(estimates: Sequence[ClosureEstimates]) -> None:
    if len(estimates) < 2:
        raise DataError(
            f"expected the folders of at least two closure tests, received {len(estimates)}",
            hint="fit the same runcard with other seeds, filterseed and mcseed above all",
        )
    first = estimates[0]
    seen: dict[int | None, Path] = {}
    for entry in estimates:
        if entry.test_level != 2:
            raise DataError(f"{entry.path}: expected a closure test of level 2, received level {entry.test_level}")
        if entry.replicas < 2:
            raise DataError(f"{entry.path}: expected two replicas or more, received {entry.replicas}")
        if (entry.pdf_set, entry.sha256) != (first.pdf_set, first.sha256):
            raise DataError(
                f"{entry.path}: the truth is {entry.pdf_set} ({entry.sha256[:8]}), that of {first.path} "
                f"{first.pdf_set} ({first.sha256[:8]})"
            )
        if [(row.name, row.points) for row in entry.rows] != [(row.name, row.points) for row in first.rows]:
            raise DataError(f"{entry.path}: other data sets or cuts than in {first.path}")
        if entry.filterseed in seen:
            raise DataError(
                f"{entry.path}: filterseed {entry.filterseed} is that of {seen[entry.filterseed]} too",
                hint="give every fit its own filterseed",
            )
        seen[entry.filterseed] = entry.path
