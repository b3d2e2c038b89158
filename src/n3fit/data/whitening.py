"""Whitening of residuals, in plain numpy."""

from __future__ import annotations

import numpy as np
import scipy.linalg

from n3fit.data.covariance import correlated_points
from n3fit.typing import Floats

_ROWS = 16
"""Rows that are solved for in one call of BLAS, whose results depend, in the last bit, on their number."""


class CovarianceFactor:
    """The factor L of a covariance ``C = L L^T``.

    L has the blocks of C: each group of points without correlation to others is factorised by itself.

    Parameters
    ----------
    covariance : (N, N)
        C, positive definite.

    Raises
    ------
    numpy.linalg.LinAlgError
        The covariance is not positive definite.
    """

    def __init__(self, covariance: Floats) -> None:
        self._blocks = [
            (points, scipy.linalg.cholesky(covariance[np.ix_(points, points)], lower=True))
            for points in correlated_points(covariance)
        ]

    def whiten(self, residuals: Floats) -> Floats:
        """Compute ``L^-1 r`` of residuals r, (R, N) or (N,): their squares add up to chi2."""
        rows = np.atleast_2d(residuals)
        whitened = np.empty_like(rows)
        for points, factor in self._blocks:
            whitened[:, points] = solve_rows(factor, rows[:, points])
        return whitened.reshape(np.shape(residuals))

    @property
    def log_determinant(self) -> float:
        """Logarithm of the determinant of C."""
        return float(2 * sum(np.log(np.diagonal(factor)).sum() for _, factor in self._blocks))


def whiten_residuals(predictions: Floats, central: Floats, covariance: Floats) -> Floats:
    """Return ``L^-1 (T - D)``, whose squares add up to chi2, with the covariance ``C = L L^T``.

    Parameters
    ----------
    predictions : (R, N) or (N,)
        Predictions T.
    central : (N,)
        Data D.
    covariance : (N, N)
        Covariance C, positive definite.

    Returns
    -------
    (R, N) or (N,)

    Raises
    ------
    numpy.linalg.LinAlgError
        The covariance is not positive definite.
    """
    return CovarianceFactor(covariance).whiten(predictions - central)


def solve_rows(factor: Floats, residuals: Floats) -> Floats:
    """Return ``L^-1 r`` for each row r of ``residuals`` (R, n); a row has the same bits whichever others are there.

    With several threads BLAS divides rows among them, so that the same bits need the same number of threads.
    """
    rows, points = residuals.shape
    padded = np.zeros((-(-rows // _ROWS) * _ROWS, points))
    padded[:rows] = residuals
    for start in range(0, len(padded), _ROWS):
        part = padded[start : start + _ROWS]
        part[:] = scipy.linalg.solve_triangular(factor, part.T, lower=True, check_finite=False).T
    return padded[:rows]
