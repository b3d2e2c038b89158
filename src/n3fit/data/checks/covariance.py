"""Checks of the covariance of a data set, read as a fit reads it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.covariance import covariance_matrix, relative_shifts
from n3fit.data.covariance_checks import check_positive, correlation_matrix


@dataclass(frozen=True)
class CovarianceNumbers:
    """The correlation matrix of a data set in numbers.

    Parameters
    ----------
    smallest_eigenvalue : float
    condition_number : float
    largest_correlation : float
        The correlation coefficient of two points of the largest absolute value; 0 for a single point.
    """

    smallest_eigenvalue: float
    condition_number: float
    largest_correlation: float


def check_covariance_of(dataset: CommonData) -> CovarianceNumbers:
    """Return the numbers of the covariance of a data set, without cuts.

    Raises
    ------
    DataError
        It is not positive definite, or a multiplicative uncertainty is one of a central value of zero.
    """
    relative_shifts(dataset)
    correlation, _ = correlation_matrix(covariance_matrix([dataset]), [dataset])
    eigenvalues, eigenvectors = np.linalg.eigh(correlation)
    check_positive(eigenvalues, eigenvectors[:, :1], [dataset])
    off = correlation - np.eye(len(correlation))
    return CovarianceNumbers(
        smallest_eigenvalue=float(eigenvalues[0]),
        condition_number=float(eigenvalues[-1] / eigenvalues[0]),
        largest_correlation=float(off.ravel()[np.argmax(np.abs(off))]) if len(off) > 1 else 0.0,
    )
