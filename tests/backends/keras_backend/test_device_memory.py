"""Errors of the libraries that mean that the memory does not suffice, and those that do not."""

import gc
import weakref

import keras
import numpy as np
import pytest

from n3fit.backends import is_out_of_memory, release_memory


def library_error() -> Exception:
    """Return the error of the library in use for a device whose memory does not suffice."""
    name = keras.backend.backend()
    if name == "jax":
        import jax

        return jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8589934592 bytes")
    if name == "torch":
        import torch

        return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 8.00 GiB.")
    import tensorflow as tf

    return tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[1000,50,6000]")


def test_the_errors_of_the_library_and_of_numpy():
    assert is_out_of_memory(library_error())
    with pytest.raises(Exception, match=r".") as caught:  # more than the addresses of a process
        keras.ops.convert_to_numpy(keras.ops.ones((2**46,), dtype="float32"))
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(MemoryError())
    with pytest.raises(MemoryError) as caught:
        np.empty(2**62, dtype=np.int8)
    assert is_out_of_memory(caught.value)


def test_an_error_raised_for_another_one():
    error = ValueError("in the layer dense")
    error.__cause__ = library_error()
    assert is_out_of_memory(error)
    error = KeyError("name")
    error.__context__ = library_error()
    assert is_out_of_memory(error)
    error.__suppress_context__ = True  # raised ``from None``
    assert not is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("INTERNAL: cuBLAS has not been initialised"),
        ValueError("out of memory is a part of this text of a user"),
        KeyboardInterrupt(),
    ],
)
def test_other_errors(error):
    assert not is_out_of_memory(error)


def test_messages_of_the_libraries_of_cuda():
    for text in ("CUBLAS_STATUS_ALLOC_FAILED", "CUDA_ERROR_OUT_OF_MEMORY: out of memory"):
        assert is_out_of_memory(RuntimeError(f"INTERNAL: {text}"))


def test_what_nothing_refers_to_is_freed(build_model):
    def train():
        model = build_model([1, 2])
        model.compile("SGD")
        model.perform_fit(epochs=2)
        return weakref.ref(model)

    gc.disable()  # a model is part of cycles
    try:
        trained = train()
        before = trained() is not None
        release_memory()
        after = trained() is not None
    finally:
        gc.enable()
    assert (before, after) == (True, False)
