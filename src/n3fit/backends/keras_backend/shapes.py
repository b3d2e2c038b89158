"""Operations that change the shape of tensors or join them, and leave their entries as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from n3fit.backends.keras_backend.conversions import as_one_tensor, as_tensor, is_symbolic


def batchit(x: Any, batch_dimension: int = 0, **kwarg: Any) -> Any:
    """Return a tensor with an additional axis of size one at ``batch_dimension``."""
    return ops.expand_dims(as_tensor(x), axis=batch_dimension, **kwarg)


def concatenate(
    tensor_list: Sequence[Any], axis: int = -1, target_shape: Sequence[int] | None = None, name: str | None = None
) -> Any:
    """Join tensors, or numbers, along an axis.

    Parameters
    ----------
    tensor_list : sequence
        Tensors that differ in ``axis`` only; numbers count as tensors of shape (1,).
    axis : int
        The axis along which they are joined.
    target_shape : sequence of int, optional
        The result is reshaped to it.
    name : str, optional
        Name of the layer that is created when the tensors are symbolic.
    """
    tensors = [ops.reshape(x, (1,)) if len(x.shape) == 0 else x for x in map(as_tensor, tensor_list)]
    if name is not None and len(tensors) > 1 and all(map(is_symbolic, tensors)):
        joined = keras.layers.Concatenate(axis=axis, name=name)(tensors)
    else:
        joined = ops.concatenate(tensors, axis=axis)
    return joined if target_shape is None else ops.reshape(joined, tuple(target_shape))


def flatten(x: Any) -> Any:
    """Return all entries of a tensor, or of a list of tensors of one shape, along one axis."""
    return ops.reshape(as_one_tensor(x), (-1,))


def reshape(x: Any, shape: Sequence[int]) -> Any:
    """Return the same entries in another shape; one size may be -1."""
    return ops.reshape(as_tensor(x), tuple(shape))


def stack(tensor_list: Sequence[Any], axis: int = 0, **kwargs: Any) -> Any:
    """Stack tensors, or variables, of one shape along a new axis."""
    return ops.stack([as_tensor(x) for x in tensor_list], axis=axis, **kwargs)


def swapaxes(tensor: Any, source: int, destination: int) -> Any:
    """Exchange two axes, as ``numpy.swapaxes`` does."""
    return ops.swapaxes(as_tensor(tensor), source, destination)


def transpose(tensor: Any, *, axes: Sequence[int] | None = None) -> Any:
    """Permute the axes into the order ``axes``, or reverse them."""
    tensor = as_tensor(tensor)
    order = reversed(range(len(tensor.shape))) if axes is None else axes
    return ops.transpose(tensor, axes=tuple(order))
