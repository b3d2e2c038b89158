"""What a callback is: on the host, or inside the compiled loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from numpy.typing import NDArray

State = dict[str, Any]


class Callback(keras.callbacks.Callback):
    """Callback on the host that says when it needs to be called."""

    def next_host_epoch(self, epoch: int) -> int | None:
        """Give the first epoch, from ``epoch`` on, at whose end this callback needs the host; None for never.

        ``on_epoch_end`` is called at the epochs given and after the last one. A pure function of ``epoch``.
        """
        return epoch


class DeviceCallback(Callback):
    """Callback that lives inside the compiled loop and is updated in every epoch.

    Attributes
    ----------
    state : dict of numpy arrays
        The state at the end of the latest chunk; empty before the training.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state: dict[str, NDArray[Any]] = {}

    def next_host_epoch(self, epoch: int) -> int | None:
        """Never ask for the host."""
        return None

    def device_init(self, model: Any, replicas: int) -> State:
        """Give the state before the first epoch, a dictionary of arrays whose shapes and types stay."""
        raise NotImplementedError

    def device_update(
        self, state: State, epoch: Any, outputs: Mapping[str, Any], weights: Sequence[Any]
    ) -> tuple[State, Any]:
        """Give the next state, and which replicas go on.

        A pure function, compiled into the loop: written with :mod:`n3fit.backends.operations` or ``keras.ops``.

        Parameters
        ----------
        state : dict of tensors
            The state before this epoch.
        epoch : int tensor
            The epoch, from 0.
        outputs : dict of (R,) tensors
            Every output of the model, monitored ones included, summed over all axes but the replica axis.
        weights : list of tensors
            The trainable weights that gave these outputs, in the order of ``model.trainable_variables``.

        Returns
        -------
        state : dict of tensors
            The state after this epoch.
        alive : (R,) bool tensor or None
            The replicas whose weights and optimiser slots are updated in this epoch; None for all.
        """
        raise NotImplementedError

    def device_variables(self, model: Any) -> list[Any]:
        """Give the variables of the model, none of them trained, whose values this callback sets in every epoch."""
        return []

    def device_values(self, state: State, epoch: Any) -> list[Any]:
        """Give the values of these variables in an epoch, tensors; a pure function, compiled into the loop.

        Parameters
        ----------
        state : dict of tensors
            The state before this epoch.
        epoch : int tensor
            The epoch, from 0.
        """
        return []

    def device_receive(self, state: dict[str, NDArray[Any]], epoch: int) -> None:
        """Look at the state on the host after ``epoch``, the last one of a chunk; may set ``model.stop_training``.

        The weights of the model may be older than the state: what is needed here belongs in the state.
        """
