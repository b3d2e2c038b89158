"""Losses of folds and trials against closed forms."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from n3fit.data.whitening import CovarianceFactor
from n3fit.hyperopt.losses import (
    JudgingData,
    chi2_loss,
    loss_over_folds,
    overfit_term,
)

VALIDATION = np.array([1.0, 1.2, 1.4, 3.0])
EXPERIMENTAL = np.array([2.5, 1.8, 4.0, 9.0])


def judging(central, covariance):
    return JudgingData(np.array(central), CovarianceFactor(np.array(covariance)))


@pytest.fixture
def points():
    """Predictions of five replicas for three points, their mean, the data and a covariance."""
    random = np.random.default_rng(3)
    shifts = random.normal(size=(3, 2))
    predictions = 10 + random.normal(size=(5, 3))
    return predictions, predictions.mean(axis=0), np.array([9.0, 10.5, 11.0]), np.eye(3) + shifts @ shifts.T


@pytest.mark.parametrize(("statistic", "expected"), [("average", 1.65), ("average_best", 1.65), ("best_worst", 3.0)])
def test_chi2_loss_of_four_replicas(statistic, expected):
    loss = chi2_loss(VALIDATION, EXPERIMENTAL, proportion=0.85, statistic=statistic)
    assert loss == pytest.approx(expected, rel=1e-14)


def test_chi2_of_the_data_left_out_counts_above_two():
    loss = chi2_loss(VALIDATION, EXPERIMENTAL + 1, proportion=0.5, statistic="average")
    assert loss == pytest.approx(1.1 + (2.8 + 3.5) / 2 - 2, rel=1e-14)


def test_chi2(points):
    predictions, mean, central, covariance = points
    residuals = np.concatenate([predictions, [mean]]) - central
    expected = np.einsum("rn,rn->r", residuals, np.linalg.solve(covariance, residuals.T).T) / 3
    judged = judging(central, covariance).whiten(predictions, mean)
    np.testing.assert_allclose(judged.chi2_of_replicas, expected[:-1], rtol=1e-12)
    assert judged.chi2_of_mean == pytest.approx(expected[-1], rel=1e-12)


def test_phi_of_linear_predictions_is_the_spread(points):
    """With <T> the prediction of the mean, <chi2> - chi2[<T>] = tr(C^-1 S), S the covariance with R."""
    predictions, mean, central, covariance = points
    spread = np.cov(predictions, rowvar=False, ddof=0)
    expected = np.sqrt(np.trace(np.linalg.solve(covariance, spread)) / 3)
    assert judging(central, covariance).whiten(predictions, mean).phi == pytest.approx(expected, rel=1e-12)


def test_phi_with_a_mean_that_is_not_that_of_the_predictions():
    predictions = np.array([[1.0], [3.0]])
    assert judging([0.0], [[1.0]]).whiten(predictions, np.array([0.5])).phi == pytest.approx(np.sqrt(5 - 0.25))


def test_chi2_with_the_pdf_covariance(points):
    predictions, mean, central, covariance = points
    total = covariance + np.cov(predictions, rowvar=False, ddof=1)
    expected = (mean - central) @ np.linalg.solve(total, mean - central) / 3
    assert judging(central, covariance).whiten(predictions, mean).chi2_with_pdf == pytest.approx(expected, rel=1e-12)


def test_a_single_replica_has_no_pdf_covariance(points):
    predictions, _, central, covariance = points
    judged = judging(central, covariance).whiten(predictions[:1], predictions[0])
    assert judged.chi2_with_pdf == pytest.approx(judged.chi2_of_mean, rel=1e-14)
    assert judged.phi == 0.0


def test_chi2_with_pdf_uncertainty():
    """One point: (T - D)^2 / (s^2 + S^2)."""
    predictions = np.array([[1.0], [3.0], [5.0]])
    value = judging([1.0], [[2.0]]).whiten(predictions, np.array([3.0])).chi2_with_pdf
    assert value == pytest.approx(4 / (2 + 4), rel=1e-14)


def test_log_likelihood(points):
    """The Gaussian density of d (relative to d) at the mean: minus its logarithm per point."""
    predictions, mean, central, covariance = points
    total = (covariance + np.cov(predictions, rowvar=False)) / np.outer(central, central)
    expected = -multivariate_normal(mean / central, total).logpdf(np.ones(3)) / 3
    assert judging(central, covariance).whiten(predictions, mean).log_likelihood_loss == pytest.approx(
        expected, rel=1e-10
    )


@pytest.mark.parametrize(
    ("loss_type", "statistic", "expected"),
    [("chi2", "average", 2.3333333), ("phi2", "average", 0.42857143), ("logp", "std", 1.2472191)],
)
def test_loss_over_folds(loss_type, statistic, expected):
    value = loss_over_folds(np.array([1.0, 2.0, 4.0]), loss_type=loss_type, statistic=statistic)
    assert value == pytest.approx(expected, rel=1e-7)


def test_no_spread_is_the_worst_phi():
    assert loss_over_folds(np.zeros(2), loss_type="phi2", statistic="average") == np.inf


def test_overfit_term():
    assert overfit_term(1.5) == pytest.approx(30.0, rel=1e-12)
    assert overfit_term(1.2) == 0.0
    assert overfit_term(0.2) == pytest.approx(1e-8 * (np.exp(-1) - 1), rel=1e-9)
