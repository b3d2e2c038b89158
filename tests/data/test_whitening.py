import numpy as np
import pytest
import scipy.linalg
from support.data import chi2_values

from n3fit.data.whitening import whiten_residuals


def test_chi2_equals_the_explicit_inverse() -> None:
    rng = np.random.default_rng(1)
    factor = rng.normal(size=(30, 30))
    covariance = factor @ factor.T + 0.1 * np.eye(30)
    central, predictions = rng.normal(size=30), rng.normal(size=(4, 30))
    inverse = np.linalg.inv(covariance)
    expected = [(t - central) @ inverse @ (t - central) for t in predictions]
    np.testing.assert_allclose(chi2_values(predictions, central, covariance), expected, rtol=1e-9)
    np.testing.assert_allclose(chi2_values(predictions[1], central, covariance), expected[1], rtol=1e-9)


def test_whitened_group_by_group_as_all_at_once() -> None:
    rng = np.random.default_rng(2)
    places = rng.permutation(40)
    covariance = np.zeros((40, 40))
    for points in np.split(places, [1, 13, 39]):
        root = rng.normal(size=(len(points), len(points)))
        covariance[np.ix_(points, points)] = root @ root.T + 0.1 * np.eye(len(points))
    central, predictions = rng.normal(size=40), rng.normal(size=(5, 40))
    factor = scipy.linalg.cholesky(covariance, lower=True)
    expected = scipy.linalg.solve_triangular(factor, (predictions - central).T, lower=True).T
    whitened = whiten_residuals(predictions, central, covariance)
    np.testing.assert_allclose(whitened, expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(
        whiten_residuals(predictions[3], central, covariance), expected[3], rtol=1e-10, atol=1e-12
    )


def test_one_group_that_is_not_positive_definite_is_refused() -> None:
    covariance = scipy.linalg.block_diag([[1.0]], [[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(np.linalg.LinAlgError):
        whiten_residuals(np.ones(3), np.zeros(3), covariance)


def test_a_row_has_the_same_bits_whichever_others_are_there() -> None:
    rng = np.random.default_rng(3)
    root = rng.normal(size=(120, 120))
    covariance, predictions = root @ root.T + 120 * np.eye(120), rng.normal(size=(70, 120))
    together = whiten_residuals(predictions, np.zeros(120), covariance)
    for rows in ([0], [69], [1, 40], [5, 6, 7], list(range(8, 41))):
        np.testing.assert_array_equal(whiten_residuals(predictions[rows], np.zeros(120), covariance), together[rows])
