"""Training loop on PyTorch: a plain loop, with all data on the device."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import torch
from keras import ops
from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.losses import per_replica
from n3fit.backends.keras_backend.training_loop import InPlaceLoop, update_device_callbacks


class Loop(InPlaceLoop):
    """One epoch after the other; the history and the states of the callbacks are copied to the host once per run."""

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


def compile_forward(model: Any) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Return a forward pass without gradients: constant inputs by name in, list of outputs out."""

    def call(inputs: Mapping[str, Any]) -> list[Any]:
        with torch.no_grad():
            tensors = {name: ops.convert_to_tensor(np.asarray(value)) for name, value in inputs.items()}
            outputs: list[Any] = keras.tree.flatten(model(tensors, training=False))
            return outputs

    return call
