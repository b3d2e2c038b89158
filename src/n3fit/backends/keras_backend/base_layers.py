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

from n3fit.backends.keras_backend.activations import leaky_relu, modified_tanh, square_activation, square_singlet
from n3fit.backends.keras_backend.multi_dense import MultiDense
from n3fit.backends.keras_backend.replica_dropout import ReplicaDropout
from n3fit.backends.keras_backend.single_layers import Dense, LSTM_modified, dense_per_flavour

__all__ = [
    "Dense",
    "LSTM_modified",
    "base_layer_selector",
    "custom_activations",
    "dense_per_flavour",
    "layers",
    "leaky_relu",
    "modified_tanh",
    "regularizer_selector",
    "regularizers",
    "square_activation",
    "square_singlet",
]

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
