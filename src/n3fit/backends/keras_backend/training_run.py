"""One training: compiled chunks of epochs, with the callbacks between them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.callback_protocol import DeviceCallback, next_boundary, requested_epoch
from n3fit.backends.keras_backend.training_loop import TrainingLoop

logger = logging.getLogger(__name__)

History = dict[str, list[float]]


@dataclass(frozen=True)
class TrainingRun:
    """A training up to exactly ``epochs`` epochs, or until a callback sets ``model.stop_training``.

    Parameters
    ----------
    model : MetaModel
        The model whose variables the loop changes.
    loop : TrainingLoop
        Started already.
    callbacks : sequence of keras callbacks
        Those on the host and those inside the loop, in the order in which they are called.
    keys : sequence of str
        Keys of the history, in the order of the columns that the loop returns.
    epochs : int
        Number of epochs.
    longest : int
        Maximum number of epochs of one chunk.
    every_epoch : bool
        Keep the losses of every epoch, or of the last epoch of each chunk only.
    """

    model: Any
    loop: TrainingLoop
    callbacks: Sequence[Any]
    keys: Sequence[str]
    epochs: int
    longest: int
    every_epoch: bool = True

    def train(self, initial_epoch: int = 0) -> History:
        """Train, and return the losses of the epochs, before the update of each.

        Parameters
        ----------
        initial_epoch : int
            Number of epochs that an earlier training has done.
        """
        history: History = {key: [] for key in self.keys}
        logs: dict[str, float] = {}
        # callbacks inside the loop do not read the variables before the end
        only_on_device = all(isinstance(callback, DeviceCallback) for callback in self.callbacks)
        epoch = initial_epoch
        try:
            while epoch < self.epochs and not self.model.stop_training:
                last = next_boundary(self.callbacks, epoch, self.epochs, self.longest)
                for callback in self.callbacks:
                    callback.on_epoch_begin(epoch)
                rows = self.loop.run(epoch, last - epoch + 1)
                if not only_on_device:
                    self.loop.write_back()
                self._record(history, rows)
                logs = {key: values[-1] for key, values in history.items()}
                self._end_chunk(last, logs)
                epoch = last + 1
        finally:
            self.loop.write_back()
        for callback in self.callbacks:
            callback.on_train_end(dict(logs))
        return history

    def _record(self, history: History, rows: NDArray[np.floating]) -> None:
        """Append the losses of a chunk, ``(epochs, 1 + outputs)``, to the history."""
        for key, column in zip(self.keys, rows.T, strict=True):
            history[key].extend((column if self.every_epoch else column[-1:]).tolist())

    def _end_chunk(self, last: int, logs: dict[str, float]) -> None:
        """Pass the states of the device callbacks to the host and call the callbacks that need the epoch ``last``."""
        for callback, state in zip(self.loop.callbacks, self.loop.device_states(), strict=True):
            callback.state = state
            callback.device_receive(state, last)
        for callback in self.callbacks:
            if requested_epoch(callback, last) == last or last == self.epochs - 1:
                callback.on_epoch_end(last, dict(logs))
        logger.debug("epoch %d of %d: loss %g", last + 1, self.epochs, logs["loss"])


def prepare_callbacks(model: Any, callbacks: Sequence[Any], epochs: int) -> tuple[DeviceCallback, ...]:
    """Set the model of the callbacks, begin the training, and return the callbacks inside the loop."""
    model.stop_training = False
    for callback in callbacks:
        callback.set_model(model)
        callback.set_params({"epochs": epochs, "steps": 1, "verbose": 0})
    for callback in callbacks:
        callback.on_train_begin()
    return tuple(callback for callback in callbacks if isinstance(callback, DeviceCallback))
