"""Memory of the devices: which errors mean that it does not suffice, and how it is freed."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import keras

from n3fit.backends.keras_backend.internal_state import clear_backend_state
from n3fit.machine import return_freed_memory

ERRORS_OF_LIBRARIES = frozenset({"JaxRuntimeError", "XlaRuntimeError", "RuntimeError", "InternalError"})
"""Errors of JAX, PyTorch and TensorFlow for many faults, whose message names the fault."""

MEMORY_ERRORS = frozenset({"MemoryError", "OutOfMemoryError", "ResourceExhaustedError"})
"""Errors of Python, PyTorch and TensorFlow for this fault."""

PHRASES = (
    "resource_exhausted",
    "out of memory",
    "out_of_memory",
    "failed to allocate",
    "can't allocate memory",
    "not enough memory",
    "status_alloc_failed",
)
"""Parts of the messages of this fault, in small letters; the last one is of the libraries of CUDA."""


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error, or one that it was raised for, means that the memory does not suffice."""
    return any(_means_memory(cause) for cause in _causes(error))


def _means_memory(error: BaseException) -> bool:
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & MEMORY_ERRORS:
        return True
    text = str(error).lower()
    return bool(names & ERRORS_OF_LIBRARIES) and any(phrase in text for phrase in PHRASES)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, the one that it was raised from, and so on."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def release_memory() -> None:
    """Free the memory of models, arrays and programs that nothing refers to any more; compiled programs are lost."""
    clear_backend_state()
    gc.collect()
    if keras.backend.backend() == "torch":
        import torch

        torch.cuda.empty_cache()
    return_freed_memory()  # compilers leave hundreds of MB
