"""Operations that compute with the entries of tensors: sums, products and functions of single entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import ops

from n3fit.backends.keras_backend.conversions import as_one_tensor, as_tensor, is_symbolic
from n3fit.backends.keras_backend.matrix_precision import with_full_precision


@with_full_precision
def einsum(equation: str, *args: Any, **kwargs: Any) -> Any:
    """Compute the contraction of tensors in an equation, which may contain blanks."""
    return ops.einsum(equation.replace(" ", ""), *map(as_tensor, args), **kwargs)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """Compute x where it is positive and ``alpha (exp(x) - 1)`` elsewhere."""
    return ops.elu(as_tensor(x), alpha=alpha)


def leaky_relu(x: Any, alpha: float = 0.2) -> Any:
    """Compute x where it is positive and ``alpha x`` elsewhere."""
    return ops.leaky_relu(as_tensor(x), negative_slope=alpha)


def nansum(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """Compute the sum over axes as :func:`sum` does, with NaN counted as zero."""
    x = as_one_tensor(x)
    return sum(ops.where(ops.isnan(x), ops.zeros_like(x), x), axis=axis, keepdims=keepdims)


def op_log(o_tensor: Any, **kwargs: Any) -> Any:
    """Compute the natural logarithm."""
    return ops.log(as_tensor(o_tensor), **kwargs)


def op_multiply(o_list: Sequence[Any], **kwargs: Any) -> Any:
    """Compute the product of tensors, entry by entry with the usual broadcasting.

    Raises
    ------
    ValueError
        The list is empty.
    """
    if len(o_list) == 0:
        raise ValueError("op_multiply needs at least one tensor, received none")
    product = as_tensor(o_list[0])
    for factor in o_list[1:]:
        product = ops.multiply(product, as_tensor(factor), **kwargs)
    return product


def op_multiply_dim(o_list: Sequence[Any], **kwargs: Any) -> Any:
    """Compute the product of two tensors of different rank, such as (10000, 14) and (14,).

    Raises
    ------
    ValueError
        The list does not hold two tensors.
    """
    return op_multiply(_two("op_multiply_dim", o_list), **kwargs)


def op_subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Compute the first tensor minus the second.

    Raises
    ------
    ValueError
        The list does not hold two tensors.
    """
    first, second = _two("op_subtract", inputs)
    return ops.subtract(as_tensor(first), as_tensor(second), **kwargs)


def _two(name: str, tensors: Sequence[Any]) -> Sequence[Any]:
    if len(tensors) != 2:
        raise ValueError(f"{name} needs two tensors, received {len(tensors)}")
    return tensors


def pow(tensor: Any, power: Any) -> Any:
    """Compute a power, with a number, a list of numbers or a tensor as exponent and the usual broadcasting."""
    tensor = as_tensor(tensor)
    return ops.power(tensor, power if is_symbolic(power) else ops.convert_to_tensor(power, dtype=tensor.dtype))


def sum(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """Compute the sum over one axis, several, or all."""
    axes = axis if axis is None or isinstance(axis, int) else tuple(int(i) for i in axis)
    return ops.sum(as_one_tensor(x), axis=axes, keepdims=keepdims)


def tensor_ones_like(x: Any, dtype: str | None = None) -> Any:
    """Return a tensor of ones of the same shape."""
    return ops.ones_like(as_tensor(x), dtype=dtype)


@with_full_precision
def tensor_product(tensor_x: Any, tensor_y: Any, axes: Any, **kwargs: Any) -> Any:
    """Compute the contraction of two tensors over axes, as ``numpy.tensordot`` does."""
    return ops.tensordot(as_tensor(tensor_x), as_tensor(tensor_y), axes=axes, **kwargs)
