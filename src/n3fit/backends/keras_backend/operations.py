"""Operations for the ``call`` of layers, for symbolic tensors and for arrays.

Every function accepts eager tensors, tensors inside a compiled function, symbolic Keras tensors, Keras variables, numpy
arrays and numbers, unless its docstring states otherwise. The parameter names are part of the interface.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
from keras import ops
from keras.ops import absolute, clip, expand_dims, nan_to_num, repeat, tanh

from n3fit.backends.keras_backend.arithmetic import (
    einsum,
    elu,
    leaky_relu,
    nansum,
    op_log,
    op_multiply,
    op_multiply_dim,
    op_subtract,
    pow,
    sum,
    tensor_ones_like,
    tensor_product,
)
from n3fit.backends.keras_backend.conversions import (
    as_tensor,
    decorator_compiler,
    dict_to_numpy_or_python,
    evaluate,
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
from n3fit.backends.keras_backend.matrix_precision import with_full_precision
from n3fit.backends.keras_backend.shapes import batchit, concatenate, flatten, reshape, stack, swapaxes, transpose
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

OLD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "constant": "convert_to_tensor",
        "permute_dimensions": "transpose",
        "pow": "power",
        "gather": "take",
        "dot": "matmul",
    }
)
"""Functions of the old Keras backend whose name in ``keras.ops`` differs."""


def as_layer(
    operation: Callable[..., Any],
    op_args: Sequence[Any] | None = None,
    op_kwargs: Mapping[str, Any] | None = None,
    **kwargs: Any,
) -> Any:
    """Return a layer of one argument that applies an operation.

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


@with_full_precision
def backend_function(fun_name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a function of ``keras.ops``, or an activation of Keras, by name.

    Raises
    ------
    NotImplementedError
        There is no function of this name.
    """
    name = OLD_NAMES.get(fun_name, fun_name)
    function = getattr(ops, name, None) or getattr(keras.activations, name, None)
    if function is None:
        raise NotImplementedError(f"the backend has no function {fun_name!r}, see keras.ops for those that exist")
    return function(*args, **kwargs)


def c_to_py_fun(op_name: str, name: str = "dataset") -> Callable[[Sequence[Any]], Any]:
    """Return the function that combines the predictions of several FK tables into one observable.

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
        Its argument is the list of predictions, one tensor per table.

    Raises
    ------
    NotImplementedError
        There is no operation of this name.
    """
    if op_name not in OPERATIONS:
        raise NotImplementedError(f"{name}: unknown operation {op_name!r}, known are: {', '.join(OPERATIONS)}")

    def combine(predictions: Sequence[Any]) -> Any:
        return apply_operation(op_name, [as_tensor(prediction) for prediction in predictions])

    combine.__name__ = f"{name}_{op_name}"
    return combine
