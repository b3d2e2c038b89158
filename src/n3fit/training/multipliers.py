"""The growth of the Lagrange multipliers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import callbacks
from n3fit.backends import operations as op
from n3fit.lagrange import EPOCHS_PER_UPDATE
from n3fit.typing import Floats, Integers

TABLE_STEP = 256
"""The tables of multipliers are as long as a multiple of this, so that fits of most lengths share a program."""


class MultiplierGrowth(callbacks.DeviceCallback):
    """Multiply the multipliers of each set by its factor every 100 epochs, inside the compiled loop.

    In epoch e (from 0) they are ``initial * factor^(e // 100)``, computed in double precision and rounded once.

    Parameters
    ----------
    factors : mapping of str to (S,) or (R, S)
        Name of a LagrangePenalty layer to the factors of its sets, or of the sets of each replica.
    epochs : (R,) int, optional
        Epochs of each replica, after which its multipliers stay as they are: they could leave the range of floats.
    """

    per_replica = False

    def __init__(self, factors: Mapping[str, Floats], epochs: Integers | None = None) -> None:
        super().__init__()
        self.epochs = epochs
        self.factors = {name: np.asarray(values, dtype=np.float64) for name, values in factors.items()}
        self._tables: dict[str, Floats] = {}
        self._epochs_done = 0

    def device_init(self, model: Any, replicas: int) -> dict[str, Any]:
        """Return the multipliers of every period of 100 epochs, ``(periods, [R,] S)`` for each layer."""
        last = int(self.params["epochs"]) // EPOCHS_PER_UPDATE
        periods = np.minimum(np.arange((last // TABLE_STEP + 1) * TABLE_STEP), last)
        if self.epochs is not None:
            periods = np.minimum(periods[:, np.newaxis], self.epochs // EPOCHS_PER_UPDATE)
        self._tables = {
            name: multipliers_of(model.get_layer(name).initial, factors, periods)
            for name, factors in self.factors.items()
        }
        with np.errstate(over="ignore"):
            return {name: table.astype(model.get_layer(name).multipliers.dtype) for name, table in self._tables.items()}

    def device_update(
        self, state: dict[str, Any], epoch: Any, outputs: Mapping[str, Any], weights: Sequence[Any]
    ) -> tuple[dict[str, Any], None]:
        """Return the tables unchanged."""
        return state, None

    def device_variables(self, model: Any) -> list[Any]:
        """Return the multipliers of each layer."""
        return [model.get_layer(name).multipliers for name in self.factors]

    def device_values(self, state: dict[str, Any], epoch: Any) -> list[Any]:
        """Return the multipliers in an epoch."""
        period = epoch // EPOCHS_PER_UPDATE
        return [op.backend_function("take", state[name], period, axis=0) for name in self.factors]

    def device_receive(self, state: dict[str, Any], epoch: int) -> None:
        """Record the last epoch of the chunk."""
        self._epochs_done = epoch + 1

    def on_train_end(self, logs: Mapping[str, float] | None = None) -> None:
        """Assign the multipliers of the next epoch to the layers."""
        for name, table in self._tables.items():
            self.model.get_layer(name).multipliers.assign(table[self._epochs_done // EPOCHS_PER_UPDATE])


def multipliers_of(initial: Floats, factors: Floats, periods: NDArray[np.integer]) -> Floats:
    """Return ``initial * factors^period``; what leaves the range of floats is infinite.

    Parameters
    ----------
    initial, factors : (S,) or (R, S)
    periods : (P,) or (P, R)

    Returns
    -------
    (P, S), or (P, R, S)
    """
    with np.errstate(over="ignore"):
        values: Floats = initial * factors ** periods[..., np.newaxis].astype(np.float64)
    return values
