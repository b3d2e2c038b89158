"""Chi2 layers against inverses of sub-covariances in float64."""

import keras
import numpy as np
import pytest

from n3fit.layers.chi2 import MaskedSquares, PointSplitChi2, Residuals


def correlated(size: int, condition: float, seed: int = 0) -> np.ndarray:
    """Return a correlation matrix whose condition number is about ``condition``."""
    random = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(random.normal(size=(size, size)))
    covariance = (rotation * np.geomspace(1 / condition, 1, size)) @ rotation.T
    sigma = np.sqrt(np.diag(covariance))
    return covariance / np.outer(sigma, sigma)


def plain_chi2(residuals: np.ndarray, covariance: np.ndarray, points: np.ndarray) -> float:
    """Compute chi2 of some points from the inverse of their own block."""
    chosen = residuals[points]
    return float(chosen @ np.linalg.inv(covariance[np.ix_(points, points)]) @ chosen)


def split_problem(size: int, condition: float, replicas: int = 3):
    """Return a covariance, residuals drawn from it, and masks with different numbers of validation points."""
    random = np.random.default_rng(5)
    covariance = correlated(size, condition)
    residuals = random.normal(size=(replicas, size)) @ np.linalg.cholesky(covariance).T
    masks = np.ones((replicas, size), dtype=bool)
    for replica, row in enumerate(masks):
        row[random.permutation(size)[: size // 4 + 3 * replica]] = False
    return covariance, residuals, masks


def tensor(values: np.ndarray):
    return keras.ops.convert_to_tensor(values[np.newaxis], dtype=keras.config.floatx())


def evaluate(layer, residuals: np.ndarray) -> list[np.ndarray]:
    return [np.asarray(value, dtype=np.float64)[0] for value in layer(tensor(residuals))]


def split(covariance: np.ndarray, masks: np.ndarray, residuals: np.ndarray) -> list[np.ndarray]:
    """Compute the chi2 of training and of validation with the layer from the three transforms of the residuals."""
    precision = np.linalg.inv(covariance)
    transforms = [residuals @ np.linalg.cholesky(precision), residuals @ precision, residuals]
    values = PointSplitChi2(covariance, masks)([tensor(values) for values in transforms])
    return [np.asarray(value, dtype=np.float64)[0] for value in values]


def check(covariance, residuals, masks, tolerance) -> None:
    training, validation = split(covariance, masks, residuals)
    for replica, mask in enumerate(masks):
        assert training[replica] == pytest.approx(plain_chi2(residuals[replica], covariance, mask), rel=tolerance)
        assert validation[replica] == pytest.approx(plain_chi2(residuals[replica], covariance, ~mask), rel=tolerance)


@pytest.mark.parametrize(("condition", "tolerance"), [(10.0, 3e-6), (1e4, 1e-5), (1e5, 1e-4)])
def test_split_by_points(condition, tolerance):
    check(*split_problem(80, condition), tolerance)


@pytest.mark.parametrize("condition", [10.0, 1e5])
def test_split_by_points_in_float64(condition, double_precision):
    check(*split_problem(80, condition), 1e-9)


@pytest.mark.parametrize("size", [158, 162, 330, 700])
def test_split_of_more_points_than_one_block_of_rows_has(size):
    covariance, residuals, masks = split_problem(size, 100.0)
    check(covariance, residuals, masks, 5e-6)


def test_without_validation_points():
    covariance, residuals, masks = split_problem(20, 10.0)
    training, validation = split(covariance, np.ones_like(masks), residuals)
    expected = [plain_chi2(row, covariance, np.ones(20, dtype=bool)) for row in residuals]
    np.testing.assert_allclose(training, expected, rtol=3e-6)
    np.testing.assert_array_equal(validation, 0)


def test_single_points_on_either_side():
    """Sets of one point each: one replica has one validation point, another all but one."""
    covariance, residuals, _ = split_problem(6, 10.0, replicas=2)
    masks = np.ones((2, 6), dtype=bool)
    masks[0, 0] = False
    masks[1, 1:] = False
    check(covariance, residuals, masks, 1e-5)


def test_replicas_do_not_depend_on_each_other():
    """Neither on their number, nor on the padding for replicas with more validation points."""
    covariance, residuals, masks = split_problem(40, 100.0)
    together = split(covariance, masks, residuals)
    for replica in range(3):
        chosen = slice(replica, replica + 1)
        alone = split(covariance, masks[chosen], residuals[chosen])
        for one, all_of_them in zip(alone, together, strict=True):
            assert one[0] == pytest.approx(all_of_them[replica], rel=2e-6)
    broken = residuals.copy()
    broken[1] = np.nan
    changed = split(covariance, masks, broken)
    for before, after in zip(together, changed, strict=True):
        np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
        assert np.isnan(after[1])


def test_validation_points_have_no_influence_on_training():
    """The training chi2 is the same whatever the validation residuals are."""
    covariance, residuals, masks = split_problem(40, 100.0)
    other = np.where(masks, residuals, residuals[::-1])
    np.testing.assert_allclose(split(covariance, masks, other)[0], split(covariance, masks, residuals)[0], rtol=2e-5)


def test_points_without_correlation():
    """Two experiments and uncorrelated points: the chi2 is that of all together."""
    covariance = np.eye(21)
    covariance[:12:2, :12:2] = correlated(6, 10.0, seed=1)
    covariance[1:16:2, 1:16:2] = correlated(8, 10.0, seed=2)
    _, residuals, masks = split_problem(21, 10.0)
    check(covariance, residuals, masks, 1e-5)


def test_masked_squares():
    random = np.random.default_rng(2)
    residuals = random.normal(size=(2, 7))
    masks = random.random((2, 7)) < 0.5
    (values,) = evaluate(lambda tensor: [MaskedSquares(masks)(tensor)], residuals)
    np.testing.assert_allclose(
        values, [np.sum(row[mask] ** 2) for row, mask in zip(residuals, masks, strict=True)], rtol=1e-6
    )
    (values,) = evaluate(lambda tensor: [MaskedSquares(~masks)(tensor)], residuals)
    np.testing.assert_allclose(
        values, [np.sum(row[~mask] ** 2) for row, mask in zip(residuals, masks, strict=True)], rtol=1e-6
    )


def test_eigenbasis_halves_add_up_to_chi2(double_precision):
    """Whitened residuals: training plus validation is the chi2 of all points."""
    covariance = correlated(30, 1e4)
    data = np.random.default_rng(3).normal(size=(2, 30))
    eigenvalues, vectors = np.linalg.eigh(covariance)
    whitened = data @ (vectors / np.sqrt(eigenvalues))
    masks = np.arange(30) % 4 > 0
    total = sum(evaluate(lambda tensor: [MaskedSquares(np.tile(m, (2, 1)))(tensor) for m in (masks, ~masks)], whitened))
    np.testing.assert_allclose(total, [plain_chi2(row, covariance, np.ones(30, dtype=bool)) for row in data], rtol=1e-9)


def test_residuals_subtract_the_data_of_each_replica():
    data = np.arange(6.0).reshape(2, 3)
    (values,) = evaluate(lambda tensor: [Residuals(data)(tensor)], np.ones((2, 3)))
    np.testing.assert_array_equal(values, 1 - data)
    (shared,) = evaluate(lambda tensor: [Residuals(data)(tensor)], np.ones((1, 3)))
    np.testing.assert_array_equal(shared, 1 - data)


def test_split_by_points_of_two_groups_without_correlation():
    sizes, random = (300, 260), np.random.default_rng(8)
    blocks = [correlated(size, 10.0, seed) for seed, size in enumerate(sizes)]
    covariance = np.zeros((sum(sizes), sum(sizes)))
    covariance[: sizes[0], : sizes[0]], covariance[sizes[0] :, sizes[0] :] = blocks
    residuals = random.normal(size=(2, sum(sizes))) @ np.linalg.cholesky(covariance).T
    masks = random.random((2, sum(sizes))) < 0.75
    transforms = []
    for rows, block in zip(np.split(residuals, sizes[:1], axis=1), blocks, strict=True):
        precision = np.linalg.inv(block)
        transforms += [rows @ np.linalg.cholesky(precision), rows @ precision, rows]
    values = PointSplitChi2(covariance, masks)([tensor(rows) for rows in transforms])
    for replica, mask in enumerate(masks):
        for value, points in zip(values, (mask, ~mask), strict=True):
            expected = plain_chi2(residuals[replica], covariance, points)
            assert float(value[0, replica]) == pytest.approx(expected, rel=1e-5)
