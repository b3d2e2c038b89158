"""The training loop on TensorFlow: a while loop inside one ``tf.function``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from n3fit.backends.keras_backend.callback_protocol import DeviceCallback
from n3fit.backends.keras_backend.loop_protocol import (
    Losses,
    TrainingLoop,
    driven_values,
    initial_states,
    per_replica,
    replica_axes,
    update_device_callbacks,
)
from n3fit.backends.keras_backend.replica_axis import freeze_replicas


class Loop(TrainingLoop):
    """Epochs inside ``tf.while_loop``; weights and optimiser slots are variables, updated in place."""

    def __init__(self, model: Any, losses: Losses, callbacks: Sequence[DeviceCallback], longest: int) -> None:
        super().__init__(model, losses, callbacks, longest)
        self._program: Callable[..., Any] = tf.function(self._epochs)

    def start(self, inputs: Mapping[str, Any], targets: Sequence[Any]) -> None:
        """Take the constant inputs and targets and put the device callbacks into their initial state."""
        self._inputs = {name: tf.convert_to_tensor(value) for name, value in inputs.items()}
        self._targets = [tf.convert_to_tensor(target, dtype=keras.config.floatx()) for target in targets]
        replicas = 1
        if self.callbacks:
            outputs = keras.tree.flatten(self.model(self._inputs, training=False))
            replicas = max(per_replica(output).shape[0] for output in outputs)
        self._states = initial_states(self.callbacks, self.model, replicas)

    def run(self, first_epoch: int, epochs: int) -> NDArray[Any]:
        """Train ``epochs`` epochs and give the history, ``(epochs, 1 + outputs)``."""
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
        for variable, value in zip(
            self._driven, driven_values(self.callbacks, states, epoch, self._driven), strict=True
        ):
            variable.assign(value)
        before = [tf.identity(variable.value) for variable in self._trainable]
        with tf.GradientTape() as tape:
            outputs = keras.tree.flatten(self.model(inputs, training=True))
            total, row = self.losses.evaluate(outputs, targets, self.model.losses)
        gradients = tape.gradient(total, [variable.value for variable in self._trainable])
        by_name = {name: per_replica(output) for name, output in zip(self.losses.names, outputs, strict=True)}
        states, alive = update_device_callbacks(self.callbacks, states, epoch, by_name, before)
        self._update(gradients, before, alive)
        return states, tf.stack([tf.cast(value, keras.config.floatx()) for value in row])

    def _update(self, gradients: Sequence[Any], before: Sequence[Any], alive: Any) -> None:
        """Take a step of the optimiser and put back what belongs to replicas that are not alive."""
        slots_before = [tf.identity(slot.value) for slot in self._slots] if alive is not None else []
        optimizer = self.model.optimizer
        pairs = [pair for pair in zip(gradients, self._trainable, strict=True) if pair[0] is not None]
        optimizer.apply(*map(list, zip(*pairs, strict=True)))
        if alive is None:
            return
        for variables, old in ((self._trainable, before), (self._slots, slots_before)):
            new = [tf.identity(variable.value) for variable in variables]
            kept = freeze_replicas(alive, new, old, replica_axes(variables))
            for variable, value in zip(variables, kept, strict=True):
                variable.assign(value)


def compile_forward(model: Any) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Give a compiled forward pass: constant inputs by name in, list of outputs out."""

    forward: Callable[..., Any] = tf.function(lambda inputs: keras.tree.flatten(model(inputs, training=False)))

    def call(inputs: Mapping[str, Any]) -> list[Any]:
        outputs: list[Any] = forward({name: tf.convert_to_tensor(np.asarray(value)) for name, value in inputs.items()})
        return outputs

    return call
