"""An initialiser that hands an array over as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="n3fit")
class ArrayConstant(keras.initializers.Constant):
    """The constant of Keras; an array that has the shape of the weight already becomes a tensor without arithmetic.

    Keras multiplies it by ones, which costs the compilation of a program for each shape and twice the memory.
    An array that can be written to is copied first: JAX takes over the memory of arrays that happen to be aligned. One
    that cannot, as those read from a file of the cache, is shared where the framework allows it.
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None, **kwargs: Any) -> Any:
        """Give a tensor of a shape that the value can be broadcast to."""
        if isinstance(self.value, np.ndarray) and self.value.shape == tuple(shape):
            value = self.value.copy() if self.value.flags.writeable else self.value
            return ops.convert_to_tensor(value, dtype=keras.backend.standardize_dtype(dtype))
        return super().__call__(shape, dtype=dtype, **kwargs)
