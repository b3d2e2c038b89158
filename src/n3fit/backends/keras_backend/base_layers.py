"""Layers by name, activations and regularisers by name.

The registries :data:`layers`, :data:`custom_activations` and :data:`regularizers` may be extended by users; no call
changes what they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import ops

from n3fit.backends.keras_backend.MetaLayer import MetaLayer
from n3fit.backends.keras_backend.multi_dense import MultiDense
from n3fit.backends.keras_backend.multi_initializer import seeded_copy
from n3fit.backends.keras_backend.replica_dropout import ReplicaDropout


class Dense(keras.layers.Dense, MetaLayer):
    """The dense layer of Keras with the helpers of :class:`MetaLayer`."""

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(int(units), *args, **kwargs)


def LSTM_modified(**kwargs: Any) -> Callable[[Any], Any]:  # noqa: N802  name of the documented interface
    """Give an LSTM layer that also takes ``(batch, steps)``, to which it adds an axis of one feature.

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
    """Give a function that applies one dense layer per flavour.

    Parameters
    ----------
    basis_size : int
        Number of flavours.
    kernel_initializer : initializer, str, or sequence of them
        One for all (if it is seeded, flavour i gets the seed plus i) or one per flavour.
    **dense_kwargs
        Arguments of :class:`Dense`. A ``name`` is followed by the number of the flavour.

    Returns
    -------
    function
        Takes one tensor, the same for every layer, or a list with one tensor per flavour; gives the list of outputs.

    Raises
    ------
    ValueError
        Another number of initialisers, or of tensors, than flavours.
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
    single = keras.initializers.get(initializer)
    seed = single.get_config().get("seed")
    if isinstance(initializer, str) or not isinstance(seed, (int, np.integer)):
        return keras.initializers.get(initializer) if isinstance(initializer, str) else seeded_copy(single, seed)
    return seeded_copy(single, int(seed) + number)


def square_activation(x: Any) -> Any:
    """Give x squared."""
    return ops.square(x)


def square_singlet(x: Any) -> Any:
    """Square the first two entries of the last axis (Sigma and g) and leave the others as they are."""
    return ops.concatenate([ops.square(x[..., :2]), x[..., 2:]], axis=-1)


def modified_tanh(x: Any) -> Any:
    """Give ``|x| tanh(x)``, which does not saturate."""
    return ops.abs(x) * ops.tanh(x)


def leaky_relu(x: Any) -> Any:
    """Give x where it is positive and 0.2 x elsewhere."""
    return ops.leaky_relu(x, negative_slope=0.2)


custom_activations: dict[str, Callable[[Any], Any]] = {
    "square": square_activation,
    "square_singlet": square_singlet,
    "leaky_relu": leaky_relu,
    "modified_tanh": modified_tanh,
}
"""Registry of activations beyond those of Keras, name -> function."""

layers: dict[str, tuple[Callable[..., Any], Any]] = {
    "dense": (
        MultiDense,
        MappingProxyType(
            {
                "kernel_initializer": "glorot_normal",
                "units": 5,
                "activation": "sigmoid",
                "replica_seeds": None,
                "base_seed": 0,
                "kernel_regularizer": None,
                "is_first_layer": False,
                "input_shape": (1,),
            }
        ),
    ),
    "single_dense": (
        Dense,
        MappingProxyType(
            {
                "kernel_initializer": "glorot_normal",
                "units": 5,
                "activation": "sigmoid",
                "kernel_regularizer": None,
                "input_shape": (1,),
            }
        ),
    ),
    "dense_per_flavour": (
        dense_per_flavour,
        MappingProxyType({"kernel_initializer": "glorot_normal", "units": 5, "activation": "sigmoid", "basis_size": 8}),
    ),
    "LSTM": (
        LSTM_modified,
        MappingProxyType({"kernel_initializer": "glorot_normal", "units": 5, "activation": "sigmoid"}),
    ),
    "dropout": (keras.layers.Dropout, MappingProxyType({"rate": 0.0})),
    "concatenate": (keras.layers.Concatenate, MappingProxyType({})),
}
"""Registry of layers, name -> (class or function, default arguments)."""

regularizers: dict[str, tuple[Callable[..., Any], Any]] = {
    "l1_l2": (keras.regularizers.L1L2, MappingProxyType({"l1": 0.0, "l2": 0.0}))
}
"""Registry of regularisers, name -> (class, default arguments)."""

REPLICA_ARGUMENTS = ("replica_seeds", "base_seed", "is_first_layer")
TOLERATED_ARGUMENTS = ("input_shape",)
"""Arguments that older code gives to every layer and that Keras works out by itself."""


def base_layer_selector(layer_name: str, **kwargs: Any) -> Any:
    """Give a layer by name.

    Parameters
    ----------
    layer_name : str
        One of :data:`layers`. ``dense`` is a :class:`MultiDense` when ``replica_seeds`` are given and a single
        :class:`Dense` otherwise; ``dropout`` draws per replica when they are given.
    **kwargs
        Arguments of the layer, in place of its defaults. ``activation`` may name one of :data:`custom_activations`;
        ``regularizer`` means ``kernel_regularizer``.

    Raises
    ------
    NotImplementedError
        There is no layer of that name.
    TypeError
        The layer does not take one of the arguments.
    """
    try:
        layer_class, defaults = layers[layer_name]
    except KeyError as error:
        raise NotImplementedError(f"unknown layer {layer_name!r}, known are: {', '.join(layers)}") from error
    arguments = {**defaults, **kwargs}
    if arguments.get("replica_seeds") is None:
        for name in REPLICA_ARGUMENTS:
            arguments.pop(name, None)
        if layer_class is MultiDense:
            layer_class = Dense
    elif layer_class is keras.layers.Dropout:
        layer_class = ReplicaDropout
    for name in TOLERATED_ARGUMENTS:
        arguments.pop(name, None)
    if "regularizer" in arguments:
        regularizer = arguments.pop("regularizer")
        if layer_class not in (keras.layers.Dropout, ReplicaDropout, keras.layers.Concatenate):
            arguments["kernel_regularizer"] = regularizer
    if isinstance(arguments.get("activation"), str):
        arguments["activation"] = custom_activations.get(arguments["activation"], arguments["activation"])
    _check_arguments(layer_name, layer_class, arguments)
    return layer_class(**arguments)


def regularizer_selector(reg_name: str | None, **kwargs: Any) -> Any:
    """Give a regulariser by name, None for None.

    Parameters
    ----------
    reg_name : str or None
        One of :data:`regularizers`.
    **kwargs
        Arguments in place of the defaults.

    Raises
    ------
    NotImplementedError
        There is no regulariser of that name.
    TypeError
        The regulariser does not take one of the arguments.
    """
    if reg_name is None:
        return None
    try:
        regularizer_class, defaults = regularizers[reg_name]
    except KeyError as error:
        raise NotImplementedError(f"unknown regularizer {reg_name!r}, known are: {', '.join(regularizers)}") from error
    arguments = {**defaults, **kwargs}
    _check_arguments(reg_name, regularizer_class, arguments)
    return regularizer_class(**arguments)


def _check_arguments(name: str, target: Callable[..., Any], arguments: Sequence[str] | dict[str, Any]) -> None:
    """Refuse what ``target`` and what it passes its ``**kwargs`` on to do not take."""
    accepted = _accepted_arguments(target)
    if accepted is None:
        return
    unknown = sorted(set(arguments) - accepted)
    if unknown:
        raise TypeError(f"{name} does not take the arguments {', '.join(unknown)}")


def _accepted_arguments(target: Callable[..., Any]) -> set[str] | None:
    """Give the names of arguments; None if everything is taken."""
    if target is dense_per_flavour:
        return {"basis_size"} | (_accepted_arguments(Dense) or set())
    if target is LSTM_modified:
        target = keras.layers.LSTM
    classes = target.__mro__ if isinstance(target, type) else (target,)
    names: set[str] = set()
    for current in classes:
        if isinstance(current, type) and "__init__" not in vars(current):
            continue
        parameters = signature(current.__init__ if isinstance(current, type) else current).parameters.values()  # type: ignore[misc]
        names |= {parameter.name for parameter in parameters if parameter.kind is not Parameter.VAR_KEYWORD}
        if all(parameter.kind is not Parameter.VAR_KEYWORD for parameter in parameters):
            return names
        if current is keras.layers.Layer:
            return names - {"self", "args"}
    return None
