"""Axes of figures: labels of logarithmic axes, and axes of momentum fractions x.

The latter are logarithmic, linear, or both: logarithmic below x = 0.1 and linear above.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator
from numpy.typing import ArrayLike

from n3fit.report.style import MUTED
from n3fit.typing import Floats

XScale = Literal["both", "log", "linear"]
XSCALES: tuple[XScale, ...] = get_args(XScale)

SMALLEST_X = 1e-5
"""The smallest x that is shown."""
LARGEST_X = 0.98
"""The largest x of curves: beyond, distributions vanish."""

_TURN = 0.1
_TICKS = {1e-5: "10⁻⁵", 1e-4: "10⁻⁴", 1e-3: "10⁻³", 0.01: "0.01", 0.1: "0.1", 0.3: "0.3", 0.5: "0.5", 0.7: "0.7",
          0.9: "0.9"}  # fmt: skip
_WITHIN_A_DECADE = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0)
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def add_note(axes: Axes, note: str, *, colour: str = MUTED) -> None:
    """Write a note, such as the scale, above the right end of a panel."""
    axes.set_title(note, loc="right", fontsize=9.5, fontweight="normal", color=colour)


def label_logarithmic(axis: Axis, low: float, high: float) -> None:
    """Label a logarithmic axis from ``low`` to ``high``, in plain text: formulas are slow to draw.

    Powers of ten for a wide range; numbers at 1, 2 and 5 for less than two decades, and more for less than one.
    """
    narrow = high < 100 * low
    between = _WITHIN_A_DECADE if high < 8 * low else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=between if narrow else (1.0,)))
    axis.set_major_formatter(FuncFormatter(_plain_number if narrow else _power_of_ten))
    axis.set_minor_formatter(NullFormatter())


def x_points(scale: XScale) -> Floats:
    """Return the points (n,) in x at which curves are drawn, evenly along the axis."""
    if scale == "linear":
        return np.concatenate([np.geomspace(1e-3, 0.03, 16)[:-1], np.linspace(0.03, LARGEST_X, 65)])
    lower = np.geomspace(SMALLEST_X, _TURN, 45)[:-1]
    if scale == "log":
        return np.concatenate([lower, np.geomspace(_TURN, 0.8, 20)[:-1], np.linspace(0.8, LARGEST_X, 10)])
    return np.concatenate([lower, np.linspace(_TURN, LARGEST_X, 41)])


def set_x_axis(axes: Axes, scale: XScale) -> None:
    """Set scale, limits, ticks and label of a horizontal axis of momentum fractions."""
    if scale == "linear":
        axes.set_xlim(0, 1)
    elif scale == "log":
        axes.set_xscale("log")
        axes.set_xlim(SMALLEST_X, 1)
        label_logarithmic(axes.xaxis, SMALLEST_X, 1)
    else:
        axes.set_xscale("function", functions=(x_to_position, position_to_x))
        axes.set_xlim(SMALLEST_X, 1)
        axes.set_xticks(list(_TICKS), list(_TICKS.values()))
        axes.xaxis.set_minor_locator(NullLocator())  # each tick costs time and space
    axes.set_xlabel("$x$")


def set_mass_axis(axes: Axes, low: float, high: float) -> None:
    """Set scale, limits, ticks and label of a horizontal axis of invariant masses from ``low`` to ``high`` in GeV."""
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    label_logarithmic(axes.xaxis, low, high)
    axes.set_xlabel("$m_X$ [GeV]")


def x_to_position(x: ArrayLike) -> Floats:
    """Return the position on the axis of both scales: the logarithm of x below 0.1, continued linearly above."""
    values = np.asarray(x, dtype=np.float64)
    return np.where(values < _TURN, np.log(np.maximum(values, 1e-300) / _TURN), values / _TURN - 1.0)


def position_to_x(position: ArrayLike) -> Floats:
    """Return the inverse of :func:`x_to_position`."""
    values = np.asarray(position, dtype=np.float64)
    return np.where(values < 0.0, _TURN * np.exp(np.minimum(values, 0.0)), _TURN * (values + 1.0))


def _plain_number(value: float, _position: int | None = None) -> str:
    return f"{value:g}"


def _power_of_ten(value: float, _position: int | None = None) -> str:
    exponent = round(math.log10(value)) if value > 0 else 0
    return "1" if exponent == 0 else "10" + str(exponent).translate(_SUPERSCRIPTS)
