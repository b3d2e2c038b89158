"""Choosing and joining the results of replicas."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest
from support import outcomes

from n3fit.results.replica_results import ReplicaResults, join_results, select_chosen
from n3fit.training.record import TrainingRecord

SHARED = {"xgrid", "history_epochs"}


def make(replicas: int) -> ReplicaResults:
    return outcomes.make_outcome(replicas, sets=outcomes.SMALL_SETS).results()


def arrays_of(value: Any) -> dict[str, np.ndarray]:
    """Return all arrays of a record by name."""
    found: dict[str, np.ndarray] = {}
    for entry in fields(value):
        content = getattr(value, entry.name)
        found |= arrays_of(content) if is_dataclass(content) else {entry.name: content}
    return found


def assert_same(one: Any, other: Any) -> None:
    first, second = arrays_of(one), arrays_of(other)
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)


def test_joining_undoes_taking() -> None:
    results = make(5)
    assert_same(join_results([results.take([index]) for index in range(5)]), results)
    assert_same(join_results([results]), results)


@pytest.mark.parametrize("chosen", [np.array([False, True, False, True]), [1, 3], np.array([3, 1])])
def test_every_array_with_replicas_is_taken(chosen: Any) -> None:
    """No array whose first axis is that of the replicas is forgotten, and no other is touched."""
    results = make(4)
    rows = np.flatnonzero(chosen) if np.asarray(chosen).dtype == bool else np.asarray(chosen)
    before, after = arrays_of(results), arrays_of(results.take(chosen))
    for name, values in before.items():
        assert (values.shape[0] == 4) is (name not in SHARED), name
        expected = values if name in SHARED else values[rows]
        np.testing.assert_array_equal(after[name], expected, err_msg=name)
    assert results.take(np.zeros(4, dtype=bool)).replicas.size == 0


def test_histories_of_different_lengths() -> None:
    results = make(2)
    long, short = results.take([0]), results.take([1])
    cut = TrainingRecord(
        **{entry.name: getattr(short.training, entry.name) for entry in fields(TrainingRecord)}
        | {
            "history_epochs": short.training.history_epochs[:2],
            "training_history": short.training.training_history[:, :2],
            "validation_history": short.training.validation_history[:, :2],
        }
    )
    joined = join_results([replace(short, training=cut), long]).training
    np.testing.assert_array_equal(joined.history_epochs, long.training.history_epochs)
    np.testing.assert_array_equal(joined.training_history[0, :2], short.training.training_history[0, :2])
    assert np.isnan(joined.training_history[0, 2:]).all()
    np.testing.assert_array_equal(joined.training_history[1], long.training.training_history[0])


def test_histories_at_different_epochs() -> None:
    """Replicas of trials with other numbers of epochs end at other epochs."""
    results = make(2)
    first, second = (
        replace(
            results.training,
            history_epochs=np.array(epochs),
            training_history=np.array([[1.0 * epoch for epoch in epochs]] * 2),
            validation_history=np.array([[2.0 * epoch for epoch in epochs]] * 2),
        )
        for epochs in ([99, 149], [99, 199, 219])
    )
    joined = join_results([replace(results, training=first), replace(results, training=second)]).training
    assert joined.history_epochs.tolist() == [99, 149, 199, 219]
    np.testing.assert_array_equal(joined.training_history[0], [99, 149, np.nan, np.nan])
    np.testing.assert_array_equal(joined.validation_history[3], [198, np.nan, 398, 438])


def test_finite_needs_losses_predictions_and_pdfs() -> None:
    results = make(4)
    finite, predictions, pdf = results.training.finite.copy(), results.predictions.copy(), results.pdf.copy()
    finite[0], predictions[1, 3], pdf[2, 7, 5] = False, np.inf, np.nan
    broken = replace(
        results, training=replace(results.training, finite=finite), predictions=predictions, pdf=pdf,
        positivity_passed=np.ones(4, dtype=bool),
    )  # fmt: skip
    assert broken.finite.tolist() == broken.passing.tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("passed", "finite", "expected"),
    [
        ([True, False, True], [True, True, False], ("passing", [True, False, False])),
        ([False, False, True], [True, True, False], ("finite", [True, True, False])),
        ([True, True, True], [False, False, False], ("none", [False, False, False])),
    ],
)
def test_means_are_made_of_passing_replicas_else_of_finite_ones(passed: Any, finite: Any, expected: Any) -> None:
    results = make(3)
    training = replace(results.training, finite=np.array(finite))
    selection, chosen = select_chosen(replace(results, training=training, positivity_passed=np.array(passed)))
    assert (selection, chosen.tolist()) == expected
