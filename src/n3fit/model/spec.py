"""The training problem as arrays: folded observables, data, chi2 and penalties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Self

import numpy as np
from numpy.typing import NDArray

from n3fit.compression.folding import FoldedObservable
from n3fit.typing import Booleans, Floats, Indices, Integers


@dataclass(frozen=True)
class SplitChi2:
    """Chi2 of R replicas that is divided between training and validation.

    Parameters
    ----------
    training : (R, N) bool
        True for the points or modes that a replica trains on; it is validated on the others.
    """

    training: Booleans

    @property
    def training_points(self) -> Integers:
        """Number of points or modes that each replica trains on, (R,)."""
        return self.training.sum(axis=1)

    @property
    def validation_points(self) -> Integers:
        """Number of points or modes that each replica is validated on, (R,)."""
        return (~self.training).sum(axis=1)

    def select(self, rows: Indices) -> Self:
        """Return the chi2 of the replicas at the positions ``rows``, in this order."""
        return replace(self, training=self.training[rows])


@dataclass(frozen=True)
class EigenbasisChi2(SplitChi2):
    """Chi2 split in the eigenbasis of the covariance.

    Parameters
    ----------
    training : (R, N) bool
        The modes that each replica trains on.
    whitening : (N, N)
        W, so that ``|W (T - D)|^2`` is chi2.
    """

    whitening: Floats


@dataclass(frozen=True)
class PointChi2(SplitChi2):
    """Chi2 split point by point.

    Parameters
    ----------
    training : (R, N) bool
        The points that each replica trains on.
    covariance : (N, N)
    """

    covariance: Floats


@dataclass(frozen=True)
class DataPart:
    """Data sets that some replicas are fitted to.

    Parameters
    ----------
    replicas : (r,)
        Positions of these replicas among all, each of which belongs to one part.
    datasets : tuple of int
        Positions of the data sets among all, ascending.
    chi2 : EigenbasisChi2 or PointChi2
        Of the points of these data sets alone, for these replicas.
    """

    replicas: Indices
    datasets: tuple[int, ...]
    chi2: EigenbasisChi2 | PointChi2


@dataclass(frozen=True)
class DividedChi2:
    """Chi2 of replicas that are fitted to different data sets: what is not in the part of a replica is in neither loss.

    Parameters
    ----------
    parts : tuple of DataPart
    """

    parts: tuple[DataPart, ...]

    @property
    def training_points(self) -> Integers:
        """Number of points or modes that each replica trains on, (R,)."""
        return self._in_order([part.chi2.training_points for part in self.parts])

    @property
    def validation_points(self) -> Integers:
        """Number of points or modes that each replica is validated on, (R,)."""
        return self._in_order([part.chi2.validation_points for part in self.parts])

    @property
    def order(self) -> Indices:
        """Where the replicas are found when those of the parts follow each other, (R,)."""
        return np.argsort(np.concatenate([part.replicas for part in self.parts]), kind="stable")

    def _in_order(self, values: Sequence[Integers]) -> Integers:
        ordered: Integers = np.concatenate(values)[self.order]
        return ordered

    def select(self, rows: Indices) -> DividedChi2:
        """Return the chi2 of the replicas at the positions ``rows``, in this order; parts without any are left out."""
        parts = []
        for part in self.parts:
            places = np.full(1 + max(*rows, *part.replicas), -1)
            places[part.replicas] = np.arange(len(part.replicas))
            chosen = np.flatnonzero(places[rows] >= 0)
            if len(chosen):
                parts.append(DataPart(chosen, part.datasets, part.chi2.select(places[rows[chosen]])))
        return DividedChi2(tuple(parts))


@dataclass(frozen=True)
class ReducedForms:
    """One chi2 of each of R replicas as ``|K z - e|^2 + c`` in q variables z that all replicas share.

    Parameters
    ----------
    roots : (R, q, q)
        K, upper triangular.
    targets : (R, q)
        e.
    constants : (R,)
        c, the chi2 of the best z.
    points : (R,)
        Number of points or modes in the chi2.
    """

    roots: NDArray[np.floating]
    targets: Floats
    constants: Floats
    points: Integers

    def select(self, rows: Indices) -> ReducedForms:
        """Return the forms of the replicas at the positions ``rows``, in this order."""
        return ReducedForms(self.roots[rows], self.targets[rows], self.constants[rows], self.points[rows])


@dataclass(frozen=True)
class ReducedChi2:
    """Chi2 of replicas that are fitted to different points, as forms in the few numbers that all points depend on.

    These numbers z are r combinations of the PDF, and the predictions of the data sets that are not linear in it.

    Parameters
    ----------
    basis : (nx * F, r)
        The combinations, flavours running fastest.
    nonlinear : tuple of int
        Positions of the other data sets.
    training, validation : ReducedForms
    """

    basis: Floats
    nonlinear: tuple[int, ...]
    training: ReducedForms
    validation: ReducedForms

    @property
    def training_points(self) -> Integers:
        """Number of points or modes that each replica trains on, (R,)."""
        return self.training.points

    @property
    def validation_points(self) -> Integers:
        """Number of points or modes that each replica is validated on, (R,)."""
        return self.validation.points

    def select(self, rows: Indices) -> ReducedChi2:
        """Return the chi2 of the replicas at the positions ``rows``, in this order."""
        return replace(self, training=self.training.select(rows), validation=self.validation.select(rows))


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
