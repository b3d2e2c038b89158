"""Keras layers for a single replica, extended for n3fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from n3fit.backends.keras_backend.MetaLayer import MetaLayer
from n3fit.backends.keras_backend.multi_initializer import seeded_copy


class Dense(keras.layers.Dense, MetaLayer):
    """Dense layer of Keras with the methods of :class:`MetaLayer`; ``units`` may be a numpy integer."""

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(int(units), *args, **kwargs)


def LSTM_modified(**kwargs: Any) -> Callable[[Any], Any]:  # noqa: N802  name of the documented interface
    """Return an LSTM layer that also accepts ``(batch, steps)``, to which it adds an axis of one feature.

    Parameters
    ----------
    **kwargs
        Arguments of ``keras.layers.LSTM``.
    """
    layer = keras.layers.LSTM(**kwargs)

    def apply(x: Any) -> Any:
        return layer(ops.expand_dims(x, axis=-1) if len(x.shape) == 2 else x)

    return apply


def dense_per_flavour(
    basis_size: int = 8, kernel_initializer: Any = "glorot_normal", **dense_kwargs: Any
) -> Callable[[Any], list[Any]]:
    """Return a function that applies one dense layer per flavour.

    Parameters
    ----------
    basis_size : int
        Number of flavours.
    kernel_initializer : initializer, str, or sequence of them
        One for all (if it has a seed, flavour i has this seed plus i) or one per flavour.
    **dense_kwargs
        Arguments of :class:`Dense`. A ``name`` is followed by the number of the flavour.

    Returns
    -------
    function
        Its argument is one tensor, the input of every layer, or a list with one tensor per flavour; it returns the
        list of outputs.

    Raises
    ------
    ValueError
        The number of initialisers, or of tensors, is neither one nor the number of flavours.
    """
    if isinstance(kernel_initializer, (list, tuple)):
        if len(kernel_initializer) != basis_size:
            raise ValueError(f"expected one initializer or {basis_size}, received {len(kernel_initializer)}")
        initializers = [keras.initializers.get(initializer) for initializer in kernel_initializer]
    else:
        initializers = [_for_flavour(kernel_initializer, number) for number in range(basis_size)]
    name = dense_kwargs.pop("name", None)
    names = [None if name is None else f"{name}_{number}" for number in range(basis_size)]
    dense = [
        Dense(kernel_initializer=initializer, name=layer_name, **dense_kwargs)
        for initializer, layer_name in zip(initializers, names, strict=True)
    ]

    def apply(xinput: Any) -> list[Any]:
        if not isinstance(xinput, (list, tuple)):
            return [layer(xinput) for layer in dense]
        if len(xinput) != basis_size:
            raise ValueError(f"expected one tensor or {basis_size}, received {len(xinput)}")
        return [layer(x) for layer, x in zip(dense, xinput, strict=True)]

    return apply


def _for_flavour(initializer: Any, number: int) -> Any:
    """Return a copy of an initialiser for one flavour, with its own seed if the initialiser has a fixed one."""
    single = keras.initializers.get(initializer)
    seed = single.get_config().get("seed")
    if isinstance(initializer, str) or not isinstance(seed, (int, np.integer)):
        return keras.initializers.get(initializer) if isinstance(initializer, str) else seeded_copy(single, seed)
    return seeded_copy(single, int(seed) + number)
