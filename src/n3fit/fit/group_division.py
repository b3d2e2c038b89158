"""Groups of replicas that are trained one after the other, and divided when the memory does not suffice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import is_out_of_memory, release_memory
from n3fit.errors import ResourceError
from n3fit.progress import ProgressReporter

Slots = NDArray[np.intp]
Trained = TypeVar("Trained")


def divide_groups(groups: Sequence[Slots], largest: int) -> list[Slots]:
    """Divide groups evenly into the fewest that have at most ``largest`` replicas each, in the same order.

    >>> [group.tolist() for group in divide_groups([np.arange(5), np.arange(5, 7)], 2)]
    [[0, 1], [2, 3], [4], [5, 6]]
    """
    return [part for group in groups for part in np.array_split(group, -(-len(group) // largest))]


class GroupDivision(Generic[Trained]):
    """The groups that are still to be trained.

    Parameters
    ----------
    groups : sequence of (R,) arrays
        The places of the replicas of each group.
    train : callable
        Trains a group.
    reporter : ProgressReporter
        Receives a message when groups are divided.
    """

    def __init__(self, groups: Sequence[Slots], train: Callable[[Slots], Trained], reporter: ProgressReporter) -> None:
        self.remaining = list(groups)
        self._train = train
        self._reporter = reporter

    def train_next(self) -> Trained | None:
        """Train the next group and remove it from those that remain.

        Returns
        -------
        The result of ``train``; None if the memory did not suffice: the group and those after it have been divided
        then so that none is larger than half of it.

        Raises
        ------
        ResourceError
            The memory does not suffice for a single replica.
        """
        group = self.remaining[0]
        try:
            trained = self._train(group)
        except Exception as error:  # each library has its own classes
            if not is_out_of_memory(error):
                raise
            if len(group) == 1:
                raise ResourceError(
                    f"the training of one replica needs more memory than there is: {_first_line(error)}",
                    hint="fit fewer data sets or use a device with more memory; CUDA_VISIBLE_DEVICES= selects the CPU",
                ) from error
        else:
            del self.remaining[0]
            return trained
        # here the error and with it the arrays of the training are gone
        release_memory()
        half = (len(group) + 1) // 2
        self.remaining = divide_groups(self.remaining, half)
        self._reporter.message(
            f"{len(group)} replicas need more memory than there is: training at most {half} at a time instead"
        )
        return None


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return (text.splitlines()[0][:200] if text else "") or type(error).__name__
