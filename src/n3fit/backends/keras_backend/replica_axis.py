"""Which axis of a variable runs over replicas, and how to act on single replicas along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import ops


def mark_replica_axis(variable: Any, axis: int | None) -> None:
    """Remember on ``variable`` that its slices along ``axis`` belong to different replicas (None: shared)."""
    variable.replica_axis = None if axis is None else int(axis)


def replica_axis_of(variable: Any) -> int | None:
    """Give the replica axis of a variable, None if it has none."""
    axis: int | None = getattr(variable, "replica_axis", None)
    return axis


def select_replicas(alive: Any, new: Any, old: Any, axis: int) -> Any:
    """Take ``new`` for the replicas alive and ``old`` for the others.

    Parameters
    ----------
    alive : (R,) bool tensor
        The replicas that go on.
    new, old : tensors of equal shape
        Whatever ``old`` is not chosen for may be NaN: nothing of it reaches the result.
    axis : int
        The replica axis, of size R.
    """
    shape = [1] * len(new.shape)
    shape[axis] = -1
    return ops.where(ops.reshape(alive, shape), new, old)


def freeze_replicas(alive: Any, new: Sequence[Any], old: Sequence[Any], axes: Sequence[int | None]) -> list[Any]:
    """Apply :func:`select_replicas` to lists of tensors; those without replica axis are always ``new``."""
    return [
        after if axis is None else select_replicas(alive, after, before, axis)
        for after, before, axis in zip(new, old, axes, strict=True)
    ]
