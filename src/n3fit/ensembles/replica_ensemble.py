"""Ensembles of replicas on nodes at the initial scale, evolved to other scales."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.defaults import Q_MAX
from n3fit.ensembles.bands import ErrorKind
from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.evolution.evolver import GridEvolver
from n3fit.evolution.grids import QSegment, scales_between, stretch_scale
from n3fit.progress import ProgressReporter
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

_MOST_EVOLVED = 7  # scales between two thresholds; others are interpolated


class ReplicaEnsemble(Ensemble):
    """Replicas on nodes at the initial scale, evolved with operators from the cache.

    Parameters
    ----------
    label : str
    q0 : float
        The initial scale in GeV.
    xgrid : (nx,)
    pdf : (R, nx, 14)
        x f(x, q0) in the order of ``n3fit.theory.flavours.EXPORT_PIDS``.
    kind : str
        ``replicas``, or ``central`` for a single member without uncertainties.
    card : TheoryCard, optional
        Theory of the evolution; without it only the initial scale is available.
    polarised : bool
        Whether the PDFs are polarised.
    """

    def __init__(
        self,
        label: str,
        *,
        q0: float,
        xgrid: Floats,
        pdf: Floats,
        kind: ErrorKind = "replicas",
        card: TheoryCard | None = None,
        polarised: bool = False,
    ) -> None:
        self.label = label
        self.polarised = polarised
        self.q0 = q0
        self.q_max = Q_MAX if card else q0
        self.x_min = float(xgrid[0])
        self._grids, self._x, self._kind, self._card = pdf, xgrid, kind, card

    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[EnsembleOnGrid]:
        return [
            EnsembleOnGrid(self.label, q, self._kind, self._x, members, members.mean(axis=0), polarised=self.polarised)
            for q, members in zip(scales, self._grids_at(scales, progress), strict=True)
        ]

    def _grids_at(self, scales: Sequence[float], progress: ProgressReporter) -> list[Floats]:
        """Return (R, nx, 14) for each scale."""
        evolved: dict[float, Floats] = {self.q0: self._grids}
        above = sorted({q for q in scales if q > self.q0})
        if above and self._card is not None:
            segments = scale_segments(self._card, above)
            built = [QSegment(segment.nf, _evolved_scales(segment.q)) for segment in segments]
            evolver = GridEvolver(self._card, self._x, built, progress=progress, polarised=self.polarised)
            results = evolver.evolve(self._grids)
            for segment, few, values in zip(segments, built, results, strict=True):
                matrix = _interpolation_in_scale(few.q, segment.q)
                evolved.update((q, np.tensordot(matrix[i], values, (0, 1))) for i, q in enumerate(segment.q.tolist()))
        return [evolved[q] for q in scales]


def scale_segments(card: TheoryCard, scales: Sequence[float]) -> list[QSegment]:
    """Return increasing scales by number of active flavours; at a threshold it is that above."""
    thresholds = np.sqrt(card.squared_thresholds())[card.nf0 - 3 : card.most_flavours - 3]
    flavours = card.nf0 + np.searchsorted(thresholds, scales, side="right")
    return [QSegment(nf=int(nf), q=np.array(scales)[flavours == nf]) for nf in np.unique(flavours)]


def _evolved_scales(scales: Floats) -> Floats:
    """Return few scales to evolve to, from which all of ``scales`` (increasing) are interpolated."""
    if len(scales) <= _MOST_EVOLVED:
        return scales
    return scales_between(float(scales[0]), float(scales[-1]), _MOST_EVOLVED)


def _interpolation_in_scale(nodes: Floats, scales: Floats) -> Floats:
    """Return the matrix from values at ``nodes`` to values at ``scales``: one polynomial in the stretched scale."""
    if nodes is scales:
        return np.eye(len(nodes))
    t, points = stretch_scale(nodes), stretch_scale(scales)
    columns = [
        np.prod([(points - t[k]) / (t[j] - t[k]) for k in range(len(t)) if k != j], axis=0) for j in range(len(t))
    ]
    return np.stack(columns, axis=1)
