"""A matrix that is no covariance is refused with the names of the data sets to blame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n3fit.data import EigenbasisSplit, cholesky_or_explain, covariance_checks, covariance_matrix
from n3fit.data.covariance_checks import check_covariance, correlation_matrix
from n3fit.errors import DataError


@settings(max_examples=25, deadline=None)
@given(size=st.integers(1, 10), seed=st.integers(0, 10_000))
def test_factor_times_its_transpose_is_the_covariance(size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    root = random.standard_normal((size, size)) * random.uniform(1e-6, 1e6, (size, 1))
    covariance = root @ root.T + np.diag(np.sum(root**2, axis=1))
    factor = cholesky_or_explain(covariance)
    sigma = np.sqrt(np.diagonal(covariance))
    np.testing.assert_allclose(
        (factor @ factor.T) / np.outer(sigma, sigma), covariance / np.outer(sigma, sigma), atol=1e-13
    )
    assert not np.triu(factor, 1).any()


def test_correlations_and_deviations() -> None:
    correlation, sigma = correlation_matrix(np.array([[4.0, 3.0], [3.0, 9.0]]))
    np.testing.assert_array_equal(sigma, [2.0, 3.0])
    np.testing.assert_array_equal(correlation, [[1.0, 0.5], [0.5, 1.0]])


def test_scales_of_the_data_do_not_matter(make_dataset) -> None:
    datasets = [make_dataset("A_X", [1e-12, 2e-12], 1e-13), make_dataset("B_X", [1e9], 1e8)]
    factor = cholesky_or_explain(covariance_matrix(datasets), datasets)
    np.testing.assert_allclose(np.diagonal(factor), [1e-13, 1e-13, 1e8], rtol=1e-14)


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        (np.ones((2, 3)), r"expected a covariance matrix of shape \(N, N\), received \(2, 3\)"),
        (np.array([[1.0, np.nan], [np.nan, 1.0]]), "of point 0 is not finite"),
        (np.array([[1.0, 0.0], [0.0, 0.0]]), "of point 1 has a variance that is not positive"),
        (np.array([[1.0, 0.5], [0.4, 1.0]]), "not symmetric: mirrored correlations differ by up to 1.000e-01"),
    ],
)
def test_malformed_matrices(covariance, message) -> None:
    with pytest.raises(DataError, match=message):
        cholesky_or_explain(covariance)


def test_matrix_of_other_data_is_refused(make_dataset) -> None:
    with pytest.raises(DataError, match=r"of shape \(2, 2\), received \(3, 3\)"):
        cholesky_or_explain(np.eye(3), [make_dataset("A_X", [1.0, 2.0], 0.1)])


def test_large_factors_are_computed_once_for_each_covariance(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    size = covariance_checks.CACHED_SIZE
    vectors = random.standard_normal((size, 3))
    covariance = np.eye(size) + vectors @ vectors.T
    first, split = cholesky_or_explain(covariance), EigenbasisSplit(covariance)
    np.testing.assert_allclose(first @ first.T, covariance, atol=1e-10)
    monkeypatch.setattr(np.linalg, "cholesky", None)
    monkeypatch.setattr(np.linalg, "eigh", None)
    np.testing.assert_array_equal(cholesky_or_explain(covariance), first)
    np.testing.assert_array_equal(EigenbasisSplit(covariance).whitening, split.whitening)
    check_covariance(covariance)
    with pytest.raises(TypeError):
        cholesky_or_explain(covariance + 1e-3 * np.eye(size))
