"""When finished replicas are removed from the batch.

A batch has one of few sizes, each half of the one before, so that few programs are compiled. At the end of a chunk it
shrinks to the smallest size that holds the active replicas if the arithmetic that the smaller batch saves
in the epochs that certainly remain is more than the compilation of its program costs. The active replica that has
waited least continues for at least the rest of its patience, and no replica past the last epoch. The rule counts
operations and measures no times, so that every run of a fit takes the same decisions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from n3fit.typing import Integers

COMPILATION = 3e11
"""Operations of a training on two cores in the time in which a model is built and its program compiled: 4 s."""

COMPILATION_ON_GPU = 3e13
"""The same on a GPU, which does a hundred times as many in that time."""


@dataclass(frozen=True)
class CompactionRule:
    """The rule for a fit.

    Parameters
    ----------
    epochs : int or (R,) int
        Epochs of the fit, or of each replica.
    patience : int or (R,) int
        Epochs that a replica waits for a better one.
    operations : float
        Floating-point operations of one replica in one epoch; zero for a batch that never shrinks.
    compilation : float
        Operations that are done in the time that another program costs.
    """

    epochs: int | Integers
    patience: int | Integers
    operations: float
    compilation: float = COMPILATION

    def select(self, slots: NDArray[np.integer]) -> CompactionRule:
        """Return the rule for the replicas at ``slots``."""
        epochs, patience = (
            values[slots] if isinstance(values, np.ndarray) else values for values in (self.epochs, self.patience)
        )
        return replace(self, epochs=epochs, patience=patience)

    def size_for(self, active: NDArray[np.bool_], waited: NDArray[np.integer], epoch: int) -> int:
        """Return the size of the batch after ``epoch``: the present one where no smaller one is faster.

        Parameters
        ----------
        active, waited : (B,)
            Which replicas of the batch are active, and for how many epochs each has waited for a better one.
        epoch : int
            The epoch just done, from 0.
        """
        size = len(active)
        if not active.any():
            return size
        smaller = fitting_size(size, int(active.sum()))
        remaining = int(np.minimum(self.epochs - epoch - 1, self.patience - waited)[active].max())
        saved = (size - smaller) * remaining * self.operations
        return smaller if saved > self.compilation else size


def fitting_size(size: int, needed: int) -> int:
    """Halve ``size``, rounding up, for as long as ``needed`` replicas fit in."""
    while needed <= (half := (size + 1) // 2) < size:
        size = half
    return size


def slots_of_batch(active: NDArray[np.bool_], size: int) -> NDArray[np.intp]:
    """Return the slots kept: active replicas, padded with frozen finished ones."""
    kept, finished = np.flatnonzero(active), np.flatnonzero(~active)
    return np.sort(np.concatenate([kept, finished[: size - len(kept)]]))
