"""Interpolation and integration of functions known at nodes in x, as matrices.

Between two nodes a function is taken as the polynomial in log(x) through the six nearest nodes. For the nodes of
exportgrids this is exact to 1e-6 and better for smooth distributions, up to x = 1.
"""

from __future__ import annotations

import numpy as np

from n3fit.typing import Floats

STENCIL = 6
_GAUSS_NODES = 4  # per interval


def interpolation_matrix(nodes: Floats, x: Floats) -> Floats:
    """Compute the matrix (n, nx) from values at ``nodes`` (nx,) to values at the points ``x`` (n,).

    Raises
    ------
    ValueError
        A point lies outside the nodes, or there are too few nodes.
    """
    if len(nodes) < STENCIL:
        raise ValueError(f"expected at least {STENCIL} nodes, received {len(nodes)}")
    if x.size and (x.min() < nodes[0] * (1 - 1e-9) or x.max() > nodes[-1] * (1 + 1e-9)):
        raise ValueError(f"expected x in [{nodes[0]:g}, {nodes[-1]:g}], received {x.min():g} to {x.max():g}")
    interval = np.searchsorted(nodes, x, side="right") - 1
    first = np.clip(interval - (STENCIL // 2 - 1), 0, len(nodes) - STENCIL)
    columns = first[:, None] + np.arange(STENCIL)
    stencil, points = np.log(nodes)[columns], np.log(x)
    matrix = np.zeros((len(x), len(nodes)))
    for j in range(STENCIL):
        others = np.delete(stencil, j, axis=1)
        weight = np.prod((points[:, None] - others) / (stencil[:, j, None] - others), axis=1)
        matrix[np.arange(len(x)), columns[:, j]] = weight
    return matrix


def moment_weights(nodes: Floats, *, power: float) -> Floats:
    """Compute weights (nx,) w such that ``w @ f`` is the integral of x**power f(x) over dx, from node to node.

    For distributions x f at the nodes: ``power=0`` gives momenta, ``power=-1`` numbers of quarks.
    """
    roots, weights = np.polynomial.legendre.leggauss(_GAUSS_NODES)
    log_nodes = np.log(nodes)
    half = 0.5 * np.diff(log_nodes)[:, None]
    x = np.exp(log_nodes[:-1, None] + half * (1.0 + roots)).ravel()
    measure = (half * weights).ravel() * x ** (power + 1.0)
    result: Floats = measure @ interpolation_matrix(nodes, x)
    return result
