"""State of a training: the trained weights, the variables of the optimiser and the states of random streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.replica_assignment import ReplicaAssignment, assignment_of, select_replicas


@dataclass(frozen=True)
class TrainingState:
    """Everything that a training changes in a model and its optimiser.

    Parameters
    ----------
    names : tuple of str
        Paths of the variables, for messages.
    values : tuple of arrays
        The trained weights, then the variables of the optimiser, then the states of random streams.
    assignments : tuple of ReplicaAssignment
        The replicas that the entries of each variable belong to.
    """

    names: tuple[str, ...]
    values: tuple[NDArray[Any], ...]
    assignments: tuple[ReplicaAssignment, ...]

    @classmethod
    def of(cls, variables: Sequence[Any]) -> TrainingState:
        """Return copies of the values of variables."""
        return cls(
            names=tuple(variable.path for variable in variables),
            values=tuple(evaluate(variable) for variable in variables),
            assignments=tuple(assignment_of(variable) for variable in variables),
        )

    def select(self, rows: Sequence[int] | NDArray[np.integer]) -> TrainingState:
        """Return the state of some replicas, in the order of ``rows``; what all replicas share stays."""
        selected = select_replicas(self.values, self.assignments, np.asarray(rows, dtype=np.intp))
        return TrainingState(
            names=tuple(self.names[index] for index, _ in selected),
            values=tuple(value for _, value in selected),
            assignments=tuple(self.assignments[index] for index, _ in selected),
        )

    def write_to(self, variables: Sequence[Any]) -> None:
        """Assign the values of this state to variables.

        Raises
        ------
        ValueError
            Their number or shapes differ; the variables are unchanged then.
        """
        if len(variables) != len(self.values):
            raise ValueError(f"expected {len(self.values)} variables, received {len(variables)}")
        for name, value, variable in zip(self.names, self.values, variables, strict=True):
            if value.shape != tuple(variable.shape):
                raise ValueError(f"{name}: expected the shape {value.shape}, received {tuple(variable.shape)}")
        for value, variable in zip(self.values, variables, strict=True):
            variable.assign(value)


def random_states(model: Any) -> list[Any]:
    """Return the states of the random streams of a model, such as those of dropout; without dropout there are none."""
    others = {id(variable) for variable in (*model.non_trainable_weights, *model.metrics_variables)}
    return [variable for variable in model.non_trainable_variables if id(variable) not in others]
