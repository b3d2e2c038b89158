"""Between numpy and the tensors of the backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


def is_symbolic(x: Any) -> bool:
    """Tell whether ``x`` is a symbolic Keras tensor."""
    return isinstance(x, keras.KerasTensor)


def numpy_to_tensor(ival: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """Make an array, a number or a list a tensor.

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
    """Give an input of the shape of an array, with a batch axis of size one before.

    The array goes with it as the attribute ``tensor_content``: a
    :class:`~n3fit.backends.keras_backend.MetaModel.MetaModel` uses it as the constant value of the input.

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


def evaluate(tensor: Any) -> NDArray[Any]:
    """Give the values of a tensor or variable as a numpy array of its own."""
    if isinstance(tensor, keras.Variable):
        tensor = ops.convert_to_tensor(tensor)
    if hasattr(tensor, "detach"):  # PyTorch: past its __array__, which lacks an argument that numpy 2 asks for
        return np.array(tensor.detach().cpu().numpy())
    return np.array(ops.convert_to_numpy(tensor))


variable_to_numpy = evaluate


def tensor_to_numpy_or_python(x: Any) -> Any:
    """Give a tensor as a numpy array, one without axes as a Python number; anything else as it is."""
    if not (ops.is_tensor(x) or isinstance(x, (keras.Variable, np.ndarray, np.generic))):
        return x
    values = evaluate(x)
    return values.item() if values.ndim == 0 else values


def dict_to_numpy_or_python(dictionary: Mapping[Any, Any]) -> dict[Any, Any]:
    """Apply :func:`tensor_to_numpy_or_python` to every value of a dictionary."""
    return {key: tensor_to_numpy_or_python(value) for key, value in dictionary.items()}


def decorator_compiler(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function where its hidden state stays visible: on TensorFlow.

    A function compiled by JAX would keep the values that variables had when it was first called; there, and on
    PyTorch, the function is given back as it is.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        compiled: Callable[..., Any] = tf.function(function)
        return compiled
    return function
