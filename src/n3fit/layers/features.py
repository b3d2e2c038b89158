"""Input features of the network: x and log x, or one scaled feature."""

from __future__ import annotations

from typing import Any

import numpy as np

from n3fit.backends import MetaLayer
from n3fit.backends import operations as op
from n3fit.layers.constant_layer import ConstantLayer
from n3fit.typing import Floats


class LogFeatures(MetaLayer):
    """Compute (x, log x) of x: ``(batch, x, 1)`` to ``(batch, x, 2)``."""

    def call(self, x: Any) -> Any:
        return op.concatenate([x, op.op_log(x)], axis=-1)


class ScaledFeature(ConstantLayer):
    """Compute one feature in which the nodes of the data are spread evenly: ``(batch, x, 1)`` to ``(batch, x, 1)``.

    The feature is a monotonic cubic in log x between knots, see :func:`n3fit.model.architecture.feature_knots` and
    arXiv:2111.02954. Below the first and above the last knot the nearest cubic is continued.

    Parameters
    ----------
    knots : (K,)
        Values of x, ascending.
    values : (K,)
        The feature at the knots, ascending.
    """

    def __init__(self, knots: Floats, values: Floats, **kwargs: Any) -> None:
        from scipy.interpolate import PchipInterpolator  # takes a tenth of a second

        super().__init__(**kwargs)
        interpolator = PchipInterpolator(np.log(knots), values)
        self._starts = np.log(np.asarray(knots)[:-1])
        self._coefficients = np.asarray(interpolator.c)

    def build(self, input_shape: Any) -> None:
        """Store the knots and the coefficients of the cubics as constants."""
        self.starts = self.constant("starts", self._starts)
        self.coefficients = self.constant("coefficients", self._coefficients)

    def call(self, x: Any) -> Any:
        log_x = op.op_log(x)
        # one-hot choice of the interval: few knots, and no gather over data-dependent indices
        position = op.backend_function("cast", log_x >= self.starts, dtype=log_x.dtype)
        upper = op.concatenate([position[..., 1:], 0 * position[..., :1]], axis=-1)
        first = op.concatenate([1 + 0 * position[..., :1], position[..., 1:]], axis=-1)
        chosen = first - upper
        distance = log_x - op.sum(chosen * self.starts, axis=-1, keepdims=True)
        cubic = op.einsum("bxk,ck->bxc", chosen, self.coefficients)
        result = cubic[..., 0:1]
        for order in range(1, 4):
            result = result * distance + cubic[..., order : order + 1]
        return result
