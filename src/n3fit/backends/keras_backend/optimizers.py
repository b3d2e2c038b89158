"""Optimisers by name, and gradient clipping for each replica.

Keras clips ``clipnorm`` over a whole variable. When one variable holds the weights of many replicas, that norm is taken
over all of them, and the step of each replica depends on the others. Here the norm is taken over the entries of one
replica, so that a replica is trained in the same way whatever the number of replicas in the model.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from inspect import signature
from typing import Any

import keras
import numpy as np
from keras import ops

from n3fit.backends.keras_backend.array_initializer import ArrayConstant
from n3fit.backends.keras_backend.keras_private import OwnClipping
from n3fit.backends.keras_backend.registry import Registry, build_registry, look_up
from n3fit.backends.keras_backend.replica_assignment import ReplicaAssignment, assignment_of, copy_assignment
from n3fit.backends.keras_backend.replica_rates import ReplicaRates
from n3fit.vocabulary import OPTIMIZERS

ACCEPTED_OPTIMIZERS: Registry = build_registry(
    {
        "Adadelta": keras.optimizers.Adadelta,
        "Adagrad": keras.optimizers.Adagrad,
        "Adam": keras.optimizers.Adam,
        "Adamax": keras.optimizers.Adamax,
        "Amsgrad": keras.optimizers.Adam,
        "Nadam": keras.optimizers.Nadam,
        "RMSprop": keras.optimizers.RMSprop,
        "SGD": keras.optimizers.SGD,
    },
    OPTIMIZERS,
)
"""Optimisers, name -> (class, default arguments); users may add entries."""

SETTABLE = ("learning_rate", "clipnorm")
"""Arguments that every optimiser accepts, also without a default in the dictionary."""


def clip_by_replica_norm(gradient: Any, clipnorm: Any, assignment: ReplicaAssignment) -> Any:
    """Compute the gradient scaled down to the norm ``clipnorm``, for each replica separately.

    ``clipnorm`` is a number, or a tensor of :meth:`ReplicaAssignment.spread` with one number for each replica.

    The largest entry is divided out before squaring, so that neither tiny nor huge gradients leave the range of floats.
    """
    axes = assignment.axes_of_one_replica(len(gradient.shape))
    largest = ops.max(ops.abs(gradient), axis=axes, keepdims=True) if axes else ops.abs(gradient)
    largest = ops.where(ops.equal(largest, 0), ops.ones_like(largest), largest)
    direction = gradient / largest
    squares = ops.square(direction)
    norm = ops.sqrt(ops.maximum(ops.sum(squares, axis=axes, keepdims=True) if axes else squares, 1.0))
    return ops.where(largest * norm <= clipnorm, gradient, direction * (clipnorm / norm))


class ReplicaClipping(OwnClipping):
    """Mixin for Keras optimisers: ``clipnorm`` acts on each variable and replica, slots are assigned to replicas."""

    clipnorm: float | None
    variables_built_for: tuple[Any, ...] = ()

    def build(self, variables: Sequence[Any]) -> None:
        """Create the slots of some variables."""
        super().build(variables)  # type: ignore[misc]
        # Keras' own __setattr__ would count them among the variables of the optimiser
        object.__setattr__(self, "variables_built_for", tuple(variables))

    def add_variable_from_reference(
        self, reference_variable: Any, name: str | None = None, initializer: Any = "zeros"
    ) -> Any:
        """Create a slot of the optimiser, assigned to replicas as its variable is; zeros come from the host."""
        if isinstance(initializer, str) and initializer == "zeros":
            initializer = ArrayConstant(np.zeros(reference_variable.shape, dtype=np.float32))
        slot = super().add_variable_from_reference(reference_variable, name, initializer)  # type: ignore[misc]
        copy_assignment(slot, reference_variable)
        return slot

    @property
    def clips(self) -> bool:
        """Whether gradients are clipped."""
        return bool(self.clipnorm)

    def clip(self, gradients: Sequence[Any], variables: Sequence[Any]) -> list[Any]:
        """Compute the clipped gradients of some variables."""
        return [
            clip_by_replica_norm(gradient, self.clipnorm_of(variable), assignment_of(variable))
            for gradient, variable in zip(gradients, variables, strict=True)
        ]

    def clipnorm_of(self, variable: Any) -> Any:
        """Return the clip norm for a variable."""
        assert self.clipnorm is not None
        return self.clipnorm


@cache
def with_replica_clipping(optimizer_class: type) -> type:
    """Return the subclass of a Keras optimiser that clips for each replica."""
    return type(optimizer_class.__name__, (ReplicaClipping, optimizer_class), {})


@cache
def with_replica_rates(optimizer_class: type) -> type:
    """Return the subclass of a Keras optimiser in which each replica has its learning rate and clip norm."""
    return type(optimizer_class.__name__, (ReplicaRates, ReplicaClipping, optimizer_class), {})


def optimizer_default(optimizer_name: str, argument: str, registry: Registry = ACCEPTED_OPTIMIZERS) -> Any:
    """Return the value that an argument of an optimiser has where none is given; None where it has none."""
    optimizer_class, defaults = look_up(registry, optimizer_name, "optimizer")
    known = signature(optimizer_class).parameters
    return defaults.get(argument, known[argument].default if argument in known else None)


def build_optimizer(optimizer_name: str, *, registry: Registry = ACCEPTED_OPTIMIZERS, **arguments: Any) -> Any:
    """Return a new optimiser with its default arguments and the given ones.

    Parameters
    ----------
    optimizer_name : str
        A name in the registry.
    registry : mapping
        Name -> (class, default arguments).
    **arguments
        ``learning_rate``, ``clipnorm`` and the other arguments that have a default in the registry, such as the
        momentum of SGD. None means the default. A learning rate of zero leaves the weights as they are; a clipnorm of
        zero means no clipping. An array (R,) of learning rates or clip norms has one for each replica.

    Raises
    ------
    NotImplementedError
        There is no optimiser of this name.
    ValueError
        The learning rate is negative or not finite, or the clipnorm is negative.

    Warns
    -----
    UserWarning
        The optimiser does not have one of the arguments, which has no effect.
    """
    optimizer_class, defaults = look_up(registry, optimizer_name, "optimizer")
    accepted = set(SETTABLE) & set(signature(optimizer_class).parameters) | set(defaults)
    given = {name: value for name, value in arguments.items() if value is not None}
    unused = sorted(set(given) - accepted)
    if unused:
        warnings.warn(
            f"arguments without effect on the optimizer {optimizer_name}: {', '.join(unused)}; "
            f"it accepts {', '.join(sorted(accepted))}",
            stacklevel=3,
        )
    used = {name: _of_the_type_of(defaults.get(name, 0.0), value) for name, value in given.items() if name in accepted}
    learning_rate, clipnorm = used.get("learning_rate", 0.0), used.get("clipnorm", 0.0)
    if not (np.all(np.isfinite(learning_rate)) and np.all(np.greater_equal(learning_rate, 0))):
        raise ValueError(f"learning_rate must be finite and not negative, received {learning_rate}")
    if not np.all(np.greater_equal(clipnorm, 0)):
        raise ValueError(f"clipnorm must not be negative, received {clipnorm}")
    values = [used.get(name, optimizer_default(optimizer_name, name, registry)) for name in SETTABLE]
    if not any(map(np.ndim, values)):
        return with_replica_clipping(optimizer_class)(**{**defaults, **used})
    rates, clipnorms = np.broadcast_arrays(*(0.0 if value is None else value for value in values))
    optimizer = with_replica_rates(optimizer_class)(**{**defaults, **used, "learning_rate": 1.0, "clipnorm": None})
    optimizer.set_replica_values(rates, np.where(clipnorms > 0, clipnorms, np.inf))
    return optimizer


def _of_the_type_of(default: Any, value: Any) -> Any:
    """Return a value converted to the type of a default, if this is a truth value or a float; arrays stay arrays."""
    if np.ndim(value):
        return np.asarray(value, dtype=np.float64)
    return type(default)(value) if isinstance(default, (bool, float)) else value
