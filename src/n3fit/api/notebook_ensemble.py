"""Ensembles that show progress in notebooks."""

from __future__ import annotations

from collections.abc import Sequence

from n3fit.api.notebooks import find_display, notebook_progress
from n3fit.ensembles import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.progress import ProgressReporter
from n3fit.typing import Floats

SECONDS_WITHOUT_BAR = 1.0
"""Most calls are faster, and would only fill the output of a cell."""


def show_progress_of(ensemble: Ensemble) -> Ensemble:
    """Return an ensemble that shows progress in a notebook, elsewhere the ensemble itself."""
    return ensemble if find_display() is None else NotebookEnsemble(ensemble)


class NotebookEnsemble(Ensemble):
    """An ensemble with a progress bar in notebooks while its members are read or evolved, if that takes long.

    Parameters
    ----------
    ensemble : Ensemble
    """

    def __init__(self, ensemble: Ensemble) -> None:
        self.label = ensemble.label
        self.q0, self.q_max, self.x_min = ensemble.q0, ensemble.q_max, ensemble.x_min
        self._ensemble = ensemble

    def at_scales(self, scales: Sequence[float], *, progress: ProgressReporter | None = None) -> list[EnsembleOnGrid]:
        """Return all members at several scales; see :meth:`n3fit.ensembles.Ensemble.at_scales`."""
        with notebook_progress(self.label, progress, delay=SECONDS_WITHOUT_BAR) as reporter:
            return super().at_scales(scales, progress=reporter)

    def on_nodes(self, x: Floats, q: float) -> EnsembleOnGrid:
        """Return the members at points in x; see :meth:`n3fit.ensembles.Ensemble.on_nodes`."""
        return self._ensemble.on_nodes(x, q)

    def _evaluate(self, scales: Sequence[float], progress: ProgressReporter) -> list[EnsembleOnGrid]:
        return self._ensemble.at_scales(scales, progress=progress)
