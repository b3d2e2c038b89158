"""The device of a backend, and how exactly a model of n3fit multiplies matrices on it.

``KERAS_BACKEND=jax python benchmarks/products.py`` prints both as JSON. Products in full single precision are off by
about 1e-7 of the sum of the moduli of their terms, those with 10 bits of mantissa (TF32) by 1e-4 and more.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from n3fit.backends import MetaLayer, MetaModel, describe_device, get_physical_gpus, set_initial_state
from n3fit.backends import operations as op

SIZES = (512, 1024, 256)
LIMIT = 1e-5
"""Relative error above which products are not those of single precision."""


class Product(MetaLayer):
    """Multiply the input by a matrix."""

    def __init__(self, matrix: np.ndarray, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._matrix = matrix

    def call(self, inputs: Any) -> Any:
        """Return the product, ``(batch, row, column)``."""
        return op.einsum("brk,kc->brc", inputs, op.numpy_to_tensor(self._matrix))


def product_error() -> float:
    """Return the largest error of a product in a model, relative to the sum of the moduli of its terms."""
    rows, inner, columns = SIZES
    random = np.random.default_rng(1)
    left = random.standard_normal((rows, inner)).astype(np.float32)
    right = random.standard_normal((inner, columns)).astype(np.float32)
    grid = op.numpy_to_input(left, name="left")
    computed = np.asarray(MetaModel({"left": grid}, Product(right)(grid)).predict(), dtype=float)[0]
    exact = left.astype(float) @ right.astype(float)
    moduli = np.abs(left).astype(float) @ np.abs(right).astype(float)
    return float(np.max(np.abs(computed - exact) / moduli))


def device_name(backend: str) -> str:
    """Return the name of the first device, as its maker calls it."""
    if backend == "jax":
        import jax

        return str(jax.devices()[0].device_kind)
    if not get_physical_gpus():
        return "cpu"
    if backend == "torch":
        import torch

        return str(torch.cuda.get_device_name(0))
    import tensorflow

    return str(tensorflow.config.experimental.get_device_details(get_physical_gpus()[0]).get("device_name", "gpu"))


def main() -> None:
    """Print device and error."""
    set_initial_state()
    described = describe_device()
    content = {
        "gpu": bool(get_physical_gpus()),
        "device_name": device_name(described["backend"]),
        "product_error": product_error(),
        "limit": LIMIT,
    }
    print(json.dumps(described | content))


if __name__ == "__main__":
    main()
