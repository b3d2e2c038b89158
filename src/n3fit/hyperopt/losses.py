"""Losses of a fold and of a trial, from the predictions of the replicas.

The covariance is that of the measurements alone: no t0 predictions, weights nor theory. "Mean" is the prediction of the
mean PDF, which for observables that are not linear in the PDF is not the mean of the predictions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.data.whitening import CovarianceFactor
from n3fit.hyperopt.statistics import best_replicas, smallest_values, statistic_of
from n3fit.typing import Floats

GOOD_CHI2 = 2.0
"""Chi2 per point of the data left out below which the loss does not depend on it."""

OVERFIT_LIMIT = 1.2
"""Chi2 per point of the data that are fitted above which a trial is penalised."""

OVERFIT_FACTOR = 100.0
OVERFIT_SLOPE = 1e-10
"""Factor of the exponential below the limit."""


@dataclass(frozen=True)
class JudgingData:
    """N points that judge a fit: their central values (N,), and the factor of their covariance."""

    central: Floats
    factor: CovarianceFactor

    def chi2(self, predictions: Floats) -> Floats:
        """Compute chi2 of predictions ``(..., N)``, ``(...)``."""
        result: Floats = np.sum(self.factor.whiten(predictions - self.central) ** 2, axis=-1)
        return result

    def chi2_per_point(self, predictions: Floats) -> Floats:
        """Compute chi2 per point of predictions ``(..., N)``, ``(...)``."""
        return self.chi2(predictions) / len(self.central)


def chi2_loss(validation: Floats, experimental: Floats, *, proportion: float, statistic: str) -> float:
    """Compute the loss ``chi2`` of a fold from the chi2 per point of R replicas.

    It is S(validation of the best replicas) + max(S(smallest experimental ones), 2) - 2.

    Parameters
    ----------
    validation, experimental : (R,)
        Of validation, and of the data of the fold, with penalties where these are part of the loss.
    proportion : float
        ``reduce_proportion``.
    statistic : str
        S.
    """
    best = statistic_of(statistic, validation[best_replicas(validation, proportion)])
    left_out = statistic_of(statistic, smallest_values(experimental, proportion))
    return best + float(np.maximum(left_out, GOOD_CHI2)) - GOOD_CHI2


def phi_of(predictions: Floats, mean: Floats, data: JudgingData) -> float:
    """Compute phi of R replicas ``(R, N)``: the uncertainty of the PDF in units of that of the data.

    It is sqrt((<chi2> - chi2[mean]) / N), arXiv:1410.8849, eq. (4.6).
    """
    chi2 = data.chi2(np.concatenate([predictions, mean[np.newaxis]]))
    return float(np.sqrt(np.maximum(chi2[:-1].mean() - chi2[-1], 0.0) / len(mean)))


def chi2_with_pdf(predictions: Floats, mean: Floats, data: JudgingData) -> float:
    """Compute chi2 per point of the mean with the covariance of the data plus that of the PDF."""
    chi2, _ = _with_pdf(predictions, mean, data)
    return chi2 / len(mean)


def log_likelihood_loss(predictions: Floats, mean: Floats, data: JudgingData) -> float:
    """Compute minus the log-likelihood per point of the mean, with the covariance of the data plus that of the PDF.

    It is (N ln 2 pi + ln det(C / d d^T) + chi2) / (2 N): the covariance C relative to the data d in the determinant.
    """
    chi2, log_determinant = _with_pdf(predictions, mean, data)
    count = len(mean)
    relative = log_determinant - 2 * np.log(np.abs(data.central)).sum()
    return float((count * np.log(2 * np.pi) + relative + chi2) / (2 * count))


def _with_pdf(predictions: Floats, mean: Floats, data: JudgingData) -> tuple[float, float]:
    """Compute chi2 and the logarithm of the determinant of ``C + Z Z^T``.

    ``Z Z^T`` is the covariance of the R replicas, with R - 1 and zero for a single one. With C = L L^T, V = L^-1 Z and
    the whitened residuals u, these are ``u^T u - u^T V (1 + V^T V)^-1 V^T u`` and ``ln det C + ln det (1 + V^T V)``.
    """
    residuals = data.factor.whiten(mean - data.central)
    deviations = (predictions - predictions.mean(axis=0)) / np.sqrt(max(len(predictions) - 1, 1))
    directions = data.factor.whiten(deviations)
    inner = np.eye(len(directions)) + directions @ directions.T
    projected = directions @ residuals
    chi2 = residuals @ residuals - projected @ np.linalg.solve(inner, projected)
    return float(chi2), float(data.factor.log_determinant + np.linalg.slogdet(inner)[1])


def loss_over_folds(losses: Floats, *, loss_type: str, statistic: str) -> float:
    """Compute the loss of a trial from those of its folds (K,); for phi2, which is to be large, the reciprocal."""
    value = statistic_of(statistic, losses)
    if loss_type != "phi2":
        return value
    return 1 / value if value else np.inf


def overfit_term(fitted_chi2: float) -> float:
    """Compute 100 elu(X - 1.2) of the mean chi2 per point X of the data that are not in the folds.

    >>> overfit_term(1.5)
    30.000000000000004
    """
    excess = fitted_chi2 - OVERFIT_LIMIT
    return float(OVERFIT_FACTOR * (excess if excess > 0 else OVERFIT_SLOPE * np.expm1(excess)))
