"""Arrays as initial values."""

import keras
import numpy as np
import pytest

from n3fit.backends import operations as op
from n3fit.backends.keras_backend.array_initializer import ArrayConstant


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool", None])
def test_an_array_of_the_right_shape_is_handed_over(dtype):
    values = np.array([[0.1, 1.0, 2.5]]) if dtype in ("float32", None) else np.array([[0, 1, 2]])
    made = ArrayConstant(values)((1, 3), dtype=dtype)
    assert keras.backend.standardize_dtype(made.dtype) == (dtype or "float32")
    np.testing.assert_array_equal(op.evaluate(made), values.astype(dtype or "float32"))


def test_other_shapes_are_filled():
    np.testing.assert_array_equal(op.evaluate(ArrayConstant(np.array([1.0, 2.0]))((3, 2))), [[1, 2]] * 3)
    np.testing.assert_array_equal(op.evaluate(ArrayConstant(4.0)((2,))), [4, 4])


@pytest.mark.parametrize("offset", [0, 4])  # JAX uses the memory of arrays that begin at a multiple of 64 bytes
def test_the_weight_does_not_share_memory_with_the_array(offset):
    room = np.zeros(128, dtype=np.uint8)
    start = -room.ctypes.data % 64 + offset
    values = room[start : start + 8].view(np.float32)
    values[:] = 1.0, 2.0
    variable = keras.Variable(ArrayConstant(values)((2,)))
    values[0] = 7.0
    np.testing.assert_array_equal(op.evaluate(variable), [1, 2])


def test_round_trip_through_the_configuration():
    again = keras.initializers.deserialize(keras.initializers.serialize(ArrayConstant(np.array([1.0, 2.0]))))
    assert isinstance(again, ArrayConstant)
    np.testing.assert_array_equal(op.evaluate(again((2,))), [1, 2])


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="other backends compile no program for an array")
def test_jax_compiles_no_program_for_arrays_and_slots_of_the_optimiser():
    import jax

    from n3fit.backends.keras_backend.conversions import array_to_tensor, as_tensor
    from n3fit.backends.keras_backend.optimizers import build_optimizer

    optimizer = build_optimizer("Nadam")
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(lambda name, *_, **__: compiled.append(name))
    weight = keras.Variable(ArrayConstant(np.linspace(0.0, 1.0, 11)), shape=(11,), dtype="float32")
    optimizer.build([weight])
    as_tensor(np.ones((11, 3)))
    array_to_tensor(np.ones((11, 5), dtype=np.int32))
    assert [name for name in compiled if "compile" in name] == []
    jax.block_until_ready(jax.jit(lambda x: x + 11)(weight.value))
    assert [name for name in compiled if "compile" in name] != []
