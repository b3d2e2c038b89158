"""Coefficient functions of yadism, evaluated at many points.

Massless kernels are compiled functions and are called directly. Kernels that depend on Q2 (massive quarks and
their high-virtuality limits) are slow Python closures: they are tabulated once per Q2 in the variable in which they are
smooth, u = log(e^d - 1) with d = log(1/z) above threshold, and interpolated by cubic splines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.interpolate import CubicSpline

from n3fit.theory.tables.quadrature import ConvolutionRule
from n3fit.typing import Floats

_U_LOWEST = -24.0
_U_LOWEST_CANCELLING = -9.0
_U_STEP = 0.08


class Kernel(Protocol):
    """A distribution in z that is convolved with all basis functions."""

    @property
    def threshold(self) -> float:
        """Lower limit of log(1/z); the kernel vanishes below."""

    def convolve(self, rule: ConvolutionRule) -> Floats:
        """Compute the convolutions with the basis functions (nx,)."""


@dataclass(frozen=True)
class DirectKernel:
    """A kernel whose regular, singular and local parts are called point by point.

    Attributes
    ----------
    distribution : yadism RSL
    threshold : float
        Lower limit of log(1/z); the kernel vanishes below.
    """

    distribution: Any
    threshold: float = 0.0

    def convolve(self, rule: ConvolutionRule) -> Floats:
        """Compute the convolutions with the basis functions (nx,)."""
        rsl = self.distribution
        total = np.zeros_like(rule.local)
        if rsl.reg is not None:
            total += np.array([rsl.reg(z, rsl.args["reg"]) for z in rule.z]) @ rule.regular
        if rsl.sing is not None:
            total += np.array([rsl.sing(z, rsl.args["sing"]) for z in rule.z]) @ rule.singular
        if rsl.loc is not None:
            total += rsl.loc(rule.x, rsl.args["loc"]) * rule.local
        return total


class TabulatedKernel:
    """A kernel at one Q2, tabulated for all z >= ``z_min``.

    Parameters
    ----------
    distribution : yadism RSL
        Its functions may be slow.
    z_min : float
        Smallest z at which the kernel is evaluated.
    threshold : float
        Lower limit of log(1/z); the kernel vanishes below.
    cancels_at_one : bool
        The regular part is a difference of terms that diverge at z = 1: rounding errors dominate there, and it is
        extrapolated from a point farther away.
    """

    def __init__(
        self, distribution: Any, *, z_min: float, threshold: float = 0.0, cancels_at_one: bool = False
    ) -> None:
        self.threshold = threshold
        self._local = distribution
        longest = max(np.log(1 / z_min) - threshold, 1e-3)
        end = np.log(np.expm1(longest)) + 2 * _U_STEP
        start = _U_LOWEST_CANCELLING if cancels_at_one else _U_LOWEST
        u = np.linspace(start, end, max(8, int((end - start) / _U_STEP)))
        self._last = u[0], u[-1]
        distance = np.log1p(np.exp(u))
        z = np.exp(-(distance + threshold))
        self._regular = _spline(u, distribution.reg, distribution.args["reg"], z, z)
        self._singular = _spline(u, distribution.sing, distribution.args["sing"], z, -np.expm1(-distance))

    def convolve(self, rule: ConvolutionRule) -> Floats:
        """Compute the convolutions with the basis functions (nx,)."""
        u = np.clip(np.log(np.expm1(rule.distance)), *self._last)
        total = np.zeros_like(rule.local)
        if self._regular is not None:
            total += (self._regular(u) / rule.z) @ rule.regular
        if self._singular is not None:
            total += (self._singular(u) / -np.expm1(-rule.distance)) @ rule.singular
        rsl = self._local
        if rsl.loc is not None:
            total += rsl.loc(rule.x, rsl.args["loc"]) * rule.local
        return total


def _spline(
    u: Floats, function: Callable[[float, Any], float] | None, arguments: Any, z: Floats, factor: Floats
) -> CubicSpline | None:
    """Return the spline of ``factor`` times the function, a product that is smooth and bounded."""
    if function is None:
        return None
    values = np.array([function(float(point), arguments) for point in z])
    return CubicSpline(u, factor * values)
