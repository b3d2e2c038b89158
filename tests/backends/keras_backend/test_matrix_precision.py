"""Products of float32 numbers in full single precision, whatever the setting of the process."""

import logging
import re
from contextlib import contextmanager

import keras
import numpy as np
import pytest

from n3fit.backends import MetaModel, MultiDense, operations
from n3fit.backends.keras_backend.matrix_precision import full_precision, refuse_bfloat16

REDUCED = {"jax": "bfloat16", "tensorflow": True, "torch": "medium"}


@contextmanager
def reduced_precision(backend_name):
    """Set the process to compute products with as few bits as its backend can."""
    previous = setting(backend_name)
    choose(backend_name, REDUCED[backend_name])
    try:
        yield
    finally:
        choose(backend_name, previous)


def choose(backend_name, value):
    if backend_name == "jax":
        import jax

        jax.config.update("jax_default_matmul_precision", value)
    elif backend_name == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_tensor_float_32_execution(value)
    else:
        import torch

        torch.set_float32_matmul_precision(value)


def setting(backend_name):
    """Return the present setting of the backend."""
    if backend_name == "jax":
        import jax

        return jax.config.jax_default_matmul_precision
    if backend_name == "tensorflow":
        import tensorflow as tf

        return tf.config.experimental.tensor_float_32_execution_enabled()
    import torch

    return torch.get_float32_matmul_precision()


FULL = {"jax": "highest", "tensorflow": False, "torch": "highest"}


def test_setting_is_full_inside_and_that_of_the_user_afterwards(backend_name):
    with reduced_precision(backend_name):
        with full_precision(), full_precision():
            assert setting(backend_name) == FULL[backend_name]
        assert setting(backend_name) == REDUCED[backend_name]
        with pytest.raises(ZeroDivisionError), full_precision():
            raise ZeroDivisionError
        assert setting(backend_name) == REDUCED[backend_name]


class Watch(keras.layers.Layer):
    """Layer that records the setting with which it is called."""

    def __init__(self, backend_name):
        super().__init__()
        self.backend_name = backend_name
        self.seen = []

    def call(self, x):
        self.seen.append(setting(self.backend_name))
        return x


@pytest.mark.parametrize("use", ["perform_fit", "compute_losses", "predict", "fit", "evaluate", "call"])
def test_models_compute_with_the_full_setting(backend_name, use):
    """A layer of Keras inside a model of ours sees full precision in whatever way the model is used."""
    with reduced_precision(backend_name):
        watch = Watch(backend_name)
        grid = operations.numpy_to_input(np.linspace(0.1, 1, 5)[:, np.newaxis])
        hidden = watch(MultiDense(3, [1, 2], "glorot_normal", is_first_layer=True)(grid))
        model = MetaModel({"x": grid}, operations.sum(operations.pow(hidden, 2), axis=[2, 3]))
        losses = keras.losses.MeanSquaredError() if use in ("fit", "evaluate") else None
        model.compile("SGD", learning_rate=0.01, loss=losses)
        watch.seen.clear()
        values = model._named_inputs.arrays()
        runs = {
            "perform_fit": lambda: model.perform_fit(epochs=1),
            "compute_losses": model.compute_losses,
            "predict": model.predict,
            "fit": lambda: model.fit(values, np.zeros((1, 2)), verbose=0),
            "evaluate": lambda: model.evaluate(values, np.zeros((1, 2)), verbose=0),
            "call": lambda: model(values),
        }
        runs[use]()
        assert watch.seen
        assert set(watch.seen) == {FULL[backend_name]}
        assert setting(backend_name) == REDUCED[backend_name]


def products(text):
    """Return the precisions of the matrix products of a program in StableHLO."""
    lines = [line for line in text.splitlines() if "stablehlo.dot_general" in line]
    return [re.findall(r"precision = \[(\w+), (\w+)\]", line) for line in lines]


@pytest.mark.parametrize("use", ["training", "forward", "operations"])
def test_programs_of_jax_ask_for_full_precision(build_model, backend_name, use):
    """Every product of the compiled program, those of the gradients included, is of highest precision."""
    if backend_name != "jax":
        pytest.skip("TensorFlow and PyTorch look at the setting when they compute, not in their programs")
    import jax

    with reduced_precision("jax"):
        if use == "operations":
            x = np.ones((3, 4), dtype=np.float32)
            text = (
                jax.jit(
                    lambda x: (
                        operations.einsum("ij,kj->ik", x, x)
                        + operations.tensor_product(x, x.T, axes=1)
                        + operations.backend_function("dot", x, x.T)
                    )
                )
                .lower(x)
                .as_text()
            )
            expected = 3
        else:
            model = build_model([1, 2])
            model.compile("Adam")
            model.perform_fit(epochs=1)
            if use == "training":
                text = model._loop.lower().as_text()
                expected = 4  # two layers, and the gradients of their kernels and of the hidden layer, at least
            else:
                values = [
                    [variable.value for variable in variables]
                    for variables in (model.trainable_variables, model.non_trainable_variables)
                ]
                text = jax.jit(model.stateless_call).lower(*values, model._named_inputs.arrays()).as_text()
                expected = 2
    found = products(text)
    assert len(found) >= expected
    assert all(precision == [("HIGHEST", "HIGHEST")] for precision in found)


def test_products_are_exact_to_single_precision(backend_name):
    """Products differ from those in float64 by rounding: entries cut to TF32 would give 1e-4, to bfloat16 1e-3."""
    rng = np.random.default_rng(1)
    matrix, other = (rng.uniform(1, 2, shape).astype(np.float32) for shape in ((64, 16), (16, 64)))
    with reduced_precision(backend_name):
        product = operations.evaluate(operations.tensor_product(matrix, other, axes=1))
    np.testing.assert_allclose(product, matrix.astype(float) @ other.astype(float), rtol=2e-6)


def test_variables_that_replace_products_are_made_strict(caplog):
    environment = {"ONEDNN_DEFAULT_FPMATH_MODE": "BF16", "TF_SET_ONEDNN_FPMATH_MODE": "strict", "OTHER": "BF16"}
    with caplog.at_level(logging.WARNING):
        refuse_bfloat16(environment)
    assert environment == {
        "ONEDNN_DEFAULT_FPMATH_MODE": "STRICT",
        "TF_SET_ONEDNN_FPMATH_MODE": "strict",
        "OTHER": "BF16",
    }
    assert [record.getMessage() for record in caplog.records] == [
        "ONEDNN_DEFAULT_FPMATH_MODE=BF16 has no effect: n3fit computes float32 products in float32"
    ]
