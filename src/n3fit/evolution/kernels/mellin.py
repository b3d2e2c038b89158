"""Mellin inversion on one contour: nodes, weights and basis functions shared by all matrix elements.

The matrix element of a kernel K(N) between basis function p_k and point x_j is

    E_jk = 1/(2 pi i) int dN x_j^-N K(N) p_k(N) = Re sum_i W_ji K(N_ji) p_k(N_ji) x_j^-N_ji

with nodes N_ji on a Talbot path that depends on x_j. The kernel, the expensive part, is evaluated once per node
for all basis functions; the product of weight and basis function is computed once for all kernels.
Basis functions and paths are those of eko (arXiv:2202.02338); the quadrature is a Gauss-Legendre rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.evolution.kernels.anomalous_dimensions import compiled_loops
from n3fit.evolution.kernels.interpolation import InterpolationBasis
from n3fit.typing import Complexes, Floats

PATH_START, PATH_END = 0.5, 0.985
"""Part of the path that is integrated: the upper half, without the end where the integrand is negligible.

Where it is negligible depends on x and on its damping by the evolution.
"""

EKO_PATH_END = 0.95
"""End of the path in eko 0.15.7, with an error of 6e-6 at x = 1e-5, of 1e-4 below and of 6e-3 at 1e-9."""

LOG_TOLERANCE = 1e-12
"""Points closer to 1 in log(x) are 1."""


@dataclass(frozen=True)
class Contour:
    """Nodes of the inverse Mellin integrals for all points in x.

    Attributes
    ----------
    points : (ngrid, nnodes) complex
        The Mellin variable N.
    weights : (ngrid, nx, nnodes) complex
        Quadrature weight times basis function times x_j^-N.
    """

    points: Complexes
    weights: Complexes

    def invert(self, kernel: Complexes) -> Floats:
        """Compute the matrices (..., ngrid, nx) of kernels on the nodes, (ngrid, nnodes, ...)."""
        tail = kernel.shape[2:]
        columns = kernel.reshape(*kernel.shape[:2], -1)
        # Re(W K) without forming the complex product
        matrices = np.matmul(self.weights.real, columns.real) - np.matmul(self.weights.imag, columns.imag)
        return np.ascontiguousarray(np.moveaxis(matrices, -1, 0)).reshape(*tail, *matrices.shape[:2])


def build_contour(
    basis: InterpolationBasis, *, singlet: bool, nodes: int, end: float = PATH_END, x: Floats | None = None
) -> Contour:
    """Build the contour for a sector.

    Parameters
    ----------
    basis : InterpolationBasis
        Basis functions.
    singlet : bool
        Singlet kernels have poles up to N = 1, non-singlet ones up to N = 0: the path passes on their right.
    nodes : int
        Gauss-Legendre nodes per point.
    end : float
        End of the path; infinity is at 1.
    x : (ngrid,), optional
        Points of the inverse, which vanishes at x = 1; by default the nodes of the basis.
    """
    roots, gauss_weights = np.polynomial.legendre.leggauss(nodes)
    half = 0.5 * (end - PATH_START)
    parameters = PATH_START + half * (roots + 1)
    log_x = np.log(basis.xgrid if x is None else x)
    log_x[np.abs(log_x) < LOG_TOLERANCE] = 0.0
    loops = compiled_loops()
    points, jacobian = talbot_path(parameters, log_x, singlet=singlet)
    weights = np.empty((len(log_x), len(basis), nodes), dtype=np.complex128)
    for index, pieces in enumerate(basis.pieces):
        weights[:, index, :] = loops.transform(points, log_x, pieces) * jacobian * (half * gauss_weights)
    weights[log_x == 0.0] = 0.0
    return Contour(points=points, weights=weights)


def talbot_path(parameters: Floats, log_x: Floats, *, singlet: bool) -> tuple[Complexes, Complexes]:
    """Compute the points of the Talbot path, o + r (theta cot(theta) + i theta) with theta = pi (2 t - 1).

    r = 6.4 / (0.1 - log x), as in eko (arXiv:2202.02338, section 2.2); o is 1 for singlet kernels, else 0.

    Parameters
    ----------
    parameters : (nparameters,)
        t, above 1/2.
    log_x : (ngrid,)
    singlet : bool

    Returns
    -------
    points : (ngrid, nparameters)
        At x = 1, where there is no inverse, 2.
    jacobian : (ngrid, nparameters)
        dN / dt / (i pi), which counts both halves of the path; zero at x = 1.
    """
    theta = np.pi * (2.0 * parameters - 1.0)
    cot = 1.0 / np.tan(theta)
    radius = (6.4 / (0.1 - log_x))[:, None]
    points: Complexes = np.asarray((1.0 if singlet else 0.0) + radius * (theta * cot + 1j * theta), dtype=np.complex128)
    slope = 2.0 * np.pi * radius * (cot - theta / np.sin(theta) ** 2 + 1j)
    points[log_x == 0.0] = 2.0
    jacobian: Complexes = np.asarray(slope * (-1j / np.pi), dtype=np.complex128)
    jacobian[log_x == 0.0] = 0.0
    return points, jacobian
