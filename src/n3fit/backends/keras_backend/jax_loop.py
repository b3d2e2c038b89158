"""Training loop on JAX: one compiled program for any number of epochs up to the length of a chunk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.callback_protocol import DeviceCallback
from n3fit.backends.keras_backend.compiler_options import cpu_jit_options
from n3fit.backends.keras_backend.device_mesh import ReplicaPlacement
from n3fit.backends.keras_backend.losses import Losses, per_replica
from n3fit.backends.keras_backend.matrix_precision import full_precision
from n3fit.backends.keras_backend.replica_assignment import choose_by_replica
from n3fit.backends.keras_backend.training_loop import (
    TrainingLoop,
    driven_values,
    initial_states,
    same_objects,
    update_device_callbacks,
)


class Loop(TrainingLoop):
    """Epochs inside ``jax.lax.fori_loop``, with the stateless calls of the Keras model and optimiser.

    The number of epochs is an argument of the compiled program, so that chunks of every length share one compilation.
    Inputs, targets and the variables that training does not change are arguments too, neither constants of the program
    nor part of the loop state. Buffers are not donated: after an interrupt the state before the chunk is still
    available, at the cost of one copy of the trainable weights per chunk. Replicas are divided among the local devices.
    """

    def __init__(self, model: Any, losses: Losses, callbacks: Sequence[DeviceCallback], longest: int) -> None:
        super().__init__(model, losses, callbacks, longest)
        self._other = list(model.non_trainable_variables)
        self._program: jax.stages.Wrapped | None = None
        # the layers are traced once, for the outputs as for the gradients
        self._forward = jax.jit(self._call_model)
        self._changing: list[int] = []
        self._placement = ReplicaPlacement.of_variables(self._trainable)
        self._latest: tuple[list[Any], list[Any], list[Any]] | None = None
        self._driven_places = [
            place for variable in self._driven for place, candidate in enumerate(self._other) if candidate is variable
        ]

    def fits(self, model: Any, callbacks: Sequence[DeviceCallback], longest: int) -> bool:
        """Return whether the compiled program can be used for another training."""
        return super().fits(model, callbacks, longest) and same_objects(self._other, model.non_trainable_variables)

    def start(self, inputs: Mapping[str, Any], targets: Sequence[Any]) -> None:
        """Set the constant inputs and targets, and the initial state of the device callbacks."""
        place, floatx = self._placement.place, keras.config.floatx()
        # with its type given, an array is put on the device without a program
        self._inputs = {name: place(jnp.asarray(value, dtype=value.dtype)) for name, value in inputs.items()}
        self._targets = [place(jnp.asarray(np.asarray(target, dtype=floatx), dtype=floatx)) for target in targets]
        no_history = np.zeros((self.longest, 1 + len(self.losses.names)), dtype=floatx)
        self._no_history = place(jnp.asarray(no_history, dtype=floatx))
        if self._program is None:
            outputs = self._find_changing_variables()
            self._replicas = max(jax.eval_shape(per_replica, output).shape[0] for output in outputs)
        states = initial_states(self.callbacks, self.model, self._replicas)
        self._states = list(map(self._placement.place_state, self.callbacks, states))
        if self._program is None:
            shardings = self._placement.shardings(self._carry())
            self._program = jax.jit(self._epochs, out_shardings=shardings, **cpu_jit_options())
            self._latest = None  # callbacks may change variables before the first epoch

    def run(self, first_epoch: int, epochs: int) -> NDArray[Any]:
        """Train ``epochs`` epochs and return the history, ``(epochs, 1 + outputs)``."""
        assert self._program is not None
        carry = self._program(*self._arguments(first_epoch, epochs))
        *latest, states, history = carry
        rows = np.asarray(history)[:epochs]  # waits for the end of the computation
        self._states = states
        self._latest = (latest[0], latest[1], latest[2])
        return rows

    def lower(self) -> jax.stages.Lowered:
        """Return the program of the loop before its compilation, to look at what it computes."""
        assert self._program is not None
        latest = self._latest
        try:
            with full_precision():
                return self._program.lower(*self._arguments(0, 1))
        finally:
            self._latest = latest

    def _arguments(self, first_epoch: int, epochs: int) -> tuple[Any, ...]:
        """Return the arguments of the program."""
        carry = self._carry()  # moves the variables to their devices
        constant = [None if index in self._changing else variable.value for index, variable in enumerate(self._other)]
        return carry, constant, self._inputs, self._targets, np.int32(first_epoch), np.int32(epochs)

    def _carry(self) -> tuple[Any, ...]:
        """Return what an epoch changes: weights, other variables, optimiser, states and history."""
        if self._latest is None:
            self._placement.place_variables([*self._trainable, *self._other, *self._slots])
            self._latest = (
                [variable.value for variable in self._trainable],
                [self._other[index].value for index in self._changing],
                [variable.value for variable in self._slots],
            )
        return (*self._latest, self._states, self._no_history)

    def write_back(self) -> None:
        """Assign the results of the latest run to the variables of the model."""
        if self._latest is None:
            return
        trainable, changing, slots = self._latest
        self._latest = None
        self._assign(self._trainable, trainable)
        self._assign([self._other[index] for index in self._changing], changing)
        self._assign(self._slots, slots)

    def device_states(self) -> list[dict[str, NDArray[Any]]]:
        """Return the state of each device callback, on the host; all arrays are copied at once."""
        states: list[dict[str, NDArray[Any]]] = jax.device_get(self._states)
        return states

    @staticmethod
    def _assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def _call_model(self, trainable: Any, other: Any, inputs: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """Apply the model, and note the non-trainable variables, such as random states, that this changes."""
        outputs, new_other, regularisation = self.model.stateless_call(
            trainable, other, inputs, training=True, return_losses=True
        )
        pairs = enumerate(zip(other, new_other, strict=True))
        self._changing = [index for index, (before, after) in pairs if before is not after]
        return keras.tree.flatten(outputs), new_other, regularisation

    def _find_changing_variables(self) -> list[Any]:
        """Find the non-trainable variables that a forward pass changes; return its outputs."""
        values = [[variable.value for variable in variables] for variables in (self._trainable, self._other)]
        outputs: list[Any] = jax.eval_shape(self._forward, *values, self._inputs)[0]
        return outputs

    def _epochs(self, carry: Any, constant: Any, inputs: Any, targets: Any, first_epoch: Any, epochs: Any) -> Any:
        gradients_of = jax.value_and_grad(self._total_loss, has_aux=True)

        def one_epoch(number: Any, carry: Any) -> Any:
            trainable, changing, slots, states, history = carry
            other = list(constant)
            for index, value in zip(self._changing, changing, strict=True):
                other[index] = value
            driven = driven_values(self.callbacks, states, first_epoch + number, self._driven)
            for index, value in zip(self._driven_places, driven, strict=True):
                other[index] = value
            (_, (row, outputs, new_other)), gradients = gradients_of(trainable, other, inputs, targets)
            sums = {name: per_replica(output) for name, output in zip(self.losses.names, outputs, strict=True)}
            states, active = update_device_callbacks(self.callbacks, states, first_epoch + number, sums, trainable)
            new_trainable, new_slots = self.model.optimizer.stateless_apply(slots, gradients, trainable)
            if active is not None:
                new_trainable = choose_by_replica(active, new_trainable, trainable, self._trainable_assignments)
                new_slots = choose_by_replica(active, new_slots, slots, self._slot_assignments)
            history = history.at[number].set(jnp.stack(row).astype(history.dtype))
            return new_trainable, [new_other[index] for index in self._changing], new_slots, states, history

        return jax.lax.fori_loop(0, epochs, one_epoch, carry)

    def _total_loss(self, trainable: Any, other: Any, inputs: Any, targets: Any) -> tuple[Any, Any]:
        outputs, new_other, regularisation = self._forward(trainable, other, inputs)
        total, row = self.losses.evaluate(outputs, targets, regularisation)
        return total, (row, outputs, new_other)


def compile_forward(model: Any) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Return a compiled forward pass: constant inputs by name in, list of outputs out.

    Each call uses the current values of the variables. Replicas are divided among the local devices.
    """
    placement = ReplicaPlacement.of_variables(model.trainable_variables)

    @jax.jit
    def forward(trainable: Any, other: Any, inputs: Any) -> Any:
        outputs, _ = model.stateless_call(trainable, other, inputs, training=False)
        return keras.tree.flatten(outputs)

    def call(inputs: Mapping[str, Any]) -> list[Any]:
        placement.place_variables([*model.trainable_variables, *model.non_trainable_variables])
        trainable = [variable.value for variable in model.trainable_variables]
        other = [variable.value for variable in model.non_trainable_variables]
        arrays = {name: placement.place(jnp.asarray(value)) for name, value in inputs.items()}
        outputs: list[Any] = forward(trainable, other, arrays)
        return outputs

    return call
