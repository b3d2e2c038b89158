"""Conversions between numpy arrays and tensors of the backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

HOST_TYPES = frozenset({"bool", "int32", "int64", "uint32", "float32", "float64"})
"""Types that numpy and all backends share."""


def is_symbolic(x: Any) -> bool:
    """Return whether ``x`` is a symbolic Keras tensor."""
    return isinstance(x, keras.KerasTensor)


def numpy_to_tensor(ival: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """Convert an array, a number or a list to a tensor.

    Parameters
    ----------
    ival : array_like or tensor
        The values.
    dtype : dtype, optional
        Any name or type of dtype (``bool`` for masks); the float type of Keras by default.
    """
    if dtype is None:
        dtype = keras.config.floatx()
    elif not isinstance(dtype, str):
        dtype = np.dtype(dtype).name
    if ops.is_tensor(ival) or isinstance(ival, keras.Variable) or is_symbolic(ival):
        return ops.cast(ival, dtype)
    return ops.convert_to_tensor(np.asarray(ival).astype(dtype), dtype=dtype, **kwargs)


def numpy_to_input(numpy_array: NDArray[Any], name: str | None = None) -> Any:
    """Build an input of the shape of an array, after a batch axis of size one.

    The attribute ``tensor_content`` holds the array: a :class:`~n3fit.backends.keras_backend.MetaModel.MetaModel` uses
    it as the constant value of the input.

    Parameters
    ----------
    numpy_array : array
        The values, without batch axis.
    name : str, optional
        Name of the input layer.
    """
    content = np.array(numpy_array)[np.newaxis]
    content.setflags(write=False)
    layer = keras.Input(batch_shape=content.shape, name=name)
    layer.tensor_content = content
    return layer


def host_array(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Return an array in the type that its tensor will have, the array itself if it has this type already.

    JAX compiles a program for each shape of arrays whose type it converts itself.
    """
    if dtype not in HOST_TYPES or values.dtype == dtype:
        return values
    with np.errstate(over="ignore"):
        return values.astype(dtype)


def array_to_tensor(values: NDArray[Any]) -> Any:
    """Convert an array to a tensor of the same type, without arithmetic."""
    name = values.dtype.name
    return ops.convert_to_tensor(values, dtype=name if name in HOST_TYPES else None)


def as_tensor(x: Any) -> Any:
    """Convert an array, a number or a list of numbers to a tensor; return anything else as it is."""
    if not isinstance(x, (np.ndarray, np.generic, float, int, list)):
        return x
    dtype = keras.config.floatx() if np.asarray(x).dtype.kind in "fiu" else None
    return ops.convert_to_tensor(host_array(x, dtype) if dtype and isinstance(x, np.ndarray) else x, dtype=dtype)


def as_one_tensor(x: Any) -> Any:
    """Convert as :func:`as_tensor` does, and stack a list of tensors."""
    return ops.stack([as_tensor(entry) for entry in x]) if isinstance(x, (list, tuple)) else as_tensor(x)


def evaluate(tensor: Any) -> NDArray[Any]:
    """Return the values of a tensor or variable as a numpy array, which is a copy."""
    if isinstance(tensor, keras.Variable):
        tensor = ops.convert_to_tensor(tensor)
    if hasattr(tensor, "detach"):  # the __array__ of PyTorch lacks an argument that numpy 2 passes
        return np.array(tensor.detach().cpu().numpy())
    return np.array(ops.convert_to_numpy(tensor))


variable_to_numpy = evaluate


def tensor_to_numpy_or_python(x: Any) -> Any:
    """Convert a tensor to a numpy array, or to a Python number if it has no axes; return anything else as it is."""
    if not (ops.is_tensor(x) or isinstance(x, (keras.Variable, np.ndarray, np.generic))):
        return x
    values = evaluate(x)
    return values.item() if values.ndim == 0 else values


def dict_to_numpy_or_python(dictionary: Mapping[Any, Any]) -> dict[Any, Any]:
    """Apply :func:`tensor_to_numpy_or_python` to every value of a dictionary."""
    return {key: tensor_to_numpy_or_python(value) for key, value in dictionary.items()}


def decorator_compiler(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function on TensorFlow; return it as it is on JAX and PyTorch.

    A function compiled by JAX would keep the values that variables had in its first call.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        compiled: Callable[..., Any] = tf.function(function)
        return compiled
    return function
