"""Covariances with raised eigenvalues."""

import numpy as np
import pytest

from n3fit.data import assemble
from n3fit.data.regularisation import regularise

COVARIANCE = np.array([[4.0, 1.98], [1.98, 1.0]])


def test_small_eigenvalues_of_the_correlation_are_raised() -> None:
    """Eigenvalues 0.01 and 1.99: 0.01 becomes 1/16, and the variances grow by 0.02625."""
    np.testing.assert_allclose(regularise(COVARIANCE, 4.0), [[4.105, 1.9275], [1.9275, 1.02625]], rtol=1e-12)
    assert regularise(COVARIANCE, 20.0) is COVARIANCE


def test_no_eigenvalue_is_below_the_threshold_afterwards() -> None:
    random = np.random.default_rng(1)
    shifts = random.normal(size=(30, 5))
    covariance = shifts @ shifts.T + 1e-6 * np.eye(30)
    sigma = np.sqrt(np.diagonal(covariance))
    raised = regularise(covariance, 5.0)
    assert not raised.flags.writeable
    np.testing.assert_allclose(np.linalg.eigvalsh(raised / np.outer(sigma, sigma))[0], 0.04, rtol=1e-9)
    np.testing.assert_allclose(regularise(raised / 3.0, 5.0) * 3.0, raised, rtol=0.05)


def test_all_covariances_of_a_fit_are_regularised(make_dataset) -> None:
    dataset = make_dataset("A_X", [10.0, 20.0], 0.1, [("MULT", "CORR", [2.0, 4.0])])
    plain = assemble([dataset], {"A_X": np.array([20.0, 40.0])})
    raised = assemble([dataset], {"A_X": np.array([20.0, 40.0])}, norm_threshold=4.0)
    for name in ("t0_covariance", "experimental_covariance", "loss_covariance"):
        expected = regularise(getattr(plain, name), 4.0)
        np.testing.assert_allclose(getattr(raised, name), expected, rtol=1e-12)
        assert not np.allclose(expected, getattr(plain, name), rtol=1e-4)


def test_weights_come_after(make_dataset) -> None:
    """Weights do not change correlations."""
    dataset = make_dataset("A_X", [10.0, 20.0], 0.1, [("MULT", "CORR", [2.0, 4.0])])
    data = assemble([dataset], None, norm_threshold=4.0, weights={"A_X": 4.0})
    np.testing.assert_allclose(data.loss_covariance, data.t0_covariance / 4.0, rtol=1e-12)


@pytest.mark.parametrize("covariance", [np.diag([1.0, 2.0]), np.array([[3.0]])])
def test_uncorrelated_points_stay(covariance) -> None:
    assert regularise(covariance, 1.5) is covariance
