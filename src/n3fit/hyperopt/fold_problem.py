"""The training of all folds and replicas of a trial as one problem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from n3fit.fit.inputs import FitInputs
from n3fit.fit.problem import make_problem, make_split
from n3fit.fit.settings import FitSettings
from n3fit.hyperopt.folds import Fold, fold_seed
from n3fit.model.chi2_forms import DataPart, DividedChi2
from n3fit.model.spec import TrainingProblem
from n3fit.seeds import SeededReplica
from n3fit.typing import Floats


def make_fold_problem(
    settings: FitSettings,
    inputs: FitInputs,
    folds: Sequence[Fold],
    replicas: Sequence[int],
    pseudodata: Floats,
    *,
    basis: tuple[str, ...],
    positivity: bool = True,
) -> TrainingProblem:
    """Return the problem of R replicas in each of K folds: K R in all, those of a fold follow each other.

    The data of a replica, and the split of the data sets that a fold is fitted to, are the same in all folds. The
    covariance is that of the points that remain in the fold, and so are its eigenvectors with ``diagonal_basis``.

    Parameters
    ----------
    pseudodata : (R, N)
    basis, positivity
        As for :func:`n3fit.fit.problem.make_problem`.
    """
    positions = {dataset.name: number for number, dataset in enumerate(inputs.data.fitted)}
    count = len(replicas)
    parts = []
    with threadpool_limits(limits=1, user_api="blas"):
        for number, fold in enumerate(folds):
            parts.append(
                DataPart(
                    replicas=np.arange(number * count, (number + 1) * count),
                    datasets=tuple(positions[dataset.name] for dataset in fold.fitted),
                    chi2=make_split(settings.split, inputs, replicas, fold.fitted),
                )
            )
    chi2 = DividedChi2(tuple(parts))
    everyone = list(replicas) * len(folds)
    repeated = np.tile(pseudodata, (len(folds), 1))
    return make_problem(settings, inputs, everyone, repeated, basis=basis, chi2=chi2, positivity=positivity)


def replicas_of_folds(folds: Sequence[Fold], replicas: Sequence[int], seed: int) -> list[SeededReplica]:
    """Return the replicas of all folds, in the order of :func:`make_fold_problem`."""
    return [SeededReplica(replica, fold_seed(seed, fold.number)) for fold in folds for replica in replicas]
