"""Stack of one initialiser per replica."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n3fit.backends import MetaLayer, MultiInitializer
from n3fit.backends import operations as op


@given(
    seeds=st.lists(st.integers(0, 2**31 - 100), min_size=1, max_size=4),
    base=st.integers(0, 99),
    name=st.sampled_from(sorted(MetaLayer.initializers)),
)
@settings(max_examples=10, deadline=None)
def test_slices_are_those_of_single_initializers(seeds, base, name):
    stacked = op.evaluate(MultiInitializer(MetaLayer.select_initializer(name), seeds, base)((len(seeds), 3, 2)))
    for seed, values in zip(seeds, stacked, strict=True):
        single = MetaLayer.select_initializer(name, seed=base + seed)
        np.testing.assert_array_equal(values, op.evaluate(single((3, 2))))


def test_an_initializer_without_seed_is_repeated():
    stacked = op.evaluate(MultiInitializer(keras.initializers.Constant(2.0), [1, 2], 0)((2, 3)))
    np.testing.assert_array_equal(stacked, 2.0)


def test_the_single_initializer_is_not_changed():
    single = keras.initializers.RandomUniform(seed=4)
    MultiInitializer(single, [1, 2], base_seed=7)((2, 3))
    assert single.seed == 4


def test_the_configuration_can_be_restored():
    initializer = MultiInitializer(MetaLayer.select_initializer("random_uniform", seed=1), [3, 4], 2)
    copy = MultiInitializer.from_config(initializer.get_config())
    np.testing.assert_array_equal(op.evaluate(copy((2, 5))), op.evaluate(initializer((2, 5))))


@pytest.mark.parametrize("shape", [(), (3, 2)])
def test_another_number_of_replicas_is_refused(shape):
    with pytest.raises(ValueError, match="2 replicas"):
        MultiInitializer("zeros", [1, 2], 0)(shape)


def test_the_base_seed_is_required():
    with pytest.raises(TypeError, match="base_seed"):
        MultiInitializer("zeros", [1, 2])
