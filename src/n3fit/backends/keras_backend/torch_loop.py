"""The training loop on PyTorch: a plain loop, with everything kept on the device."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import torch
from keras import ops
from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.loop_protocol import (
    TrainingLoop,
    driven_values,
    initial_states,
    per_replica,
    replica_axes,
    update_device_callbacks,
)
from n3fit.backends.keras_backend.replica_axis import freeze_replicas


class Loop(TrainingLoop):
    """Epochs one after the other; the history and the states of the callbacks reach the host once per run."""

    def start(self, inputs: Mapping[str, Any], targets: Sequence[Any]) -> None:
        """Take the constant inputs and targets and put the device callbacks into their initial state."""
        self._inputs = {name: ops.convert_to_tensor(value) for name, value in inputs.items()}
        self._targets = [ops.convert_to_tensor(target, dtype=keras.config.floatx()) for target in targets]
        replicas = 1
        if self.callbacks:
            with torch.no_grad():
                outputs = keras.tree.flatten(self.model(self._inputs, training=False))
            replicas = max(per_replica(output).shape[0] for output in outputs)
        self._states = initial_states(self.callbacks, self.model, replicas)

    def run(self, first_epoch: int, epochs: int) -> NDArray[Any]:
        """Train ``epochs`` epochs and give the history, ``(epochs, 1 + outputs)``."""
        rows = [self._one_epoch(first_epoch + number) for number in range(epochs)]
        return evaluate(torch.stack(rows))

    def _one_epoch(self, epoch: int) -> Any:
        number = ops.convert_to_tensor(epoch, dtype="int32")
        driven = driven_values(self.callbacks, self._states, number, self._driven)
        for variable, value in zip(self._driven, driven, strict=True):
            variable.assign(value)
        parameters = [variable.value for variable in self._trainable]
        with torch.enable_grad():
            outputs = keras.tree.flatten(self.model(self._inputs, training=True))
            total, row = self.losses.evaluate(outputs, self._targets, self.model.losses)
            gradients = torch.autograd.grad(total, parameters, allow_unused=True)
        with torch.no_grad():
            before = [parameter.clone() for parameter in parameters]
            by_name = {
                name: per_replica(output.detach()) for name, output in zip(self.losses.names, outputs, strict=True)
            }
            self._states, alive = update_device_callbacks(self.callbacks, self._states, number, by_name, before)
            self._update(gradients, before, alive)
            return torch.stack([value.detach().to(total.dtype) for value in row])

    def _update(self, gradients: Sequence[Any], before: Sequence[Any], alive: Any) -> None:
        """Take a step of the optimiser and put back what belongs to replicas that are not alive."""
        slots_before = [slot.value.clone() for slot in self._slots] if alive is not None else []
        pairs = [pair for pair in zip(gradients, self._trainable, strict=True) if pair[0] is not None]
        self.model.optimizer.apply(*map(list, zip(*pairs, strict=True)))
        if alive is None:
            return
        for variables, old in ((self._trainable, before), (self._slots, slots_before)):
            kept = freeze_replicas(alive, [variable.value for variable in variables], old, replica_axes(variables))
            for variable, value in zip(variables, kept, strict=True):
                variable.assign(value)


def compile_forward(model: Any) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Give a forward pass without gradients: constant inputs by name in, list of outputs out."""

    def call(inputs: Mapping[str, Any]) -> list[Any]:
        with torch.no_grad():
            tensors = {name: ops.convert_to_tensor(np.asarray(value)) for name, value in inputs.items()}
            outputs: list[Any] = keras.tree.flatten(model(tensors, training=False))
            return outputs

    return call
