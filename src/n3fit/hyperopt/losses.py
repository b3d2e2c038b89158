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

    def whiten(self, predictions: Floats, mean: Floats) -> Judged:
        """Return the whitened residuals of R replicas ``(R, N)`` and of the prediction of their mean ``(N,)``."""
        whitened = self.factor.whiten(np.concatenate([predictions, mean[np.newaxis]]) - self.central)
        return Judged(whitened[:-1], whitened[-1], self)


@dataclass(frozen=True)
class Judged:
    """Whitened residuals of R replicas to N points: of each one ``(R, N)``, and of their mean ``(N,)``."""

    replicas: Floats
    mean: Floats
    data: JudgingData

    @property
    def chi2_of_replicas(self) -> Floats:
        """Chi2 per point of each replica, (R,)."""
        result: Floats = np.mean(self.replicas**2, axis=1)
        return result

    @property
    def chi2_of_mean(self) -> float:
        """Chi2 per point of the mean."""
        return float(np.mean(self.mean**2))

    @property
    def phi(self) -> float:
        """The uncertainty of the PDF in units of that of the data, arXiv:1410.8849, eq. (4.6).

        It is sqrt((<chi2> - chi2[mean]) / N).
        """
        return float(np.sqrt(np.maximum(self.chi2_of_replicas.mean() - self.chi2_of_mean, 0.0)))

    @property
    def chi2_with_pdf(self) -> float:
        """Chi2 per point of the mean with the covariance of the data plus that of the PDF."""
        return self._with_pdf()[0] / len(self.mean)

    @property
    def log_likelihood_loss(self) -> float:
        """Minus the log-likelihood per point of the mean, with the covariance of the data plus that of the PDF.

        It is (N ln 2 pi + ln det(C / d d^T) + chi2) / (2 N), with the covariance C relative to the data d in the
        determinant.
        """
        chi2, log_determinant = self._with_pdf()
        count = len(self.mean)
        relative = log_determinant - 2 * np.log(np.abs(self.data.central)).sum()
        return float((count * np.log(2 * np.pi) + relative + chi2) / (2 * count))

    def _with_pdf(self) -> tuple[float, float]:
        """Compute chi2 of the mean and the logarithm of the determinant, with the covariance ``C + Z Z^T``.

        ``Z Z^T`` is the covariance of the R replicas, with R - 1 and zero for a single one. With C = L L^T, V = L^-1 Z
        and the whitened residuals u of the mean they are ``u^T u - u^T V (1 + V^T V)^-1 V^T u`` and
        ``ln det C + ln det (1 + V^T V)``.
        """
        directions = (self.replicas - self.replicas.mean(axis=0)) / np.sqrt(max(len(self.replicas) - 1, 1))
        inner = np.eye(len(directions)) + directions @ directions.T
        projected = directions @ self.mean
        chi2 = self.mean @ self.mean - projected @ np.linalg.solve(inner, projected)
        return float(chi2), float(self.data.factor.log_determinant + np.linalg.slogdet(inner)[1])


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
