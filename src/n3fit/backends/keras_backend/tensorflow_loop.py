"""Training loop on TensorFlow: a while loop inside one ``tf.function``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from n3fit.backends.keras_backend.callback_protocol import DeviceCallback
from n3fit.backends.keras_backend.losses import Losses, per_replica
from n3fit.backends.keras_backend.training_loop import InPlaceLoop, update_device_callbacks


class Loop(InPlaceLoop):
    """Epochs inside ``tf.while_loop``; weights and optimiser slots are variables, updated in place."""

    def __init__(self, model: Any, losses: Losses, callbacks: Sequence[DeviceCallback], longest: int) -> None:
        super().__init__(model, losses, callbacks, longest)
        self._program: Callable[..., Any] = tf.function(self._epochs)

    @staticmethod
    def copy(tensor: Any) -> Any:
        """Return a copy that later assignments to the variable do not change."""
        return tf.identity(tensor)

    def run(self, first_epoch: int, epochs: int) -> NDArray[Any]:
        """Train ``epochs`` epochs and return the history, ``(epochs, 1 + outputs)``."""
        first, last = tf.constant(first_epoch, tf.int32), tf.constant(first_epoch + epochs, tf.int32)
        self._states, history = self._program(self._states, self._inputs, self._targets, first, last)
        rows: NDArray[Any] = history.numpy()
        return rows

    def _epochs(self, states: Any, inputs: Any, targets: Any, first: Any, last: Any) -> tuple[Any, Any]:
        history = tf.TensorArray(keras.config.floatx(), size=last - first, element_shape=(1 + len(self.losses.names),))

        def one_epoch(epoch: Any, states: Any, history: Any) -> tuple[Any, Any, Any]:
            states, row = self._one_epoch(epoch, states, inputs, targets)
            return epoch + 1, states, history.write(epoch - first, row)

        _, states, history = tf.while_loop(
            lambda epoch, states, history: epoch < last, one_epoch, (first, states, history), parallel_iterations=1
        )
        return states, history.stack()

    def _one_epoch(self, epoch: Any, states: Any, inputs: Any, targets: Any) -> tuple[Any, Any]:
        self.set_driven_variables(states, epoch)
        before = [self.copy(variable.value) for variable in self._trainable]
        with tf.GradientTape() as tape:
            outputs = keras.tree.flatten(self.model(inputs, training=True))
            total, row = self.losses.evaluate(outputs, targets, self.model.losses)
        gradients = tape.gradient(total, [variable.value for variable in self._trainable])
        sums = {name: per_replica(output) for name, output in zip(self.losses.names, outputs, strict=True)}
        states, active = update_device_callbacks(self.callbacks, states, epoch, sums, before)
        self.update(gradients, before, active)
        return states, tf.stack([tf.cast(value, keras.config.floatx()) for value in row])


def compile_forward(model: Any) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Return a compiled forward pass: constant inputs by name in, list of outputs out."""
    forward: Callable[..., Any] = tf.function(lambda inputs: keras.tree.flatten(model(inputs, training=False)))

    def call(inputs: Mapping[str, Any]) -> list[Any]:
        outputs: list[Any] = forward({name: tf.convert_to_tensor(np.asarray(value)) for name, value in inputs.items()})
        return outputs

    return call
