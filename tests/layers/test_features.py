"""Input features of the network."""

import keras
import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from n3fit.layers.features import LogFeatures, ScaledFeature
from n3fit.model.architecture import feature_knots

GRIDS = [np.geomspace(1e-4, 1, 20), np.array([1e-9]), np.linspace(0.1, 1, 10), np.geomspace(1e-4, 1, 20)]


def apply(layer, x):
    return np.asarray(layer(keras.ops.convert_to_tensor(x[np.newaxis, :, np.newaxis], dtype=keras.config.floatx())))[0]


def test_log_features(double_precision):
    x = np.array([1e-9, 0.3, 1.0])
    np.testing.assert_allclose(apply(LogFeatures(), x), np.stack([x, np.log(x)], axis=1), rtol=1e-14, atol=0)


@pytest.mark.parametrize("points", [2, 3, 12])
def test_feature_is_the_cubic_between_the_knots(points, double_precision):
    knots, values = feature_knots(GRIDS, points)
    # also below the first knot and above the last
    x = np.concatenate([[1e-10, 1.01], np.geomspace(1e-9, 1, 101), knots])
    expected = PchipInterpolator(np.log(knots), values)(np.log(x))
    np.testing.assert_allclose(apply(ScaledFeature(knots, values), x)[:, 0], expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("points", "seed"), [(2, 0), (9, 1), (25, 2)])
def test_feature_is_monotonic(points, seed):
    grid = np.sort(np.exp(-np.random.default_rng(seed).uniform(0, 20, 30)))
    knots, values = feature_knots([grid, grid[10:]], points)
    feature = apply(ScaledFeature(knots, values), np.geomspace(knots[0], knots[-1], 50))[:, 0]
    assert (np.diff(feature) > -1e-5).all()
    assert feature[0] == pytest.approx(-1, abs=1e-5)
    assert feature[-1] == pytest.approx(1, abs=1e-5)
