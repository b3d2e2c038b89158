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
    factor = scipy.linalg.cholesky(covariance, lower=True)
    residuals = np.atleast_2d(predictions) - central
    whitened = scipy.linalg.solve_triangular(factor, residuals.T, lower=True)
    values: Floats = np.sum(whitened**2, axis=0)
    return values if predictions.ndim == 2 else values[0]
