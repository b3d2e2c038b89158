"""Common part of the training loops of the three backends.

An epoch ``e`` is: the device callbacks set the variables that they drive; a forward pass with the weights ``w_e``; the
losses, the gradients and the device callbacks use its outputs; then the weights ``w_{e+1}`` are ``optimiser(w_e)`` for
the active replicas and ``w_e`` for the others, whose optimiser slots are kept too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from n3fit.backends.keras_backend.callback_protocol import DeviceCallback
from n3fit.backends.keras_backend.conversions import array_to_tensor, evaluate
from n3fit.backends.keras_backend.losses import Losses, per_replica
from n3fit.backends.keras_backend.replica_assignment import assignment_of, choose_by_replica


class TrainingLoop(ABC):
    """A compiled loop over epochs.

    Between two runs the weights may stay on the device; :meth:`write_back` assigns them to the variables of the model.

    Parameters
    ----------
    model : MetaModel
        Compiled, with its optimiser built.
    losses : Losses
        The loss of each output.
    callbacks : sequence of DeviceCallback
        Callbacks inside the loop.
    longest : int
        Maximum number of epochs of one run.
    """

    def __init__(self, model: Any, losses: Losses, callbacks: Sequence[DeviceCallback], longest: int) -> None:
        self.model = model
        self.losses = losses
        self.callbacks = tuple(callbacks)
        self.longest = longest
        self._trainable = list(model.trainable_variables)
        self._slots = list(model.optimizer.variables)
        self._trainable_assignments = [assignment_of(variable) for variable in self._trainable]
        self._slot_assignments = [assignment_of(slot) for slot in self._slots]
        self._driven = [variable for callback in callbacks for variable in callback.device_variables(model)]
        self._states: list[dict[str, Any]] = []

    def fits(self, model: Any, callbacks: Sequence[DeviceCallback], longest: int) -> bool:
        """Return whether the loop can be used for another training."""
        return (
            self.longest == longest
            and same_objects(self.callbacks, callbacks)
            and same_objects(self._trainable, model.trainable_variables)
        )

    @abstractmethod
    def start(self, inputs: Mapping[str, Any], targets: Sequence[Any]) -> None:
        """Set the constant inputs and targets, and the initial state of the device callbacks."""

    @abstractmethod
    def run(self, first_epoch: int, epochs: int) -> NDArray[Any]:
        """Train ``epochs`` epochs and return the history, ``(epochs, 1 + outputs)``."""

    def write_back(self) -> None:
        """Assign the latest weights to the variables of the model; a later run begins with the values of these."""
        return

    def device_states(self) -> list[dict[str, NDArray[Any]]]:
        """Return the state of each device callback, on the host."""
        return [{key: evaluate(value) for key, value in state.items()} for state in self._states]


class InPlaceLoop(TrainingLoop):
    """A loop that updates the variables of the model in every epoch."""

    @staticmethod
    @abstractmethod
    def copy(tensor: Any) -> Any:
        """Return a copy that later assignments to the variable do not change."""

    def start(self, inputs: Mapping[str, Any], targets: Sequence[Any]) -> None:
        """Set the constant inputs and targets, and the initial state of the device callbacks."""
        self._inputs = {name: ops.convert_to_tensor(value) for name, value in inputs.items()}
        self._targets = [ops.convert_to_tensor(target, dtype=keras.config.floatx()) for target in targets]
        replicas = 1
        if self.callbacks:
            outputs = keras.tree.flatten(self.model(self._inputs, training=False))
            replicas = max(per_replica(output).shape[0] for output in outputs)
        self._states = initial_states(self.callbacks, self.model, replicas)

    def set_driven_variables(self, states: Sequence[Mapping[str, Any]], epoch: Any) -> None:
        """Assign the values that the callbacks set before the forward pass of an epoch."""
        values = driven_values(self.callbacks, states, epoch, self._driven)
        for variable, value in zip(self._driven, values, strict=True):
            variable.assign(value)

    def update(self, gradients: Sequence[Any], before: Sequence[Any], active: Any) -> None:
        """Apply a step of the optimiser to the active replicas.

        Parameters
        ----------
        gradients : sequence of tensors
            The gradient of each trainable variable; None where there is none.
        before : sequence of tensors
            Copies of the trainable variables.
        active : (R,) bool tensor or None
            The active replicas; None for all.
        """
        slots_before = [self.copy(slot.value) for slot in self._slots] if active is not None else []
        pairs = [pair for pair in zip(gradients, self._trainable, strict=True) if pair[0] is not None]
        self.model.optimizer.apply(*map(list, zip(*pairs, strict=True)))
        if active is None:
            return
        for variables, old, assignments in (
            (self._trainable, before, self._trainable_assignments),
            (self._slots, slots_before, self._slot_assignments),
        ):
            new = [variable.value for variable in variables]
            for variable, value in zip(variables, choose_by_replica(active, new, old, assignments), strict=True):
                variable.assign(value)


def update_device_callbacks(
    callbacks: Sequence[DeviceCallback],
    states: Sequence[Mapping[str, Any]],
    epoch: Any,
    outputs: Mapping[str, Any],
    weights: Sequence[Any],
) -> tuple[list[dict[str, Any]], Any]:
    """Return the next states of the callbacks, and the replicas that all of them keep active (None: all)."""
    new_states, active = [], None
    for callback, state in zip(callbacks, states, strict=True):
        new_state, flags = callback.device_update(dict(state), epoch, outputs, weights)
        new_states.append({key: ops.cast(new_state[key], state[key].dtype) for key in state})
        if flags is not None:
            active = flags if active is None else ops.logical_and(active, flags)
    return new_states, active


def driven_values(
    callbacks: Sequence[DeviceCallback], states: Sequence[Mapping[str, Any]], epoch: Any, variables: Sequence[Any]
) -> list[Any]:
    """Return the values in an epoch of the variables that the callbacks set, in the types of the variables."""
    values = [
        value
        for callback, state in zip(callbacks, states, strict=True)
        for value in callback.device_values(dict(state), epoch)
    ]
    return [ops.cast(value, variable.dtype) for value, variable in zip(values, variables, strict=True)]


def initial_states(callbacks: Sequence[DeviceCallback], model: Any, replicas: int) -> list[dict[str, Any]]:
    """Return the states of the device callbacks before the first epoch, as tensors."""

    def tensor(value: Any) -> Any:
        return array_to_tensor(value) if isinstance(value, np.ndarray) else ops.convert_to_tensor(value)

    return [
        {key: tensor(value) for key, value in callback.device_init(model, replicas).items()} for callback in callbacks
    ]


def same_objects(some: Sequence[Any], others: Sequence[Any]) -> bool:
    """Return whether two sequences hold the same objects in the same order."""
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))
