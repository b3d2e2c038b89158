"""Every operation against numpy: eager, in a compiled function and on symbolic tensors."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from n3fit.backends import operations as op

RNG = np.random.default_rng(20)
A = RNG.uniform(0.2, 2.0, (2, 3, 4)).astype("float32")
B = RNG.normal(size=(2, 3, 4)).astype("float32")
C = RNG.normal(size=(4, 5)).astype("float32")
V = RNG.normal(size=(4,)).astype("float32")
WITH_NAN = np.where(B > 1, np.nan, B).astype("float32")
MASK = np.array([[True, False, True], [True, True, False]])


def tables(count):
    """Return ``count`` positive predictions of the same shape."""
    return [RNG.uniform(1, 2, (1, 2, 3)).astype("float32") for _ in range(count)]


T20 = tables(20)
CASES = {
    "absolute": (op.absolute, np.abs, [B]),
    "as_layer": (lambda x: op.as_layer(op.pow, [2.0])(x), lambda x: x**2, [A]),
    "as_layer keywords": (lambda x: op.as_layer(op.sum, op_kwargs={"axis": 1})(x), lambda x: x.sum(1), [A]),
    "backend_function": (lambda x: op.backend_function("square", x), np.square, [B]),
    "backend_function elu": (
        lambda x: op.backend_function("elu", x, alpha=1e-7),
        lambda x: np.where(x > 0, x, 1e-7 * np.expm1(x)),
        [B],
    ),
    "batchit": (op.batchit, lambda x: x[None], [A]),
    "batchit last": (lambda x: op.batchit(x, batch_dimension=-1), lambda x: x[..., None], [A]),
    "boolean_mask": (lambda x: op.boolean_mask(x, MASK[0], axis=1), lambda x: x[:, MASK[0]], [A]),
    "boolean_mask two axes": (lambda x: op.boolean_mask(x, MASK), lambda x: x[MASK], [A]),
    "c_to_py_fun NULL": (lambda *t: op.c_to_py_fun("NULL")(t), lambda a: a, T20[:1]),
    "c_to_py_fun ADD": (lambda *t: op.c_to_py_fun("ADD")(t), lambda a, b: a + b, T20[:2]),
    "c_to_py_fun RATIO": (lambda *t: op.c_to_py_fun("RATIO")(t), lambda a, b: a / b, T20[:2]),
    "c_to_py_fun ASY": (lambda *t: op.c_to_py_fun("ASY")(t), lambda a, b: (a - b) / (a + b), T20[:2]),
    "c_to_py_fun SMN": (lambda *t: op.c_to_py_fun("SMN")(t), lambda a, b, c, d: (a + b) / (c + d), T20[:4]),
    "c_to_py_fun COM": (lambda *t: op.c_to_py_fun("COM")(t), lambda *t: sum(t[:10]) / sum(t[10:]), T20),
    "c_to_py_fun SMT": (lambda *t: op.c_to_py_fun("SMT")(t), lambda *t: sum(t), T20[:10]),
    "c_to_py_fun SUBTRACT_ABS": (
        lambda *t: op.c_to_py_fun("SUBTRACT_ABS")(t),
        lambda a, b: a - np.abs(b),
        [A, B],
    ),
    "c_to_py_fun SUBTRACT_ABSPAIR": (
        lambda *t: op.c_to_py_fun("SUBTRACT_ABSPAIR")(t),
        lambda a, b, c, d: a + b - np.abs(c + d),
        [A, B, B, -A],
    ),
    "clip": (lambda x: op.clip(x, -0.5, 0.5), lambda x: np.clip(x, -0.5, 0.5), [B]),
    "concatenate": (lambda *t: op.concatenate(t), lambda *t: np.concatenate(t, -1), [A, B]),
    "concatenate reshaped": (
        lambda *t: op.concatenate(list(t), axis=1, target_shape=(2, 24)),
        lambda *t: np.concatenate(t, 1).reshape(2, 24),
        [A, B],
    ),
    "decorator_compiler": (op.decorator_compiler(lambda x: x * 2), lambda x: x * 2, [A]),
    "einsum": (lambda x, y: op.einsum("b r n , n f -> b r f", x, y), lambda x, y: x @ y, [A, C]),
    "elu": (lambda x: op.elu(x, alpha=0.3), lambda x: np.where(x > 0, x, 0.3 * np.expm1(x)), [B]),
    "expand_dims": (lambda x: op.expand_dims(x, axis=1), lambda x: x[:, None], [A]),
    "flatten": (op.flatten, np.ravel, [A]),
    "flatten list": (lambda x: op.flatten([x]), np.ravel, [A]),
    "gather": (lambda x: op.gather(x, [2, 0], axis=1), lambda x: x[:, [2, 0]], [A]),
    "gather negative": (lambda x: op.gather(x, [-1, 0], axis=-1), lambda x: x[..., [-1, 0]], [A]),
    "leaky_relu": (op.leaky_relu, lambda x: np.where(x > 0, x, 0.2 * x), [B]),
    "nan_to_num": (op.nan_to_num, np.nan_to_num, [WITH_NAN]),
    "nansum": (op.nansum, np.nansum, [WITH_NAN]),
    "nansum axis": (lambda x: op.nansum(x, axis=[0, 2]), lambda x: np.nansum(x, axis=(0, 2)), [WITH_NAN]),
    "op_gather_keep_dims": (lambda x: op.op_gather_keep_dims(x, 1, axis=1), lambda x: x[:, 1:2], [A]),
    "op_gather_keep_dims -1": (lambda x: op.op_gather_keep_dims(x, -1, axis=1), lambda x: x[:, -1:], [A]),
    "op_gather_keep_dims -2": (lambda x: op.op_gather_keep_dims(x, -2, axis=2), lambda x: x[..., 2:3], [A]),
    "op_log": (op.op_log, np.log, [A]),
    "op_multiply": (lambda *t: op.op_multiply(t), lambda *t: t[0] * t[1] * t[2], [A, B, V]),
    "op_multiply_dim": (lambda *t: op.op_multiply_dim(list(t)), lambda x, y: x * y, [A, V]),
    "op_subtract": (lambda *t: op.op_subtract(t), lambda x, y: x - y, [A, B]),
    "pow": (lambda x: op.pow(x, 1.5), lambda x: x**1.5, [A]),
    "pow list": (lambda x: op.pow(x, [0.5, 1.0, 2.0, 3.0]), lambda x: x ** np.array([0.5, 1, 2, 3]), [A]),
    "repeat": (lambda x: op.repeat(x, 2, axis=1), lambda x: np.repeat(x, 2, 1), [A]),
    "reshape": (lambda x: op.reshape(x, shape=[2, -1]), lambda x: x.reshape(2, -1), [A]),
    "scatter_to_one": (
        lambda x: op.scatter_to_one(x, indices=[[1], [4], [2], [7]], output_shape=[9]),
        lambda x: np.array([1, x[0], x[2], 1, x[1], 1, 1, x[3], 1]),
        [V],
    ),
    "split sizes": (lambda x: op.split(x, [1, 3], axis=2)[1], lambda x: x[..., 1:], [A]),
    "split number": (lambda x: op.split(x, 2, axis=2)[0], lambda x: x[..., :2], [A]),
    "stack": (lambda *t: op.stack(t, axis=1), lambda *t: np.stack(t, 1), [A, B]),
    "sum": (op.sum, np.sum, [B]),
    "sum axes": (lambda x: op.sum(x, axis=[1, 2]), lambda x: x.sum((1, 2)), [B]),
    "sum keepdims": (lambda x: op.sum(x, axis=-1, keepdims=True), lambda x: x.sum(-1, keepdims=True), [B]),
    "swapaxes": (lambda x: op.swapaxes(x, 0, 2), lambda x: np.swapaxes(x, 0, 2), [A]),
    "swapaxes negative": (lambda x: op.swapaxes(x, source=-1, destination=1), lambda x: np.swapaxes(x, -1, 1), [A]),
    "tanh": (op.tanh, np.tanh, [B]),
    "tensor_ones_like": (op.tensor_ones_like, np.ones_like, [A]),
    "tensor_product": (lambda x, y: op.tensor_product(x, y, axes=1), lambda x, y: np.tensordot(x, y, 1), [A, C]),
    "tensor_product axes": (
        lambda x, y: op.tensor_product(x, y, axes=[(0, 1), (0, 1)]),
        lambda x, y: np.tensordot(x, y, [(0, 1), (0, 1)]),
        [A, B],
    ),
    "tensor_splitter": (lambda x: op.tensor_splitter(x.shape, [1, 3])(x)[1], lambda x: x[..., 1:], [A]),
    "transpose": (op.transpose, np.transpose, [A]),
    "transpose axes": (lambda x: op.transpose(x, axes=(1, 0, 2)), lambda x: x.transpose(1, 0, 2), [A]),
}
NOT_FOR_TENSORS = {"decorator_compiler"}


def compile_function(function, backend):
    """Compile where the backend compiles."""
    if backend == "jax":
        import jax

        return jax.jit(function)
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    return function


def compare(result, expected):
    values = op.evaluate(result)
    assert values.shape == expected.shape
    np.testing.assert_allclose(values, expected, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_operation_on_arrays_equals_numpy(name):
    function, reference, arrays = CASES[name]
    compare(function(*map(ops.convert_to_tensor, arrays)), np.asarray(reference(*arrays)))


@pytest.mark.parametrize("name", CASES)
def test_operation_in_a_compiled_function_equals_numpy(name, backend_name):
    function, reference, arrays = CASES[name]
    compiled = compile_function(function, backend_name)
    compare(compiled(*map(ops.convert_to_tensor, arrays)), np.asarray(reference(*arrays)))


@pytest.mark.parametrize("name", sorted(set(CASES) - NOT_FOR_TENSORS))
def test_operation_on_symbolic_tensors_equals_numpy(name):
    function, reference, arrays = CASES[name]
    inputs = [keras.Input(batch_shape=array.shape) for array in arrays]
    output = function(*inputs)
    expected = np.asarray(reference(*arrays))
    assert tuple(output.shape) == expected.shape
    compare(keras.Model(inputs, output)([ops.convert_to_tensor(array) for array in arrays]), expected)


@pytest.mark.parametrize(
    "name",
    ["op_multiply", "op_subtract", "stack", "op_log", "pow", "sum", "gather", "einsum", "c_to_py_fun SUBTRACT_ABSPAIR"],
)
def test_operation_on_variables_equals_numpy(name):
    function, reference, arrays = CASES[name]
    compare(function(*map(keras.Variable, arrays)), np.asarray(reference(*arrays)))


@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=5),
    axis=st.integers(1, 2),
)
@settings(max_examples=15, deadline=None)
def test_split_and_concatenate_are_inverse(sizes, axis):
    shape = [2, 3, 3]
    shape[axis] = sum(sizes)
    array = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    pieces = op.split(ops.convert_to_tensor(array), sizes, axis=axis)
    assert [piece.shape[axis] for piece in pieces] == sizes
    compare(op.concatenate(pieces, axis=axis), array)


def test_numbers_are_concatenated():
    compare(op.concatenate([1.0, 2, ops.convert_to_tensor([3.0, 4.0])]), np.array([1.0, 2, 3, 4], "float32"))


def test_named_concatenation_of_symbolic_tensors_names_the_layer():
    joined = op.concatenate([keras.Input((2,)), keras.Input((3,))], name="joined")
    assert joined._keras_history.operation.name == "joined"
    assert joined.shape == (None, 5)


def test_symbolic_batch_axis_stays_unknown():
    x = keras.Input((3, 4))
    assert op.boolean_mask(x, MASK[0], axis=1).shape == (None, 2, 4)
    assert op.op_gather_keep_dims(x, -1, axis=1).shape == (None, 1, 4)
    assert [piece.shape for piece in op.split(x, [1, 2], axis=1)] == [(None, 1, 4), (None, 2, 4)]


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [(None, "float32"), (bool, "bool"), ("bool", "bool"), ("int32", "int32"), (np.float32, "float32")],
)
def test_numpy_to_tensor_honours_the_dtype(dtype, expected):
    tensor = op.numpy_to_tensor(np.array([0, 1, 1]), dtype=dtype)
    assert keras.backend.standardize_dtype(tensor.dtype) == expected
    assert op.evaluate(tensor).astype(int).tolist() == [0, 1, 1]


def test_numpy_to_input_carries_a_copy_of_its_values():
    array = np.array([[1.0], [2.0]])
    tensor = op.numpy_to_input(array, name="numbers")
    array[:] = 0
    assert (tensor.name, tensor.shape) == ("numbers", (1, 2, 1))
    assert tensor.tensor_content.tolist() == [[[1.0], [2.0]]]


def test_conversions_to_python():
    scalar = op.tensor_to_numpy_or_python(ops.convert_to_tensor(2.5))
    assert (scalar, type(scalar)) == (2.5, float)
    converted = op.dict_to_numpy_or_python({"a": keras.Variable([1.0, 2.0]), "b": "text", "c": 3})
    assert converted["a"].tolist() == [1.0, 2.0]
    assert (converted["b"], converted["c"]) == ("text", 3)


def test_compiled_function_sees_new_values_of_variables():
    variable = keras.Variable(1.0)
    function = op.decorator_compiler(lambda x: x * variable)
    first = op.tensor_to_numpy_or_python(function(ops.convert_to_tensor(3.0)))
    variable.assign(2.0)
    assert (first, op.tensor_to_numpy_or_python(function(ops.convert_to_tensor(3.0)))) == (3.0, 6.0)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: op.backend_function("no_such_thing"), NotImplementedError, "no_such_thing"),
        (lambda: op.c_to_py_fun("NOPE", name="HERA"), NotImplementedError, "HERA: unknown operation 'NOPE'"),
        (lambda: op.op_multiply_dim([A]), ValueError, "two tensors, received 1"),
        (lambda: op.op_multiply([]), ValueError, "received none"),
        (lambda: op.op_subtract([A, A, A]), ValueError, "received 3"),
        (lambda: op.split(A, [1, 2], axis=2), ValueError, "do not add up to an axis of size 4"),
        (lambda: op.split(A, 3, axis=2), ValueError, "3 equal pieces"),
        (lambda: op.split(keras.Input((3,)), [1, 1], axis=0), ValueError, "no fixed size"),
        (lambda: op.split(A, 2, axis=5), ValueError, "outside a tensor of rank 3"),
        (lambda: op.split(A, 2, axis=2, colour=1), TypeError, "colour"),
        (lambda: op.tensor_splitter((1, 3, 4), [1, 3], axis=0), ValueError, "batch axis"),
        (lambda: op.tensor_splitter((1, 3, 4), [1, 3], axis=-3), ValueError, "batch axis"),
        (lambda: op.tensor_splitter((1, 3, 4), [1, 2]), ValueError, "do not add up"),
        (lambda: op.boolean_mask(A, [True, False], axis=1), ValueError, "does not fit"),
        (lambda: op.boolean_mask(A, MASK, axis=2), ValueError, "does not fit"),
        (lambda: op.boolean_mask(A, keras.Input((3,))), ValueError, "known values"),
        (lambda: op.gather(A, [4], axis=2), IndexError, "size 4"),
        (lambda: op.op_gather_keep_dims(A, -5, axis=2), IndexError, "size 4"),
    ],
)
def test_wrong_use_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_a_mask_inside_a_compiled_function_is_refused_on_jax(backend_name):
    if backend_name != "jax":
        pytest.skip("only JAX hides values while it compiles")
    import jax

    with pytest.raises(ValueError, match="compiled function"):
        jax.jit(lambda mask: op.boolean_mask(A, mask, axis=1))(MASK[0])
