"""The losses of a training, recorded once per chunk of epochs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.progress import ProgressReporter
from n3fit.training.stopping import ChunkSummary
from n3fit.typing import Floats, Indices

HistoryArrays = Mapping[str, NDArray[Any]]
"""``history_epochs`` (E,), ``training_history`` and ``validation_history`` (R, E)."""


class History:
    """Records the losses and reports the progress, once per chunk; finished replicas keep their last losses.

    Parameters
    ----------
    replicas : int
    total : int
        Epochs of the training.
    progress : ProgressReporter
    """

    def __init__(self, replicas: int, total: int, progress: ProgressReporter) -> None:
        self.total = total
        self.progress = progress
        self.epochs: list[int] = []
        self.training: list[Floats] = []
        self.validation: list[Floats] = []
        self._latest = {name: np.full(replicas, np.nan) for name in ("training", "validation")}
        self._active = np.ones(replicas, dtype=bool)

    def __call__(self, slots: Indices, summary: ChunkSummary) -> None:
        """Record the summary of the replicas at ``slots``."""
        self._active[slots] = summary.active
        self._latest["training"][slots] = summary.training
        self._latest["validation"][slots] = summary.validation
        self.epochs.append(summary.epoch)
        self.training.append(self._latest["training"].copy())
        self.validation.append(self._latest["validation"].copy())
        shown = self._active if self._active.any() else np.ones_like(self._active)
        self.progress.epoch(
            summary.epoch + 1,
            self.total,
            {name: float(values[shown].mean()) for name, values in self._latest.items()},
            int(self._active.sum()),
            len(self._active),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the history as fields of a TrainingRecord."""
        shape = (-1, len(self._active))
        return {
            "history_epochs": np.array(self.epochs, dtype=np.int64),
            "training_history": np.array(self.training).reshape(shape).T,
            "validation_history": np.array(self.validation).reshape(shape).T,
        }

    def restore(self, arrays: HistoryArrays, active: NDArray[np.bool_]) -> None:
        """Go on from the arrays of another history.

        Parameters
        ----------
        arrays : mapping
            From :meth:`arrays`.
        active : (R,) bool
            The replicas that are active.
        """
        self.epochs = [int(epoch) for epoch in arrays["history_epochs"]]
        for name, rows in (("training", self.training), ("validation", self.validation)):
            rows[:] = [np.array(row, dtype=np.float64) for row in arrays[f"{name}_history"].T]
            if rows:
                self._latest[name][:] = rows[-1]
        self._active[:] = active
