"""Whitened residuals, from which the chi2 of the mean of any choice of replicas follows without the covariance."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from n3fit.data.whitening import whiten_residuals
from n3fit.errors import DataError
from n3fit.results.array_files import read_array_file
from n3fit.results.group_whitening import GroupWhitening
from n3fit.results.layout import RESIDUALS
from n3fit.results.point_table import LEVELS, point_groups
from n3fit.results.records import DatasetRecord
from n3fit.storage.arrays import arrays_to_bytes
from n3fit.typing import Floats, Integers

COVARIANCES = ("t0", "experimental")

STORED = np.float32
"""Precision of the values in a fit folder: a relative 1e-7 of a residual."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class WhitenedResiduals:
    """The residuals of R replicas to the N central data, divided by the uncertainties and decorrelated.

    The squares of the columns of a group add up to its chi2; as whitening is linear, so do those of the mean over
    replicas to the chi2 of their mean.

    Parameters
    ----------
    groups : mapping
        By level, the names of its groups with the number of points of each, in the order of the columns.
    values : mapping
        By covariance and level, (R, N); nan for what is not finite and for a group whose covariance is not positive
        definite.
    """

    groups: Mapping[str, Mapping[str, int]]
    values: Mapping[tuple[str, str], Floats]

    def chi2(self, covariance: str, level: str) -> Floats:
        """Return the chi2 of each replica and group, (R, G), not divided by the points."""
        return self._add_up(self.values[covariance, level], level)

    def chi2_of_mean(self, covariance: str, level: str, selected: NDArray[np.bool_]) -> Floats:
        """Return the chi2 of the mean prediction over the replicas ``selected`` (R,), (G,); nan without any.

        It is computed from residuals in the precision of the fit folder, so that it has the same bits in a fit and in
        one that was merged from parts.
        """
        values = self.values[covariance, level]
        mean = (
            values[selected].astype(STORED).astype(np.float64).mean(axis=0)
            if selected.any()
            else np.full(values.shape[1], np.nan)
        )
        return self._add_up(mean[np.newaxis], level)[0]

    def _add_up(self, values: Floats, level: str) -> Floats:
        chi2 = np.full((len(values), len(self.groups[level])), np.nan)
        start = 0
        for column, points in enumerate(self.groups[level].values()):
            if points:
                chi2[:, column] = np.sum(values[:, start : start + points] ** 2, axis=1)
            start += points
        return chi2


def make_residuals(
    datasets: Sequence[DatasetRecord],
    *,
    central: Floats,
    predictions: Floats,
    experimental_covariance: Floats,
    t0_covariance: Floats,
) -> WhitenedResiduals:
    """Whiten the residuals of every group of points; correlations between groups are not part of a group's.

    Parameters
    ----------
    datasets
        D data sets that share the N points.
    central, predictions : (N,), (R, N)
    experimental_covariance, t0_covariance : (N, N)
    """
    indices = point_groups(datasets)
    values: dict[tuple[str, str], Floats] = {}
    for kind, covariance in {"t0": t0_covariance, "experimental": experimental_covariance}.items():
        # matrices of some hundred points: more threads wait for each other
        with threadpool_limits(limits=1, user_api="blas"):
            whitening = GroupWhitening(predictions, central, covariance)
            for level in LEVELS:
                parts = [_whiten_group(whitening, name, points, kind) for name, points in indices[level].items()]
                values[kind, level] = np.concatenate([np.zeros((len(predictions), 0)), *parts], axis=1)
    return WhitenedResiduals(
        groups={level: {name: len(points) for name, points in groups.items()} for level, groups in indices.items()},
        values=values,
    )


def _whiten_group(whitening: GroupWhitening, name: str, points: Integers, kind: str) -> Floats:
    try:
        return whitening.whiten(points)
    except np.linalg.LinAlgError:
        _warn_not_positive(name, kind)
        return np.full((whitening.replicas, len(points)), np.nan)


def residuals_to_bytes(residuals: WhitenedResiduals) -> bytes:
    """Return the values as the content of a file of arrays, in the precision :data:`STORED`."""
    return arrays_to_bytes(
        {f"{kind}_{level}": values.astype(STORED) for (kind, level), values in residuals.values.items()}
    )


def read_residuals(
    folder: Path, groups: Mapping[str, Mapping[str, int]], replicas: int, *, folder_format: int
) -> WhitenedResiduals:
    """Read what :func:`residuals_to_bytes` returned, from a fit folder.

    Raises
    ------
    DataError, ResourceError
        The file is missing, damaged, or has arrays of other shapes.
    """
    names = {f"{kind}_{level}" for kind, level in product(COVARIANCES, LEVELS)}
    path, content = read_array_file(folder, RESIDUALS, names, folder_format=folder_format)
    for name, values in content.items():
        expected = (replicas, sum(groups[name.partition("_")[2]].values()))
        if values.shape != expected or values.dtype.kind != "f":
            raise DataError(
                f"{path}: {name}: expected numbers of the shape {expected}, received {values.dtype} of {values.shape}",
                hint="the file is damaged; restore it or fit again",
            )
    return WhitenedResiduals(
        groups=groups,
        values={
            (kind, level): content[f"{kind}_{level}"].astype(np.float64) for kind, level in product(COVARIANCES, LEVELS)
        },
    )


def whiten_if_positive(name: str, predictions: Floats, central: Floats, covariance: Floats, kind: str) -> Floats:
    """Return the whitened residuals (R, n) of a group of points; nan for predictions that are not finite.

    All are nan, with a warning that names the group and the ``kind`` of covariance, when that is not positive definite.
    """
    result = np.full(predictions.shape, np.nan)
    finite = np.isfinite(predictions).all(axis=1)
    if finite.any() and central.size:
        try:
            result[finite] = whiten_residuals(predictions[finite], central, covariance)
        except np.linalg.LinAlgError:
            _warn_not_positive(name, kind)
    return result


def _warn_not_positive(name: str, kind: str) -> None:
    logger.warning("%s: the %s covariance is not positive definite, so it has no chi2", name, kind)
