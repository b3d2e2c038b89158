"""Anomalous dimensions, non-singlet kernels and matching elements on arrays of Mellin points, by eko's formulas.

The formulas are those of ekore (arXiv:2202.02338), see :mod:`n3fit.evolution.kernels.array_functions`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from n3fit.evolution.kernels.array_functions import empty_sums, on_arrays
from n3fit.typing import Complexes

_REMOVABLE = 1e-4
"""Distance from N = 1, where the valence function at three loops divides zero by zero."""


def _orders(kind: str, polarised: bool) -> list[Any]:
    """Return the modules of the orders of ``anomalous_dimensions`` or ``operator_matrix_elements``."""
    spin = "polarized" if polarised else "unpolarized"
    count = 3 if kind == "anomalous_dimensions" else 2
    return [on_arrays(f"ekore.{kind}.{spin}.space_like.as{loops}") for loops in range(1, count + 1)]


def singlet_dimensions(order: int, points: Complexes, nf: int, *, polarised: bool) -> Complexes:
    """Compute the anomalous dimensions (npoints, order, 2, 2)."""
    as1, as2, as3 = _orders("anomalous_dimensions", polarised)
    sums = empty_sums()
    gamma = [as1.gamma_singlet(points, sums, nf)]
    if order > 1:
        gamma.append(as2.gamma_singlet(points, nf, sums))
    if order > 2:
        gamma.append(as3.gamma_singlet(points, nf, sums))
    return np.ascontiguousarray(np.moveaxis(np.stack(gamma), -1, 0))


def non_singlet_dimensions(order: int, points: Complexes, nf: int, *, polarised: bool) -> Complexes:
    """Compute the anomalous dimensions (3 modes, npoints, order)."""
    near = np.abs(points - 1.0) < _REMOVABLE
    if near.any() and len(points) > 1:  # eko decides for a single point whether to take the limit
        gamma = np.empty((3, len(points), order), dtype=np.complex128)
        for part in (~near, *np.eye(len(points), dtype=bool)[near]):
            gamma[:, part] = non_singlet_dimensions(order, points[part], nf, polarised=polarised)
        return gamma
    as1, as2, as3 = _orders("anomalous_dimensions", polarised)
    sums = empty_sums()
    powers = [np.broadcast_to(as1.gamma_ns(points, sums), (3, len(points)))]
    if order > 1:
        minus = as2.gamma_nsm(points, nf, sums)
        powers.append(np.stack([as2.gamma_nsp(points, nf, sums), minus, minus]))
    if order > 2:
        powers.append(np.stack([part(points, nf, sums) for part in (as3.gamma_nsp, as3.gamma_nsm, as3.gamma_nsv)]))
    return np.ascontiguousarray(np.stack(powers, axis=-1))


def non_singlet_kernels(gamma: Complexes, method: int, a_to: float, a_from: float, nf: int) -> Complexes:
    """Compute the evolution kernels (3 modes, npoints)."""
    kernels = on_arrays("eko.kernels.non_singlet")
    order = (gamma.shape[2], 0)
    return np.asarray(kernels.dispatcher(order, method, list(np.moveaxis(gamma, -1, 0)), a_to, a_from, nf))


def singlet_matching(order: int, points: Complexes, logarithm: float, nf: int, *, polarised: bool) -> list[Complexes]:
    """Compute the coefficients of the matching in (g, Sigma, h+), (npoints, 3, 3) for each power of the coupling.

    ``nf``: flavours below the threshold, which polarised elements depend on.
    """
    ome1, ome2 = _orders("operator_matrix_elements", polarised)
    elements = []
    if order > 0:
        first = ome1.A_singlet(points, logarithm) if polarised else ome1.A_singlet(points, empty_sums(), logarithm)
        elements.append(_points_first(first, len(points)))
    if order > 1:
        last = nf if polarised else False  # the scheme of the masses in unpolarised elements: pole masses
        elements.append(_points_first(ome2.A_singlet(points, empty_sums(), logarithm, last), len(points)))
    return elements


def non_singlet_matching(order: int, points: Complexes, logarithm: float, *, polarised: bool) -> list[Complexes]:
    """Compute the coefficients of the matching in (V, h-), (npoints, 2, 2); polarised, the first vanishes."""
    ome1, ome2 = _orders("operator_matrix_elements", polarised)
    elements = []
    if order > 0 and polarised:
        elements.append(np.zeros((len(points), 2, 2), dtype=np.complex128))
    elif order > 0:
        elements.append(_points_first(ome1.A_ns(points, empty_sums(), logarithm), len(points)))
    if order > 1:
        elements.append(_points_first(ome2.A_ns(points, empty_sums(), logarithm), len(points)))
    return elements


def _points_first(matrix: Complexes, points: int) -> Complexes:
    """Return (npoints, n, n) of (n, n, npoints), or of (n, n) where no element depends on the point."""
    whole = np.broadcast_to(matrix if matrix.ndim == 3 else matrix[..., None], (*matrix.shape[:2], points))
    return np.ascontiguousarray(np.moveaxis(whole, -1, 0))
