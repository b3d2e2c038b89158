"""Stopping a trial between its folds, where the folds so far are worse than those of most other trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

FEWEST_TRIALS = 5
"""Trials with all folds before the first one is stopped."""


def running_losses(fold_losses: Sequence[float], loss_type: str) -> list[float]:
    """Return the loss of the first fold, of the first two, and so on: means, for phi2 their inverse.

    >>> running_losses([1.0, 2.0, 6.0], "chi2"), running_losses([1.0, 3.0], "phi2")
    ([1.0, 1.5, 3.0], [1.0, 0.5])
    """
    means = [math.fsum(fold_losses[: count + 1]) / (count + 1) for count in range(len(fold_losses))]
    return [1 / mean if mean else math.inf for mean in means] if loss_type == "phi2" else means


def fold_limits(complete: Sequence[Sequence[float]]) -> list[float]:
    """Return the running loss above which a trial is stopped after each fold but the last one.

    Parameters
    ----------
    complete : sequence
        Running losses of the trials that have all folds.

    Returns
    -------
    list of float
        The medians; empty where there are fewer than :data:`FEWEST_TRIALS` trials.
    """
    if len(complete) < FEWEST_TRIALS:
        return []
    return [median(losses) for losses in zip(*complete, strict=True)][:-1]


class FoldObserver:
    """The losses of the folds of one trial while it is evaluated.

    Parameters
    ----------
    limits : sequence of float
        Of :func:`fold_limits`.
    loss_type : str
        See :func:`running_losses`.
    """

    def __init__(self, limits: Sequence[float], loss_type: str) -> None:
        self._limits, self._loss_type = tuple(limits), loss_type
        self._losses: list[float] = []

    def __call__(self, fold: int, loss: float) -> bool:
        """Return whether the trial is stopped after a fold."""
        self._losses.append(loss)
        if fold >= len(self._limits):
            return False
        return running_losses(self._losses, self._loss_type)[-1] > self._limits[fold]
