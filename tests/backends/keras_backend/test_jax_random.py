"""Random numbers of many replicas from one compiled program."""

import keras
import numpy as np
import pytest

from n3fit.backends import MetaLayer, MultiInitializer
from n3fit.backends import operations as op
from n3fit.backends.keras_backend.multi_initializer import same_when_compiled, seeded_copy

pytestmark = pytest.mark.skipif(keras.backend.backend() != "jax", reason="of JAX")

SHAPE = (25, 20)


@pytest.mark.parametrize("name", sorted(MetaLayer.initializers))
def test_the_numbers_are_those_that_keras_draws_operation_by_operation(name):
    from n3fit.backends.keras_backend.jax_random import draw_with_seeds

    initializer = MetaLayer.select_initializer(name, seed=3)
    assert same_when_compiled(initializer)
    seeds = [0, 1, 2**31, 2**32 - 1]
    drawn = draw_with_seeds(initializer, seeds, SHAPE, "float32")
    for seed, values in zip(seeds, drawn, strict=True):
        assert isinstance(values, np.ndarray)
        np.testing.assert_array_equal(values, op.evaluate(seeded_copy(initializer, seed)(SHAPE, dtype="float32")))
    assert initializer.seed == 3


@pytest.mark.parametrize("name", sorted(MetaLayer.initializers))
def test_a_replica_has_the_same_numbers_alone_and_among_many(name):
    initializer = MetaLayer.select_initializer(name)
    seeds = [7 * number**2 for number in range(100)]
    together = op.evaluate(MultiInitializer(initializer, seeds, 5)((len(seeds), *SHAPE)))
    alone = op.evaluate(MultiInitializer(initializer, seeds[60:61], 5)((1, *SHAPE)))
    np.testing.assert_array_equal(together[60], alone[0])


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_out_of_range_are_refused(seed):
    from n3fit.backends.keras_backend.jax_random import draw_with_seeds

    with pytest.raises(OverflowError):
        draw_with_seeds(keras.initializers.GlorotNormal(), [seed], SHAPE, "float32")


@pytest.mark.parametrize(
    "initializer",
    [
        keras.initializers.RandomUniform(-0.3, 0.7),
        keras.initializers.RandomNormal(1.0),
        keras.initializers.Orthogonal(),
    ],
)
def test_others_are_drawn_by_keras(initializer):
    assert not same_when_compiled(initializer)
    seeds = [3, 4]
    stacked = op.evaluate(MultiInitializer(initializer, seeds, 1)((2, 3, 3)))
    for seed, values in zip(seeds, stacked, strict=True):
        np.testing.assert_array_equal(values, op.evaluate(seeded_copy(initializer, seed + 1)((3, 3))))
