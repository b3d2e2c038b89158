"""Limits that weights keep after every step."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

NEARLY_ZERO = 1e-4
"""A sum below this fraction of the absolute sum is moved by adding, not by scaling."""


@keras.saving.register_keras_serializable(package="n3fit")
class MinMaxWeight(keras.constraints.MinMaxNorm):
    """Keep the sum of the weights along the second axis between two limits.

    Each row whose sum is outside is scaled to the nearer limit. Where scaling would blow up, because the sum nearly
    vanishes, the same number is added to each entry instead. Rows inside the limits are left as they are, bit by bit;
    with one entry per row (the preprocessing exponents) the weight is clipped.

    Parameters
    ----------
    min_value, max_value : float
        The limits; they may be negative.
    **kwargs
        Passed on to ``keras.constraints.MinMaxNorm``; ``axis`` is 1 by default.

    Raises
    ------
    ValueError
        The lower limit is above the upper one.
    """

    def __init__(self, min_value: float, max_value: float, **kwargs: Any) -> None:
        if not min_value <= max_value:
            raise ValueError(f"min_value must not exceed max_value, received {min_value} and {max_value}")
        super().__init__(**{"axis": 1, **kwargs, "min_value": float(min_value), "max_value": float(max_value)})

    def __call__(self, w: Any) -> Any:
        """Give the weights with all sums inside the limits."""
        w = ops.convert_to_tensor(w)
        axis = min(self.axis, len(w.shape) - 1) if isinstance(self.axis, int) else self.axis
        total = ops.sum(w, axis=axis, keepdims=True)
        if w.shape == total.shape:
            return ops.clip(w, self.min_value, self.max_value)
        entries = _size(w) / _size(total)
        desired = ops.clip(total, self.min_value, self.max_value)
        scalable = ops.abs(total) > NEARLY_ZERO * ops.sum(ops.abs(w), axis=axis, keepdims=True)
        scaled = w * (desired / ops.where(scalable, total, ops.ones_like(total)))
        moved = ops.where(ops.isinf(total), desired / entries * ops.ones_like(w), w + (desired - total) / entries)
        inside = ops.equal(total, desired)
        return ops.where(inside, w, ops.where(scalable & ~ops.isinf(total), scaled, moved))


def _size(tensor: Any) -> int:
    size = 1
    for extent in tensor.shape:
        size *= extent
    return size
