"""Initialiser that sets a weight to an array without arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="n3fit")
class ArrayConstant(keras.initializers.Constant):
    """The constant of Keras, where an array of the shape of the weight is converted to a tensor without arithmetic.

    Keras multiplies it by ones, which costs the compilation of a program for each shape and twice the memory.
    A writeable array is copied first, because JAX uses the memory of arrays that are aligned. A read-only array, such
    as one read from a file of the cache, shares its memory with the tensor where the backend allows it.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None, **kwargs: Any) -> Any:
        """Return a tensor of a shape that the value can be broadcast to."""
        if isinstance(self.value, np.ndarray) and self.value.shape == tuple(shape):
            value = self.value.copy() if self.value.flags.writeable else self.value
            return ops.convert_to_tensor(value, dtype=keras.backend.standardize_dtype(dtype))
        return super().__call__(shape, dtype=dtype, **kwargs)
