"""Parabolas and the distribution of their minima, against planted ones and a linear model with a known answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n3fit.campaign.correlated_replicas import best_of_batches, determine_alphas, fit_parabolas
from n3fit.errors import DataError

ALPHAS = np.array([0.112, 0.114, 0.116, 0.118, 0.120, 0.122])


def curves(minima, curvature=4e5, lowest=2000.0, alphas=ALPHAS):
    return lowest + curvature * (alphas - np.asarray(minima)[:, np.newaxis]) ** 2


@given(
    minimum=st.floats(0.10, 0.14),
    curvature=st.floats(1e4, 1e7),
    lowest=st.floats(0.0, 1e4),
    kept=st.sets(st.integers(0, 5), min_size=3),
)
@settings(max_examples=60, deadline=None)
def test_planted_parabolas_are_found_from_any_three_points_or_more(minimum, curvature, lowest, kept):
    chi2 = curves([minimum], curvature, lowest)
    chi2[0, [place for place in range(6) if place not in kept]] = np.nan
    found = fit_parabolas(ALPHAS, chi2)
    rounding = 1e-11 * (lowest + curvature * 0.03**2) / curvature / 0.002
    assert found.minimum[0] == pytest.approx(minimum, abs=1e-9 + rounding)
    assert found.curvature[0] == pytest.approx(curvature, rel=1e-6, abs=1e-3)
    assert found.lowest[0] == pytest.approx(lowest, rel=1e-7, abs=1e-4)
    assert found.points[0] == len(kept)
    np.testing.assert_allclose(found.values(ALPHAS)[0], curves([minimum], curvature, lowest)[0], rtol=1e-7, atol=1e-4)


@given(shift=st.floats(-5e3, 5e3), factor=st.floats(0.1, 10.0))
@settings(max_examples=30, deadline=None)
def test_minima_do_not_depend_on_level_and_units_of_chi2(shift, factor):
    chi2 = curves([0.1165, 0.1191]) + np.random.default_rng(1).normal(scale=0.5, size=(2, 6))
    expected = fit_parabolas(ALPHAS, chi2)
    found = fit_parabolas(ALPHAS, factor * chi2 + shift)
    np.testing.assert_allclose(found.minimum, expected.minimum, rtol=1e-8)
    np.testing.assert_allclose(found.deviation, factor * expected.deviation, rtol=1e-6)


def test_curves_with_too_few_points_have_no_parabola():
    chi2 = curves([0.118, 0.117])
    chi2[0, 2:] = np.nan
    found = fit_parabolas(ALPHAS, chi2)
    assert np.isnan([found.minimum[0], found.lowest[0], found.curvature[0], found.deviation[0]]).all()
    assert found.minimum[1] == pytest.approx(0.117)
    assert found.points.tolist() == [2, 6]


def test_mean_and_deviation_of_the_minima():
    minima = np.array([0.1170, 0.1185, 0.1194, 0.1163])
    found = determine_alphas(ALPHAS, np.arange(1, 5), curves(minima))
    assert found.value == pytest.approx(minima.mean(), abs=1e-9)
    assert found.uncertainty == pytest.approx(minima.std(ddof=1), abs=1e-9)
    assert found.median == pytest.approx(np.median(minima), abs=1e-9)
    assert (found.low, found.high) == pytest.approx(np.quantile(minima, [0.158655, 0.841345]), abs=1e-8)
    # the bootstrap of a mean has the width of a population of these values
    assert found.value_error == pytest.approx(minima.std(ddof=0) / 2, rel=0.05)
    assert (found.outside, dict(found.left_out)) == (0, {})
    assert found.mean_curve.minimum[0] == pytest.approx(minima.mean(), abs=1e-9)


def test_the_order_of_the_fits_is_without_effect():
    order = np.array([3, 0, 5, 1, 4, 2])
    chi2 = curves([0.1170, 0.1185, 0.1194])
    first = determine_alphas(ALPHAS, np.arange(3), chi2)
    second = determine_alphas(ALPHAS[order], np.arange(3), chi2[:, order])
    np.testing.assert_array_equal(second.alphas, ALPHAS)
    np.testing.assert_array_equal(second.minima, first.minima)


def test_curves_without_a_minimum_or_with_gaps_are_left_out_and_counted():
    chi2 = curves([0.117, 0.118, 0.119, 0.118, 0.125])
    chi2[1, :3] = np.nan
    chi2[3] = 4000 - chi2[3]
    found = determine_alphas(ALPHAS, np.arange(1, 6), chi2)
    assert found.accepted.tolist() == [True, False, True, False, True]
    assert found.left_out == {"fewer than 4 fits": 1, "no minimum": 1}
    assert found.outside == 1
    assert determine_alphas(ALPHAS, np.arange(1, 6), chi2, fewest_points=3).accepted.tolist()[1]


def test_the_best_of_repeated_fits_counts():
    chi2 = curves([0.117, 0.119])
    worse = chi2 + np.array([[50.0], [3.0]])
    worse[0, 1], chi2[0, 1] = chi2[0, 1], np.nan
    np.testing.assert_allclose(best_of_batches(np.stack([chi2, worse])), curves([0.117, 0.119]))
    found = determine_alphas(ALPHAS, np.arange(2), np.stack([worse, chi2]))
    np.testing.assert_allclose(found.minima, [0.117, 0.119], rtol=1e-9)
    assert np.isnan(best_of_batches(np.full((2, 1, 3), np.nan))).all()


def test_replicas_of_a_linear_model_give_the_error_of_least_squares():
    """T = T0 + a A + B p: the minima of replicas have mean and variance of the estimate with p free."""
    random = np.random.default_rng(3)
    points, replicas, scan = 30, 3000, np.linspace(-3, 3, 7)
    a, b = random.normal(size=points), random.normal(size=(points, 4))
    inverse = np.diag(random.uniform(0.5, 2.0, size=points))
    design = np.column_stack([a, b])
    variance = np.linalg.inv(design.T @ inverse @ design)[0, 0]
    data = random.normal(size=(replicas, points)) / np.sqrt(np.diag(inverse)) + 0.4 * a
    projector = np.eye(points) - b @ np.linalg.solve(b.T @ inverse @ b, b.T @ inverse)  # p at its best for each a
    rest = np.stack([(data - value * a) @ projector.T for value in scan], axis=1)
    found = determine_alphas(scan, np.arange(replicas), np.einsum("rai,ij,raj->ra", rest, inverse, rest))
    assert found.value == pytest.approx(0.4, abs=4 * np.sqrt(variance / replicas))
    assert found.uncertainty == pytest.approx(np.sqrt(variance), abs=4 * np.sqrt(variance / 2 / replicas))
    np.testing.assert_allclose(found.parabolas.curvature, 1 / variance, rtol=1e-6)
    assert found.uncertainty_error == pytest.approx(np.sqrt(variance / 2 / replicas), rel=0.1)


@pytest.mark.parametrize(
    ("alphas", "chi2", "message"),
    [
        (ALPHAS[:2], curves([0.117])[:, :2], "expected 3 different values or more, received 0.112, 0.114"),
        (ALPHAS[[0, 1, 1]], curves([0.117])[:, :3], "expected 3 different values"),
        (ALPHAS, curves([0.117]), "received 1 of 1"),
        (ALPHAS, -curves([0.117, 0.118, 0.119]), r"received 0 of 3 \(no minimum: 3\)"),
    ],
)
def test_what_cannot_be_determined_is_said(alphas, chi2, message):
    with pytest.raises(DataError, match=message):
        determine_alphas(alphas, np.arange(len(chi2)), chi2)
