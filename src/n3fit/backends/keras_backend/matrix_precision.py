"""Products of float32 numbers in full single precision, on every backend and device.

By default JAX multiplies float32 matrices on recent GPUs as TF32, with 10 bits of the mantissa in place of 23, and so
does TensorFlow; PyTorch does where its user allows it. Sum rules then fail by per mille, and the rounding of a replica
depends on those beside it. Everything that n3fit computes is computed inside :func:`full_precision`, whatever the
setting of the process is, which is unchanged afterwards.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

import keras

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

ONEDNN_VARIABLES = ("ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE", "TF_SET_ONEDNN_FPMATH_MODE")
"""Environment variables by which the products of TensorFlow and PyTorch on CPUs may be computed as bfloat16."""

STRICT = "STRICT"


def full_precision() -> AbstractContextManager[None]:
    """Return a context in which float32 products are computed, or compiled, in float32.

    On JAX a program has the precision with which it was traced; gradients have that of the product they belong to.
    TensorFlow and PyTorch look at the setting when they compute.
    """
    return _CONTEXTS[keras.backend.backend()]()


def with_full_precision(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that does the same inside :func:`full_precision`."""

    @wraps(function)
    def computed(*args: P.args, **kwargs: P.kwargs) -> T:
        with full_precision():
            return function(*args, **kwargs)

    return computed


def refuse_bfloat16(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set environment variables that would replace float32 products on CPUs by faster ones to ``STRICT``.

    oneDNN reads them in its first computation; a warning names those that are changed.
    """
    for name in ONEDNN_VARIABLES:
        mode = environment.get(name, STRICT)
        if mode.upper() != STRICT:
            environment[name] = STRICT
            logger.warning("%s=%s has no effect: n3fit computes float32 products in float32", name, mode)


def _jax_context() -> AbstractContextManager[None]:
    import jax

    return jax.default_matmul_precision("highest")


@contextmanager
def _tensorflow_context() -> Iterator[None]:
    from tensorflow.config import experimental

    allowed = experimental.tensor_float_32_execution_enabled()
    experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        experimental.enable_tensor_float_32_execution(allowed)


@contextmanager
def _torch_context() -> Iterator[None]:
    import torch

    products, cudnn = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(products)
        torch.backends.cudnn.allow_tf32 = cudnn


_CONTEXTS: Mapping[str, Callable[[], AbstractContextManager[None]]] = MappingProxyType(
    {"jax": _jax_context, "tensorflow": _tensorflow_context, "torch": _torch_context}
)


class FullPrecisionLayer:
    """Mixin, before a Keras layer: its calls are computed in full precision."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the layer."""
        with full_precision():
            return super().__call__(*args, **kwargs)  # type: ignore[misc]


class FullPrecisionModel(FullPrecisionLayer):
    """Mixin, before a Keras model: calls, training and prediction are computed in full precision."""

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Train with the loop of Keras."""
        with full_precision():
            return super().fit(*args, **kwargs)  # type: ignore[misc]

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the losses with the loop of Keras."""
        with full_precision():
            return super().evaluate(*args, **kwargs)  # type: ignore[misc]

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs with the loop of Keras."""
        with full_precision():
            return super().predict(*args, **kwargs)  # type: ignore[misc]

    def stateless_call(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the model to the given values of its variables."""
        with full_precision():
            return super().stateless_call(*args, **kwargs)  # type: ignore[misc]
