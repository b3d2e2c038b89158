"""Chi2 of predictions, in plain numpy."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from n3fit.data.covariance import correlated_points

Floats = NDArray[np.float64]


def chi2_values(predictions: Floats, central: Floats, covariance: Floats) -> Floats:
    """Return ``(T - D)^T C^-1 (T - D)`` of each replica, not divided by the number of points.

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
    (R,), or a zero-dimensional array for predictions of shape (N,).
    """
    values: Floats = np.sum(whiten_residuals(predictions, central, covariance) ** 2, axis=-1)
    return values


def whiten_residuals(predictions: Floats, central: Floats, covariance: Floats) -> Floats:
    """Return ``L^-1 (T - D)``, whose squares add up to chi2, with ``C = L L^T``; shapes as in :func:`chi2_values`.

    L has the blocks of C: each group of points without correlation to others is factorised by itself.

    Returns
    -------
    (R, N) or (N,)

    Raises
    ------
    numpy.linalg.LinAlgError
        The covariance is not positive definite.
    """
    residuals = predictions - central
    whitened = np.empty_like(residuals)
    for points in correlated_points(covariance):
        factor = scipy.linalg.cholesky(covariance[np.ix_(points, points)], lower=True)
        whitened[..., points] = scipy.linalg.solve_triangular(factor, residuals[..., points].T, lower=True).T
    return whitened
