"""The training problem as arrays: folded observables, data, chi2 and penalties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from n3fit.compression.folding import FoldedObservable
from n3fit.typing import Booleans, Floats, Integers


@dataclass(frozen=True)
class EigenbasisChi2:
    """Chi2 split in the eigenbasis of the covariance.

    Parameters
    ----------
    whitening : (N, N)
        W, so that ``|W (T - D)|^2`` is chi2.
    training : (R, N) bool
        The modes that each replica trains on.
    """

    whitening: Floats
    training: Booleans


@dataclass(frozen=True)
class PointChi2:
    """Chi2 split point by point.

    Parameters
    ----------
    covariance : (N, N)
    training : (R, N) bool
        The points that each replica trains on.
    """

    covariance: Floats
    training: Booleans


@dataclass(frozen=True)
class Penalty:
    """Observables that are penalised with growing Lagrange multipliers.

    Parameters
    ----------
    observables : tuple of FoldedObservable
        One per set.
    initial, growth : (S,)
        Multiplier at the first epoch, and its factor every 100 epochs.
    """

    observables: tuple[FoldedObservable, ...]
    initial: Floats
    growth: Floats


@dataclass(frozen=True)
class TrainingProblem:
    """The fit of R replicas to N points.

    Parameters
    ----------
    xgrid : (nx,)
        Merged grid of all tables.
    observables : tuple of FoldedObservable
        The data sets, N rows together.
    data : (R, N)
        Data of each replica.
    chi2 : EigenbasisChi2 or PointChi2
    positivity, integrability : Penalty
    compression : mapping
        Certified accuracy of each compressed observable; empty where the theory is exact.
    """

    xgrid: Floats
    observables: tuple[FoldedObservable, ...]
    data: Floats
    chi2: EigenbasisChi2 | PointChi2
    positivity: Penalty
    integrability: Penalty
    compression: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def training_points(self) -> Integers:
        """Number of points or modes that each replica trains on, (R,)."""
        return self.chi2.training.sum(axis=1)

    @property
    def validation_points(self) -> Integers:
        """Number of points or modes that each replica is validated on, (R,)."""
        return (~self.chi2.training).sum(axis=1)

    def select(self, rows: Sequence[int] | NDArray[np.integer]) -> TrainingProblem:
        """Return the problem of the replicas at the positions ``rows``, in this order."""
        chosen = np.asarray(rows, dtype=np.intp)
        chi2 = replace(self.chi2, training=self.chi2.training[chosen])
        return replace(self, data=self.data[chosen], chi2=chi2)
