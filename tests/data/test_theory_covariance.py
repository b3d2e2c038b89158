"""Covariances as sums of squares, and matrices that are nearly covariances."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.data import CommonData
from n3fit.data.theory_covariance import TheoryCovariance, matrix_columns
from n3fit.errors import DataError


@pytest.fixture
def datasets(make_dataset: Callable[..., CommonData]) -> list[CommonData]:
    return [make_dataset("ONE_X", [1.0, 2.0, 3.0], 0.1), make_dataset("TWO_X", [4.0, 5.0], 0.1)]


@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_columns_of_a_matrix_restore_it(seed: int, rank: int) -> None:
    root = np.random.default_rng(seed).normal(size=(5, rank)) * np.geomspace(1e-3, 1e3, 5)[:, None]
    matrix = root @ root.T
    columns, remarks = matrix_columns(matrix, [], "mine")
    sigma = np.sqrt(np.diag(matrix))
    np.testing.assert_allclose(
        columns @ columns.T / np.outer(sigma, sigma), matrix / np.outer(sigma, sigma), atol=1e-12
    )
    assert columns.shape[1] <= rank
    assert remarks == ()


def test_points_without_covariance_stay_without(datasets: list[CommonData]) -> None:
    matrix = np.zeros((5, 5))
    matrix[1:3, 1:3] = [[4.0, 1.0], [1.0, 9.0]]
    columns, _ = matrix_columns(matrix, datasets, "mine")
    np.testing.assert_allclose(columns @ columns.T, matrix, atol=1e-14)
    nothing, _ = matrix_columns(np.zeros((5, 5)), datasets, "mine")
    assert nothing.shape == (5, 0)


def test_tiny_negative_eigenvalues_and_asymmetries_are_mended_and_reported(datasets: list[CommonData]) -> None:
    root = np.random.default_rng(2).normal(size=(5, 2))
    matrix = (root @ root.T).astype(np.float32).astype(np.float64)
    matrix[0, 1] *= 1.0 + 1e-7
    columns, remarks = matrix_columns(matrix, datasets, "mine.csv")
    np.testing.assert_allclose(columns @ columns.T, matrix, atol=2e-6)
    assert np.linalg.eigvalsh(columns @ columns.T).min() > -1e-14
    assert len(remarks) == 2
    assert remarks[0].startswith("mine.csv: mirrored correlations differ by up to")
    assert "eigenvalues slightly below zero" in remarks[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({(0, 1): 0.4}, r"ONE_X \(point 0\) is not symmetric: mirrored correlations differ by up to 4.0e-01"),
        ({(3, 3): np.nan}, r"TWO_X \(point 0\) is not finite"),
        ({(4, 4): -1.0}, r"TWO_X \(point 1\) has a negative variance"),
        ({(4, 4): 0.0, (0, 4): 0.1, (4, 0): 0.1}, "TWO_X .* correlates a point without variance"),
        ({(0, 3): 1.5, (3, 0): 1.5}, r"negative eigenvalue -5.000e-01 \(largest: 2.500e\+00\), mainly in ONE_X, TWO_X"),
    ],
)
def test_other_matrices_are_refused(
    datasets: list[CommonData], change: dict[tuple[int, int], float], message: str
) -> None:
    matrix = np.eye(5)
    for place, value in change.items():
        matrix[place] = value
    with pytest.raises(DataError, match=f"^mine: .*{message}"):
        matrix_columns(matrix, datasets, "mine")


def test_the_matrix_is_read_only_and_always_the_same() -> None:
    covariance = TheoryCovariance(np.array([[1.0, 0.5], [2.0, 0.0]]), {"3f point": 2})
    first = covariance.matrix
    np.testing.assert_array_equal(first, covariance.matrix)
    np.testing.assert_array_equal(covariance.variances, np.diag(first))
    for array in (first, covariance.columns, covariance.variances):
        with pytest.raises(ValueError, match="read-only"):
            array += 1.0
    with pytest.raises(ValueError, match="do not belong to the sources"):
        TheoryCovariance(np.ones((2, 2)), {"user": 1})
