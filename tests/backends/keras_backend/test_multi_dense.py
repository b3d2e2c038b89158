"""One dense layer of many replicas equals a stack of single ones."""

import keras
import numpy as np
import pytest

from n3fit.backends import MultiDense
from n3fit.backends import operations as op

SEEDS = [5, 11, 42]


def single_layers(units, base_seed, initializer=keras.initializers.GlorotNormal):
    return [
        keras.layers.Dense(units, kernel_initializer=initializer(seed=base_seed + seed), activation="tanh")
        for seed in SEEDS
    ]


def test_weights_and_outputs_are_those_of_single_layers():
    x = np.random.default_rng(1).normal(size=(1, 7, 2)).astype("float32")
    first = MultiDense(4, SEEDS, "glorot_normal", is_first_layer=True, base_seed=3, activation="tanh")
    second = MultiDense(2, SEEDS, "glorot_normal", base_seed=9, activation="tanh")
    output = op.evaluate(second(first(x)))
    assert output.shape == (1, 3, 7, 2)
    for replica, (one, two) in enumerate(zip(single_layers(4, 3), single_layers(2, 9), strict=True)):
        np.testing.assert_allclose(op.evaluate(two(one(x))), output[:, replica], rtol=2e-6, atol=1e-6)
        for multi, single in ((first, one), (second, two)):
            np.testing.assert_array_equal(op.evaluate(multi.kernel)[replica], op.evaluate(single.kernel))
            np.testing.assert_array_equal(op.evaluate(multi.bias)[replica, 0], op.evaluate(single.bias))


def test_batches_and_activations_that_mix_units():
    """Softmax acts on the units of one point; every batch entry is treated alike."""
    x = np.random.default_rng(2).normal(size=(3, 7, 2)).astype("float32")
    first = MultiDense(4, SEEDS, is_first_layer=True, activation="softmax")
    second = MultiDense(5, SEEDS, use_bias=False, activation="softmax")
    hidden = op.evaluate(first(x))
    output = op.evaluate(second(hidden))
    np.testing.assert_allclose(output.sum(axis=-1), 1.0, rtol=1e-5)
    exponent = np.exp(np.einsum("brnf,rfg->brng", hidden, op.evaluate(second.kernel)))
    np.testing.assert_allclose(output, exponent / exponent.sum(axis=-1, keepdims=True), rtol=1e-5)
    np.testing.assert_allclose(op.evaluate(first(x[1:2])), hidden[1:2], rtol=1e-5)


def test_weights_come_in_the_documented_order_and_shapes():
    layer = MultiDense(4, SEEDS, "glorot_normal", is_first_layer=True)
    layer.build((1, 7, 2))
    assert [(weight.name, tuple(weight.shape)) for weight in layer.weights] == [
        ("kernel", (3, 2, 4)),
        ("bias", (3, 1, 4)),
    ]
    assert [weight.replica_axis for weight in layer.weights] == [0, 0]


def test_a_replica_does_not_depend_on_its_neighbours():
    together = MultiDense(4, SEEDS, "glorot_uniform", is_first_layer=True)
    alone = MultiDense(4, [SEEDS[2]], "glorot_uniform", is_first_layer=True)
    for layer in (together, alone):
        layer.build((1, 7, 2))
    np.testing.assert_array_equal(op.evaluate(together.kernel)[2:], op.evaluate(alone.kernel))


def test_the_bias_initializer_is_seeded_per_replica():
    bias = keras.initializers.RandomUniform(seed=1)
    layer = MultiDense(4, SEEDS, "zeros", is_first_layer=True, bias_initializer=bias)
    layer.build((1, 7, 2))
    values = op.evaluate(layer.bias)
    assert not np.allclose(values[0], values[1])
    np.testing.assert_array_equal(op.evaluate(layer.kernel), 0)


def test_symbolic_outputs_keep_unknown_sizes():
    first = MultiDense(4, SEEDS, is_first_layer=True)
    second = MultiDense(2, SEEDS, use_bias=False)
    assert first(keras.Input((None, 2))).shape == (None, 3, None, 4)
    assert second(keras.Input((3, None, 4))).shape == (None, 3, None, 2)
    assert second.compute_output_shape((None, 3, None, 4)) == (None, 3, None, 2)
    assert second.bias is None


def test_the_configuration_can_be_restored():
    layer = MultiDense(
        4, np.array(SEEDS), "glorot_normal", True, 3, activation="tanh", kernel_regularizer="l2", name="m"
    )
    copy = MultiDense.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    for one in (layer, copy):
        one.build((1, 7, 2))
    np.testing.assert_array_equal(op.evaluate(layer.kernel), op.evaluate(copy.kernel))


def test_numpy_integers_are_taken():
    layer = MultiDense(np.int64(4), [np.int32(1), np.int64(2)], is_first_layer=True, base_seed=np.int64(1))
    assert (layer.units, layer.replica_seeds) == (4, [1, 2])


@pytest.mark.parametrize("seeds", [None, [], [None, 1], [1.5]])
def test_missing_seeds_are_refused(seeds):
    with pytest.raises(ValueError, match="replica_seeds"):
        MultiDense(4, seeds, is_first_layer=True)


@pytest.mark.parametrize(
    ("first", "shape", "text"),
    [
        (True, (1, 3, 7, 2), "batch, grid, features"),
        (False, (1, 7, 2), "batch, replicas"),
        (False, (1, 4, 7, 2), "3 rep"),
    ],
)
def test_inputs_of_another_shape_are_refused(first, shape, text):
    with pytest.raises(ValueError, match=text):
        MultiDense(4, SEEDS, is_first_layer=first).build(shape)
