"""Activations beyond those of Keras."""

from __future__ import annotations

from typing import Any

from keras import ops


def square_activation(x: Any) -> Any:
    """Compute x squared."""
    return ops.square(x)


def square_singlet(x: Any) -> Any:
    """Compute the squares of the first two entries of the last axis (Sigma and g); the others stay as they are."""
    return ops.concatenate([ops.square(x[..., :2]), x[..., 2:]], axis=-1)


def modified_tanh(x: Any) -> Any:
    """Compute ``|x| tanh(x)``, which does not saturate."""
    return ops.abs(x) * ops.tanh(x)


def leaky_relu(x: Any) -> Any:
    """Compute the leaky rectifier: x where it is positive, 0.2 x elsewhere."""
    return ops.leaky_relu(x, negative_slope=0.2)
