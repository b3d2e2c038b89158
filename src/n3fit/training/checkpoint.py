"""The state of a training at the end of a chunk of epochs, from which it can go on in another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import ReplicaAssignment, TrainingState
from n3fit.training.batch import BatchState
from n3fit.training.history import HistoryArrays

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class TrainingCheckpoint:
    """State of a training of R replicas, B of which are in the batch.

    Parameters
    ----------
    batch : BatchState
        Weights, optimiser, random streams and stopping of the replicas in the batch, and the number of epochs done.
    replicas : mapping
        State of the stopping of all replicas, those that left the batch included.
    history : HistoryArrays
    """

    batch: BatchState
    replicas: Mapping[str, NDArray[Any]]
    history: HistoryArrays

    def to_arrays(self) -> tuple[dict[str, Any], Arrays]:
        """Return the content of a file: a header, plain JSON, and arrays."""
        state = self.batch.state
        header = {
            "epoch": int(self.batch.epoch),
            "variables": list(state.names),
            "assignments": [[assignment.axis, assignment.replica] for assignment in state.assignments],
        }
        arrays: Arrays = {"slots": np.asarray(self.batch.slots, dtype=np.int64)}
        arrays |= {f"variable/{index}": value for index, value in enumerate(state.values)}
        arrays |= {f"batch/{name}": value for name, value in self.batch.stopping.items()}
        if not self._holds_all():  # else the two are the same
            arrays |= {f"replicas/{name}": value for name, value in self.replicas.items()}
        arrays |= {f"history/{name}": value for name, value in self.history.items()}
        return header, arrays

    @classmethod
    def from_arrays(cls, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> TrainingCheckpoint:
        """Return the state that :meth:`to_arrays` was called for.

        Raises
        ------
        ValueError
            Something is missing.
        """
        try:
            names = tuple(str(name) for name in header["variables"])
            state = TrainingState(
                names=names,
                values=tuple(np.array(arrays[f"variable/{index}"]) for index in range(len(names))),
                assignments=tuple(ReplicaAssignment(axis, replica) for axis, replica in header["assignments"]),
            )
            batch = BatchState(
                slots=np.array(arrays["slots"], dtype=np.intp),
                epoch=int(header["epoch"]),
                state=state,
                stopping=_below("batch/", arrays),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not the checkpoint of a training: {error}") from error
        replicas = _below("replicas/", arrays) or _below("batch/", arrays)
        if "active" not in replicas:
            raise ValueError("not the checkpoint of a training: it has no state of the replicas")
        return cls(batch, replicas, _below("history/", arrays))

    def _holds_all(self) -> bool:
        slots = np.asarray(self.batch.slots)
        return np.array_equal(slots, np.arange(len(self.replicas["active"])))


class TrainingMonitor(Protocol):
    """Decides at the end of each chunk of epochs whether a checkpoint is written and whether the training ends."""

    def start(self) -> TrainingCheckpoint | None:
        """Return the state from which the training goes on; None to start it."""

    def interruption(self) -> KeyboardInterrupt | None:
        """Return the interruption by which the training has to end; None without one."""

    def checkpoint_is_due(self, *, last: bool) -> bool:
        """Return whether a checkpoint is to be written now; ``last``: the training ends."""

    def write(self, make_checkpoint: Callable[[], TrainingCheckpoint]) -> None:
        """Write the checkpoint that a function makes."""


class NoMonitor:
    """A monitor of a training that starts anew and is neither interrupted nor saved."""

    def start(self) -> None:
        """Return None."""
        return

    def interruption(self) -> None:
        """Return None."""
        return

    def checkpoint_is_due(self, *, last: bool) -> bool:
        """Return False."""
        return False

    def write(self, make_checkpoint: Callable[[], TrainingCheckpoint]) -> None:
        """Do nothing."""


def _below(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    """Return copies of the arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): np.array(value) for name, value in arrays.items() if name.startswith(prefix)}
