"""Base classes of callbacks on the host and inside the compiled loop, and the epochs at which the host is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from numpy.typing import NDArray

State = dict[str, Any]


class Callback(keras.callbacks.Callback):
    """Callback on the host that declares the epochs at which it must be called."""

    def next_host_epoch(self, epoch: int) -> int | None:
        """Return the first epoch, from ``epoch`` on, at whose end this callback needs the host; None for never.

        ``on_epoch_end`` is called at the epochs returned and after the last one. A pure function of ``epoch``.
        """
        return epoch


class DeviceCallback(Callback):
    """Callback inside the compiled loop, updated in every epoch.

    ``device_update`` and ``device_values`` are pure functions that are compiled into the loop: they are written with
    :mod:`n3fit.backends.operations` or ``keras.ops``.

    Attributes
    ----------
    state : dict of numpy arrays
        The state at the end of the latest chunk; empty before the training.
    per_replica : bool
        Whether arrays of the state whose first axis has the size of the replicas have an entry for each of them, which
        its device holds. False if such a size can only be a coincidence.
    """

    per_replica = True

    def __init__(self) -> None:
        super().__init__()
        self.state: dict[str, NDArray[Any]] = {}

    def next_host_epoch(self, epoch: int) -> int | None:
        """Return None: the host is never needed."""
        return None

    def device_init(self, model: Any, replicas: int) -> State:
        """Return the state before the first epoch, a dictionary of arrays with fixed shapes and types."""
        raise NotImplementedError

    def device_update(
        self, state: State, epoch: Any, outputs: Mapping[str, Any], weights: Sequence[Any]
    ) -> tuple[State, Any]:
        """Return the state after an epoch, and the replicas that are trained further.

        Parameters
        ----------
        state : dict of tensors
            The state before this epoch.
        epoch : int tensor
            The epoch, from 0.
        outputs : dict of (R,) tensors
            Every output of the model, monitored ones included, summed over all axes but the replica axis.
        weights : list of tensors
            The trainable weights of these outputs, in the order of ``model.trainable_variables``.

        Returns
        -------
        state : dict of tensors
            The state after this epoch.
        active : (R,) bool tensor or None
            The replicas whose weights and optimiser slots are updated in this epoch; None for all.
        """
        raise NotImplementedError

    def device_variables(self, model: Any) -> list[Any]:
        """Return the untrained variables of the model whose values this callback sets in every epoch."""
        return []

    def device_values(self, state: State, epoch: Any) -> list[Any]:
        """Return the values of these variables in an epoch, computed from the state before it."""
        return []

    def device_receive(self, state: dict[str, NDArray[Any]], epoch: int) -> None:
        """Read the state on the host after ``epoch``, the last one of a chunk; may set ``model.stop_training``.

        The weights of the model may be older than the state: what is needed here belongs in the state.
        """


def requested_epoch(callback: Any, epoch: int) -> int | None:
    """Return the first epoch from ``epoch`` on at whose end a callback needs the host; None for never.

    A callback without ``next_host_epoch``, such as those of Keras, needs it after every epoch.
    """
    next_host_epoch = getattr(callback, "next_host_epoch", None)
    return epoch if next_host_epoch is None else next_host_epoch(epoch)


def next_boundary(callbacks: Sequence[Any], epoch: int, epochs: int, longest: int) -> int:
    """Return the last epoch of the chunk that begins at ``epoch``.

    Parameters
    ----------
    callbacks : sequence of keras callbacks
    epoch, epochs : int
        First epoch of the chunk, number of epochs of the training.
    longest : int
        Maximum length of a chunk.
    """
    last = min(epoch + longest, epochs) - 1
    for callback in callbacks:
        requested = requested_epoch(callback, epoch)
        if requested is not None:
            last = min(last, max(requested, epoch))
    return last
