"""The forms of the chi2 of a training problem, as arrays: how it is divided, and what belongs to each replica."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

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
