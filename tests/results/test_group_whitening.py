"""Whitened residuals of overlapping groups against a plain inverse of each group's covariance."""

import numpy as np
import pytest

from n3fit.results import group_whitening
from n3fit.results.group_whitening import GroupWhitening


def make_covariance(random: np.random.Generator, blocks: list[list[int]]) -> np.ndarray:
    size = sum(len(block) for block in blocks)
    covariance = np.zeros((size, size))
    for block in blocks:
        columns = random.normal(size=(len(block), len(block) + 2))
        covariance[np.ix_(block, block)] = columns @ columns.T
    return covariance


def test_squares_add_up_to_the_chi2_of_each_group() -> None:
    random = np.random.default_rng(1)
    covariance = make_covariance(random, [[0, 2, 5], [1, 4], [3], [6, 7, 8, 9]])
    central, predictions = random.normal(size=10), random.normal(size=(4, 10))
    whitening = GroupWhitening(predictions, central, covariance)
    groups = [[0, 1, 2], [3], [4, 5], [6, 7], [8, 9], [0, 1, 2, 4, 5], list(range(10)), [5, 2, 8], []]
    for points in groups:
        residuals = (predictions - central)[:, points]
        inverse = np.linalg.inv(covariance[np.ix_(points, points)])
        expected = np.einsum("ri,ij,rj->r", residuals, inverse, residuals)
        whitened = whitening.whiten(np.array(points, dtype=np.int64))
        assert whitened.shape == residuals.shape
        np.testing.assert_allclose((whitened**2).sum(axis=1), expected, rtol=1e-10)


def test_points_that_groups_share_are_factorised_once(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    covariance = make_covariance(random, [[0, 1, 2], [3, 4]])
    factorised: list[int] = []
    real = group_whitening.scipy.linalg.cholesky

    def note(matrix: np.ndarray, **options: bool) -> np.ndarray:
        factorised.append(len(matrix))
        return real(matrix, **options)

    monkeypatch.setattr(group_whitening.scipy.linalg, "cholesky", note)
    whitening = GroupWhitening(random.normal(size=(2, 5)), np.zeros(5), covariance)
    for points in ([0, 1, 2, 3, 4], [0, 1, 2], [3, 4], [0, 1]):
        whitening.whiten(np.array(points))
    assert sorted(factorised) == [2, 2, 3]


def test_replicas_that_are_not_finite_in_a_group_are_nan_there_alone() -> None:
    random = np.random.default_rng(3)
    covariance = make_covariance(random, [[0, 1, 2], [3, 4]])
    predictions, central = random.normal(size=(3, 5)), random.normal(size=5)
    broken = predictions.copy()
    broken[1, 2] = np.inf
    whitening, reference = (GroupWhitening(values, central, covariance) for values in (broken, predictions))
    whole = whitening.whiten(np.arange(5))
    assert np.isnan(whole[1]).all()
    np.testing.assert_allclose(whole[[0, 2]], reference.whiten(np.arange(5))[[0, 2]], rtol=1e-13)
    last = np.array([3, 4])
    np.testing.assert_allclose(whitening.whiten(last), reference.whiten(last), rtol=1e-13)


def test_only_groups_with_the_broken_part_have_no_factor() -> None:
    covariance = np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 4.0]])
    whitening = GroupWhitening(np.full((2, 3), 6.0), np.zeros(3), covariance)
    with pytest.raises(np.linalg.LinAlgError):
        whitening.whiten(np.arange(3))
    np.testing.assert_array_equal(whitening.whiten(np.array([2])), [[3.0], [3.0]])
    np.testing.assert_array_equal(whitening.whiten(np.array([0])), [[6.0], [6.0]])


def test_a_replica_does_not_depend_on_those_beside_it() -> None:
    random = np.random.default_rng(4)
    covariance = make_covariance(random, [list(range(40)), [40, 41]])
    predictions, central = random.normal(size=(30, 42)), random.normal(size=42)
    together = GroupWhitening(predictions, central, covariance).whiten(np.arange(42))
    alone = GroupWhitening(predictions[[7]], central, covariance).whiten(np.arange(42))
    np.testing.assert_allclose(together[[7]], alone, rtol=1e-9, atol=1e-12)
