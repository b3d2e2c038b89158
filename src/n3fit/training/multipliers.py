"""The growth of the Lagrange multipliers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import callbacks
from n3fit.runcard.lagrange import EPOCHS_PER_UPDATE

Floats = NDArray[np.float64]


class MultiplierGrowth(callbacks.Callback):
    """Multiply the multipliers of each set by its factor every 100 epochs.

    Parameters
    ----------
    factors : mapping of str to (S,)
        Name of a LagrangePenalty layer to the factors of its sets.
    """

    def __init__(self, factors: Mapping[str, Floats]) -> None:
        super().__init__()
        self.factors = dict(factors)

    def next_host_epoch(self, epoch: int) -> int | None:
        """Ask for every hundredth epoch."""
        return epoch + (-epoch - 1) % EPOCHS_PER_UPDATE if self.factors else None

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Multiply, if it is time."""
        if (epoch + 1) % EPOCHS_PER_UPDATE:
            return
        for name, factors in self.factors.items():
            multipliers = self.model.get_layer(name).multipliers
            multipliers.assign(np.asarray(multipliers.numpy()) * factors)
