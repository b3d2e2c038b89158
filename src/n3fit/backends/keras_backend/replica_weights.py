"""Read and write the weights of single replicas in layers that hold all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.replica_axis import replica_axis_of

NN_PREFIX = "NN"
NN_LAYER_ALL_REPLICAS = "all_NNs"
PREPROCESSING_LAYER_ALL_REPLICAS = "preprocessing_factor"


def is_stacked_single_replicas(layer: Any) -> bool:
    """Tell whether a layer is a model with one network ``NN_0``, ``NN_1``, ... per replica."""
    return any(sublayer.name == f"{NN_PREFIX}_0" for sublayer in getattr(layer, "layers", ()))


def get_layer_replica_weights(layer: Any, i_replica: int) -> list[NDArray[Any]]:
    """Give copies of the weights of one replica.

    Parameters
    ----------
    layer : layer or model
        Either a stack of single networks, or a layer whose weights have a replica axis (the first one unless marked
        otherwise).
    i_replica : int
        The replica, from 0.

    Returns
    -------
    list of arrays
        What the same layer made for one replica would have: the replica axis stays, with size one.

    Raises
    ------
    IndexError
        There is no such replica.
    """
    if is_stacked_single_replicas(layer):
        return [evaluate(weight) for weight in _single_network(layer, i_replica).weights]
    return [evaluate(weight)[_replica_slice(weight, i_replica)].copy() for weight in layer.weights]


def set_layer_replica_weights(layer: Any, weights: Sequence[Any], i_replica: int) -> None:
    """Set the weights of one replica and leave the others as they are; the inverse of the above.

    Raises
    ------
    IndexError
        There is no such replica.
    ValueError
        The weights differ in number or shape; nothing has changed then.
    """
    stacked = is_stacked_single_replicas(layer)
    targets = (_single_network(layer, i_replica) if stacked else layer).weights
    if len(weights) != len(targets):
        raise ValueError(f"{layer.name} has {len(targets)} weights per replica, received {len(weights)}")
    updated = []
    for target, weight in zip(targets, weights, strict=True):
        values, new = evaluate(target), evaluate(weight)
        place = (...,) if stacked else _replica_slice(target, i_replica)
        if values[place].shape != new.shape:
            raise ValueError(f"{target.path}: expected the shape {values[place].shape}, received {new.shape}")
        values[place] = new
        updated.append(values)
    for target, values in zip(targets, updated, strict=True):
        target.assign(values)


def _single_network(layer: Any, i_replica: int) -> Any:
    found = [sublayer for sublayer in layer.layers if sublayer.name == f"{NN_PREFIX}_{i_replica}"]
    if not found:
        raise IndexError(f"{layer.name} has no replica {i_replica}")
    return found[0]


def _replica_slice(weight: Any, i_replica: int) -> tuple[Any, ...]:
    axis = replica_axis_of(weight) or 0
    replicas = weight.shape[axis] if len(weight.shape) else 0
    if not 0 <= i_replica < replicas:
        raise IndexError(f"{weight.path} has {replicas} replicas, there is no replica {i_replica}")
    return (*[slice(None)] * axis, slice(i_replica, i_replica + 1))
