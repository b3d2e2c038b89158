"""Dropout per replica."""

import keras
import numpy as np
import pytest

from n3fit.backends import operations as op
from n3fit.backends.keras_backend.replica_dropout import ReplicaDropout

ONES = np.ones((1, 3, 50, 20), dtype="float32")


def test_a_replica_loses_the_same_with_and_without_neighbours():
    together, alone = ReplicaDropout(0.4, [1, 2, 3], base_seed=5), ReplicaDropout(0.4, [3], base_seed=5)
    for _ in range(2):
        many = op.evaluate(together(ONES, training=True))
        np.testing.assert_array_equal(many[:, 2:], op.evaluate(alone(ONES[:, 2:], training=True)))
    assert not np.array_equal(many[:, 0], many[:, 1])


def test_a_replica_draws_as_a_generator_of_keras():
    seeds = [1, 2**30]
    layer = ReplicaDropout(0.4, seeds, base_seed=5)
    generators = [keras.random.SeedGenerator(seed + 5) for seed in seeds]
    for _ in range(2):
        together = op.evaluate(layer(ONES[:, :2], training=True))
        for number, generator in enumerate(generators):
            alone = keras.random.dropout(keras.ops.convert_to_tensor(ONES[:, number]), 0.4, seed=generator)
            np.testing.assert_array_equal(together[:, number], op.evaluate(alone))


def test_each_call_drops_anew_and_keeps_the_mean():
    layer = ReplicaDropout(0.25, [1, 2, 3])
    first, second = (op.evaluate(layer(ONES, training=True)) for _ in range(2))
    assert not np.array_equal(first, second)
    assert set(np.unique(first)) == {0.0, np.float32(1 / 0.75)}
    assert abs((first == 0).mean() - 0.25) < 0.03  # 3000 draws, standard deviation 0.008


def test_nothing_is_dropped_outside_training():
    np.testing.assert_array_equal(op.evaluate(ReplicaDropout(0.4, [1, 2, 3])(ONES)), ONES)
    np.testing.assert_array_equal(op.evaluate(ReplicaDropout(0.0, [1, 2, 3])(ONES, training=True)), ONES)


def test_the_configuration_can_be_restored():
    layer = ReplicaDropout(0.4, [1, 2], base_seed=3, name="d")
    assert ReplicaDropout.from_config(layer.get_config()).get_config() == layer.get_config()
    assert layer.compute_output_shape((None, 2, None, 4)) == (None, 2, None, 4)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(ValueError, match="rate"):
        ReplicaDropout(rate, [1])


def test_another_number_of_replicas_is_refused():
    with pytest.raises(ValueError, match="2 replicas, the input has 3"):
        ReplicaDropout(0.4, [1, 2])(ONES, training=True)
