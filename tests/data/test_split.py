"""The eigenbasis split loses no correlation, and masks are a pure function of seed, replica and name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n3fit.data import EigenbasisSplit, covariance_matrix, point_masks
from n3fit.data.split import eigensystem
from n3fit.errors import DataError


def random_covariance(size: int, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    factor = random.standard_normal((size, size))
    scales = random.uniform(0.1, 10.0, size)
    return (factor @ factor.T + 0.1 * np.eye(size)) * np.outer(scales, scales)


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 12), seed=st.integers(0, 1000))
def test_modes_sum_to_chi2_and_whiten_the_covariance(size: int, seed: int) -> None:
    covariance = random_covariance(size, seed)
    split = EigenbasisSplit(covariance)
    residuals = np.random.default_rng(seed + 1).standard_normal(size)
    chi2 = residuals @ np.linalg.solve(covariance, residuals)
    assert np.sum((split.whitening @ residuals) ** 2) == pytest.approx(chi2, rel=1e-8)
    np.testing.assert_allclose(split.whitening @ covariance @ split.whitening.T, np.eye(size), atol=1e-8)


def test_modes_are_those_of_the_correlation_matrix() -> None:
    # Correlation 0.6 between points with sigma 2 and 5: eigenvalues 0.4 and 1.6, modes (1, -1) and (1, 1) / sqrt(2).
    split = EigenbasisSplit(np.array([[4.0, 6.0], [6.0, 25.0]]))
    np.testing.assert_allclose(split.eigenvalues, [0.4, 1.6], rtol=1e-14)
    expected = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2.0) / np.sqrt([[0.4], [1.6]]) / np.array([2.0, 5.0])
    np.testing.assert_allclose(split.whitening, expected, rtol=1e-13)


@settings(max_examples=20, deadline=None)
@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=5), seed=st.integers(0, 10_000))
def test_blocks_are_diagonalised_as_the_whole_would_be(sizes: list[int], seed: int) -> None:
    random = np.random.default_rng(seed)
    places = random.permutation(sum(sizes))
    matrix = np.zeros((sum(sizes), sum(sizes)))
    for block in np.split(places, np.cumsum(sizes)[:-1]):
        root = random.standard_normal((len(block), len(block)))
        matrix[np.ix_(block, block)] = root @ root.T
    values, vectors = eigensystem(matrix)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix), rtol=1e-10, atol=1e-12 * values[-1])
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(len(matrix)), atol=1e-12)
    np.testing.assert_allclose(vectors * values @ vectors.T, matrix, atol=1e-12 * values[-1])
    # a vector lies in one block
    assert all(np.count_nonzero(np.abs(vector) > 0) <= max(sizes) for vector in vectors.T)


def test_chi2_of_real_data_equals_a_cholesky_solution(embedded_datasets) -> None:
    datasets = [embedded_datasets[name] for name in ("HERA_CC_318GEV_EM-SIGMARED", "HERA_NC_300GEV_EP-SIGMARED")]
    covariance = covariance_matrix(datasets)
    central = np.concatenate([dataset.central for dataset in datasets])
    residuals = 0.05 * central * np.cos(np.arange(len(central)))
    expected = residuals @ np.linalg.solve(covariance, residuals)
    assert np.sum((EigenbasisSplit(covariance, datasets).whitening @ residuals) ** 2) == pytest.approx(
        expected, rel=1e-9
    )


def test_basis_of_a_degenerate_eigenvalue_does_not_depend_on_the_library() -> None:
    # Three uncorrelated points: every orthonormal basis diagonalises the correlations, the unit vectors are chosen.
    split = EigenbasisSplit(np.diag([4.0, 9.0, 16.0]))
    np.testing.assert_allclose(split.whitening, np.diag([1 / 2, 1 / 3, 1 / 4]), atol=1e-14)


def test_rotated_bases_of_one_space_become_the_same() -> None:
    from n3fit.data.split import _canonical

    random = np.random.default_rng(3)
    vectors, _ = np.linalg.qr(random.standard_normal((6, 6)))
    eigenvalues = np.array([1.0, 2.0, 2.0, 2.0, 3.0, 3.0])
    rotation, _ = np.linalg.qr(random.standard_normal((3, 3)))
    turned = vectors.copy()
    turned[:, 1:4] = vectors[:, 1:4] @ rotation
    turned[:, 4:] = -vectors[:, [5, 4]]
    first, second = _canonical(eigenvalues, vectors), _canonical(eigenvalues, turned)
    np.testing.assert_allclose(first, second, atol=1e-12)
    np.testing.assert_allclose(first.T @ first, np.eye(6), atol=1e-12)
    projector = vectors[:, 1:4] @ vectors[:, 1:4].T
    np.testing.assert_allclose(first[:, 1:4] @ first[:, 1:4].T, projector, atol=1e-12)


def test_whitening_in_single_precision_keeps_chi2(embedded_datasets) -> None:
    datasets = [embedded_datasets["BCDMS_NC_NOTFIXED_D_EM-F2"]]
    covariance = covariance_matrix(datasets)
    split = EigenbasisSplit(covariance, datasets)
    residuals = np.sqrt(np.diagonal(covariance)) * np.sin(np.arange(len(covariance)))
    exact = np.sum((split.whitening @ residuals) ** 2)
    single = np.sum((split.whitening.astype(np.float32) @ residuals.astype(np.float32)) ** 2)
    assert single == pytest.approx(exact, rel=1e-4)


def test_masks_have_the_asked_number_of_modes_and_differ_between_replicas() -> None:
    split = EigenbasisSplit(random_covariance(41))
    masks = split.training_masks(range(1, 6), fraction=0.75, seed=7)
    assert masks.shape == (5, 41)
    np.testing.assert_array_equal(masks.sum(axis=1), 30)
    assert len({mask.tobytes() for mask in masks}) == 5


def test_every_mode_is_equally_often_in_training() -> None:
    split = EigenbasisSplit(random_covariance(20))
    replicas = 2000
    counts = split.training_masks(range(replicas), fraction=0.75, seed=3).sum(axis=0)
    deviation = np.sqrt(replicas * 0.75 * 0.25)
    assert np.abs(counts - 0.75 * replicas).max() < 5.0 * deviation


def test_mask_of_a_replica_does_not_depend_on_its_neighbours() -> None:
    split = EigenbasisSplit(random_covariance(12))
    together = split.training_masks([1, 2, 3], fraction=0.5, seed=11)
    np.testing.assert_array_equal(split.training_masks([3], fraction=0.5, seed=11)[0], together[2])
    assert not np.array_equal(split.training_masks([3], fraction=0.5, seed=12)[0], together[2])


def test_same_for_all_gives_equal_masks() -> None:
    split = EigenbasisSplit(random_covariance(12))
    masks = split.training_masks([1, 2, 3], fraction=0.5, seed=11, same_for_all=True)
    assert (masks == masks[0]).all()
    alone = split.training_masks([9], fraction=0.5, seed=11, same_for_all=True)
    np.testing.assert_array_equal(alone[0], masks[0])


def test_points_are_chosen_set_by_set(make_dataset) -> None:
    datasets = [make_dataset("A_X", np.ones(8), 0.1), make_dataset("B_X", np.ones(5), 0.1)]
    masks = point_masks(datasets, {"A_X": 0.75, "B_X": 0.5}, replicas=range(10), seed=1)
    assert masks.shape == (10, 13)
    np.testing.assert_array_equal(masks[:, :8].sum(axis=1), 6)
    np.testing.assert_array_equal(masks[:, 8:].sum(axis=1), 2)
    alone = point_masks(datasets[1:], {"B_X": 0.5}, replicas=[4], seed=1)
    np.testing.assert_array_equal(alone[0], masks[4, 8:])


def test_sets_of_equal_size_draw_different_points(make_dataset) -> None:
    datasets = [make_dataset("A_X", np.ones(40), 0.1), make_dataset("B_X", np.ones(40), 0.1)]
    mask = point_masks(datasets, {"A_X": 0.5, "B_X": 0.5}, replicas=[1], seed=1)[0]
    assert not np.array_equal(mask[:40], mask[40:])


def test_single_point_is_for_training_with_the_probability_of_the_fraction(make_dataset) -> None:
    datasets = [make_dataset("A_X", [1.0], 0.1), make_dataset("B_X", [1.0, 2.0], 0.1)]
    replicas = 4000
    mean = point_masks(datasets, {"A_X": 0.75, "B_X": 1.0}, replicas=range(replicas), seed=5)[:, 0].mean()
    assert abs(mean - 0.75) < 5.0 * np.sqrt(0.75 * 0.25 / replicas)


def test_fraction_one_leaves_no_validation(make_dataset) -> None:
    datasets = [make_dataset("A_X", np.ones(7), 0.1), make_dataset("B_X", [1.0], 0.1)]
    assert point_masks(datasets, {"A_X": 1.0, "B_X": 1.0}, replicas=range(20), seed=5).all()
    split = EigenbasisSplit(random_covariance(5))
    assert split.training_masks([1], fraction=1.0, seed=1).all()


def test_fraction_zero_leaves_a_set_for_validation_only(make_dataset) -> None:
    datasets = [
        make_dataset("A_X", np.ones(4), 0.1),
        make_dataset("B_X", np.ones(3), 0.1),
        make_dataset("C_X", [1], 0.1),
    ]
    masks = point_masks(datasets, {"A_X": 0.5, "B_X": 0.0, "C_X": 0.0}, replicas=range(10), seed=5)
    assert not masks[:, 4:].any()
    with pytest.raises(DataError, match="replica 3 has no point to train on"):
        point_masks(datasets[1:], {"B_X": 0.3, "C_X": 0.0}, replicas=[3], seed=5)
    with pytest.raises(DataError, match="diagonal_frac must be above 0"):
        EigenbasisSplit(np.eye(2)).training_masks([1], fraction=0.0, seed=1)


@pytest.mark.parametrize("fraction", [-0.5, 1.5, np.nan])
def test_fractions_outside_zero_to_one_are_refused(make_dataset, fraction) -> None:
    with pytest.raises(DataError, match="A_X: frac must be between 0 and 1"):
        point_masks([make_dataset("A_X", [1.0, 2.0], 0.1)], {"A_X": fraction}, replicas=[1], seed=1)
    with pytest.raises(DataError, match="diagonal_frac"):
        EigenbasisSplit(np.eye(2)).training_masks([1], fraction=fraction, seed=1)


def test_missing_fraction_is_refused(make_dataset) -> None:
    with pytest.raises(DataError, match="A_X: there is no fraction"):
        point_masks([make_dataset("A_X", [1.0], 0.1)], {}, replicas=[1], seed=1)


def test_whitening_is_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        EigenbasisSplit(np.eye(2)).whitening[0, 0] = 2.0


def test_modes_below_the_threshold_have_no_chi2(make_dataset) -> None:
    dataset = make_dataset("A_X", [10.0, 20.0, 30.0], 1.0, [("ADD", "CORR", [3.0, 3.0, 3.0])])
    split = EigenbasisSplit(covariance_matrix([dataset]))
    np.testing.assert_allclose(split.eigenvalues, [0.1, 0.1, 2.8], rtol=1e-12)
    assert split.whitening_above(0.05) is split.whitening
    kept = split.whitening_above(0.5)
    np.testing.assert_array_equal(kept[:2], 0.0)
    np.testing.assert_array_equal(kept[2], split.whitening[2])
