"""Dropout for many replicas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from n3fit.backends.keras_backend.multi_initializer import validated_replica_seeds
from n3fit.backends.keras_backend.random_keys import GivenKey, ReplicaKeys


@keras.saving.register_keras_serializable(package="n3fit")
class ReplicaDropout(keras.layers.Layer):
    """Dropout on ``(batch, replicas, grid, features)`` with one random stream per replica.

    The entries that a replica loses do not depend on the other replicas.

    Parameters
    ----------
    rate : float
        Fraction of the entries set to zero during training; the others are scaled by ``1 / (1 - rate)``.
    replica_seeds : sequence of int
        One seed per replica.
    base_seed : int
        Added to every seed.

    Raises
    ------
    ValueError
        The rate is outside [0, 1), or ``replica_seeds`` is empty or None.
    """

    def __init__(
        self, rate: float, replica_seeds: Sequence[int] | None = None, base_seed: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be at least 0 and below 1, received {rate}")
        self.rate = float(rate)
        self.replica_seeds = validated_replica_seeds(replica_seeds)
        self.base_seed = int(base_seed)
        self.keys = ReplicaKeys([self.base_seed + seed for seed in self.replica_seeds])
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Set entries to zero if ``training``."""
        if not training or self.rate == 0:
            return inputs
        replicas = len(self.replica_seeds)
        if inputs.shape[1] != replicas:
            raise ValueError(f"{self.name} has {replicas} replicas, the input has {inputs.shape[1]}")

        def drop(key: Any, entries: Any) -> Any:
            return keras.random.dropout(entries, self.rate, seed=GivenKey(key))

        keys = self.keys.next()
        if keras.backend.backend() == "jax":
            from n3fit.backends.keras_backend.jax_random import map_over_replicas

            return map_over_replicas(drop, keys, inputs)
        return ops.stack([drop(keys[number], inputs[:, number]) for number in range(replicas)], axis=1)

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return the shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the layer, for :meth:`from_config`."""
        config: dict[str, Any] = super().get_config()
        return {
            **config,
            "rate": self.rate,
            "replica_seeds": list(self.replica_seeds),
            "base_seed": self.base_seed,
        }
