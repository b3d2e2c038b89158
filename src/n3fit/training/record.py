"""The record of a training: when each replica stopped, its losses, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from n3fit.replica_arrays import SHARED
from n3fit.typing import Floats


@dataclass(frozen=True, eq=False)
class TrainingRecord:
    """The training of R replicas, with losses per point at H epochs; epochs are counted from 0.

    Parameters
    ----------
    stop_epoch, best_epoch : (R,) int
        Epoch at which the replica stopped, and of which its weights are; best_epoch is -1 when no epoch was
        acceptable.
    training_chi2, validation_chi2 : (R,)
        Per point, to the pseudodata of the replica, at the best epoch.
    finite : (R,) bool
        Whether every loss was finite.
    training_history, validation_history : (R, H)
    history_epochs : (H,) int
    """

    stop_epoch: NDArray[np.int64]
    best_epoch: NDArray[np.int64]
    training_chi2: Floats
    validation_chi2: Floats
    finite: NDArray[np.bool_]
    training_history: Floats
    validation_history: Floats
    history_epochs: NDArray[np.int64] = field(metadata=SHARED)


def align_histories(records: Sequence[TrainingRecord]) -> list[TrainingRecord]:
    """Return the records with histories at the epochs of all of them; a loss that was not recorded is nan."""
    epochs = np.unique(np.concatenate([record.history_epochs for record in records]))
    return [_spread_history(record, epochs) for record in records]


def _spread_history(record: TrainingRecord, epochs: NDArray[np.int64]) -> TrainingRecord:
    known = np.searchsorted(epochs, record.history_epochs)

    def spread(history: Floats) -> Floats:
        values = np.full((len(history), len(epochs)), np.nan)
        values[:, known] = history
        return values

    return replace(
        record,
        history_epochs=epochs,
        training_history=spread(record.training_history),
        validation_history=spread(record.validation_history),
    )
