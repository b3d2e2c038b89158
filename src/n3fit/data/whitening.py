"""Whitening of residuals, in plain numpy."""

from __future__ import annotations

import numpy as np
import scipy.linalg

from n3fit.data.covariance import correlated_points
from n3fit.typing import Floats


def whiten_residuals(predictions: Floats, central: Floats, covariance: Floats) -> Floats:
    """Return ``L^-1 (T - D)``, whose squares add up to chi2, with the covariance ``C = L L^T``.

    L has the blocks of C: each group of points without correlation to others is factorised by itself.

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
    residuals = predictions - central
    whitened = np.empty_like(residuals)
    for points in correlated_points(covariance):
        factor = scipy.linalg.cholesky(covariance[np.ix_(points, points)], lower=True)
        whitened[..., points] = scipy.linalg.solve_triangular(factor, residuals[..., points].T, lower=True).T
    return whitened
