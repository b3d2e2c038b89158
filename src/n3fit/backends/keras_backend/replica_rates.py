"""Optimisers in which every replica has its own learning rate and clip norm.

The update of each optimiser of Keras multiplies by the learning rate entry by entry, so that a tensor that broadcasts
along the replica axis of a variable takes its place; nothing else of the update changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.array_initializer import ArrayConstant
from n3fit.backends.keras_backend.replica_assignment import assign_axis, assignment_of


class ReplicaRates:
    """Mixin for Keras optimisers; the values are variables of the optimiser, assigned to replicas."""

    replica_values: tuple[NDArray[np.float64], NDArray[np.float64]]
    variables_built_for: tuple[Any, ...] = ()

    def set_replica_values(self, learning_rates: NDArray[np.float64], clipnorms: NDArray[np.float64]) -> None:
        """Set the learning rate and the clip norm of every replica, (R,) each, before the optimiser is built.

        A clip norm is infinite for no clipping.
        """
        self.replica_values = (np.array(learning_rates, dtype=np.float64), np.array(clipnorms, dtype=np.float64))

    def build(self, variables: Sequence[Any]) -> None:
        """Create the slots of some variables, and the variables of the rates.

        Raises
        ------
        ValueError
            A variable has another number of replicas, or is shared by all of them.
        """
        rates, clipnorms = self.replica_values
        for variable in variables:
            assignment = assignment_of(variable)
            if assignment.shared:
                raise ValueError(f"{variable.path}: expected a variable of replicas, received one that all share")
            if assignment.axis is not None and variable.shape[assignment.axis] != len(rates):
                raise ValueError(
                    f"{variable.path}: expected {len(rates)} replicas along axis {assignment.axis}, "
                    f"received the shape {tuple(variable.shape)}"
                )
        super().build(variables)  # type: ignore[misc]
        self.replica_learning_rate = self._add_values("replica_learning_rate", rates)
        self.replica_clipnorm = self._add_values("replica_clipnorm", clipnorms)

    def _add_values(self, name: str, values: NDArray[np.float64]) -> Any:
        dtype = keras.config.floatx()
        initial = ArrayConstant(values.astype(dtype))
        variable = self.add_variable(values.shape, initializer=initial, dtype=dtype, name=name)  # type: ignore[attr-defined]
        assign_axis(variable, 0)
        return variable

    @property
    def clips(self) -> bool:
        """True: a replica without clipping has an infinite clip norm."""
        return True

    def clipnorm_of(self, variable: Any) -> Any:
        """Return the clip norms of the replicas of a variable."""
        return assignment_of(variable).spread(self.replica_clipnorm.value, len(variable.shape))

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update a variable, each replica with its own learning rate in place of the one received."""
        known = self._variable_of(variable)
        rates = assignment_of(known).spread(self.replica_learning_rate.value, len(known.shape))
        super().update_step(gradient, variable, rates)  # type: ignore[misc]

    def _variable_of(self, variable: Any) -> Any:
        """Return the variable of Keras for itself, or for the variable of TensorFlow that it holds."""
        for known in self.variables_built_for:
            if known is variable:
                return known
        return next(known for known in self.variables_built_for if known.value is variable)
