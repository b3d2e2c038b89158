"""What the network sees of x."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from n3fit.backends import MetaLayer
from n3fit.backends import operations as op
from n3fit.typing import Floats


class LogFeatures(MetaLayer):
    """Give (x, log x) of x: ``(batch, x, 1)`` to ``(batch, x, 2)``."""

    def call(self, x: Any) -> Any:
        return op.concatenate([x, op.op_log(x)], axis=-1)


class ScaledFeature(MetaLayer):
    """Give one feature that spreads the nodes of the data evenly: ``(batch, x, 1)`` to ``(batch, x, 1)``.

    The feature is a monotonic cubic in log x between knots chosen by :func:`feature_knots`, see arXiv:2111.02954.
    Below the first and above the last knot the nearest cubic goes on.

    Parameters
    ----------
    knots : (K,)
        Values of x, ascending.
    values : (K,)
        The feature at the knots, ascending.
    """

    def __init__(self, knots: Floats, values: Floats, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        interpolator = PchipInterpolator(np.log(knots), values)
        self._starts = np.log(np.asarray(knots)[:-1])
        self._coefficients = np.asarray(interpolator.c)

    def build(self, input_shape: Any) -> None:
        """Keep the knots and the coefficients of the cubics as constants."""
        self.starts = self.builder_helper(
            "starts", self._starts.shape, self.init_constant(self._starts), trainable=False
        )
        self.coefficients = self.builder_helper(
            "coefficients", self._coefficients.shape, self.init_constant(self._coefficients), trainable=False
        )

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


def feature_knots(xgrids: list[Floats], points: int) -> tuple[Floats, Floats]:
    """Choose knots so that the nodes of all tables are spread evenly over [-1, 1].

    Parameters
    ----------
    xgrids : list of (nx,)
        The nodes of each table; a node counts as often as it occurs.
    points : int
        Number of knots.

    Returns
    -------
    knots, values : (K,) each, K <= points
        Some values of x and the feature there, both ascending.
    """
    distinct, counts = np.unique(np.round(np.concatenate(xgrids), 15), return_counts=True)
    cumulative = np.cumsum(counts)
    scaled = 2 * (cumulative - cumulative[0]) / (cumulative[-1] - cumulative[0]) - 1
    wanted = np.linspace(-1, 1, min(points, distinct.size))
    chosen = np.unique([int(np.abs(scaled - value).argmin()) for value in wanted])
    return distinct[chosen], scaled[chosen]
