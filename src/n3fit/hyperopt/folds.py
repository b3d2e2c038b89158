"""The folds of a hyperparameter scan: which data sets are left out of the fit, and which judge it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.data import CommonData
from n3fit.data.covariance import point_slices
from n3fit.data.library import current_name
from n3fit.errors import RuncardError, did_you_mean
from n3fit.runcard.kfold import KFold
from n3fit.typing import Indices

SEED_LIMIT = 2**30
"""Upper limit of the number that the seeds of the folds are multiples of."""


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold.

    Parameters
    ----------
    number : int
        From 0.
    fitted : tuple of CommonData
        The data sets that its replicas are fitted to.
    judging : (n,)
        Positions, among all points of the data, of those of the fold: they make its loss. All points for an empty fold.
    others : (m,)
        Positions of the points that are not in the fold.
    """

    number: int
    fitted: tuple[CommonData, ...]
    judging: Indices
    others: Indices


def make_folds(kfold: KFold, datasets: Sequence[CommonData], fitted: Sequence[CommonData]) -> tuple[Fold, ...]:
    """Return the folds of a scan.

    Parameters
    ----------
    kfold : KFold
        Its data sets may have old names.
    datasets : sequence of CommonData
        All data sets of the fit.
    fitted : sequence of CommonData
        Those that enter the loss of the training.

    Raises
    ------
    RuncardError
        A fold names a data set that is not in the fit, or leaves nothing to fit.
    """
    slices = point_slices(datasets)
    points = np.arange(sum(len(dataset) for dataset in datasets))
    folds = []
    for number, partition in enumerate(kfold.partitions):
        place = f"kfold: partitions: {number}: datasets"
        names = {current_name(name, None)[0] for name in partition.datasets}
        for name in sorted(names - set(slices)):
            hint = did_you_mean(name, slices) or "add it to dataset_inputs, or remove it here"
            raise RuncardError(f"{place}: expected data sets of the fit, received {name}", hint=hint)
        remaining = tuple(dataset for dataset in fitted if partition.overfit or dataset.name not in names)
        if not remaining:
            raise RuncardError(f"{place}: expected some data set of the fit outside of the fold, to fit, received all")
        in_fold = np.zeros(len(points), dtype=bool)
        for name in names:
            in_fold[slices[name]] = True
        # none of the data are in an empty fold, which all of them judge
        folds.append(Fold(number, remaining, points[in_fold] if names else points, points[~in_fold]))
    return tuple(folds)


def fold_seed(seed: int, fold: int) -> int:
    """Return the base seed of the networks of a fold: ``seed`` itself for the first one, new ones for the others.

    >>> fold_seed(2, 0), fold_seed(2, 3) == 3 * fold_seed(2, 1)
    (2, True)
    """
    if fold == 0:
        return seed
    return int(np.random.default_rng(seed).integers(1, SEED_LIMIT)) * fold
