"""Double precision in every function, also where Keras alone would compute in float32."""

import keras
import numpy as np
import pytest

from n3fit.backends import set_initial_state

X = np.array([-0.3, 0.1, 0.7])


@pytest.mark.parametrize("name", ["tanh", "sqrt", "mean", "expm1", "log1p", "sinh"])
def test_functions_keep_float64(name, restored_state):
    set_initial_state(double_precision=True)
    result = getattr(keras.ops, name)(keras.ops.convert_to_tensor(np.abs(X)))
    assert keras.backend.standardize_dtype(result.dtype) == "float64"
    np.testing.assert_allclose(np.asarray(result), getattr(np, name)(np.abs(X)), rtol=1e-15)


def test_single_precision_is_restored(restored_state):
    set_initial_state(double_precision=True)
    set_initial_state()
    result = keras.ops.tanh(keras.ops.convert_to_tensor(X, dtype="float32"))
    assert keras.backend.standardize_dtype(result.dtype) == "float32"
