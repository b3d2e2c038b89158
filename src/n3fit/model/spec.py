"""The training problem as arrays: folded observables, data, chi2 and penalties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from n3fit.compression.folding import FoldedObservable
from n3fit.model.chi2_forms import DataPart, DividedChi2, EigenbasisChi2, PointChi2, ReducedChi2
from n3fit.typing import Floats, Indices, Integers


@dataclass(frozen=True)
class Penalty:
    """Observables that are penalised with growing Lagrange multipliers.

    Parameters
    ----------
    observables : tuple of FoldedObservable
        One per set.
    initial, growth : (S,) or (R, S)
        Multiplier at the first epoch, and its factor every 100 epochs; for all replicas, or for each of R.
    """

    observables: tuple[FoldedObservable, ...]
    initial: Floats
    growth: Floats

    def select(self, rows: Indices) -> Penalty:
        """Return the penalty of the replicas at the positions ``rows``, in this order."""
        if self.initial.ndim == 1:
            return self
        return replace(self, initial=self.initial[rows], growth=self.growth[rows])


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
    chi2 : EigenbasisChi2, PointChi2, DividedChi2 or ReducedChi2
    positivity, integrability : Penalty
    compression : mapping
        Certified accuracy of each compressed observable; empty where the theory is exact.
    """

    xgrid: Floats
    observables: tuple[FoldedObservable, ...]
    data: Floats
    chi2: EigenbasisChi2 | PointChi2 | DividedChi2 | ReducedChi2
    positivity: Penalty
    integrability: Penalty
    compression: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def training_points(self) -> Integers:
        """Number of points or modes that each replica trains on, (R,)."""
        return self.chi2.training_points

    @property
    def validation_points(self) -> Integers:
        """Number of points or modes that each replica is validated on, (R,)."""
        return self.chi2.validation_points

    def select(self, rows: Sequence[int] | NDArray[np.integer]) -> TrainingProblem:
        """Return the problem of the replicas at the positions ``rows``, in this order."""
        chosen = np.asarray(rows, dtype=np.intp)
        return replace(
            self,
            data=self.data[chosen],
            chi2=self.chi2.select(chosen),
            positivity=self.positivity.select(chosen),
            integrability=self.integrability.select(chosen),
        )

    def part(self, part: DataPart) -> TrainingProblem:
        """Return the problem of the replicas and data sets of a part."""
        edges = [0, *accumulate(observable.ndata for observable in self.observables)]
        points = np.concatenate([np.arange(edges[index], edges[index + 1]) for index in part.datasets])
        return replace(
            self,
            observables=tuple(self.observables[index] for index in part.datasets),
            data=self.data[np.ix_(part.replicas, points)],
            chi2=part.chi2,
        )
