"""The connection of the training of a group of replicas to the checkpoints and interruptions of its fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from n3fit.fit.checkpoints import FitCheckpoints
from n3fit.fit.interruptions import Interruptions
from n3fit.training.checkpoint import TrainingCheckpoint


class GroupMonitor:
    """Connects the training of a group of replicas to the checkpoints and interruptions of the fit.

    Parameters
    ----------
    checkpoints : FitCheckpoints or None
        None for a training without checkpoints.
    numbers : sequence of int
        The replicas of the group.
    interruptions : Interruptions
    several : bool
        Whether the fit has other groups, during whose training the final state of this one is kept.
    """

    def __init__(
        self,
        checkpoints: FitCheckpoints | None,
        numbers: Sequence[int],
        interruptions: Interruptions,
        *,
        several: bool = False,
    ) -> None:
        self._checkpoints = checkpoints
        self._numbers = list(numbers)
        self._interruptions = interruptions
        self._several = several

    def start(self) -> TrainingCheckpoint | None:
        """Return the state of the latest checkpoint of the group; None to start."""
        return None if self._checkpoints is None else self._checkpoints.read(self._numbers)

    def interruption(self) -> KeyboardInterrupt | None:
        """Return the interruption that waits for the end of the chunk of epochs."""
        return self._interruptions.pending

    def checkpoint_is_due(self, *, last: bool) -> bool:
        """Return whether a checkpoint is due: after the interval, at an interruption, at the end of one of several."""
        if self._checkpoints is None:
            return False
        if last and (self._several or self.interruption() is not None):
            return True
        return not last and self._checkpoints.is_due()

    def write(self, make_checkpoint: Callable[[], TrainingCheckpoint]) -> None:
        """Write the checkpoint that a function makes."""
        if self._checkpoints is not None:
            self._checkpoints.write(self._numbers, make_checkpoint)
