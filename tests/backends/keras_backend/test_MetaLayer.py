"""Custom layers: their weights, initialisers and the two names of ``call``."""

import keras
import numpy as np
import pytest
from keras import ops

from n3fit.backends import MetaLayer, MultiInitializer
from n3fit.backends import operations as op


class Shift(MetaLayer):
    """Layer with a trainable and a fixed weight."""

    def build(self, input_shape):
        self.shift = self.builder_helper("shift", (3,), MetaLayer.init_constant([1.0, 2.0, 3.0]))
        self.fixed = self.builder_helper("fixed", (1,), MetaLayer.init_constant(5), trainable=False)

    def call(self, x):
        return x + self.shift + self.fixed


class ShiftByMetaCall(Shift):
    """The same, overriding the documented ``meta_call`` instead."""

    def meta_call(self, x):
        return x - self.shift


def test_builder_helper_makes_weights_that_the_layer_computes_with():
    layer = Shift(name="one")
    np.testing.assert_allclose(op.evaluate(layer(np.zeros((2, 3)))), [[6, 7, 8]] * 2)
    assert [weight.path for weight in layer.trainable_weights] == ["one/shift"]
    assert [weight.path for weight in layer.non_trainable_weights] == ["one/fixed"]


def test_meta_call_takes_the_place_of_call():
    np.testing.assert_allclose(op.evaluate(ShiftByMetaCall()(np.zeros((1, 3)))), [[-1, -2, -3]])


def test_meta_call_works_on_symbolic_tensors():
    assert ShiftByMetaCall()(keras.Input((3,))).shape == (None, 3)


def test_weight_inits_belong_to_one_layer():
    first, second = Shift(), Shift()
    first.build((1, 3))
    second.build((1, 3))
    assert [weight.name for weight, _ in first.weight_inits] == ["shift"]
    assert first.weight_inits[0][0] is first.shift
    assert MetaLayer.weight_inits == []
    assert len(first.weights) == 2


@pytest.mark.parametrize("name", ["shift", "one/shift", "one/shift:0", "shift:0"])
def test_weights_are_found_by_any_form_of_their_name(name):
    layer = Shift(name="one")
    layer.build((1, 3))
    assert layer.get_weight_by_name(name) is layer.shift


@pytest.mark.parametrize("name", ["shif", "two/shift", "one/shift:1", ""])
def test_an_unknown_weight_is_none(name):
    layer = Shift(name="one")
    layer.build((1, 3))
    assert layer.get_weight_by_name(name) is None
    assert layer.get_weight_by_name("shift", internal_count=1) is None


@pytest.mark.parametrize("value", [2.5, np.array([[1.0, 2.0]]), ops.convert_to_tensor([[3.0, 4.0]])])
def test_init_constant_takes_numbers_arrays_and_tensors(value):
    made = op.evaluate(MetaLayer.init_constant(value)((1, 2)))
    np.testing.assert_allclose(made, np.broadcast_to(op.evaluate(value), (1, 2)))


def test_a_constraint_and_a_replica_axis_reach_the_weight():
    layer = MetaLayer()
    nonneg = keras.constraints.NonNeg()
    weight = layer.builder_helper("w", (2, 3), "zeros", constraint=nonneg, replica_axis=1)
    stacked = layer.builder_helper(
        "s", (2, 3), MultiInitializer(MetaLayer.select_initializer("glorot_normal"), [1, 2], 0)
    )
    assert weight.constraint is nonneg
    assert (weight.replica_axis, stacked.replica_axis) == (1, 0)
    assert layer.builder_helper("p", (2,), "zeros").replica_axis is None


def test_select_initializer_starts_from_the_documented_defaults_each_time():
    narrow = MetaLayer.select_initializer("random_uniform", seed=3, minval=1.0, maxval=2.0)
    default = MetaLayer.select_initializer("random_uniform", seed=3)
    assert (narrow.minval, narrow.maxval, narrow.seed) == (1.0, 2.0, 3)
    assert (default.minval, default.maxval) == (-0.5, 0.5)
    values = op.evaluate(default((1000,)))
    assert values.min() >= -0.5
    assert values.max() <= 0.5
    assert MetaLayer.initializers["random_uniform"][1] == {"minval": -0.5, "maxval": 0.5}


def test_select_initializer_drops_arguments_that_the_initializer_does_not_have():
    assert isinstance(MetaLayer.select_initializer("glorot_normal", minval=0.0), keras.initializers.GlorotNormal)


def test_an_unknown_initializer_is_refused():
    with pytest.raises(NotImplementedError, match="unknown initializer 'gloro', known are: glorot_normal"):
        MetaLayer.select_initializer("gloro")
