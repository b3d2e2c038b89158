"""Compiled loops over eko's polarised anomalous dimensions and matching elements; see :mod:`.compiled`.

A module of its own, so that unpolarised evolution does not compile them.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from eko.evolution_operator.quad_ker import build_ome
from ekore.anomalous_dimensions.polarized.space_like import as1, as2, as3
from ekore.harmonics import cache as harmonics
from ekore.operator_matrix_elements.polarized.space_like import as1 as ome1
from ekore.operator_matrix_elements.polarized.space_like import as2 as ome2

_compile = numba.njit(cache=True)


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
def singlet_matching(order: int, points: Any, logarithm: float, coupling: float, inversion: int, nf: int) -> Any:
    """Compute the matching matrices in (g, Sigma, h+) from ``nf`` to ``nf`` + 1 flavours: (npoints, 3, 3)."""
    matrix = np.zeros((len(points), 3, 3), dtype=np.complex128)
    for i in range(len(points)):
        elements = np.zeros((2, 3, 3), dtype=np.complex128)
        if order > 0:
            elements[0] = ome1.A_singlet(points[i], logarithm)
        if order > 1:
            elements[1] = ome2.A_singlet(points[i], harmonics.reset(), logarithm, nf)
        matrix[i] = build_ome(elements, (order, 0), coupling, inversion)
    return matrix


@_compile
def non_singlet_matching(order: int, points: Any, logarithm: float, coupling: float, inversion: int) -> Any:
    """Compute the matching matrices in (V, h-): (npoints, 2, 2); the first order vanishes."""
    matrix = np.zeros((len(points), 2, 2), dtype=np.complex128)
    for i in range(len(points)):
        elements = np.zeros((2, 2, 2), dtype=np.complex128)
        if order > 1:
            elements[1] = ome2.A_ns(points[i], harmonics.reset(), logarithm)
        matrix[i] = build_ome(elements, (order, 0), coupling, inversion)
    return matrix
