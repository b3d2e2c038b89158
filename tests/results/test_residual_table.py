"""Whitened residuals give the chi2 that plain numpy gives, for replicas and for means."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.outcomes import Outcome

from n3fit.errors import DataError
from n3fit.results.group_whitening import GroupWhitening
from n3fit.results.layout import RESIDUALS
from n3fit.results.residual_table import WhitenedResiduals, make_residuals, read_residuals, residuals_to_bytes


def whiten(outcome: Outcome) -> WhitenedResiduals:
    return make_residuals(
        [dataset.record for dataset in outcome.datasets],
        central=outcome.central,
        predictions=outcome.predictions,
        experimental_covariance=outcome.experimental_covariance,
        t0_covariance=outcome.t0_covariance,
    )


def dense(prediction: np.ndarray, outcome: Outcome, points: np.ndarray) -> float:
    residual = (prediction - outcome.central)[points]
    return float(residual @ np.linalg.inv(outcome.t0_covariance[np.ix_(points, points)]) @ residual)


def test_groups_keep_their_correlations_and_leave_those_between_groups(small_outcome: Outcome) -> None:
    first, *others = small_outcome.datasets
    together = [replace(one, record=one.record.model_copy(update={"experiment": "A"})) for one in others]
    joined = replace(small_outcome, datasets=(first, *together))
    residuals = whiten(joined)
    assert residuals.groups["experiments"] == {"DEUTERON": 5, "A": 5}
    selected = np.array([True, False, True])
    mean = joined.predictions[selected].mean(axis=0)
    for level, groups in (
        ("datasets", [np.arange(5), np.arange(5, 9), np.arange(9, 10)]),
        ("experiments", [np.arange(5), np.arange(5, 10)]),
        ("total", [np.arange(10)]),
    ):
        expected = [[dense(prediction, joined, points) for points in groups] for prediction in joined.predictions]
        np.testing.assert_allclose(residuals.chi2("t0", level), expected, rtol=1e-9)
        expected_mean = [dense(mean, joined, points) for points in groups]
        # the residuals are stored in single precision
        np.testing.assert_allclose(residuals.chi2_of_mean("t0", level, selected), expected_mean, rtol=1e-6)
    assert np.isnan(residuals.chi2_of_mean("t0", "total", np.zeros(3, bool))).all()


def test_what_is_not_finite_stays_with_its_replica(small_outcome: Outcome) -> None:
    predictions = small_outcome.predictions.copy()
    predictions[1, 6] = np.inf
    residuals = whiten(replace(small_outcome, predictions=predictions))
    assert np.isnan(residuals.chi2("t0", "datasets")).tolist() == [[False] * 3, [False, True, False], [False] * 3]
    assert np.isfinite(residuals.chi2_of_mean("experimental", "total", np.array([True, False, True]))).all()


def test_the_file_keeps_seven_digits_and_knows_its_shape(small_outcome: Outcome, tmp_path: Path) -> None:
    residuals = whiten(small_outcome)
    path = tmp_path / RESIDUALS
    path.write_bytes(residuals_to_bytes(residuals))
    back = read_residuals(tmp_path, residuals.groups, 3, folder_format=2)
    for key, values in residuals.values.items():
        np.testing.assert_allclose(back.values[key], values, rtol=1e-7)
    with pytest.raises(DataError, match=r"residuals\.safetensors: .*: expected numbers of .* \(4, 10\)"):
        read_residuals(tmp_path, residuals.groups, 4, folder_format=2)
    assert residuals_to_bytes(back) == path.read_bytes()


def test_a_replica_has_the_same_residuals_alone_and_beside_others() -> None:
    """To the last bit, as the replicas of a fit on several workers are evaluated in blocks."""
    rng = np.random.default_rng(7)
    factor, predictions, central = rng.normal(size=(42, 42)), rng.normal(size=(37, 42)), rng.normal(size=42)
    covariance = factor @ factor.T + 42 * np.eye(42)
    points = np.arange(42)
    together = GroupWhitening(predictions, central, covariance).whiten(points)
    for block in (slice(0, 1), slice(1, 3), slice(5, 12), slice(12, 37)):
        alone = GroupWhitening(predictions[block], central, covariance).whiten(points)
        np.testing.assert_array_equal(alone, together[block])
