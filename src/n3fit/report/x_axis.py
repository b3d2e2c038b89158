"""Axes of momentum fractions: logarithmic, linear, or both, logarithmic below 0.1 and linear above."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator
from numpy.typing import ArrayLike, NDArray

from n3fit.report.pictures import label_logarithmic

Floats = NDArray[np.float64]
XScale = Literal["both", "log", "linear"]
XSCALES: tuple[XScale, ...] = get_args(XScale)

SMALLEST = 1e-5
"""The smallest x that is shown."""

LARGEST = 0.98
"""The largest x that curves reach: beyond, distributions vanish."""

_TURN = 0.1
_TICKS = {1e-5: "10⁻⁵", 1e-4: "10⁻⁴", 1e-3: "10⁻³", 0.01: "0.01", 0.1: "0.1", 0.3: "0.3", 0.5: "0.5", 0.7: "0.7",
          0.9: "0.9"}  # fmt: skip


def points_along(scale: XScale) -> Floats:
    """Give the points (n,) at which curves are drawn, evenly along the axis."""
    if scale == "linear":
        return np.concatenate([np.geomspace(1e-3, 0.03, 16)[:-1], np.linspace(0.03, LARGEST, 65)])
    lower = np.geomspace(SMALLEST, _TURN, 45)[:-1]
    if scale == "log":
        return np.concatenate([lower, np.geomspace(_TURN, 0.8, 20)[:-1], np.linspace(0.8, LARGEST, 10)])
    return np.concatenate([lower, np.linspace(_TURN, LARGEST, 41)])


def set_x_axis(axes: Axes, scale: XScale) -> None:
    """Make the horizontal axis one of momentum fractions."""
    if scale == "linear":
        axes.set_xlim(0, 1)
    elif scale == "log":
        axes.set_xscale("log")
        axes.set_xlim(SMALLEST, 1)
        label_logarithmic(axes.xaxis, SMALLEST, 1)
    else:
        axes.set_xscale("function", functions=(to_place, to_x))
        axes.set_xlim(SMALLEST, 1)
        axes.set_xticks(list(_TICKS), list(_TICKS.values()))
        axes.xaxis.set_minor_locator(NullLocator())  # each tick costs time and space
    axes.set_xlabel("$x$")


def to_place(x: ArrayLike) -> Floats:
    """Give the place on the axis of both kinds: log x below 0.1, and straight on from there."""
    values = np.asarray(x, dtype=np.float64)
    return np.where(values < _TURN, np.log(np.maximum(values, 1e-300) / _TURN), values / _TURN - 1.0)


def to_x(place: ArrayLike) -> Floats:
    """Invert :func:`to_place`."""
    values = np.asarray(place, dtype=np.float64)
    return np.where(values < 0.0, _TURN * np.exp(np.minimum(values, 0.0)), _TURN * (values + 1.0))
