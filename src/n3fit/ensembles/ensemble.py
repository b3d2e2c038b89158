"""The interface of ensembles: the members of a fit or of an LHAPDF set at any scale."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.errors import CommandLineError
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.typing import Floats

_EDGE = 1e-6  # relative rounding error of scales at the ends


class Ensemble(ABC):
    """Members of a fit or of a PDF set at scales from ``q0`` to ``q_max`` (GeV), from ``x_min`` to 1."""

    label: str
    q0: float
    q_max: float
    x_min: float

    def __repr__(self) -> str:
        """Return name and range."""
        return f"{self.label}: {self.q0:g} to {self.q_max:g} GeV, x from {self.x_min:g}"

    def at(self, q: float | None = None) -> EnsembleOnGrid:
        """Return all members at a scale in GeV; None is the initial scale.

        Raises
        ------
        CommandLineError
            The scale is outside of the available range.
        DataError, ResourceError, TheoryError
            The members cannot be read or evolved.
        """
        return self.at_scales([self.q0 if q is None else q])[0]

    def at_scales(self, scales: Sequence[float], *, progress: ProgressReporter | None = None) -> list[EnsembleOnGrid]:
        """Return all members at several scales, faster than one by one; raises the errors of :meth:`at`.

        A fit is evolved to at most seven scales between two thresholds, and interpolated to the others (to 1e-6).
        """
        low, high = self.q0 * (1 - _EDGE), self.q_max * (1 + _EDGE)
        for q in scales:
            if not low <= q <= high:
                known = f"{self.q0:g} to {self.q_max:g} GeV" if self.q_max > self.q0 else f"{self.q0:g} GeV alone"
                raise CommandLineError(f"{self.label}: Q: expected {known}, received {q:g} GeV")
        return self._evaluate([min(max(float(q), self.q0), self.q_max) for q in scales], progress or NullReporter())

    def on_nodes(self, x: Floats, q: float) -> EnsembleOnGrid:
        """Return all members at points ``x`` (nx,), which are the nodes of the result, at a scale in GeV.

        Raises
        ------
        CommandLineError, DataError, ResourceError, TheoryError
            A point or the scale is out of reach, or the members cannot be read or evolved.
        """
        return self.at(q).on_nodes(x)

    @abstractmethod
    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[EnsembleOnGrid]:
        """Return the members at scales inside the available range."""
