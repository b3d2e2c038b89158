"""Layers, activations and regularisers by name.

Users may add entries to the dictionaries :data:`layers`, :data:`custom_activations` and :data:`regularizers`; no call
changes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any

import keras

from n3fit.backends.keras_backend.activations import leaky_relu, modified_tanh, square_activation, square_singlet
from n3fit.backends.keras_backend.multi_dense import MultiDense
from n3fit.backends.keras_backend.registry import Registry, build_registry, look_up
from n3fit.backends.keras_backend.replica_dropout import ReplicaDropout
from n3fit.backends.keras_backend.single_layers import Dense, LSTM_modified, dense_per_flavour
from n3fit.vocabulary import LAYERS, REGULARIZERS

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
"""Activations beyond those of Keras, name -> function; users may add entries."""

layers: Registry = build_registry(
    {
        "dense": MultiDense,
        "single_dense": Dense,
        "dense_per_flavour": dense_per_flavour,
        "LSTM": LSTM_modified,
        "dropout": keras.layers.Dropout,
        "concatenate": keras.layers.Concatenate,
    },
    LAYERS,
)
"""Layers, name -> (class or function, default arguments); users may add entries."""

regularizers: Registry = build_registry({"l1_l2": keras.regularizers.L1L2}, REGULARIZERS)
"""Regularisers, name -> (class, default arguments); users may add entries."""

REPLICA_ARGUMENTS = ("replica_seeds", "base_seed", "is_first_layer")
"""Arguments of layers for many replicas; without ``replica_seeds`` those that the layer does not have are dropped."""

TOLERATED_ARGUMENTS = ("input_shape",)
"""Arguments that older code passes to every layer and that Keras infers."""

WITHOUT_REGULARIZER = (keras.layers.Dropout, ReplicaDropout, keras.layers.Concatenate)
"""Layers without weights, for which ``regularizer`` has no effect."""


def base_layer_selector(layer_name: str, **kwargs: Any) -> Any:
    """Return a new layer by name.

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
        There is no layer of this name.
    TypeError
        The layer does not have one of the arguments.
    """
    layer_class, defaults = look_up(layers, layer_name, "layer")
    arguments = {**defaults, **kwargs}
    layer_class, arguments = _for_replicas(layer_class, arguments)
    for name in TOLERATED_ARGUMENTS:
        arguments.pop(name, None)
    if "regularizer" in arguments:
        regularizer = arguments.pop("regularizer")
        if layer_class not in WITHOUT_REGULARIZER:
            arguments["kernel_regularizer"] = regularizer
    if isinstance(arguments.get("activation"), str):
        arguments["activation"] = custom_activations.get(arguments["activation"], arguments["activation"])
    _check_arguments(layer_name, layer_class, arguments)
    return layer_class(**arguments)


def _for_replicas(
    layer_class: Callable[..., Any], arguments: dict[str, Any]
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Return the class for many replicas or for a single one, with the arguments that it has."""
    if arguments.get("replica_seeds") is not None:
        return (ReplicaDropout if layer_class is keras.layers.Dropout else layer_class), arguments
    single = Dense if layer_class is MultiDense else layer_class
    accepted = accepted_arguments(single)
    kept = {
        name: value
        for name, value in arguments.items()
        if name not in REPLICA_ARGUMENTS or accepted is None or name in accepted
    }
    return single, kept


def regularizer_selector(reg_name: str | None, **kwargs: Any) -> Any:
    """Return a new regulariser by name, None for None.

    Parameters
    ----------
    reg_name : str or None
        One of :data:`regularizers`.
    **kwargs
        Arguments in place of the defaults.

    Raises
    ------
    NotImplementedError
        There is no regulariser of this name.
    TypeError
        The regulariser does not have one of the arguments.
    """
    if reg_name is None:
        return None
    regularizer_class, defaults = look_up(regularizers, reg_name, "regularizer")
    arguments = {**defaults, **kwargs}
    _check_arguments(reg_name, regularizer_class, arguments)
    return regularizer_class(**arguments)


def _check_arguments(name: str, target: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    accepted = accepted_arguments(target)
    unknown = [] if accepted is None else sorted(set(arguments) - accepted)
    if unknown:
        raise TypeError(f"{name} does not take the arguments {', '.join(unknown)}")


def accepted_arguments(target: Callable[..., Any]) -> set[str] | None:
    """Return the names of the arguments of a layer, those of its base classes included; None if any name is taken."""
    if target is dense_per_flavour:
        return {"basis_size"} | (accepted_arguments(Dense) or set())
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
