"""One training: compiled chunks of epochs with the callbacks in between."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from n3fit.backends.keras_backend.callback_protocol import DeviceCallback
from n3fit.backends.keras_backend.loop_protocol import TrainingLoop, next_boundary, wanted_epoch

logger = logging.getLogger(__name__)

History = dict[str, list[float]]


def train(
    model: Any,
    loop: TrainingLoop,
    callbacks: Sequence[Any],
    *,
    epochs: int,
    keys: Sequence[str],
    longest: int,
    every_epoch: bool = True,
    initial_epoch: int = 0,
) -> History:
    """Train a model up to exactly ``epochs`` epochs, or until a callback sets ``model.stop_training``.

    Parameters
    ----------
    model : MetaModel
        The model whose variables the loop changes.
    loop : TrainingLoop
        Started already.
    callbacks : sequence of keras callbacks
        Those on the host and those on the device, in the order in which they are called.
    epochs : int
        Number of epochs.
    keys : sequence of str
        Keys of the history, in the order of the columns that the loop gives.
    longest : int
        Maximum number of epochs of one chunk.
    every_epoch : bool
        Keep the losses of every epoch, or of the last epoch of each chunk only.
    initial_epoch : int
        Epochs done before.

    Returns
    -------
    dict of lists of float
        The losses of the epochs, before the update of each.
    """
    history: History = {key: [] for key in keys}
    logs: dict[str, float] = {}
    # with callbacks on the device alone, nobody looks at the variables before the end
    everything_on_device = all(isinstance(callback, DeviceCallback) for callback in callbacks)
    epoch = initial_epoch
    try:
        while epoch < epochs and not model.stop_training:
            last = next_boundary(callbacks, epoch, epochs, longest)
            for callback in callbacks:
                callback.on_epoch_begin(epoch)
            rows = loop.run(epoch, last - epoch + 1)
            if not everything_on_device:
                loop.write_back()
            for key, column in zip(keys, rows.T, strict=True):
                history[key].extend((column if every_epoch else column[-1:]).tolist())
            logs = {key: values[-1] for key, values in history.items()}
            _hand_states_over(loop, last)
            for callback in callbacks:
                if wanted_epoch(callback, last) == last or last == epochs - 1:
                    callback.on_epoch_end(last, dict(logs))
            logger.debug("epoch %d of %d: loss %g", last + 1, epochs, logs["loss"])
            epoch = last + 1
    finally:
        loop.write_back()
    for callback in callbacks:
        callback.on_train_end(dict(logs))
    return history


def _hand_states_over(loop: TrainingLoop, epoch: int) -> None:
    states = loop.device_states()
    for callback, state in zip(loop.callbacks, states, strict=True):
        callback.state = state
        callback.device_receive(state, epoch)


def prepare_callbacks(model: Any, callbacks: Sequence[Any], epochs: int) -> tuple[DeviceCallback, ...]:
    """Tell the callbacks their model and that the training begins; give those that live on the device."""
    model.stop_training = False
    for callback in callbacks:
        callback.set_model(model)
        callback.set_params({"epochs": epochs, "steps": 1, "verbose": 0})
    for callback in callbacks:
        callback.on_train_begin()
    return tuple(callback for callback in callbacks if isinstance(callback, DeviceCallback))
