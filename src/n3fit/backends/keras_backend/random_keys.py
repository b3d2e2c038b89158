"""Keys of random numbers: given ones, and those of the random streams of many replicas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.replica_assignment import assign_axis


class GivenKey(keras.random.SeedGenerator):
    """Seed whose next key is given: an argument of a compiled function, or one of several keys."""

    def __init__(self, key: Any) -> None:
        # without the variable in which Keras keeps the state of a generator
        self._initial_seed = 0  # PyTorch: not the random numbers of the process
        self._key = key

    def next(self, ordered: bool = True) -> Any:
        """Return the key."""
        return self._key


class ReplicaKeys(keras.random.SeedGenerator):
    """The random streams of R replicas: each draws as a generator of Keras with its seed, to the last bit.

    Their states are one variable, ``(R, 2)``: the seeds, and how many keys have been drawn.

    Parameters
    ----------
    seeds : sequence of int
        One per replica.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        super().__init__(seed=0)
        states = np.stack([evaluate(keras.random.SeedGenerator(seed).state) for seed in seeds])
        self.state: Any = keras.Variable(
            states, dtype=states.dtype, trainable=False, aggregation="none", name="seed_generator_state"
        )
        assign_axis(self.state, 0)

    def next(self, ordered: bool = True) -> Any:
        """Return the next key of each replica, ``(R, 2)``."""
        keys = self.state.value * 1  # a copy, which the assignment does not change
        self.state.assign(ops.add(keys, ops.convert_to_tensor([[0, 1]], dtype=self.state.dtype)))
        return keys
