"""Initialiser that stacks one initialiser per replica."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from n3fit.backends.keras_backend.conversions import HOST_TYPES, evaluate, host_array

SINGLE, DOUBLE = "float32", "float64"


def validated_replica_seeds(replica_seeds: Sequence[Any] | None) -> list[int]:
    """Return the seeds as Python integers.

    Raises
    ------
    ValueError
        There is no seed, or one of them is not an integer.
    """
    if replica_seeds is None or len(replica_seeds) == 0:
        raise ValueError(f"replica_seeds must hold one integer per replica, received {replica_seeds!r}")
    if any(seed is None or int(seed) != seed for seed in replica_seeds):
        raise ValueError(f"replica_seeds must be integers, received {list(replica_seeds)!r}")
    return [int(seed) for seed in replica_seeds]


def seeded_copy(initializer: Any, seed: int) -> Any:
    """Return a copy of an initialiser with another seed, or with its own arguments if it has no seed."""
    config = initializer.get_config()
    if "seed" in config:
        config["seed"] = seed
    return type(initializer).from_config(config)


def same_when_compiled(initializer: Any) -> bool:
    """Return whether JAX computes the same bits when it compiles a random initialiser as a whole.

    Those that add a number to random numbers, or scale them twice, may be rounded differently.
    """
    if isinstance(initializer, keras.initializers.VarianceScaling):
        return initializer.distribution in ("truncated_normal", "uniform")
    return isinstance(initializer, keras.initializers.RandomUniform) and initializer.minval == -initializer.maxval


def draw_slices(
    initializer: Any, seeds: Sequence[int], shape: tuple[int, ...], *, dtype: str, **kwargs: Any
) -> list[Any]:
    """Return what copies of an initialiser with some seeds return; without a seed all are one and the same tensor."""
    if isinstance(initializer, keras.initializers.Zeros) and dtype in HOST_TYPES:
        return [np.zeros(shape, dtype=dtype)] * len(seeds)
    if "seed" not in initializer.get_config():
        return [initializer(shape, dtype=dtype, **kwargs)] * len(seeds)
    if keras.backend.backend() == "jax" and same_when_compiled(initializer) and not kwargs:
        from n3fit.backends.keras_backend.jax_random import draw_with_seeds

        return draw_with_seeds(initializer, seeds, shape, dtype)
    return [seeded_copy(initializer, seed)(shape, dtype=dtype, **kwargs) for seed in seeds]


@keras.saving.register_keras_serializable(package="n3fit")
class MultiInitializer(keras.initializers.Initializer):
    """Stack of one initialiser per replica, along the first axis.

    Slice ``r`` is exactly the result of the single initialiser with the seed ``base_seed + replica_seeds[r]``, for any
    number of replicas. In double precision it is that of single precision, converted: random numbers of the same seed
    differ between the precisions, and a fit starts from the same weights in both.

    Parameters
    ----------
    single_initializer : keras.initializers.Initializer
        Initialiser of one replica. Without a ``seed`` in its configuration all slices are equal.
    replica_seeds : sequence of int
        One seed per replica.
    base_seed : int
        Added to every seed.

    Raises
    ------
    ValueError
        ``replica_seeds`` is empty or None; when called, the first axis has another size.
    """

    replica_axis: ClassVar[int] = 0

    def __init__(self, single_initializer: Any, replica_seeds: Sequence[int], base_seed: int) -> None:
        self.single_initializer = keras.initializers.get(single_initializer)
        self.replica_seeds = validated_replica_seeds(replica_seeds)
        self.base_seed = int(base_seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None, **kwargs: Any) -> Any:
        """Compute a tensor of shape ``(replicas, ...)``."""
        if len(shape) == 0 or shape[0] != len(self.replica_seeds):
            raise ValueError(
                f"the first axis must run over {len(self.replica_seeds)} replicas, received the shape {tuple(shape)}"
            )
        wanted = keras.backend.standardize_dtype(dtype)
        seeds = [self.base_seed + seed for seed in self.replica_seeds]
        draw = partial(draw_slices, self.single_initializer, seeds, tuple(shape[1:]), **kwargs)
        drawn = SINGLE if wanted == DOUBLE else wanted
        if drawn not in HOST_TYPES:
            return ops.stack(draw(dtype=drawn))
        slices = np.stack([evaluate(one) for one in draw(dtype=drawn)])
        return ops.convert_to_tensor(host_array(slices, wanted), dtype=wanted)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the initialiser, for :meth:`from_config`."""
        return {
            "single_initializer": keras.initializers.serialize(self.single_initializer),
            "replica_seeds": list(self.replica_seeds),
            "base_seed": self.base_seed,
        }
