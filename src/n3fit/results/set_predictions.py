"""Predictions of the members of PDF sets and fits for data, with their uncertainties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from n3fit.compression.folding import merged_xgrid
from n3fit.ensembles.bands import Band, ErrorKind, band_of
from n3fit.ensembles.ensemble import Ensemble
from n3fit.errors import DataError
from n3fit.progress import ProgressReporter
from n3fit.theory.flavours import FLAVOUR_TO_FK
from n3fit.theory.observables import Observable
from n3fit.typing import Floats

AT_ONCE = 16
"""Members whose predictions are computed together: hadronic tables take memory for each."""


@dataclass(frozen=True, eq=False)
class SetPredictions:
    """Predictions of a PDF set or fit for N points; R error members.

    Parameters
    ----------
    label : str
    kind : str
        What the members are, see :mod:`n3fit.ensembles.bands`.
    central : (N,)
        Of the central member.
    members : (R, N)
        Of the replicas or error members; none of a set that has only a central member.
    scale : float
        Divisor of Hessian uncertainties that gives those of 68 %.
    """

    label: str
    kind: ErrorKind
    central: Floats
    members: Floats
    scale: float = 1.0

    @property
    def mean(self) -> Floats | None:
        """Mean prediction (N,) of the replicas; None for other kinds, whose members have no mean."""
        if self.kind != "replicas" or not len(self.members):
            return None
        mean: Floats = self.members.mean(axis=0)
        return mean

    def band(self) -> Band:
        """Return the central prediction with its uncertainties, (N,) each."""
        return band_of(self.members, self.central, self.kind, scale=self.scale)


def predict_ensemble(
    observables: Sequence[Observable], ensemble: Ensemble, q0: float, *, progress: ProgressReporter
) -> SetPredictions:
    """Compute the predictions of all members of a PDF set or fit, taken at the initial scale of the theory.

    Parameters
    ----------
    observables : sequence of Observable
        With N points in all.
    ensemble : Ensemble
    q0 : float
        Initial scale in GeV.
    progress : ProgressReporter

    Raises
    ------
    DataError
        A prediction is not finite, or the members cannot be read.
    CommandLineError, ResourceError, TheoryError
        The scale is out of reach of the set.
    """
    nodes = merged_xgrid([table for observable in observables for table in observable.tables])
    grid = ensemble.on_nodes(nodes, q0)
    members = grid.members[:0] if grid.kind == "central" else grid.members
    pdfs = np.concatenate([grid.central[None], members]) @ FLAVOUR_TO_FK.T
    columns = []
    for number, observable in enumerate(observables, start=1):
        columns.append(_predict_members(observable, nodes, pdfs))
        if not np.isfinite(columns[-1]).all():
            raise DataError(f"{observable.name}: {ensemble.label} gives predictions that are not finite")
        progress.step(f"predictions of {ensemble.label}", number, len(observables))
    predictions = np.concatenate(columns, axis=1)
    return SetPredictions(ensemble.label, grid.kind, predictions[0], predictions[1:], grid.scale)


def distinct_labels(predictions: Sequence[SetPredictions]) -> tuple[SetPredictions, ...]:
    """Return predictions with numbers at the end of labels that occur several times."""
    labels = [entry.label for entry in predictions]
    return tuple(
        entry if labels.count(entry.label) == 1 else replace(entry, label=f"{entry.label} ({number})")
        for number, entry in enumerate(predictions, start=1)
    )


def _predict_members(observable: Observable, nodes: Floats, pdfs: Floats) -> Floats:
    """Return predictions (K, ndata) for PDFs (K, nx, 14) at the nodes, which include those of the tables."""

    def predict(members: Floats) -> Floats:
        return observable.predict(lambda x: members[:, np.abs(np.log(nodes)[:, None] - np.log(x)).argmin(axis=0)])

    return np.concatenate([predict(pdfs[start : start + AT_ONCE]) for start in range(0, len(pdfs), AT_ONCE)])
