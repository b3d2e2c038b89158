"""What the training loops of the three backends share: losses, callbacks and when the host is needed.

An epoch ``e`` is: the device callbacks set the variables that they drive; a forward pass with the weights ``w_e``; the
losses, the gradients and the device callbacks see its outputs; then the weights ``w_{e+1}`` are ``optimiser(w_e)`` for
the replicas alive and ``w_e`` for the others, whose optimiser slots stay as well.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops
from numpy.typing import NDArray

from n3fit.backends.keras_backend.callback_protocol import DeviceCallback
from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.replica_axis import replica_axis_of

LossFunction = Callable[[Any, Any], Any]


def sum_of_prediction(y_true: Any, y_pred: Any) -> Any:
    """Give the sum of an output that is a loss already; the target does not count."""
    return ops.sum(y_pred)


@dataclass(frozen=True)
class Losses:
    """The loss of each output of a model, in the order of the outputs.

    Attributes
    ----------
    names : tuple of str
        Names of the outputs.
    functions : tuple of function or None
        ``function(y_true, y_pred)``; its result is averaged, as Keras does. None: the output is monitored only.
    """

    names: tuple[str, ...]
    functions: tuple[LossFunction | None, ...]

    @classmethod
    def from_argument(cls, loss: Any, names: Sequence[str]) -> Losses:
        """Understand the argument ``loss`` of ``compile``: None, one for all, a list, or a dictionary by output.

        Raises
        ------
        ValueError
            The list has another length, the dictionary names something that is not an output, or nothing is trained.
        """
        if loss is None:
            return cls(tuple(names), (sum_of_prediction,) * len(names))
        if isinstance(loss, Mapping):
            unknown = sorted(set(loss) - set(names))
            if unknown:
                raise ValueError(f"the model has no output {', '.join(unknown)}; it has {', '.join(names)}")
            given = [loss.get(name) for name in names]
        elif isinstance(loss, (list, tuple)):
            given = list(loss)
        else:
            given = [loss] * len(names)
        if len(given) != len(names):
            raise ValueError(f"expected one loss for each of {len(names)} outputs, received {len(given)}")
        if all(entry is None for entry in given):
            raise ValueError("at least one output must have a loss, received None for all of them")
        return cls(tuple(names), tuple(None if entry is None else keras.losses.get(entry) for entry in given))

    def evaluate(
        self, outputs: Sequence[Any], targets: Sequence[Any], regularisation: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        """Give the total that is minimised and, for the history, the total and the loss of each output."""
        total: Any = 0.0
        row = []
        for function, output, target in zip(self.functions, outputs, targets, strict=True):
            if function is None:
                row.append(ops.sum(output))
                continue
            value = ops.mean(function(ops.cast(target, output.dtype), output))
            row.append(value)
            total = total + value
        for value in regularisation:
            total = total + value
        return total, [total, *row]

    @property
    def history_keys(self) -> list[str]:
        """Give the keys of the history: ``loss`` and one for each output."""
        return ["loss", *(f"{name}_loss" for name in self.names)]


def per_replica(output: Any) -> Any:
    """Sum an output over all its axes but that of the replicas.

    The replicas are the second axis, behind the batch, or the only one; without any axis there is one replica.
    """
    rank = len(output.shape)
    if rank <= 1:
        return ops.reshape(output, (-1,))
    return ops.sum(output, axis=tuple(axis for axis in range(rank) if axis != 1))


def update_device_callbacks(
    callbacks: Sequence[DeviceCallback],
    states: Sequence[Mapping[str, Any]],
    epoch: Any,
    outputs: Mapping[str, Any],
    weights: Sequence[Any],
) -> tuple[list[dict[str, Any]], Any]:
    """Update each callback; a replica is alive if none of them says otherwise (None: all are)."""
    new_states, alive = [], None
    for callback, state in zip(callbacks, states, strict=True):
        new_state, lives = callback.device_update(dict(state), epoch, outputs, weights)
        new_states.append({key: ops.cast(new_state[key], state[key].dtype) for key in state})
        if lives is not None:
            alive = lives if alive is None else ops.logical_and(alive, lives)
    return new_states, alive


def driven_values(
    callbacks: Sequence[DeviceCallback], states: Sequence[Mapping[str, Any]], epoch: Any, variables: Sequence[Any]
) -> list[Any]:
    """Give the values in an epoch of the variables that the callbacks set, in their types."""
    values = [
        value
        for callback, state in zip(callbacks, states, strict=True)
        for value in callback.device_values(dict(state), epoch)
    ]
    return [ops.cast(value, variable.dtype) for value, variable in zip(values, variables, strict=True)]


def initial_states(callbacks: Sequence[DeviceCallback], model: Any, replicas: int) -> list[dict[str, Any]]:
    """Give the states of the device callbacks before the first epoch, as tensors."""
    return [
        {key: ops.convert_to_tensor(value) for key, value in callback.device_init(model, replicas).items()}
        for callback in callbacks
    ]


def replica_axes(variables: Sequence[Any]) -> list[int | None]:
    """Give the replica axis of each variable."""
    return [replica_axis_of(variable) for variable in variables]


def same_objects(some: Sequence[Any], others: Sequence[Any]) -> bool:
    """Tell whether two sequences hold the very same objects in the same order."""
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))


class TrainingLoop(ABC):
    """A compiled loop over epochs.

    Between two runs the weights may stay on the device; :meth:`write_back` brings them into the variables of the model.

    Parameters
    ----------
    model : MetaModel
        Compiled; the optimiser is built.
    losses : Losses
        The loss of each output.
    callbacks : sequence of DeviceCallback
        Those that live in the loop.
    longest : int
        Maximum number of epochs of one run.
    """

    def __init__(self, model: Any, losses: Losses, callbacks: Sequence[DeviceCallback], longest: int) -> None:
        self.model = model
        self.losses = losses
        self.callbacks = tuple(callbacks)
        self.longest = longest
        self._trainable = list(model.trainable_variables)
        self._slots = list(model.optimizer.variables)
        self._driven = [variable for callback in callbacks for variable in callback.device_variables(model)]
        self._states: list[dict[str, Any]] = []

    def fits(self, model: Any, callbacks: Sequence[DeviceCallback], longest: int) -> bool:
        """Tell whether the loop serves another training."""
        return (
            self.longest == longest
            and same_objects(self.callbacks, callbacks)
            and same_objects(self._trainable, model.trainable_variables)
        )

    @abstractmethod
    def start(self, inputs: Mapping[str, Any], targets: Sequence[Any]) -> None:
        """Take the constant inputs and targets and put the device callbacks into their initial state."""

    @abstractmethod
    def run(self, first_epoch: int, epochs: int) -> NDArray[Any]:
        """Train ``epochs`` epochs and give the history, ``(epochs, 1 + outputs)``."""

    def write_back(self) -> None:
        """Bring the variables of the model up to date; a later run begins with what they are then."""
        return

    def device_states(self) -> list[dict[str, NDArray[Any]]]:
        """Give the state of each device callback, on the host."""
        return host_states(self._states)


def host_states(states: Sequence[Mapping[str, Any]]) -> list[dict[str, NDArray[Any]]]:
    """Copy states to the host."""
    return [{key: evaluate(value) for key, value in state.items()} for state in states]


def next_boundary(callbacks: Sequence[Any], epoch: int, epochs: int, longest: int) -> int:
    """Give the last epoch of the chunk that begins at ``epoch``.

    Parameters
    ----------
    callbacks : sequence of keras callbacks
        Asked by ``next_host_epoch``; one without this method wants every epoch.
    epoch, epochs : int
        First epoch of the chunk, number of epochs of the training.
    longest : int
        Maximum length of a chunk.
    """
    last = min(epoch + longest, epochs) - 1
    for callback in callbacks:
        wanted = wanted_epoch(callback, epoch)
        if wanted is not None:
            last = min(last, max(wanted, epoch))
    return last


def wanted_epoch(callback: Any, epoch: int) -> int | None:
    """Give the next epoch from ``epoch`` on at whose end a callback needs the host."""
    ask = getattr(callback, "next_host_epoch", None)
    return epoch if ask is None else ask(epoch)
