"""Evolution of many replicas at once from the initial scale to all nodes in Q."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from n3fit.errors import DataError
from n3fit.evolution.grids import QSegment
from n3fit.evolution.operator_cache import OperatorCache
from n3fit.progress import ProgressReporter
from n3fit.theory.flavours import EXPORT_LABELS, EXPORT_PIDS, FK_TO_FLAVOUR, FLAVOUR_TO_FK
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

_LARGEST_INACTIVE = 1e-6  # of the largest x f: rounding of rotations in single precision


class GridEvolver:
    """Evolution from the initial scale of a theory to the nodes of a PDF set.

    Parameters
    ----------
    card : TheoryCard
    xgrid : (nx,)
        Nodes of the argument and of the result, the last of them 1.
    segments : sequence of QSegment
        The nodes in Q.
    progress : ProgressReporter
        Receives the number of operators that are available.
    polarised : bool
        Whether the PDFs are polarised.
    """

    def __init__(
        self,
        card: TheoryCard,
        xgrid: Floats,
        segments: Sequence[QSegment],
        *,
        progress: ProgressReporter,
        polarised: bool = False,
    ) -> None:
        self.card = card
        self.xgrid = xgrid
        self.segments = tuple(segments)
        self._operators = OperatorCache(card, xgrid, polarised=polarised).load(self.segments, progress=progress)

    def evolve(self, grids: Floats) -> list[Floats]:
        """Compute x f at all nodes from x f at the initial scale.

        Parameters
        ----------
        grids : (R, nx, 14)
            In the order of EXPORT_PIDS.

        Returns
        -------
        list of (R, nq, nx, 14)
            x f at the nodes of each segment.

        Raises
        ------
        DataError
            A quark that is not active at the initial scale, or the photon, does not vanish.
        """
        self._check_inactive(grids)
        # in the memory layout of the result: products of matrices that are not contiguous are slow
        distributions = np.ascontiguousarray(np.einsum("ab,rjb->raj", FLAVOUR_TO_FK, grids) / self.xgrid)
        results = []
        for segment, operators in zip(self.segments, self._operators, strict=True):
            values = np.empty((len(grids), len(segment.q), *grids.shape[1:]))
            with threadpool_limits(limits=1, user_api="blas"):  # products this small only wait for other threads
                for index, operator in enumerate(operators):
                    evolved = operator.apply(distributions) * self.xgrid
                    values[:, index] = np.swapaxes(evolved, 1, 2) @ FK_TO_FLAVOUR.T
            values[..., self._inactive(segment.nf)] = 0.0
            results.append(values)
        return results

    def _check_inactive(self, grids: Floats) -> None:
        allowed = _LARGEST_INACTIVE * float(np.abs(grids).max())
        for index in self._inactive(self.card.nf0):
            largest = float(np.abs(grids[..., index]).max())
            if largest > allowed:
                raise DataError(
                    f"evolution: expected no {EXPORT_LABELS[index]} at the initial scale {self.card.Q0:g} GeV, where "
                    f"{self.card.nf0} flavours are active, received x f up to {largest:.3g}"
                )

    @staticmethod
    def _inactive(nf: int) -> list[int]:
        """Return the positions of the photon and of the quarks beyond ``nf`` in EXPORT_PIDS."""
        return [index for index, pid in enumerate(EXPORT_PIDS) if pid == 22 or nf < abs(pid) < 21]
