"""Compiled loops over Mellin points (numba), imported only when they are needed.

They are those that would be slow on arrays: basis functions, and singlet kernels. Each is compiled when it is first
called on a machine, in a second or two; numba keeps the compiled code on disk.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from eko.kernels import singlet as singlet_kernel

from n3fit.evolution.kernels.compiled_iterated import iterated_singlet_kernels as iterated_singlet_kernels

_compile = numba.njit(cache=True)

_SAME_EDGE = 1e-12
_NARROW = 0.1
_EXPANSION_TERMS = 9  # 0.1^9 / 9! is below 1e-14


@_compile
def transform(points: Any, log_x: Any, pieces: Any) -> Any:
    """Compute a basis function in Mellin space times x^-N on the points (ngrid, nparameters).

    A piece is (lower edge, upper edge, coefficients about the upper edge, coefficients about the lower edge) in log(x).
    The antiderivative of s^i exp(N s), s = log(y) minus an edge, is at that edge (-1)^i i! / N^(i+1). Expanding about
    the edges keeps the terms small; powers of log(x) itself would cancel to rounding errors on fine grids.
    A lower edge at or below x does not contribute: there the contour closes on the other side.

    Where a piece is so narrow that exp(N s) hardly changes on it, the two ends cancel to the fifth power of N times its
    width, and on dense nodes towards x = 1 all digits of double precision are lost. There the exponential is expanded.
    """
    terms = (pieces.shape[1] - 2) // 2
    values = np.zeros_like(points)
    for j in range(points.shape[0]):
        if log_x[j] == 0.0:
            continue
        for piece in pieces:
            if log_x[j] >= piece[1] - _SAME_EDGE:
                continue
            above = log_x[j] < piece[0] - _SAME_EDGE
            width = piece[1] - piece[0]
            for i in range(points.shape[1]):
                n = points[j, i]
                if above and abs(n) * width < _NARROW:
                    values[j, i] += _narrow_piece(n, width, piece[2 : 2 + terms]) * np.exp(n * (piece[1] - log_x[j]))
                    continue
                upper, lower = 0.0j, 0.0j
                factor = 1.0 / n
                for k in range(terms):
                    upper += piece[2 + k] * factor
                    lower += piece[2 + terms + k] * factor
                    factor *= -(k + 1) / n
                values[j, i] += upper * np.exp(n * (piece[1] - log_x[j]))
                if above:
                    values[j, i] -= lower * np.exp(n * (piece[0] - log_x[j]))
    return values


@_compile
def _narrow_piece(n: complex, width: float, coefficients: Any) -> complex:
    """Compute the integral of a polynomial in s times exp(n s) over s from -width to 0, by expanding exp(n s)."""
    value = 0.0j
    factor = 1.0 + 0.0j
    for m in range(_EXPANSION_TERMS):
        power = (-width) ** (m + 1)
        for k in range(len(coefficients)):
            value -= coefficients[k] * factor * power / (m + k + 1)
            power *= -width
        factor *= n / (m + 1)
    return value


@_compile
def singlet_kernels(gamma: Any, method: int, a_to: float, a_from: float, nf: int, iterations: int) -> Any:
    """Compute the evolution kernels (npoints, 2, 2)."""
    kernel = np.zeros((gamma.shape[0], 2, 2), dtype=np.complex128)
    order = (gamma.shape[1], 0)
    for i in range(gamma.shape[0]):
        kernel[i] = singlet_kernel.dispatcher(order, method, gamma[i], a_to, a_from, nf, iterations, (10, 0))
    return kernel
