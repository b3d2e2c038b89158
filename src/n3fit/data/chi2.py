"""Chi2 of predictions, in plain numpy."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def chi2_values(predictions: Floats, central: Floats, covariance: Floats) -> Floats:
    """Give ``(T - D)^T C^-1 (T - D)`` of each replica, not divided by the number of points.

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
    """Give ``L^-1 (T - D)``, whose squares add up to chi2, with ``C = L L^T``; shapes as in :func:`chi2_values`.

    Returns
    -------
    (R, N) or (N,)

    Raises
    ------
    numpy.linalg.LinAlgError
        The covariance is not positive definite.
    """
    factor = scipy.linalg.cholesky(covariance, lower=True)
    whitened: Floats = scipy.linalg.solve_triangular(factor, (predictions - central).T, lower=True).T
    return whitened
