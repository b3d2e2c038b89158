"""Covariance matrices of the data, experimental and t0.

A systematic is a direction in the space of points: its shifts under one standard deviation of one nuisance parameter.
Systematics that are uncorrelated fill the diagonal, those correlated within a set its block, and those with any other
name correlate all points of all data sets that have that name (arXiv:0912.2276, eqs. (1)-(4)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from n3fit.data.commondata import UNCORRELATED, WITHIN_SET, CommonData
from n3fit.errors import DataError
from n3fit.typing import Booleans, Floats


def point_slices(datasets: Sequence[CommonData]) -> dict[str, slice]:
    """Return where the points of each data set lie when the data sets are concatenated.

    Raises
    ------
    DataError
        A data set appears twice.
    """
    slices: dict[str, slice] = {}
    start = 0
    for dataset in datasets:
        if dataset.name in slices:
            raise DataError(f"the data set {dataset.name} appears twice", hint="remove one of the two entries")
        slices[dataset.name] = slice(start, start + len(dataset))
        start += len(dataset)
    return slices


def experiments(datasets: Sequence[CommonData]) -> dict[str, list[CommonData]]:
    """Group the data sets by experiment, in order of first appearance."""
    groups: dict[str, list[CommonData]] = {}
    for dataset in datasets:
        groups.setdefault(dataset.experiment, []).append(dataset)
    return groups


def covariance_matrix(
    datasets: Sequence[CommonData],
    predictions: Mapping[str, Floats] | None = None,
    *,
    additive_only: bool = False,
) -> Floats:
    """Return the covariance matrix of all points of the concatenated data sets.

    Parameters
    ----------
    datasets : sequence of CommonData
        The data.
    predictions : mapping of str to array (n,), optional
        Prediction for each data set, at its kept points. When given, multiplicative systematics multiply the
        prediction instead of the central value: the t0 covariance (arXiv:0912.2276).
    additive_only : bool
        Exclude the multiplicative systematics.

    Returns
    -------
    array (N, N)
        Read-only, a new one at every call.

    Raises
    ------
    DataError
        A data set appears twice, has no prediction or one of the wrong length or not finite, or a multiplicative
        systematic of a central value that is zero cannot be rescaled.
    """
    slices = point_slices(datasets)
    size = sum(len(dataset) for dataset in datasets)
    covariance = np.zeros((size, size))
    shared: dict[str, dict[str, Floats]] = {}
    for dataset in datasets:
        where = slices[dataset.name]
        shifts = systematic_shifts(dataset, None if predictions is None else _prediction(dataset, predictions))
        used = multiplicative(dataset) & additive_only
        shifts = np.where(used, 0.0, shifts)
        independent = np.isin(dataset.systematic_correlations, list(UNCORRELATED))
        within = np.isin(dataset.systematic_correlations, list(WITHIN_SET))
        block = shifts[:, within] @ shifts[:, within].T
        block[np.diag_indices(len(dataset))] += dataset.statistical**2 + np.sum(shifts[:, independent] ** 2, axis=1)
        covariance[where, where] = block
        for column in np.flatnonzero(~independent & ~within):
            shared.setdefault(dataset.systematic_correlations[column], {})[dataset.name] = shifts[:, column]
    _add_shared(covariance, slices, list(shared.values()))
    covariance.setflags(write=False)
    return covariance


def systematic_shifts(dataset: CommonData, prediction: Floats | None = None) -> Floats:
    """Return the one-sigma shifts (n, nsys); with a prediction (n,), multiplicative ones are relative to it."""
    if prediction is None:
        return dataset.systematics
    columns = multiplicative(dataset)
    relative = relative_shifts(dataset)
    return np.where(columns, relative * prediction[:, None], dataset.systematics)


def relative_shifts(dataset: CommonData) -> Floats:
    """Return the one-sigma shifts of the multiplicative systematics relative to the central value (n, nsys).

    The columns of additive systematics are zero.

    Raises
    ------
    DataError
        A central value is zero and a multiplicative systematic of it is not.
    """
    shifts = np.where(multiplicative(dataset), dataset.systematics, 0.0)
    zero = dataset.central == 0.0
    impossible = np.flatnonzero(zero & (shifts != 0.0).any(axis=1))
    if impossible.size:
        raise DataError(
            f"{dataset.name}: point {dataset.indices[impossible[0]]} has the central value zero and a multiplicative "
            "systematic uncertainty, which has no meaning"
        )
    return shifts / np.where(zero, 1.0, dataset.central)[:, None]


def multiplicative(dataset: CommonData) -> Booleans:
    """Return which systematics are multiplicative (nsys,)."""
    return np.array([kind == "MULT" for kind in dataset.systematic_kinds], dtype=np.bool_)


def weighted_covariance(covariance: Floats, datasets: Sequence[CommonData], weights: Mapping[str, float]) -> Floats:
    """Return the covariance with which chi2 counts a data set ``weight`` times: C_ij / sqrt(w_i w_j).

    Parameters
    ----------
    covariance : array (N, N)
    datasets : sequence of CommonData
        With N points in all.
    weights : mapping of str to float
        Positive; data sets that are not named have weight one.
    """
    factors = [np.full(len(dataset), np.sqrt(weights.get(dataset.name, 1.0))) for dataset in datasets]
    scale = np.concatenate(factors) if factors else np.zeros(0)
    if (scale == 1.0).all():
        return covariance
    weighted: Floats = covariance / np.outer(scale, scale)
    weighted.setflags(write=False)
    return weighted


def correlated_points(covariance: Floats) -> list[NDArray[np.intp]]:
    """Divide points into the smallest groups without correlation between them.

    Experiments share no systematics, so that what is done with a covariance can be done group by group.

    Parameters
    ----------
    covariance : (N, N)
        Or another symmetric matrix that is zero where it is.

    Returns
    -------
    list of arrays of int
        The points of each group, ascending; groups in the order of their first points.
    """
    linked = covariance != 0.0
    owner = np.full(len(covariance), -1)
    groups: list[NDArray[np.intp]] = []
    for first in range(len(covariance)):
        if owner[first] >= 0:
            continue
        reached = np.array([first])
        while reached.size:
            owner[reached] = len(groups)
            reached = np.flatnonzero(linked[reached].any(axis=0) & (owner < 0))
        groups.append(np.flatnonzero(owner == len(groups)))
    return groups


def _add_shared(covariance: Floats, slices: Mapping[str, slice], directions: Sequence[Mapping[str, Floats]]) -> None:
    """Add the systematics shared by data sets, each given by its shifts in every data set that has it.

    Those of the same data sets go together, and only the blocks of these data sets change.
    """
    groups: dict[tuple[str, ...], list[Mapping[str, Floats]]] = {}
    for direction in directions:
        groups.setdefault(tuple(direction), []).append(direction)
    for names, members in groups.items():
        shifts = {name: np.stack([direction[name] for direction in members], axis=1) for name in names}
        for position, name in enumerate(names):
            covariance[slices[name], slices[name]] += shifts[name] @ shifts[name].T
            for other in names[position + 1 :]:
                block = shifts[name] @ shifts[other].T
                covariance[slices[name], slices[other]] += block
                covariance[slices[other], slices[name]] += block.T


def _prediction(dataset: CommonData, predictions: Mapping[str, Floats]) -> Floats:
    if dataset.name not in predictions:
        raise DataError(f"{dataset.name}: there is no t0 prediction for this data set")
    prediction = np.asarray(predictions[dataset.name], dtype=np.float64)
    if prediction.shape != (len(dataset),):
        raise DataError(
            f"{dataset.name}: the t0 prediction has shape {prediction.shape}, expected {(len(dataset),)}, one number "
            "for each point that the cuts keep"
        )
    if not np.isfinite(prediction).all():
        raise DataError(f"{dataset.name}: the t0 prediction is not finite")
    return prediction
