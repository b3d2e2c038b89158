"""Initialiser that sets a weight to an array without arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from n3fit.backends.keras_backend.conversions import host_array


@keras.saving.register_keras_serializable(package="n3fit")
class ArrayConstant(keras.initializers.Constant):
    """The constant of Keras, where an array of the shape of the weight is converted to a tensor without arithmetic.

    Keras multiplies it by ones, which costs the compilation of a program for each shape and twice the memory.
    The array gets the type of the weight here, on the host, for the same reason. A writeable array is copied first,
    because JAX uses the memory of arrays that are aligned. A read-only array, such as one read from a file of the
    cache, shares its memory with the tensor where the backend allows it.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None, **kwargs: Any) -> Any:
        """Return a tensor of a shape that the value can be broadcast to."""
        if isinstance(self.value, np.ndarray) and self.value.shape == tuple(shape):
            wanted = keras.backend.standardize_dtype(dtype)
            value = host_array(self.value, wanted)
            unchanged = value is self.value
            return ops.convert_to_tensor(value.copy() if unchanged and value.flags.writeable else value, dtype=wanted)
        return super().__call__(shape, dtype=dtype, **kwargs)
