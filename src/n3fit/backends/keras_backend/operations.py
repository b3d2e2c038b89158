"""Operations for the ``call`` of layers, for symbolic tensors and for arrays.

Every function takes eager tensors, tensors inside a compiled function, symbolic Keras tensors, Keras variables, numpy
arrays and numbers, unless its docstring says otherwise. The parameter names are part of the interface.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from keras.ops import absolute, clip, expand_dims, nan_to_num, repeat, tanh

from n3fit.backends.keras_backend.conversions import (
    decorator_compiler,
    dict_to_numpy_or_python,
    evaluate,
    is_symbolic,
    numpy_to_input,
    numpy_to_tensor,
    tensor_to_numpy_or_python,
    variable_to_numpy,
)
from n3fit.backends.keras_backend.indexing import (
    boolean_mask,
    gather,
    op_gather_keep_dims,
    scatter_to_one,
    split,
    tensor_splitter,
)
from n3fit.theory.compound import OPERATIONS, apply_operation

__all__ = [
    "absolute",
    "as_layer",
    "backend_function",
    "batchit",
    "boolean_mask",
    "c_to_py_fun",
    "clip",
    "concatenate",
    "decorator_compiler",
    "dict_to_numpy_or_python",
    "einsum",
    "elu",
    "evaluate",
    "expand_dims",
    "flatten",
    "gather",
    "leaky_relu",
    "nan_to_num",
    "nansum",
    "numpy_to_input",
    "numpy_to_tensor",
    "op_gather_keep_dims",
    "op_log",
    "op_multiply",
    "op_multiply_dim",
    "op_subtract",
    "pow",
    "repeat",
    "reshape",
    "scatter_to_one",
    "split",
    "stack",
    "sum",
    "swapaxes",
    "tanh",
    "tensor_ones_like",
    "tensor_product",
    "tensor_splitter",
    "tensor_to_numpy_or_python",
    "transpose",
    "variable_to_numpy",
]

OLD_NAMES: Mapping[str, str] = {
    "constant": "convert_to_tensor",
    "permute_dimensions": "transpose",
    "pow": "power",
    "gather": "take",
    "dot": "matmul",
}
"""Functions of the old Keras backend whose name in ``keras.ops`` differs."""


def as_layer(
    operation: Callable[..., Any],
    op_args: Sequence[Any] | None = None,
    op_kwargs: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> Any:
    """Wrap an operation as a layer of one argument.

    Parameters
    ----------
    operation : function
        Its first argument is the tensor that the layer is called with.
    op_args, op_kwargs : sequence, mapping
        The other arguments of the operation.
    **kwargs
        Arguments of the layer, such as ``name``.
    """
    arguments = tuple(op_args or ())
    options = dict(op_kwargs or {})
    return keras.layers.Lambda(lambda x: operation(x, *arguments, **options), **kwargs)


def backend_function(fun_name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a function of ``keras.ops`` (or an activation of Keras) by name.

    Raises
    ------
    NotImplementedError
        There is no function of that name.
    """
    name = OLD_NAMES.get(fun_name, fun_name)
    function = getattr(ops, name, None) or getattr(keras.activations, name, None)
    if function is None:
        raise NotImplementedError(f"the backend has no function {fun_name!r}, see keras.ops for those that exist")
    return function(*args, **kwargs)


def batchit(x: Any, batch_dimension: int = 0, **kwarg: Any) -> Any:
    """Add an axis of size one at ``batch_dimension``."""
    return ops.expand_dims(_tensor(x), axis=batch_dimension, **kwarg)


def c_to_py_fun(op_name: str, name: str = "dataset") -> Callable[[Sequence[Any]], Any]:
    """Give the function that combines the predictions of several FK tables into one observable.

    Parameters
    ----------
    op_name : str
        One of :data:`n3fit.theory.compound.OPERATIONS`: NULL, ADD, RATIO, ASY, SMN, COM, SMT, SUBTRACT_ABS,
        SUBTRACT_ABSPAIR.
    name : str
        Name of the data set.

    Returns
    -------
    function
        Takes the list of predictions, one tensor per table.

    Raises
    ------
    NotImplementedError
        There is no operation of that name.
    """
    if op_name not in OPERATIONS:
        raise NotImplementedError(f"{name}: unknown operation {op_name!r}, known are: {', '.join(OPERATIONS)}")

    def combine(predictions: Sequence[Any]) -> Any:
        return apply_operation(op_name, [_tensor(prediction) for prediction in predictions])

    combine.__name__ = f"{name}_{op_name}"
    return combine


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
        Name of the layer made when the tensors are symbolic.
    """
    tensors = [ops.reshape(x, (1,)) if len(x.shape) == 0 else x for x in map(_tensor, tensor_list)]
    if name is not None and len(tensors) > 1 and all(map(is_symbolic, tensors)):
        joined = keras.layers.Concatenate(axis=axis, name=name)(tensors)
    else:
        joined = ops.concatenate(tensors, axis=axis)
    return joined if target_shape is None else ops.reshape(joined, tuple(target_shape))


def einsum(equation: str, *args: Any, **kwargs: Any) -> Any:
    """Contract tensors as the equation says; blanks in it do not matter."""
    return ops.einsum(equation.replace(" ", ""), *map(_tensor, args), **kwargs)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """Give x where it is positive and ``alpha (exp(x) - 1)`` elsewhere."""
    return ops.elu(_tensor(x), alpha=alpha)


def flatten(x: Any) -> Any:
    """Give all entries of a tensor, or of a list of tensors of one shape, along one axis."""
    return ops.reshape(_listed(x), (-1,))


def leaky_relu(x: Any, alpha: float = 0.2) -> Any:
    """Give x where it is positive and ``alpha x`` elsewhere."""
    return ops.leaky_relu(_tensor(x), negative_slope=alpha)


def nansum(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """Sum over axes as :func:`sum` does, NaN counting as zero."""
    x = _listed(x)
    return sum(ops.where(ops.isnan(x), ops.zeros_like(x), x), axis=axis, keepdims=keepdims)


def op_log(o_tensor: Any, **kwargs: Any) -> Any:
    """Give the natural logarithm."""
    return ops.log(_tensor(o_tensor), **kwargs)


def op_multiply(o_list: Sequence[Any], **kwargs: Any) -> Any:
    """Multiply tensors entry by entry, with the usual broadcasting.

    Raises
    ------
    ValueError
        The list is empty.
    """
    if len(o_list) == 0:
        raise ValueError("op_multiply needs at least one tensor, received none")
    product = _tensor(o_list[0])
    for factor in o_list[1:]:
        product = ops.multiply(product, _tensor(factor), **kwargs)
    return product


def op_multiply_dim(o_list: Sequence[Any], **kwargs: Any) -> Any:
    """Multiply two tensors of different rank, such as (10000, 14) and (14,).

    Raises
    ------
    ValueError
        The list does not hold two tensors.
    """
    if len(o_list) != 2:
        raise ValueError(f"op_multiply_dim needs two tensors, received {len(o_list)}")
    return op_multiply(o_list, **kwargs)


def op_subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """Give the first tensor minus the second.

    Raises
    ------
    ValueError
        The list does not hold two tensors.
    """
    if len(inputs) != 2:
        raise ValueError(f"op_subtract needs two tensors, received {len(inputs)}")
    return ops.subtract(_tensor(inputs[0]), _tensor(inputs[1]), **kwargs)


def pow(tensor: Any, power: Any) -> Any:
    """Raise to a power: a number, a list of numbers or a tensor, with the usual broadcasting."""
    tensor = _tensor(tensor)
    return ops.power(tensor, power if is_symbolic(power) else ops.convert_to_tensor(power, dtype=tensor.dtype))


def reshape(x: Any, shape: Sequence[int]) -> Any:
    """Give the same entries in another shape; one size may be -1."""
    return ops.reshape(_tensor(x), tuple(shape))


def stack(tensor_list: Sequence[Any], axis: int = 0, **kwargs: Any) -> Any:
    """Stack tensors, or variables, of one shape along a new axis."""
    return ops.stack([_tensor(x) for x in tensor_list], axis=axis, **kwargs)


def sum(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """Sum over one axis, several, or all."""
    axes = axis if axis is None or isinstance(axis, int) else tuple(int(i) for i in axis)
    return ops.sum(_listed(x), axis=axes, keepdims=keepdims)


def swapaxes(tensor: Any, source: int, destination: int) -> Any:
    """Exchange two axes, as ``numpy.swapaxes`` does."""
    return ops.swapaxes(_tensor(tensor), source, destination)


def tensor_ones_like(x: Any, dtype: str | None = None) -> Any:
    """Give a tensor of ones of the same shape."""
    return ops.ones_like(_tensor(x), dtype=dtype)


def tensor_product(tensor_x: Any, tensor_y: Any, axes: Any, **kwargs: Any) -> Any:
    """Contract two tensors over axes, as ``numpy.tensordot`` does."""
    return ops.tensordot(_tensor(tensor_x), _tensor(tensor_y), axes=axes, **kwargs)


def transpose(tensor: Any, *, axes: Sequence[int] | None = None) -> Any:
    """Reverse the axes, or bring them in the order of the keyword ``axes``."""
    tensor = _tensor(tensor)
    order = reversed(range(len(tensor.shape))) if axes is None else axes
    return ops.transpose(tensor, axes=tuple(order))


def _tensor(x: Any) -> Any:
    """Make arrays, numbers and lists of numbers tensors; leave everything else as it is."""
    return ops.convert_to_tensor(x, dtype=_dtype(x)) if isinstance(x, (np.ndarray, np.generic, float, int, list)) else x


def _dtype(x: Any) -> str | None:
    return keras.config.floatx() if np.asarray(x).dtype.kind in "fiu" else None


def _listed(x: Any) -> Any:
    """As :func:`_tensor`, and a list of tensors is stacked."""
    if isinstance(x, (list, tuple)):
        return ops.stack([_tensor(entry) for entry in x])
    return _tensor(x)
