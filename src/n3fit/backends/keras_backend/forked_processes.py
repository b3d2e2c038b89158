"""Processes that were forked from one in which the backend computes already: there it would wait without end.

The threads of a backend do not exist in a forked process, but its locks do.
"""

from __future__ import annotations

import os
from functools import cache

import keras

from n3fit.backends.keras_backend.keras_private import jax_has_started
from n3fit.errors import ResourceError

_NAMES = {"jax": "JAX", "tensorflow": "TensorFlow", "torch": "PyTorch"}


def check_not_forked() -> None:
    """Check that the backend did not start in another process, from which this one was forked.

    Raises
    ------
    ResourceError
        It did.
    """
    backend = keras.backend.backend()
    if backend == "jax" and not jax_has_started():
        _process_of_backend.cache_clear()  # imported but not started: each process starts its own
    if _process_of_backend() != os.getpid():
        raise ResourceError(
            f"this process was forked from one in which {_NAMES[backend]} had started, and {_NAMES[backend]} would "
            "never finish a computation here",
            hint='start it with multiprocessing.get_context("spawn"), or give all replicas to one fit',
        )


@cache
def _process_of_backend() -> int:
    """Return the process in which the backend was used first: forked processes inherit the answer."""
    return os.getpid()
