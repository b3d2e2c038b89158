"""Assignment of the entries of variables to replicas.

This is the one place that decides to which replica a weight belongs: clipping, freezing, the slots of optimisers, the
state of a training and the weights of single replicas all use it. A weight

- has the replica axis that its layer has set (``MultiDense``, ``MetaLayer.builder_helper``);
- belongs to replica r as a whole if it is inside the single network ``NN_r`` of a stack;
- otherwise has the replica axis 0 if it is inside a layer named ``all_NNs``, ``preprocessing_factor`` or
  ``parametrisation``, also when this layer has set none;
- otherwise is shared by all replicas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from n3fit.backends.keras_backend.keras_private import nested_layers
from n3fit.vocabulary import NETWORK_LAYER, PARAMETRISATION_LAYER, PREPROCESSING_LAYER

NN_PREFIX = "NN"
NN_LAYER_ALL_REPLICAS = NETWORK_LAYER
PREPROCESSING_LAYER_ALL_REPLICAS = PREPROCESSING_LAYER
PER_REPLICA_LAYERS = (NN_LAYER_ALL_REPLICAS, PREPROCESSING_LAYER_ALL_REPLICAS, PARAMETRISATION_LAYER)
"""Names of the layers whose weights hold all replicas along the first axis."""


@dataclass(frozen=True)
class ReplicaAssignment:
    """Assignment of the entries of a variable; with both parameters None all replicas share the variable.

    Parameters
    ----------
    axis : int or None
        The slices along this axis belong to replicas 0, 1, ...
    replica : int or None
        The variable as a whole belongs to this replica.
    """

    axis: int | None = None
    replica: int | None = None

    @property
    def shared(self) -> bool:
        """Whether no replica has a part of its own."""
        return self.axis is None and self.replica is None

    def axes_of_one_replica(self, rank: int) -> tuple[int, ...]:
        """Return the axes, out of ``rank``, that run over the entries of one replica."""
        return tuple(axis for axis in range(rank) if axis != self.axis)

    def spread(self, values: Any, rank: int) -> Any:
        """Return the values of the replicas, (R,), in a shape that multiplies a variable of ``rank`` axes.

        Raises
        ------
        ValueError
            The variable is shared by all replicas.
        """
        if self.replica is not None:
            return values[self.replica]
        if self.axis is None:
            raise ValueError("expected a variable of one or of each replica, received one that all replicas share")
        shape = [1] * rank
        shape[self.axis] = -1
        return ops.reshape(values, shape)

    def choose(self, flags: Any, new: Any, old: Any) -> Any:
        """Return ``new`` where the flag of a replica is set and ``old`` elsewhere; shared entries are ``new``.

        Parameters
        ----------
        flags : (R,) bool tensor
        new, old : tensors of equal shape
            NaN in what is not chosen does not reach the result.

        Raises
        ------
        ValueError
            The replica axis has another size than the flags.
        """
        if self.replica is not None:
            return ops.where(flags[self.replica], new, old)
        if self.axis is None:
            return new
        if new.shape[self.axis] != flags.shape[0]:
            raise ValueError(
                f"expected {flags.shape[0]} replicas along axis {self.axis}, received the shape {tuple(new.shape)}"
            )
        return ops.where(self.spread(flags, len(new.shape)), new, old)


def assign_axis(variable: Any, axis: int | None) -> None:
    """Set the replica axis of a variable; None if it has none."""
    variable.replica_axis = None if axis is None else int(axis)


def assignment_of(variable: Any) -> ReplicaAssignment:
    """Return the assignment of a variable."""
    replica: int | None = getattr(variable, "replica", None)
    axis: int | None = getattr(variable, "replica_axis", None)
    return ReplicaAssignment(axis, None) if replica is None else ReplicaAssignment(None, replica)


def copy_assignment(variable: Any, reference: Any) -> None:
    """Assign a variable, such as the slot of an optimiser, as another one of the same shape."""
    assign_axis(variable, getattr(reference, "replica_axis", None))
    variable.replica = getattr(reference, "replica", None)


def assign_replicas(model: Any) -> None:
    """Assign the weights of all layers inside a model by the names of the layers, see the top of this module."""
    for layer in nested_layers(model):
        networks = single_networks(layer)
        for replica, network in enumerate(networks):
            for weight in network.weights:
                weight.replica = replica
        if layer.name in PER_REPLICA_LAYERS and not networks:
            for weight in layer.weights:
                if assignment_of(weight).shared and len(weight.shape) > 0:
                    assign_axis(weight, 0)


def single_networks(layer: Any) -> list[Any]:
    """Return the networks ``NN_0``, ``NN_1``, ... of a stack in the order of the replicas; [] if it is none."""
    by_name = {sublayer.name: sublayer for sublayer in getattr(layer, "layers", ())}
    networks: list[Any] = []
    while (name := f"{NN_PREFIX}_{len(networks)}") in by_name:
        networks.append(by_name[name])
    return networks


def choose_by_replica(
    flags: Any, new: Sequence[Any], old: Sequence[Any], assignments: Sequence[ReplicaAssignment]
) -> list[Any]:
    """Apply :meth:`ReplicaAssignment.choose` to lists of tensors."""
    return [
        assignment.choose(flags, after, before) for after, before, assignment in zip(new, old, assignments, strict=True)
    ]


def select_replicas(
    values: Sequence[NDArray[Any]], assignments: Sequence[ReplicaAssignment], rows: NDArray[np.intp]
) -> list[tuple[int, NDArray[Any]]]:
    """Return the values of a model of some replicas.

    Parameters
    ----------
    values : sequence of arrays
        The values of variables.
    assignments : sequence of ReplicaAssignment
        Their assignments.
    rows : (r,)
        The replicas chosen, in their new order.

    Returns
    -------
    list of (index, array)
        The position of each remaining variable in ``values`` and its new value. Variables shared by all replicas stay;
        of the variables that belong to one replica as a whole, those of replicas 0 ... r-1 remain.
    """
    whole: dict[int, list[int]] = {}
    for index, assignment in enumerate(assignments):
        if assignment.replica is not None:
            whole.setdefault(assignment.replica, []).append(index)
    selected = []
    for index, (value, assignment) in enumerate(zip(values, assignments, strict=True)):
        if assignment.axis is not None:
            selected.append((index, np.take(value, rows, axis=assignment.axis)))
        elif assignment.replica is None:
            selected.append((index, value))
        elif assignment.replica < len(rows):
            source = whole[int(rows[assignment.replica])][whole[assignment.replica].index(index)]
            selected.append((index, values[source]))
    return selected
