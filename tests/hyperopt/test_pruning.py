"""Trials that are stopped between their folds."""

import pytest

from n3fit.hyperopt.pruning import FoldObserver, fold_limits, running_losses


def test_limits_are_medians() -> None:
    complete = [[float(k), 2.0 * k, 3.0 * k] for k in range(1, 6)]
    assert fold_limits(complete) == [3, 6]
    assert fold_limits(complete[:4]) == []


def test_a_trial_worse_than_most_is_stopped() -> None:
    observer = FoldObserver([3.0, 6.0], "chi2")
    assert observer(0, 3.0) is False
    assert observer(1, 8.9) is False  # mean 5.95
    assert observer(2, 1e9) is False  # the last fold
    assert FoldObserver([3.0, 6.0], "chi2")(0, 3.1) is True
    second = FoldObserver([3.0, 6.0], "chi2")
    assert (second(0, 2.0), second(1, 10.5)) == (False, True)


def test_large_phi_is_good() -> None:
    assert running_losses([0.5, 1.5], "phi2") == [2, 1]
    assert FoldObserver([1.0], "phi2")(0, 2.0) is False
    assert FoldObserver([1.0], "phi2")(0, 0.5) is True
    assert running_losses([0.0], "phi2") == [pytest.approx(float("inf"))]


def test_without_limits_nothing_is_stopped() -> None:
    assert FoldObserver([], "chi2")(0, 1e9) is False
