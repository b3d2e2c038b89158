"""Weights of single replicas in layers that hold those of all replicas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.replica_assignment import assignment_of, single_networks


def is_stacked_single_replicas(layer: Any) -> bool:
    """Return whether a layer is a model with one network ``NN_0``, ``NN_1``, ... per replica."""
    return bool(single_networks(layer))


def get_layer_replica_weights(layer: Any, i_replica: int) -> list[NDArray[Any]]:
    """Return copies of the weights of one replica.

    Parameters
    ----------
    layer : layer or model
        Either a stack of single networks, or a layer whose weights have a replica axis (the first one unless set
        otherwise).
    i_replica : int
        The replica, from 0.

    Returns
    -------
    list of arrays
        The weights of the same layer built for one replica: the replica axis stays, with size one.

    Raises
    ------
    IndexError
        There is no such replica.
    """
    if is_stacked_single_replicas(layer):
        return [evaluate(weight) for weight in _single_network(layer, i_replica).weights]
    return [evaluate(weight)[_replica_slice(weight, i_replica)].copy() for weight in layer.weights]


def get_layer_weights_of_replicas(layer: Any, replicas: Sequence[int]) -> list[list[NDArray[Any]]]:
    """Return copies of the weights of some replicas, as :func:`get_layer_replica_weights`; each array is read once.

    Raises
    ------
    IndexError
        There is no such replica.
    """
    if is_stacked_single_replicas(layer):
        return [get_layer_replica_weights(layer, replica) for replica in replicas]
    arrays = [(weight, evaluate(weight)) for weight in layer.weights]
    return [[array[_replica_slice(weight, replica)].copy() for weight, array in arrays] for replica in replicas]


def set_layer_replica_weights(layer: Any, weights: Sequence[Any], i_replica: int) -> None:
    """Set the weights of one replica and leave the others as they are.

    Parameters
    ----------
    layer : layer or model
    weights : list of arrays
        As :func:`get_layer_replica_weights` returns them.
    i_replica : int
        The replica, from 0.

    Raises
    ------
    IndexError
        There is no such replica.
    ValueError
        The weights differ in number or shape; the layer is unchanged then.
    """
    stacked = is_stacked_single_replicas(layer)
    targets = (_single_network(layer, i_replica) if stacked else layer).weights
    if len(weights) != len(targets):
        raise ValueError(f"{layer.name} has {len(targets)} weights per replica, received {len(weights)}")
    updated = [
        _with_slices(target, [((...,) if stacked else _replica_slice(target, i_replica), weight)])
        for target, weight in zip(targets, weights, strict=True)
    ]
    for target, values in zip(targets, updated, strict=True):
        target.assign(values)


def set_layer_weights_of_replicas(layer: Any, weights: Sequence[Sequence[Any]]) -> None:
    """Set the weights of replicas 0, 1, ..., as :func:`get_layer_weights_of_replicas` returns them, each array at once.

    Raises
    ------
    IndexError
        There are more replicas than the layer has.
    ValueError
        The weights differ in number or shape; the layer is unchanged then.
    """
    if is_stacked_single_replicas(layer):
        for i_replica, values in enumerate(weights):
            set_layer_replica_weights(layer, values, i_replica)
        return
    targets = layer.weights
    if any(len(values) != len(targets) for values in weights):
        raise ValueError(f"{layer.name} has {len(targets)} weights per replica, received another number")
    updated = [
        _with_slices(target, [(_replica_slice(target, number), arrays[index]) for number, arrays in enumerate(weights)])
        for index, target in enumerate(targets)
    ]
    for target, array in zip(targets, updated, strict=True):
        target.assign(array)


def _with_slices(target: Any, slices: Sequence[tuple[tuple[Any, ...], Any]]) -> NDArray[Any]:
    """Return the values of a weight with some slices, each given by its place, replaced.

    Raises
    ------
    ValueError
        A slice has another shape.
    """
    values = evaluate(target)
    for place, weight in slices:
        new = evaluate(weight)
        if values[place].shape != new.shape:
            raise ValueError(f"{target.path}: expected the shape {values[place].shape}, received {new.shape}")
        values[place] = new
    return values


def _single_network(layer: Any, i_replica: int) -> Any:
    networks = single_networks(layer)
    if not 0 <= i_replica < len(networks):
        raise IndexError(f"{layer.name} has {len(networks)} replicas, there is no replica {i_replica}")
    return networks[i_replica]


def _replica_slice(weight: Any, i_replica: int) -> tuple[Any, ...]:
    axis = assignment_of(weight).axis or 0
    replicas = weight.shape[axis] if len(weight.shape) else 0
    if not 0 <= i_replica < replicas:
        raise IndexError(f"{weight.path} has {replicas} replicas, there is no replica {i_replica}")
    return (*[slice(None)] * axis, slice(i_replica, i_replica + 1))
