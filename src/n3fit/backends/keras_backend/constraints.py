"""Limits on weights that hold after every step of a training."""

from __future__ import annotations

from math import prod
from typing import Any

import keras
from keras import ops

NEARLY_ZERO = 1e-4
"""A sum below this fraction of the absolute sum is moved by adding, not by scaling."""


@keras.saving.register_keras_serializable(package="n3fit")
class MinMaxWeight(keras.constraints.MinMaxNorm):
    """Limits on the sum of the weights along the second axis.

    Each row whose sum is outside is scaled towards the nearer limit. Where the sum nearly vanishes and scaling would
    diverge, the same number is added to each entry instead. Rows inside the limits are left as they are, bit by bit;
    with one entry per row (the preprocessing exponents) the weight is clipped.

    Parameters
    ----------
    min_value, max_value : float
        The limits; they may be negative.
    **kwargs
        Arguments of ``keras.constraints.MinMaxNorm``: ``axis``, 1 by default, and ``rate``, the fraction of the way to
        the limit that a sum outside is moved by, 1 by default.

    Raises
    ------
    ValueError
        The lower limit is above the upper one, or the rate is outside [0, 1].
    """

    def __init__(self, min_value: float, max_value: float, **kwargs: Any) -> None:
        if not min_value <= max_value:
            raise ValueError(f"min_value must not exceed max_value, received {min_value} and {max_value}")
        super().__init__(**{"axis": 1, **kwargs, "min_value": float(min_value), "max_value": float(max_value)})
        if not 0 <= self.rate <= 1:
            raise ValueError(f"rate must be between 0 and 1, received {self.rate}")

    def __call__(self, w: Any) -> Any:
        """Compute the weights with all sums moved towards the limits."""
        w = ops.convert_to_tensor(w)
        axis = min(self.axis, len(w.shape) - 1) if isinstance(self.axis, int) else self.axis
        total = ops.sum(w, axis=axis, keepdims=True)
        desired = self._moved(total)
        if w.shape == total.shape:
            return desired
        entries = prod(w.shape) / prod(total.shape)
        scalable = ops.abs(total) > NEARLY_ZERO * ops.sum(ops.abs(w), axis=axis, keepdims=True)
        factor = desired / ops.where(scalable, total, ops.ones_like(total))
        scalable = scalable & ops.isfinite(factor)  # a sum may be so small that the factor overflows
        scaled = w * ops.where(scalable, factor, ops.ones_like(factor))
        added = ops.where(ops.isinf(total), desired / entries * ops.ones_like(w), w + (desired - total) / entries)
        inside = ops.equal(total, desired)
        return ops.where(inside, w, ops.where(scalable & ~ops.isinf(total), scaled, added))

    def _moved(self, total: Any) -> Any:
        clipped = ops.clip(total, self.min_value, self.max_value)
        return clipped if self.rate == 1 else self.rate * clipped + (1 - self.rate) * total
