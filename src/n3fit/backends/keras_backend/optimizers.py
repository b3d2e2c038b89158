"""The eight optimisers by name, and gradient clipping that keeps replicas apart.

Keras clips ``clipnorm`` over a whole variable. When the weights of many replicas are stacked in one variable, that norm
runs over all of them and each replica's step depends on its neighbours. Here the norm is taken over all axes but the
replica axis, so that stacking replicas changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from inspect import signature
from types import MappingProxyType
from typing import Any

import keras
from keras import ops

from n3fit.backends.keras_backend.replica_axis import mark_replica_axis, replica_axis_of

ACCEPTED_OPTIMIZERS: Mapping[str, tuple[Any, Mapping[str, Any]]] = MappingProxyType(
    {
        name: (optimizer_class, MappingProxyType({**defaults, "clipnorm": 1.0}))
        for name, optimizer_class, defaults in (
            ("RMSprop", keras.optimizers.RMSprop, {"learning_rate": 0.01}),
            ("Adam", keras.optimizers.Adam, {"learning_rate": 0.01}),
            ("Adagrad", keras.optimizers.Adagrad, {}),
            ("Adadelta", keras.optimizers.Adadelta, {"learning_rate": 1.0}),
            ("Adamax", keras.optimizers.Adamax, {}),
            ("Nadam", keras.optimizers.Nadam, {"learning_rate": 0.001}),
            ("Amsgrad", keras.optimizers.Adam, {"learning_rate": 0.01, "amsgrad": True}),
            ("SGD", keras.optimizers.SGD, {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False}),
        )
    }
)
"""Name -> (class, default arguments)."""


def clip_by_replica_norm(gradient: Any, clipnorm: float, replica_axis: int | None) -> Any:
    """Scale a gradient down to the norm ``clipnorm``, each replica by itself.

    The largest entry is taken out before squaring, so that neither tiny nor huge gradients leave the range of floats.
    """
    axes = tuple(axis for axis in range(len(gradient.shape)) if axis != replica_axis)
    largest = ops.max(ops.abs(gradient), axis=axes, keepdims=True) if axes else ops.abs(gradient)
    largest = ops.where(ops.equal(largest, 0), ops.ones_like(largest), largest)
    direction = gradient / largest
    squares = ops.square(direction)
    norm = ops.sqrt(ops.maximum(ops.sum(squares, axis=axes, keepdims=True) if axes else squares, 1.0))
    return ops.where(largest * norm <= clipnorm, gradient, direction * (clipnorm / norm))


class ReplicaClipping:
    """Mixin for Keras optimisers: ``clipnorm`` acts per variable and per replica, slots know their replica axis."""

    clipnorm: float | None

    def add_variable_from_reference(self, reference_variable: Any, *args: Any, **kwargs: Any) -> Any:
        """Create a slot of the optimiser that has the replica axis of its variable."""
        slot = super().add_variable_from_reference(reference_variable, *args, **kwargs)  # type: ignore[misc]
        mark_replica_axis(slot, replica_axis_of(reference_variable))
        return slot

    def _backend_apply_gradients(self, grads: Sequence[Any], trainable_variables: Sequence[Any]) -> None:
        clipnorm = self.clipnorm
        if clipnorm:
            grads = [
                clip_by_replica_norm(gradient, clipnorm, replica_axis_of(variable))
                for gradient, variable in zip(grads, trainable_variables, strict=True)
            ]
        super()._backend_apply_gradients(grads, trainable_variables)  # type: ignore[misc]

    def _clip_gradients(self, grads: Sequence[Any]) -> Sequence[Any]:
        """Leave gradients that are clipped already as they are."""
        return grads if self.clipnorm else super()._clip_gradients(grads)  # type: ignore[misc]


@cache
def with_replica_clipping(optimizer_class: type) -> type:
    """Give the subclass of a Keras optimiser that clips per replica."""
    return type(optimizer_class.__name__, (ReplicaClipping, optimizer_class), {})


def build_optimizer(optimizer_name: str, **arguments: Any) -> Any:
    """Give a new optimiser from its documented defaults and the arguments that are not None.

    Parameters
    ----------
    optimizer_name : str
        One of :data:`ACCEPTED_OPTIMIZERS`.
    **arguments
        ``learning_rate``, ``clipnorm``, and what else the optimiser has a documented default for, such as the
        momentum of SGD; None leaves the default, and other arguments have no effect. A clipnorm of zero means no
        clipping.

    Raises
    ------
    NotImplementedError
        There is no optimiser of that name.
    ValueError
        The learning rate is not positive or the clipnorm is negative.
    """
    try:
        optimizer_class, defaults = ACCEPTED_OPTIMIZERS[optimizer_name]
    except KeyError as error:
        known = ", ".join(ACCEPTED_OPTIMIZERS)
        raise NotImplementedError(f"unknown optimizer {optimizer_name!r}, known are: {known}") from error
    accepted = {"learning_rate", "clipnorm"} & set(signature(optimizer_class).parameters) | set(defaults)
    given = {
        key: bool(value) if isinstance(defaults.get(key), bool) else float(value)
        for key, value in arguments.items()
        if value is not None and key in accepted
    }
    if not given.get("learning_rate", 1.0) > 0:
        raise ValueError(f"learning_rate must be positive, received {given['learning_rate']}")
    if not given.get("clipnorm", 0.0) >= 0:
        raise ValueError(f"clipnorm must not be negative, received {given['clipnorm']}")
    return with_replica_clipping(optimizer_class)(**{**defaults, **given})
