"""Covariances without directions that are known much better than any single point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.covariance_checks import correlation_matrix
from n3fit.typing import Floats


def regularise(covariance: Floats, threshold: float, datasets: Sequence[CommonData] = ()) -> Floats:
    """Return the covariance (N, N) with the eigenvalues of its correlation matrix raised to at least 1/threshold^2.

    An inaccurate correlation then changes chi2 by a bounded amount (arXiv:2207.00690, section 3). A covariance whose
    eigenvalues are large enough is returned itself.

    Parameters
    ----------
    covariance : (N, N)
    threshold : float
        The ``norm_threshold`` of the runcard; positive.
    datasets : sequence of CommonData
        The data sets, for error messages.

    Raises
    ------
    DataError
        The matrix is not a covariance.
    """
    correlation, sigma = correlation_matrix(covariance, datasets)
    eigenvalues, eigenvectors = np.linalg.eigh(correlation)
    lowest = 1.0 / threshold**2
    if eigenvalues[0] >= lowest:
        return covariance
    raised = (eigenvectors * np.maximum(eigenvalues, lowest)) @ eigenvectors.T
    regularised: Floats = 0.5 * (raised + raised.T) * np.outer(sigma, sigma)
    regularised.setflags(write=False)
    return regularised
