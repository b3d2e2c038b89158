"""Compiled loops over eko's functions of the Mellin variable (numba), imported only when they are needed.

The loops call the functions of each order themselves: eko's functions that select the order would compile the large
four-loop branch as well. The compiled code is cached on disk by numba.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from eko import beta, mellin
from eko.evolution_operator.quad_ker import build_ome
from eko.kernels import non_singlet as non_singlet_kernel
from eko.kernels import singlet as singlet_kernel
from ekore.anomalous_dimensions.unpolarized.space_like import as1, as2, as3
from ekore.harmonics import cache as harmonics
from ekore.operator_matrix_elements.unpolarized.space_like import as1 as ome1
from ekore.operator_matrix_elements.unpolarized.space_like import as2 as ome2

from n3fit.evolution.kernels.compiled_iterated import iterated_singlet_kernels as iterated_singlet_kernels

_compile = numba.njit(cache=True)

_SAME_EDGE = 1e-12
_NARROW = 0.1
_EXPANSION_TERMS = 9  # 0.1^9 / 9! is below 1e-14


@_compile
def path(parameters: Any, log_x: Any, singlet: bool) -> Any:
    """Compute the points of the Talbot path (ngrid, nparameters), and its Jacobian times the inversion prefactor."""
    points = np.full((len(log_x), len(parameters)), 2.0 + 0.0j)
    jacobian = np.zeros((len(log_x), len(parameters)), dtype=np.complex128)
    for j in range(len(log_x)):
        if log_x[j] == 0.0:
            continue
        for i in range(len(parameters)):
            node = mellin.Path(parameters[i], log_x[j], singlet)
            points[j, i] = node.n
            jacobian[j, i] = node.prefactor * node.jac
    return points, jacobian


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
def singlet_dimensions(order: int, points: Any, nf: int) -> Any:
    """Compute the anomalous dimensions (npoints, order, 2, 2)."""
    gamma = np.zeros((len(points), order, 2, 2), dtype=np.complex128)
    for i in range(len(points)):
        sums = harmonics.reset()
        gamma[i, 0] = as1.gamma_singlet(points[i], sums, nf)
        if order > 1:
            gamma[i, 1] = as2.gamma_singlet(points[i], nf, sums)
        if order > 2:
            gamma[i, 2] = as3.gamma_singlet(points[i], nf, sums)
    return gamma


@_compile
def non_singlet_dimensions(order: int, points: Any, nf: int) -> Any:
    """Compute the anomalous dimensions (3 modes, npoints, order)."""
    gamma = np.zeros((3, len(points), order), dtype=np.complex128)
    for i in range(len(points)):
        sums = harmonics.reset()
        gamma[:, i, 0] = as1.gamma_ns(points[i], sums)
        if order > 1:
            gamma[0, i, 1] = as2.gamma_nsp(points[i], nf, sums)
            gamma[1:, i, 1] = as2.gamma_nsm(points[i], nf, sums)
        if order > 2:
            gamma[0, i, 2] = as3.gamma_nsp(points[i], nf, sums)
            gamma[1, i, 2] = as3.gamma_nsm(points[i], nf, sums)
            gamma[2, i, 2] = as3.gamma_nsv(points[i], nf, sums)
    return gamma


@_compile
def singlet_kernels(gamma: Any, method: int, a_to: float, a_from: float, nf: int, iterations: int) -> Any:
    """Compute the evolution kernels (npoints, 2, 2)."""
    kernel = np.zeros((gamma.shape[0], 2, 2), dtype=np.complex128)
    order = (gamma.shape[1], 0)
    for i in range(gamma.shape[0]):
        kernel[i] = singlet_kernel.dispatcher(order, method, gamma[i], a_to, a_from, nf, iterations, (10, 0))
    return kernel


@_compile
def truncated_singlet_kernels(gamma: Any, a_to: float, a_from: float, nf: int) -> Any:
    """Compute the truncated solution (npoints, 2, 2) at up to three loops: U(a_to) L U(a_from)^-1 to second order in a.

    It replaces the function of eko 0.15.7, which adds the first-order terms to the array that it then uses as the
    leading-order solution L: the resulting terms of third order do not cancel the double poles of U_1 and U_2 at real N
    up to 3.8, and evolved distributions jump by a per cent where the contour of x crosses a pole.
    """
    order = gamma.shape[1]
    betas = [beta.beta_qcd((2 + k, 0), nf) for k in range(order)]
    kernel = np.zeros((gamma.shape[0], 2, 2), dtype=np.complex128)
    for i in range(gamma.shape[0]):
        leading = np.ascontiguousarray(singlet_kernel.lo_exact(gamma[i], a_to, a_from, betas))
        kernel[i] = leading
        if order < 2:
            continue
        u = singlet_kernel.u_vec(singlet_kernel.r_vec(gamma[i], betas, (order, 0), (order, 0), False), (order, 0))
        u1 = np.ascontiguousarray(u[1])
        kernel[i] += a_to * u1 @ leading - a_from * leading @ u1
        if order > 2:
            u2 = np.ascontiguousarray(u[2])
            kernel[i] += (
                a_to**2 * u2 @ leading - a_to * a_from * u1 @ leading @ u1 + a_from**2 * leading @ (u1 @ u1 - u2)
            )
    return kernel


@_compile
def non_singlet_kernels(gamma: Any, method: int, a_to: float, a_from: float, nf: int) -> Any:
    """Compute the evolution kernels (3 modes, npoints)."""
    kernel = np.zeros((gamma.shape[0], gamma.shape[1]), dtype=np.complex128)
    order = (gamma.shape[2], 0)
    for mode in range(gamma.shape[0]):
        for i in range(gamma.shape[1]):
            kernel[mode, i] = non_singlet_kernel.dispatcher(order, method, gamma[mode, i], a_to, a_from, nf)
    return kernel


@_compile
def singlet_matching(order: int, points: Any, logarithm: float, coupling: float, inversion: int) -> Any:
    """Compute the matching matrices in (g, Sigma, h+): (npoints, 3, 3)."""
    matrix = np.zeros((len(points), 3, 3), dtype=np.complex128)
    for i in range(len(points)):
        elements = np.zeros((2, 3, 3), dtype=np.complex128)
        if order > 0:
            elements[0] = ome1.A_singlet(points[i], harmonics.reset(), logarithm)
        if order > 1:
            elements[1] = ome2.A_singlet(points[i], harmonics.reset(), logarithm, False)
        matrix[i] = build_ome(elements, (order, 0), coupling, inversion)
    return matrix


@_compile
def non_singlet_matching(order: int, points: Any, logarithm: float, coupling: float, inversion: int) -> Any:
    """Compute the matching matrices in (V, h-): (npoints, 2, 2)."""
    matrix = np.zeros((len(points), 2, 2), dtype=np.complex128)
    for i in range(len(points)):
        elements = np.zeros((2, 2, 2), dtype=np.complex128)
        if order > 0:
            elements[0] = ome1.A_ns(points[i], harmonics.reset(), logarithm)
        if order > 1:
            elements[1] = ome2.A_ns(points[i], harmonics.reset(), logarithm)
        matrix[i] = build_ome(elements, (order, 0), coupling, inversion)
    return matrix
