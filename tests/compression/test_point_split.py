"""Groups of correlated points, and the factors of the blocks that replicas are validated on."""

from __future__ import annotations

import numpy as np
import pytest
from support import problems

from n3fit.compression.point_split import correlated_groups, held_out_roots


def test_points_without_correlation_are_in_different_groups() -> None:
    """Two experiments and uncorrelated points; small groups are joined."""
    covariance = np.eye(21)
    covariance[:12:2, :12:2] = problems.random_covariance(6, seed=1)
    covariance[1:16:2, 1:16:2] = problems.random_covariance(8, seed=2)
    groups = correlated_groups(covariance, smallest=2)
    assert [len(group) for group in groups] == [8, 6, 2, 2, 2, 1]
    assert groups[0].tolist() == [1, 3, 5, 7, 9, 11, 13, 15]
    assert sorted(np.concatenate(groups).tolist()) == list(range(21))
    assert [len(group) for group in correlated_groups(covariance, smallest=10)] == [14, 7]


def test_roots_factorise_the_inverse_of_the_held_out_blocks() -> None:
    covariance = problems.random_covariance(9)
    masks = problems.split_masks(3, 9, 5)
    masks[1, 2] = True  # one held-out point fewer, if it was one
    masks[2] = True
    indices, (roots,) = held_out_roots([covariance], masks)
    residuals = np.random.default_rng(6).normal(size=9)
    for mask, points, root in zip(masks, indices, roots, strict=True):
        held_out = np.flatnonzero(~mask)
        assert points[: len(held_out)].tolist() == held_out.tolist()
        expected = 0.0
        if len(held_out):
            block = covariance[np.ix_(held_out, held_out)]
            expected = residuals[held_out] @ np.linalg.solve(block, residuals[held_out])
        np.testing.assert_allclose(np.sum((root @ residuals[points]) ** 2), expected, rtol=1e-10)


def test_roots_are_lower_triangular_and_of_the_type_requested() -> None:
    covariance = problems.random_covariance(9)
    masks = np.array([[False] * 9, [True] * 4 + [False] * 5])
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-6)):
        _, (roots,) = held_out_roots([covariance], masks, dtype)
        assert roots.dtype == dtype
        np.testing.assert_array_equal(np.triu(roots, 1), 0)
        np.testing.assert_array_equal(roots[1, 5:], 0)
        expected = np.linalg.inv(np.linalg.cholesky(covariance))
        np.testing.assert_allclose(roots[0], expected, rtol=tolerance, atol=tolerance)


def test_a_block_that_is_not_positive_definite_is_refused() -> None:
    covariance = np.diag([1.0, -1.0, 2.0])
    with pytest.raises(np.linalg.LinAlgError, match="leading block of 2 rows"):
        held_out_roots([covariance], np.zeros((1, 3), dtype=bool))
    np.testing.assert_array_equal(covariance, np.diag([1.0, -1.0, 2.0]))
