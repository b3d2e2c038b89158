"""Random numbers of many replicas on JAX, from one compiled program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import keras
import numpy as np
from numpy.typing import NDArray


class GivenKey(keras.random.SeedGenerator):
    """Seed whose next key is given: an argument of a compiled function."""

    def __init__(self, key: Any) -> None:
        # without the variable in which Keras keeps the state of a generator
        self._key = key

    def next(self, ordered: bool = True) -> Any:
        """Return the key."""
        return self._key


def draw_with_seeds(initializer: Any, seeds: Sequence[int], shape: tuple[int, ...], dtype: str) -> list[NDArray[Any]]:
    """Return what copies of a random initialiser of Keras with some seeds return, to the last bit.

    The program is that of one replica, so that its results do not depend on how many there are.

    Parameters
    ----------
    initializer : keras.initializers.Initializer
        It draws with an attribute ``seed``.
    seeds : sequence of int
        One per result, from 0 to 2^32 - 1.
    shape : tuple of int
    dtype : str

    Raises
    ------
    OverflowError
        A seed is out of range.
    """

    @jax.jit
    def draw(key: Any) -> Any:
        copy = type(initializer).from_config(initializer.get_config())
        copy.seed = GivenKey(key)
        return copy(shape, dtype=dtype)

    # Keras makes the same key of an integer
    results = [draw(np.array([seed, 0], dtype=np.uint32)) for seed in seeds]
    arrays: list[NDArray[Any]] = jax.device_get(results)
    return arrays
