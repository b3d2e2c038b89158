"""The nodes in x at which replicas are exported."""

from __future__ import annotations

import numpy as np

from n3fit.typing import Floats

SMALLEST_X = 1e-9
TURNING_POINT = 0.1
EXPORT_NODES = 196
_LOGARITHMIC_STEPS = 131


def export_xgrid() -> Floats:
    """Return the 196 nodes from 1e-9 to 1: logarithmic up to 0.1, linear from there.

    The 131 logarithmic and 64 linear steps are the split for which both spacings agree best at x = 0.1:
    ``0.1 log(0.1 / 1e-9) / 131 = 0.01406 = 0.9 / 64``.
    """
    linear_steps = EXPORT_NODES - 1 - _LOGARITHMIC_STEPS
    lower = np.geomspace(SMALLEST_X, TURNING_POINT, _LOGARITHMIC_STEPS + 1)
    upper = np.linspace(TURNING_POINT, 1.0, linear_steps + 1)
    return np.concatenate([lower, upper[1:]])
