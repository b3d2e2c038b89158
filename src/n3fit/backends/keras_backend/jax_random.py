"""Random numbers of many replicas on JAX, from one compiled program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
    config = initializer.get_config()
    recipe = _Recipe(type(initializer), config | {"seed": 0} if "seed" in config else config)
    # Keras makes the same key of an integer
    keys = [np.array([seed, 0], dtype=np.uint32) for seed in seeds]
    results = [_draw(key, recipe, tuple(shape), dtype) for key in keys]
    arrays: list[NDArray[Any]] = jax.device_get(results)
    return arrays


@dataclass(frozen=True)
class _Recipe:
    """Class and configuration of an initialiser, without its seed: equal ones share their compiled program."""

    kind: Any
    config: dict[str, Any] = field(hash=False)


@partial(jax.jit, static_argnums=(1, 2, 3))
def _draw(key: Any, recipe: _Recipe, shape: tuple[int, ...], dtype: str) -> Any:
    initializer = recipe.kind.from_config(recipe.config)
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
