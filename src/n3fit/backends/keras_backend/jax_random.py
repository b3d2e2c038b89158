"""Random numbers of many replicas on JAX, from one compiled program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.random_keys import GivenKey


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
    kind = type(initializer)
    options = tuple(sorted((name, value) for name, value in initializer.get_config().items() if name != "seed"))
    # Keras makes the same key of an integer
    keys = [np.array([seed, 0], dtype=np.uint32) for seed in seeds]
    results = [_draw(key, kind, options, tuple(shape), dtype) for key in keys]
    arrays: list[NDArray[Any]] = jax.device_get(results)
    return arrays


@partial(jax.jit, static_argnums=(1, 2, 3, 4))
def _draw(key: Any, kind: Any, options: tuple[tuple[str, Any], ...], shape: tuple[int, ...], dtype: str) -> Any:
    """Draw with an initialiser of some kind; models with layers of equal shapes share the compiled program."""
    initializer = kind(**dict(options), seed=0)
    initializer.seed = GivenKey(key)
    return initializer(shape, dtype=dtype)


def map_over_replicas(function: Callable[[Any, Any], Any], keys: Any, inputs: Any) -> Any:
    """Return ``function(key, input)`` of each replica: one computation for all of them, with the same bits.

    Parameters
    ----------
    function : callable
    keys : (R, 2)
    inputs : (batch, R, ...)
    """
    return jax.vmap(function, in_axes=(0, 1), out_axes=1)(keys, inputs)
