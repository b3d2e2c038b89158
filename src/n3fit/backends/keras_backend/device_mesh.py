"""Division of the replicas of a model among the devices of JAX.

Replicas do not depend on each other, so that each device holds some of them and computes their part of every array
with a replica axis: weights, slots of the optimiser, data, masks and states of callbacks. All other arrays are on every
device. Programs compiled for arrays placed so divide the computation in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from n3fit.backends.keras_backend.callback_protocol import DeviceCallback
from n3fit.backends.keras_backend.local_devices import local_devices
from n3fit.backends.keras_backend.replica_assignment import assignment_of

REPLICA = "replica"
"""Name of the axis of the mesh."""


@dataclass(frozen=True)
class ReplicaPlacement:
    """The devices that hold the replicas of a model.

    Parameters
    ----------
    replicas : int
        Number of replicas of the model.
    mesh : Mesh or None
        One axis of devices, each with an equal number of replicas. None on a single device: every array is returned
        as it is then.
    """

    replicas: int
    mesh: Mesh | None

    @classmethod
    def of_variables(cls, variables: Iterable[Any]) -> ReplicaPlacement:
        """Return the placement of a model with these variables.

        The mesh has as many of the local devices as divide the number of replicas. A model whose variables have
        replica axes of different sizes, or none, is on one device.
        """
        axes = [(variable, assignment_of(variable).axis) for variable in variables]
        sizes = {int(variable.shape[axis]) for variable, axis in axes if axis is not None}
        replicas = sizes.pop() if len(sizes) == 1 else 1
        devices = local_devices()
        count = max(count for count in range(1, max(len(devices), 1) + 1) if replicas % count == 0)
        return cls(replicas, None if count == 1 else Mesh(np.array(devices[:count]), (REPLICA,)))

    def place(self, value: Any, axis: int | None = None) -> Any:
        """Return an array with its replicas along ``axis`` divided among the devices; on every device if None."""
        if self.mesh is None:
            return value
        names = () if axis is None else (*[None] * axis, REPLICA)
        spec = PartitionSpec(*names)  # type: ignore[no-untyped-call]
        return jax.device_put(value, NamedSharding(self.mesh, spec))

    def place_variables(self, variables: Sequence[Any]) -> None:
        """Move the values of variables to the devices of their replicas."""
        if self.mesh is None:
            return
        for variable in variables:
            axis = assignment_of(variable).axis
            divided = axis is not None and variable.shape[axis] == self.replicas
            variable.assign(self.place(variable.value, axis if divided else None))

    def place_state(self, callback: DeviceCallback, state: dict[str, Any]) -> dict[str, Any]:
        """Return the state of a callback with its arrays divided that have an entry for each replica."""
        axes = {
            key: 0 if callback.per_replica and value.shape[:1] == (self.replicas,) else None
            for key, value in state.items()
        }
        return {key: self.place(value, axes[key]) for key, value in state.items()}

    def shardings(self, arrays: Any) -> Any:
        """Return the shardings of placed arrays in the same structure; None on a single device."""
        return None if self.mesh is None else jax.tree.map(lambda array: array.sharding, arrays)
