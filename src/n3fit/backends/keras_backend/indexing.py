"""Operations that select, place and split entries of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate


def gather(tensor: Any, indices: Any, axis: int = 0, **kwargs: Any) -> Any:
    """Return the entries ``indices`` (an integer, a list or an array; negative ones count from the end) of an axis.

    Raises
    ------
    IndexError
        An index is outside the axis, where its size is known.
    """
    return ops.take(tensor, _positive_indices(tensor, indices, axis), axis=axis, **kwargs)


def op_gather_keep_dims(tensor: Any, indices: Any, axis: int = 0, **kwargs: Any) -> Any:
    """Return entries of an axis as :func:`gather` does, and keep the axis also for a single index."""
    if np.ndim(indices) == 0 and not ops.is_tensor(indices):
        indices = [indices]
    return gather(tensor, indices, axis=axis, **kwargs)


def boolean_mask(tensor: Any, mask: Any, axis: int | None = None) -> Any:
    """Return the entries of a tensor where a mask is true.

    Parameters
    ----------
    tensor : tensor
        Any shape.
    mask : (...) bool array
        Extends over one or more axes of the tensor, of the same sizes. Its values must be known, because they determine
        the shape of the result.
    axis : int, optional
        The first of these axes, 0 by default. They become one axis.

    Raises
    ------
    ValueError
        The values of the mask are not known, or it does not have the sizes of the tensor.
    """
    values = _known_values(mask, "mask").astype(bool)
    shape = tuple(tensor.shape)
    first = _positive_axis(axis or 0, len(shape))
    masked = shape[first : first + values.ndim]
    if (
        values.ndim == 0
        or len(masked) != values.ndim
        or any(have not in (None, want) for have, want in zip(masked, values.shape, strict=True))
    ):
        raise ValueError(f"a mask of shape {values.shape} does not fit axis {first} of a tensor of shape {shape}")
    if values.ndim > 1:
        tensor = ops.reshape(tensor, _with_unknown(shape[:first], values.size, shape[first + values.ndim :]))
    return ops.take(tensor, np.flatnonzero(values).astype("int32"), axis=first)


def scatter_to_one(values: Any, indices: Any, output_shape: Sequence[int]) -> Any:
    """Return a tensor of ones with some entries replaced.

    Parameters
    ----------
    values : (n, ...) tensor
        The entries that are not one.
    indices : (n, k) array of int
        Their positions along the first k axes of the output.
    output_shape : sequence of int
        Shape of the output.
    """
    values = values if hasattr(values, "shape") else ops.convert_to_tensor(values, dtype=keras.config.floatx())
    ones = ops.ones(tuple(output_shape), dtype=values.dtype)
    return ops.scatter_update(ones, ops.convert_to_tensor(indices, dtype="int32"), values)


def split(tensor: Any, num_or_size_splits: int | Sequence[int], axis: int = 0, **kwargs: Any) -> list[Any]:
    """Split a tensor into pieces along an axis.

    Parameters
    ----------
    tensor : tensor
        The tensor that is split.
    num_or_size_splits : int or sequence of int
        The number of equal pieces, or the size of each piece.
    axis : int
        The axis that is split.

    Raises
    ------
    TypeError
        There is an argument besides these and ``name``.
    ValueError
        The sizes do not add up to that of the axis, or that is not known, as for a batch axis.
    """
    if unknown := sorted(set(kwargs) - {"name"}):
        raise TypeError(f"split does not take the arguments {', '.join(unknown)}")
    size = tensor.shape[_positive_axis(axis, len(tensor.shape))]
    if size is None:
        raise ValueError(
            f"axis {axis} of a tensor of shape {tuple(tensor.shape)} has no fixed size: it cannot be split"
        )
    if isinstance(num_or_size_splits, (int, np.integer)):
        pieces = int(num_or_size_splits)
        if pieces < 1 or size % pieces:
            raise ValueError(f"an axis of size {size} cannot be split into {pieces} equal pieces")
        sizes = [size // pieces] * pieces
    else:
        sizes = [int(piece) for piece in num_or_size_splits]
        if sum(sizes) != size or min(sizes, default=-1) < 0:
            raise ValueError(f"pieces of sizes {sizes} do not add up to an axis of size {size}")
    cuts = list(accumulate(sizes))[:-1]
    return list(ops.split(tensor, cuts, axis=axis)) if cuts else [tensor]


def tensor_splitter(ishape: Sequence[int | None], sizes: Sequence[int], axis: int = 2, name: str = "splitter") -> Any:
    """Return a layer that splits tensors of shape ``ishape`` into ``len(sizes)`` pieces along an axis.

    Parameters
    ----------
    ishape : sequence of int
        Shape of the tensors, batch axis included.
    sizes : sequence of int
        The size of each piece.
    axis : int
        The axis that is split.
    name : str
        Name of the layer.

    Raises
    ------
    ValueError
        The axis is the batch axis, or the sizes do not add up to that of the axis.
    """
    position = _positive_axis(axis, len(ishape))
    if position == 0:
        raise ValueError(f"axis {axis} is the batch axis: it cannot be split")
    pieces = [int(size) for size in sizes]
    if ishape[position] is not None and sum(pieces) != ishape[position]:
        raise ValueError(f"pieces of sizes {pieces} do not add up to axis {axis} of the shape {tuple(ishape)}")
    return keras.layers.Lambda(lambda x: split(x, pieces, axis=position), name=name)


def _positive_axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ValueError(f"axis {axis} is outside a tensor of rank {rank}")
    return axis % rank


def _positive_indices(tensor: Any, indices: Any, axis: int) -> Any:
    size = tensor.shape[axis]
    if ops.is_tensor(indices) or isinstance(indices, (keras.Variable, keras.KerasTensor)) or size is None:
        return indices
    values = np.asarray(indices)
    if values.size and not (-size <= values.min() and values.max() < size):
        raise IndexError(f"indices {values.tolist()} are outside axis {axis} of size {size}")
    return np.where(values < 0, values + size, values).astype("int32")


def _known_values(x: Any, name: str) -> NDArray[Any]:
    """Return the values of a tensor; a ValueError if it has none yet, as inside a compiled function."""
    if isinstance(x, keras.KerasTensor):
        raise ValueError(f"the {name} must have known values, received a symbolic tensor")
    try:
        return evaluate(x)
    except (TypeError, ValueError, NotImplementedError, AttributeError) as error:
        raise ValueError(f"the {name} must have known values, received a tensor of a compiled function") from error


def _with_unknown(before: tuple[Any, ...], size: int, after: tuple[Any, ...]) -> tuple[int, ...]:
    """Return a shape for ``reshape``, in which one unknown size is -1."""
    return tuple(-1 if extent is None else extent for extent in (*before, size, *after))
