"""Preprocessing x^(1-alpha) (1-x)^beta."""

import keras
import numpy as np
import pytest

from n3fit.backends import operations as op
from n3fit.layers.preprocessing import Preprocessing
from n3fit.theory.exponents import ExponentRange

RANGES = (
    ExponentRange("g", (0.7, 1.1), (2.0, 5.0), True),
    ExponentRange("v", (0.5, 0.5), (1.5, 1.5), True),
    ExponentRange("t3", (-0.4, 0.9), None, True),
)
X = np.array([1e-9, 1e-4, 0.1, 0.5, 0.999, 1.0])


def build(replicas, seed=3, ranges=RANGES):
    layer = Preprocessing(ranges, replicas, seed)
    values = op.evaluate(layer(keras.ops.convert_to_tensor(X[np.newaxis, :, np.newaxis], dtype=keras.config.floatx())))
    return layer, values[0]


def test_values(double_precision):
    layer, values = build([1, 5])
    assert values.shape == (2, 6, 3)
    for flavour, (alpha, beta) in enumerate(zip(layer.alphas, layer.betas, strict=True)):
        expected = X ** (1 - alpha.numpy()) * (1 - X) ** beta.numpy()
        np.testing.assert_allclose(values[..., flavour], expected, rtol=1e-12, atol=0)
    np.testing.assert_array_equal(values[:, -1], [[0, 0, 1], [0, 0, 1]])


def test_single_precision_is_finite_down_to_the_smallest_x():
    layer, values = build([1, 5])
    alpha = np.concatenate([weight.numpy() for weight in layer.alphas], axis=1)
    np.testing.assert_allclose(values[:, 0], 1e-9 ** (1 - alpha.astype(np.float64)), rtol=1e-5)


def test_exponents_lie_in_their_ranges_and_differ():
    layer, _ = build(range(1, 31))
    for entry, alpha, beta in zip(RANGES, layer.alphas, layer.betas, strict=True):
        for values, limits in ((alpha.numpy(), entry.smallx), (beta.numpy(), entry.largex or (0.0, 0.0))):
            assert values.shape == (30, 1)
            assert (values >= np.float32(limits[0])).all()
            assert (values <= np.float32(limits[1])).all()
            assert len(np.unique(values)) == (30 if limits[0] < limits[1] else 1)


def test_exponents_do_not_depend_on_the_neighbours():
    _, together = build([1, 2, 3, 4])
    _, alone = build([3])
    _, reordered = build([4, 3])
    np.testing.assert_array_equal(alone[0], together[2])
    np.testing.assert_array_equal(reordered, together[[3, 2]])
    _, other_seed = build([3], seed=4)
    assert not np.any(other_seed[0, 1, [0, 2]] == alone[0, 1, [0, 2]])
    fixed = tuple(ExponentRange(entry.flavour, entry.smallx, entry.largex, False) for entry in RANGES)
    np.testing.assert_array_equal(build([3], ranges=fixed[::-1])[1][0], alone[0][:, ::-1])


def test_only_free_exponents_are_trainable():
    layer, _ = build([1, 2])
    assert [weight.name for weight in layer.trainable_weights] == ["alpha_g", "alpha_t3", "beta_g"]
    assert all(weight.replica_axis == 0 for weight in layer.weights)


def test_trainable_exponents_stay_in_range():
    layer, _ = build([1, 2, 3])
    before = layer.alphas[0].numpy()
    optimizer = keras.optimizers.SGD(learning_rate=1.0)
    push = keras.ops.convert_to_tensor(np.array([[10.0], [-10.0], [1e-3]]), dtype=keras.config.floatx())
    variables = layer.trainable_weights
    optimizer.apply(
        [push if weight is layer.alphas[0] else keras.ops.zeros(weight.shape) for weight in variables], variables
    )
    np.testing.assert_allclose(
        layer.alphas[0].numpy()[:, 0], [0.7, 1.1, np.clip(before[2, 0] - 1e-3, 0.7, 1.1)], rtol=1e-6
    )


def test_gradients_are_finite_at_the_end_point():
    """x = 1 is a node of every table: a step of gradient descent leaves finite exponents, and moves the free ones."""
    layer, _ = build([1])
    before = [weight.numpy() for weight in layer.trainable_weights]
    x = keras.Input(batch_shape=(1, len(X), 1))
    model = keras.Model(x, layer(x))
    model.compile(keras.optimizers.SGD(1e-3), loss=lambda target, values: keras.ops.sum(values))
    model.train_on_batch(X[np.newaxis, :, np.newaxis].astype("float32"), np.zeros((1, 1), dtype="float32"))
    for old, weight in zip(before, layer.trainable_weights, strict=True):
        assert np.isfinite(weight.numpy()).all()
        assert not np.array_equal(weight.numpy(), old)


@pytest.mark.parametrize("replica", [1, 1000])
def test_draws_are_a_pure_function(replica):
    first, second = RANGES[0].draw(5, replica), RANGES[0].draw(5, replica)
    assert first == second
    assert first != RANGES[0].draw(5, replica + 1)
    assert RANGES[2].draw(5, replica)[1] == 0.0
