"""Whitening of the residuals of many groups of points that overlap: data sets, experiments, all data."""

from __future__ import annotations

import numpy as np
import scipy.linalg

from n3fit.data.covariance import correlated_points
from n3fit.data.whitening import solve_rows
from n3fit.typing import Booleans, Floats, Integers


class GroupWhitening:
    """Whitens the residuals of groups of the N points of a fit; points that groups share are whitened once.

    A group is divided into points without correlation to its others, each with a Cholesky factor of its own, as in
    :func:`n3fit.data.whitening.whiten_residuals`. The residuals of a replica do not depend on the others, in any bit.

    Parameters
    ----------
    predictions : (R, N)
    central : (N,)
    covariance : (N, N)
    """

    def __init__(self, predictions: Floats, central: Floats, covariance: Floats) -> None:
        self._finite: Booleans = np.isfinite(predictions)
        self._residuals = np.where(self._finite, predictions - central, 0.0)
        self._covariance = covariance
        self._owner = np.zeros(len(central), dtype=np.int64)
        for number, points in enumerate(correlated_points(covariance)):
            self._owner[points] = number
        self._known: dict[bytes, Floats] = {}

    @property
    def replicas(self) -> int:
        """Number of replicas R."""
        return len(self._residuals)

    def whiten(self, points: Integers) -> Floats:
        """Return ``L^-1 (T - D)`` of a group of n points, (R, n); nan for replicas with predictions not finite there.

        Raises
        ------
        numpy.linalg.LinAlgError
            The covariance of the group is not positive definite.
        """
        result = np.empty((self.replicas, len(points)))
        owners = self._owner[points]
        order = np.argsort(owners, kind="stable")
        starts = np.flatnonzero(np.diff(owners[order])) + 1
        for places in np.split(order, starts) if len(points) else []:
            result[:, places] = self._whiten_correlated(points[places])
        result[~self._finite[:, points].all(axis=1)] = np.nan
        return result

    def _whiten_correlated(self, points: Integers) -> Floats:
        key = points.tobytes()
        if key not in self._known:
            factor = scipy.linalg.cholesky(self._covariance[np.ix_(points, points)], lower=True, overwrite_a=True)
            self._known[key] = solve_rows(factor, self._residuals[:, points])
        return self._known[key]
