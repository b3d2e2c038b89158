"""Histories of several trainings side by side."""

from __future__ import annotations

import numpy as np

from n3fit.training.record import TrainingRecord, align_histories


def record(epochs: list[int], *losses: list[float]) -> TrainingRecord:
    replicas = len(losses)
    history = np.array(losses)
    return TrainingRecord(
        stop_epoch=np.arange(replicas),
        best_epoch=np.arange(replicas),
        training_chi2=np.zeros(replicas),
        validation_chi2=np.zeros(replicas),
        finite=np.ones(replicas, dtype=bool),
        training_history=history,
        validation_history=2 * history,
        history_epochs=np.array(epochs, dtype=np.int64),
    )


def test_losses_stay_at_their_epochs_and_others_are_not_numbers() -> None:
    first, second = record([99, 199], [1.0, 2.0], [3.0, 4.0]), record([149, 199, 249], [5.0, 6.0, 7.0])
    aligned = align_histories([first, second])
    nan = np.nan
    for found in aligned:
        np.testing.assert_array_equal(found.history_epochs, [99, 149, 199, 249])
        np.testing.assert_array_equal(found.validation_history, 2 * found.training_history)
    np.testing.assert_array_equal(aligned[0].training_history, [[1, nan, 2, nan], [3, nan, 4, nan]])
    np.testing.assert_array_equal(aligned[1].training_history, [[nan, 5, 6, 7]])
    np.testing.assert_array_equal(aligned[0].stop_epoch, first.stop_epoch)


def test_equal_epochs_change_nothing() -> None:
    (found,) = align_histories([record([99, 199], [1.0, 2.0])])
    np.testing.assert_array_equal(found.training_history, [[1.0, 2.0]])
