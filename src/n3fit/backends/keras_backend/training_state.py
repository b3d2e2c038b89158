"""Where a training stands: the trained weights and the variables of the optimiser, replica by replica."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.replica_axis import replica_axis_of


@dataclass(frozen=True)
class TrainingState:
    """Everything that a training changes in a model and its optimiser.

    Parameters
    ----------
    names : tuple of str
        Paths of the variables; only for messages.
    values : tuple of arrays
        The trained weights, then the variables of the optimiser.
    axes : tuple of int or None
        The replica axis of each.
    """

    names: tuple[str, ...]
    values: tuple[NDArray[Any], ...]
    axes: tuple[int | None, ...]

    @classmethod
    def of(cls, variables: Sequence[Any]) -> TrainingState:
        """Copy the values of variables."""
        return cls(
            names=tuple(variable.path for variable in variables),
            values=tuple(evaluate(variable) for variable in variables),
            axes=tuple(replica_axis_of(variable) for variable in variables),
        )

    def select(self, rows: Sequence[int] | NDArray[np.integer]) -> TrainingState:
        """Give the state of some replicas, in the order of ``rows``; what they share stays."""
        chosen = np.asarray(rows, dtype=np.intp)
        values = [
            value if axis is None else np.take(value, chosen, axis=axis)
            for value, axis in zip(self.values, self.axes, strict=True)
        ]
        return TrainingState(self.names, tuple(values), self.axes)

    def write_to(self, variables: Sequence[Any]) -> None:
        """Give variables the values of this state.

        Raises
        ------
        ValueError
            Their number or shapes differ; nothing has changed then.
        """
        if len(variables) != len(self.values):
            raise ValueError(f"expected {len(self.values)} variables, received {len(variables)}")
        for name, value, variable in zip(self.names, self.values, variables, strict=True):
            if value.shape != tuple(variable.shape):
                raise ValueError(f"{name}: expected the shape {value.shape}, received {tuple(variable.shape)}")
        for value, variable in zip(self.values, variables, strict=True):
            variable.assign(value)
