from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from n3fit.errors import CommandLineError
from n3fit.reduction import Directions, Samples, principal_directions

Make = Callable[..., Samples]


def error_members(samples: Samples, found: Directions) -> np.ndarray:
    return samples.central + np.tensordot(found.coefficients, samples.members, (1, 0))


def covariance(members: np.ndarray, central: np.ndarray) -> np.ndarray:
    """As readers of symmetric Hessian sets compute it (arXiv:1412.7420)."""
    shifts = (members - central).reshape(len(members), -1)
    return shifts.T @ shifts


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize(("replicas", "rank"), [(40, 3), (9, 20)])
def test_as_many_directions_as_the_rank_have_the_whole_covariance(
    gaussian: Make, replicas: int, rank: int, scaled: bool
) -> None:
    """Few directions in which many replicas vary; and all R - 1 of few replicas."""
    samples = gaussian(replicas, rank)
    count = min(rank, replicas - 1)
    found = principal_directions(samples, count, scaled=scaled)
    assert found.retained == pytest.approx(1.0, rel=1e-12)
    expected = np.cov(samples.members.reshape(replicas, -1), rowvar=False)
    np.testing.assert_allclose(
        covariance(error_members(samples, found), samples.central), expected, rtol=1e-9, atol=1e-9 * expected.max()
    )


def test_directions_are_eigenvectors_of_the_covariance_in_falling_order(gaussian: Make) -> None:
    samples = gaussian(60, 8)
    found = principal_directions(samples, 4, scaled=False)
    matrix = np.cov(samples.members.reshape(60, -1), rowvar=False)
    values, vectors = np.linalg.eigh(matrix)
    shifts = (error_members(samples, found) - samples.central).reshape(4, -1)
    for k, shift in enumerate(shifts):
        expected = np.sqrt(values[-1 - k]) * vectors[:, -1 - k]
        expected *= np.sign(expected[np.abs(expected).argmax()])
        np.testing.assert_allclose(shift, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())
    assert found.retained == pytest.approx(values[-4:].sum() / values.sum(), rel=1e-10)


def test_scaled_directions_are_those_of_the_correlations(gaussian: Make) -> None:
    samples = gaussian(60, 8)
    found = principal_directions(samples, 3)
    values, _ = np.linalg.eigh(np.corrcoef(samples.members.reshape(60, -1), rowvar=False))
    shifts = (error_members(samples, found) - samples.central) / samples.deviation
    np.testing.assert_allclose((shifts**2).sum(axis=(1, 2)), values[::-1][:3], rtol=1e-9)
    assert found.retained == pytest.approx(values[-3:].sum() / 12, rel=1e-10)


def test_order_of_the_replicas_does_not_matter(gaussian: Make) -> None:
    samples = gaussian(30, 6)
    order = np.random.default_rng(2).permutation(30)
    shuffled = replace(samples, members=samples.members[order])
    one, other = principal_directions(samples, 5), principal_directions(shuffled, 5)
    np.testing.assert_allclose(other.coefficients, one.coefficients[:, order], atol=1e-11)
    np.testing.assert_allclose(error_members(samples, one), error_members(shuffled, other), rtol=1e-10)


def test_rows_add_up_to_zero_so_that_sum_rules_hold(gaussian: Make) -> None:
    found = principal_directions(gaussian(30, 20), 12)
    np.testing.assert_allclose(found.coefficients.sum(axis=1), 0.0, atol=1e-14)


def test_fewer_directions_have_a_smaller_variance_everywhere(gaussian: Make) -> None:
    samples = gaussian(30, 20)
    variances = [
        ((error_members(samples, principal_directions(samples, count)) - samples.central) ** 2).sum(axis=0)
        for count in (2, 5, 9, 12)
    ]
    for fewer, more in pairwise(variances):
        assert (more > fewer).all()
    np.testing.assert_allclose(variances[-1], samples.deviation**2, rtol=1e-10)  # two flavours at six points


@pytest.mark.parametrize("count", [4, 0])
def test_more_directions_than_the_replicas_vary_in(gaussian: Make, count: int) -> None:
    with pytest.raises(CommandLineError) as caught:
        principal_directions(gaussian(30, 3), count)
    assert caught.value.message == f"directions: expected 1 to 3, in which 30 replicas vary, received {count}"
    assert caught.value.hint == ("choose -n 3 for all of them, or fit more replicas" if count else "")
