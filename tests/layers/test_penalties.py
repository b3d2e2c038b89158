"""Penalties and multipliers."""

import keras
import numpy as np
import pytest

from n3fit.layers.penalties import IntegrabilityLosses, LagrangePenalty, LargestLoss, PositivityLosses

ROWS = np.array([[[0.5, 2.0, -0.25, 1e-3, -3.0, 7.0]], [[1.0, 1.0, 1.0, 1.0, 1.0, -1e-9]]]).reshape(1, 2, 6)


def apply(layer, values):
    return np.asarray(layer(keras.ops.convert_to_tensor(values, dtype=keras.config.floatx())))


def test_positivity_is_an_elu_of_minus_the_prediction(double_precision):
    losses = apply(PositivityLosses([3, 1, 2]), ROWS)
    elu = np.where(ROWS < 0, -ROWS, 1e-7 * (np.exp(-ROWS) - 1))
    expected = np.stack([elu[..., :3].sum(-1), elu[..., 3], elu[..., 4:].sum(-1)], axis=-1)
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    assert losses[0, 0, 2] == pytest.approx(3.0, rel=1e-6)


def test_positive_predictions_pass_the_threshold():
    """A positive prediction contributes at most 0 and never less than -1e-7."""
    losses = apply(PositivityLosses([4]), np.array([[[0.0, 1e-4, 1.0, 1e6]]]))
    assert losses[0, 0, 0] == pytest.approx(-1e-7 * (1e-4 + 1 - np.exp(-1) + 1), rel=1e-4)


def test_integrability_is_a_square():
    np.testing.assert_allclose(
        apply(IntegrabilityLosses([2, 4]), ROWS)[0, 0], [0.25 + 4, 0.0625 + 1e-6 + 9 + 49], rtol=1e-6
    )


def test_lagrange_penalty():
    layer = LagrangePenalty([2.0, 10.0])
    losses = np.array([[[1.0, 0.5], [3.0, -1e-7]]])
    np.testing.assert_allclose(apply(layer, losses), [[7.0, 6.0]], rtol=1e-6)
    assert layer.trainable_weights == []
    assert layer.multipliers.name == "lagMult"
    layer.multipliers.assign([4.0, 0.0])
    np.testing.assert_allclose(apply(layer, losses), [[4.0, 12.0]], rtol=1e-6)


def test_largest_loss():
    np.testing.assert_array_equal(apply(LargestLoss(), np.array([[[1.0, 2.0], [-1.0, -3.0]]])), [[2.0, -1.0]])
    assert np.isnan(apply(LargestLoss(), np.array([[[np.nan, 2.0]]])))
