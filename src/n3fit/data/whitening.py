"""Whitening of residuals, in plain numpy."""

from __future__ import annotations

import numpy as np
import scipy.linalg

from n3fit.data.covariance import correlated_points
from n3fit.typing import Floats


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
        whitened = np.empty_like(residuals)
        for points, factor in self._blocks:
            whitened[..., points] = scipy.linalg.solve_triangular(factor, residuals[..., points].T, lower=True).T
        return whitened

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
