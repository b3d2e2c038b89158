"""Layers, activations and regularisers by name."""

import keras
import numpy as np
import pytest
from keras import ops

from n3fit.backends import MetaLayer, MultiDense, base_layer_selector, regularizer_selector
from n3fit.backends import operations as op
from n3fit.backends.keras_backend import base_layers
from n3fit.backends.keras_backend.replica_dropout import ReplicaDropout

X = np.array([[-2.0, -0.5, 0.0, 1.5]], dtype="float32")


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (base_layers.square_activation, X**2),
        (base_layers.modified_tanh, np.abs(X) * np.tanh(X)),
        (base_layers.leaky_relu, np.where(X > 0, X, 0.2 * X)),
        (base_layers.square_singlet, np.array([[4.0, 0.25, 0.0, 1.5]])),
    ],
)
def test_activations(function, expected):
    np.testing.assert_allclose(op.evaluate(function(ops.convert_to_tensor(X))), expected, rtol=1e-6)
    assert function(keras.Input((4,))).shape == (None, 4)


@pytest.mark.parametrize("name", ["square", "square_singlet", "leaky_relu", "modified_tanh", "tanh", "linear"])
def test_layers_apply_custom_and_keras_activations(name):
    layer = base_layer_selector("single_dense", units=4, activation=name, kernel_initializer="identity")
    function = base_layers.custom_activations.get(name) or keras.activations.get(name)
    np.testing.assert_allclose(op.evaluate(layer(X)), op.evaluate(function(ops.convert_to_tensor(X))), rtol=1e-6)


def test_dense_is_a_multi_dense_with_seeds_and_a_single_one_without():
    many = base_layer_selector("dense", units=np.int64(3), replica_seeds=[1, 2], is_first_layer=True)
    single = base_layer_selector("dense", kernel_initializer="glorot_normal", units=np.int64(3), activation="tanh")
    assert isinstance(many, MultiDense)
    assert isinstance(single, base_layers.Dense)
    assert (many.units, single.units) == (3, 3)


def test_defaults_are_the_documented_ones_after_any_call():
    base_layer_selector("single_dense", units=17, activation="tanh", kernel_initializer="zeros")
    layer = base_layer_selector("single_dense")
    assert layer.units == 5
    assert layer.activation is keras.activations.sigmoid
    assert isinstance(layer.kernel_initializer, keras.initializers.GlorotNormal)


def test_regularizer_applies_and_input_shape_is_tolerated():
    regularizer = regularizer_selector("l1_l2", l1=0.5)
    layer = base_layer_selector("dense", units=2, regularizer=regularizer, input_shape=(4,), kernel_initializer="ones")
    layer(X)
    np.testing.assert_allclose(op.evaluate(layer.losses[0]), 0.5 * 8)


def test_dropout_draws_per_replica_when_seeds_are_given():
    assert isinstance(base_layer_selector("dropout", rate=0.3), keras.layers.Dropout)
    assert isinstance(base_layer_selector("dropout", rate=0.3, replica_seeds=[1]), ReplicaDropout)


def test_concatenate_and_names():
    layer = base_layer_selector("concatenate", axis=0, name="joined")
    assert layer.name == "joined"
    assert op.evaluate(layer([X, X])).shape == (2, 4)


@pytest.mark.parametrize("shape", [(2, 6), (2, 6, 3)])
def test_lstm_takes_two_and_three_axes(shape):
    layer = base_layer_selector("LSTM", units=4)
    assert op.evaluate(layer(np.ones(shape, dtype="float32"))).shape == (2, 4)


def test_dense_per_flavour_takes_one_tensor_or_one_each():
    layers = base_layer_selector("dense_per_flavour", basis_size=3, units=2, activation="linear", name="flavour")
    outputs = layers(X)
    assert [output.shape for output in outputs] == [(1, 2)] * 3
    again = base_layer_selector("dense_per_flavour", basis_size=3, units=1)(outputs)
    assert [output.shape for output in again] == [(1, 1)] * 3


def test_dense_per_flavour_seeds_each_flavour_apart():
    one = MetaLayer.select_initializer("glorot_normal", seed=3)
    outputs = base_layers.dense_per_flavour(3, one, units=2)(X)
    listed = [MetaLayer.select_initializer("glorot_normal", seed=3 + number) for number in range(3)]
    for output, expected in zip(outputs, base_layers.dense_per_flavour(3, listed, units=2)(X), strict=True):
        np.testing.assert_array_equal(op.evaluate(output), op.evaluate(expected))
    assert not np.allclose(op.evaluate(outputs[0]), op.evaluate(outputs[1]))


@pytest.mark.parametrize("count", [1, 2, 4])
def test_dense_per_flavour_refuses_other_numbers(count):
    with pytest.raises(ValueError, match=f"one initializer or 3, received {count}"):
        base_layers.dense_per_flavour(3, ["zeros"] * count, units=2)
    with pytest.raises(ValueError, match=f"one tensor or 3, received {count}"):
        base_layers.dense_per_flavour(3, units=2)([X] * count)


def test_regularizer_selector():
    assert regularizer_selector(None) is None
    strong = regularizer_selector("l1_l2", l1=0.1, l2=0.2)
    default = regularizer_selector("l1_l2")
    assert (float(strong.l1), float(strong.l2)) == pytest.approx((0.1, 0.2))
    assert (float(default.l1), float(default.l2)) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: base_layer_selector("densee"), NotImplementedError, "unknown layer 'densee', known are: dense,"),
        (lambda: base_layer_selector("dense", unit=3), TypeError, "dense does not take the arguments unit"),
        (lambda: base_layer_selector("dense_per_flavour", colour=3), TypeError, "colour"),
        (lambda: base_layer_selector("LSTM", colour=3), TypeError, "colour"),
        (lambda: base_layer_selector("concatenate", units=3), TypeError, "units"),
        (lambda: base_layer_selector("dense", replica_seeds=[]), ValueError, "replica_seeds"),
        (lambda: regularizer_selector("l3"), NotImplementedError, "unknown regularizer 'l3', known are: l1_l2"),
        (lambda: regularizer_selector("l1_l2", l3=1.0), TypeError, "l3"),
    ],
)
def test_wrong_use_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
