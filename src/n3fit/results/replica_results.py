"""The results of the replicas of a fit, one record from the training to the reader of the fit folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from n3fit.replica_arrays import SHARED, Chosen, join_replicas, take_replicas
from n3fit.training.record import TrainingRecord, align_histories
from n3fit.typing import Floats

Selection = Literal["postfit", "passing", "finite", "none"]
"""How the replicas were chosen that means are made of."""


@dataclass(frozen=True, eq=False)
class ReplicaResults:
    """Results of R replicas; F fitted flavours, N points, P positivity and I integrability sets.

    Parameters
    ----------
    replicas : (R,) int
        Replica numbers, from 1.
    alpha, beta : (R, F)
        Preprocessing exponents, ``x**(1 - alpha) * (1 - x)**beta``.
    training : TrainingRecord
    positivity_passed : (R,) bool
        Whether every positivity set has a loss below the threshold.
    guarded : (R,) bool
        Whether a normalisation integral vanished, so that a sum rule could not be imposed.
    positivity_losses, integrability_losses : (R, P), (R, I)
        Loss of each set, before any multiplier.
    arc_lengths, integrability : (R, 5)
        See ``n3fit.ensembles.arc_length`` and ``n3fit.ensembles.integrability``.
    predictions : (R, N)
    pdf : (R, nx, 14)
        x f(x, Q0) in the order of ``n3fit.theory.flavours.EXPORT_PIDS``.
    xgrid : (nx,)
        Nodes of the exportgrid.
    """

    replicas: NDArray[np.int64]
    alpha: Floats
    beta: Floats
    training: TrainingRecord
    positivity_passed: NDArray[np.bool_]
    guarded: NDArray[np.bool_]
    positivity_losses: Floats
    integrability_losses: Floats
    arc_lengths: Floats
    integrability: Floats
    predictions: Floats
    pdf: Floats
    xgrid: Floats = field(metadata=SHARED)

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """(R,) whether losses, predictions and PDFs of the replica are finite."""
        finite: NDArray[np.bool_] = (
            self.training.finite & np.isfinite(self.predictions).all(axis=1) & np.isfinite(self.pdf).all(axis=(1, 2))
        )
        return finite

    @property
    def passing(self) -> NDArray[np.bool_]:
        """(R,) the replicas that no veto known at the end of the training excludes: finite, and passing positivity."""
        return self.finite & self.positivity_passed

    def take(self, chosen: Chosen) -> ReplicaResults:
        """Return the results of some replicas: a mask (R,), or indices."""
        return take_replicas(self, chosen)


def join_results(parts: Sequence[ReplicaResults]) -> ReplicaResults:
    """Return the replicas of several groups one after the other."""
    records = align_histories([part.training for part in parts])
    return join_replicas([replace(part, training=record) for part, record in zip(parts, records, strict=True)])


def select_chosen(results: ReplicaResults) -> tuple[Selection, NDArray[np.bool_]]:
    """Return the replicas that means are made of before postfit: the passing ones, else the finite ones, else none.

    Returns
    -------
    str
        ``passing``, ``finite`` or ``none``.
    (R,) bool
    """
    if results.passing.any():
        return "passing", results.passing
    return ("finite" if results.finite.any() else "none"), results.finite
