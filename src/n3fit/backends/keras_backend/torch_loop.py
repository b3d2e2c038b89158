"""Training loop on PyTorch: the operations of one epoch are recorded and repeated, with all data on the device."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import torch
from keras import ops
from numpy.typing import NDArray

from n3fit.backends.keras_backend.callback_protocol import DeviceCallback
from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.internal_state import TORCH_COMPILATION
from n3fit.backends.keras_backend.losses import Losses, per_replica
from n3fit.backends.keras_backend.replica_assignment import choose_by_replica
from n3fit.backends.keras_backend.torch_program import NotRecordableError, Program
from n3fit.backends.keras_backend.training_loop import (
    InPlaceLoop,
    driven_values,
    same_objects,
    update_device_callbacks,
)

logger = logging.getLogger(__name__)

RECORD_AFTER = 50
"""Epochs of a loop from which its operations are recorded, which takes as long as this number of epochs."""


class Loop(InPlaceLoop):
    """One epoch after the other; the history and the states of the callbacks are copied to the host once per run.

    An epoch is recorded as a :class:`Program`, which computes the same numbers as the calls of the layers; where this
    is not possible, as with dropout, the layers are called in every epoch.
    """

    def __init__(self, model: Any, losses: Losses, callbacks: Sequence[DeviceCallback], longest: int) -> None:
        super().__init__(model, losses, callbacks, longest)
        self._other = list(model.non_trainable_variables)
        self._requested = 0
        self._recordable = True
        self._program: Program | None = None

    def fits(self, model: Any, callbacks: Sequence[DeviceCallback], longest: int) -> bool:
        """Return whether the loop can be used for another training."""
        return super().fits(model, callbacks, longest) and same_objects(self._other, model.non_trainable_variables)

    @staticmethod
    def copy(tensor: Any) -> Any:
        """Return a copy that later assignments to the variable do not change."""
        return tensor.detach().clone()

    def start(self, inputs: Mapping[str, Any], targets: Sequence[Any]) -> None:
        """Set the constant inputs and targets, and the initial state of the device callbacks."""
        with torch.no_grad():
            super().start(inputs, targets)

    def run(self, first_epoch: int, epochs: int) -> NDArray[Any]:
        """Train ``epochs`` epochs and return the history, ``(epochs, 1 + outputs)``."""
        self._requested += epochs
        program = self._recorded_program()
        if program is not None:
            return self._repeat(program, first_epoch, epochs)
        rows = [self._one_epoch(first_epoch + number) for number in range(epochs)]
        return evaluate(torch.stack(rows))

    def _one_epoch(self, number: int) -> Any:
        epoch = ops.convert_to_tensor(number, dtype="int32")
        self.set_driven_variables(self._states, epoch)
        parameters = [variable.value for variable in self._trainable]
        with torch.enable_grad():
            outputs = keras.tree.flatten(self.model(self._inputs, training=True))
            total, row = self.losses.evaluate(outputs, self._targets, self.model.losses)
            gradients = torch.autograd.grad(total, parameters, allow_unused=True)
        with torch.no_grad():
            before = [self.copy(parameter) for parameter in parameters]
            sums = {name: per_replica(output.detach()) for name, output in zip(self.losses.names, outputs, strict=True)}
            self._states, active = update_device_callbacks(self.callbacks, self._states, epoch, sums, before)
            self.update(gradients, before, active)
            return torch.stack([value.detach().to(total.dtype) for value in row])

    def _recorded_program(self) -> Program | None:
        """Return the program of an epoch, recorded if need be; None if there is none (yet)."""
        eager = os.environ.get(TORCH_COMPILATION) == "0"
        if eager or not self._recordable or self._requested <= RECORD_AFTER:
            return None
        with torch.no_grad():
            example = [*self._changing(), ops.convert_to_tensor(0, dtype="int32")], self._constant()
        if self._program is None or not self._program.accepts(*example):
            try:
                self._program = Program(self._stateless_epoch, *example)
            except NotRecordableError as error:
                logger.info("the layers are called in every epoch: %s", error)
                self._recordable = False
                return None
        return self._program

    def _repeat(self, program: Program, first_epoch: int, epochs: int) -> NDArray[Any]:
        """Train by the program; after an interrupt the variables are those of the end of the latest epoch."""
        rows = []
        changing = self._changing()
        one_epoch = program.bind(self._constant())
        try:
            with torch.no_grad():
                for number in range(first_epoch, first_epoch + epochs):
                    row, *changing = one_epoch(*changing, ops.convert_to_tensor(number, dtype="int32"))
                    rows.append(row)
        finally:
            weights, slots, self._states = keras.tree.pack_sequence_as(self._structure(), changing)
            for variable, value in zip([*self._trainable, *self._slots], [*weights, *slots], strict=True):
                variable.assign(value)
        return evaluate(torch.stack(rows))

    def _structure(self) -> list[Any]:
        """Return what an epoch changes: weights, optimiser slots and states."""
        return [self._trainable, self._slots, self._states]

    def _changing(self) -> list[Any]:
        """Return copies of what an epoch changes, in one list."""
        return [self.copy(getattr(entry, "value", entry)) for entry in keras.tree.flatten(self._structure())]

    def _constant(self) -> list[Any]:
        """Return what an epoch does not change, in one list: other variables, inputs, targets."""
        others = [variable.value.detach() for variable in self._other]
        return [*others, *keras.tree.flatten([self._inputs, self._targets])]

    def _stateless_epoch(self, changing: list[Any], constant: list[Any]) -> list[Any]:
        """Compute an epoch without a change of any variable.

        Parameters
        ----------
        changing : list of tensors
            Of :meth:`_changing`, and the number of the epoch.
        constant : list of tensors
            Of :meth:`_constant`.

        Returns
        -------
        list of tensors
            The losses, ``(1 + outputs,)``, and the next values of :meth:`_changing`.
        """
        weights, slots, states = keras.tree.pack_sequence_as(self._structure(), changing[:-1])
        epoch, count = changing[-1], len(self._other)
        inputs, targets = keras.tree.pack_sequence_as([self._inputs, self._targets], constant[count:])
        values = driven_values(self.callbacks, states, epoch, self._driven)
        driven = {id(variable): value for variable, value in zip(self._driven, values, strict=True)}
        others = [driven.get(id(variable), value) for variable, value in zip(self._other, constant, strict=False)]
        parameters = [weight.detach().requires_grad_() for weight in weights]
        with torch.enable_grad():
            outputs, new_others, regularisation = self.model.stateless_call(
                parameters, others, inputs, training=True, return_losses=True
            )
            outputs = keras.tree.flatten(outputs)
            total, row = self.losses.evaluate(outputs, targets, regularisation)
            gradients = torch.autograd.grad(total, parameters, allow_unused=True, materialize_grads=True)
        if not same_objects(others, new_others):
            raise NotRecordableError("layers change variables that are not trained")
        with torch.no_grad():
            sums = {name: per_replica(output.detach()) for name, output in zip(self.losses.names, outputs, strict=True)}
            new_states, active = update_device_callbacks(self.callbacks, states, epoch, sums, weights)
            new_weights, new_slots = self.model.optimizer.stateless_apply(slots, list(gradients), weights)
            if active is not None:
                new_weights = choose_by_replica(active, new_weights, weights, self._trainable_assignments)
                new_slots = choose_by_replica(active, new_slots, slots, self._slot_assignments)
            losses = torch.stack([value.detach().to(total.dtype) for value in row])
            return [losses, *keras.tree.flatten([new_weights, new_slots, new_states])]


def compile_forward(model: Any) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Return a forward pass without gradients: constant inputs by name in, list of outputs out."""

    def call(inputs: Mapping[str, Any]) -> list[Any]:
        with torch.no_grad():
            tensors = {name: ops.convert_to_tensor(np.asarray(value)) for name, value in inputs.items()}
            outputs: list[Any] = keras.tree.flatten(model(tensors, training=False))
            return outputs

    return call
