"""The truncated solution of the singlet evolution at many Mellin points at once."""

from __future__ import annotations

import numpy as np

from n3fit.evolution.kernels.array_functions import on_arrays
from n3fit.typing import Complexes


def truncated_singlet_kernels(gamma: Complexes, *, a_to: float, a_from: float, nf: int) -> Complexes:
    """Compute the truncated solution (npoints, 2, 2) at up to three loops: U(a_to) L U(a_from)^-1 to second order in a.

    L is the solution at leading order and U = 1 + a U_1 + a^2 U_2 (hep-ph/0408244, section 2.3): with the equation
    dE / d ln a = (R_0 + a R_1 + ...) E, k U_k + U_k R_0 - R_0 U_k = sum_j R_(k-j) U_j over j < k, which the projectors
    P on the eigenvalues r of R_0 solve, P_i U_k P_j = P_i (...) P_j / (k + r_j - r_i).

    It replaces the function of eko 0.15.7, which adds the first-order terms to the array that it then uses as the
    leading-order solution L: the resulting terms of third order do not cancel the double poles of U_1 and U_2 at real N
    up to 3.8, and evolved distributions jump by a per cent where the contour of x crosses a pole.

    Parameters
    ----------
    gamma : (npoints, order, 2, 2)
        Anomalous dimensions.
    a_to, a_from : float
        alpha_s / (4 pi).
    nf : int
    """
    order = gamma.shape[1]
    rates = _rates(gamma, nf)
    eigenvalues, projectors = _spectrum(rates[0])
    length = float(np.log(a_to / a_from))
    leading = sum(
        np.exp(length * value)[:, None, None] * projector
        for value, projector in zip(eigenvalues, projectors, strict=True)
    )
    kernel = np.array(leading, dtype=np.complex128)
    if order < 2:
        return kernel
    u1 = _solve(rates[1], 1, eigenvalues, projectors)
    kernel += a_to * (u1 @ leading) - a_from * (leading @ u1)
    if order > 2:
        u2 = _solve(rates[2] + rates[1] @ u1, 2, eigenvalues, projectors)
        kernel += (
            a_to**2 * (u2 @ leading)
            - a_to * a_from * (u1 @ leading @ u1)
            + a_from**2 * (leading @ (u1 @ u1 - u2))
        )  # fmt: skip
    return kernel


def _rates(gamma: Complexes, nf: int) -> list[Complexes]:
    """Return R_0, R_1, ... (npoints, 2, 2): the expansion of gamma(a) / beta(a) times a."""
    beta = on_arrays("eko.beta")
    betas = [beta.beta_qcd((2 + k, 0), nf) for k in range(gamma.shape[1])]
    rates: list[Complexes] = []
    for k in range(gamma.shape[1]):
        rates.append((gamma[:, k] - sum(betas[j] * rates[k - j] for j in range(1, k + 1))) / betas[0])
    return rates


def _spectrum(matrix: Complexes) -> tuple[tuple[Complexes, Complexes], tuple[Complexes, Complexes]]:
    """Return the two eigenvalues (npoints,) of (npoints, 2, 2), and the projectors on them."""
    mean = 0.5 * (matrix[:, 0, 0] + matrix[:, 1, 1])
    half = 0.5 * np.sqrt((matrix[:, 0, 0] - matrix[:, 1, 1]) ** 2 + 4.0 * matrix[:, 0, 1] * matrix[:, 1, 0])
    identity = np.eye(2)
    upper, lower = mean + half, mean - half
    scale = (0.5 / half)[:, None, None]
    return (upper, lower), (
        scale * (matrix - lower[:, None, None] * identity),
        -scale * (matrix - upper[:, None, None] * identity),
    )


def _solve(
    source: Complexes,
    power: int,
    eigenvalues: tuple[Complexes, Complexes],
    projectors: tuple[Complexes, Complexes],
) -> Complexes:
    """Return the U (npoints, 2, 2) with power U + U R_0 - R_0 U = source."""
    solution = np.zeros_like(source)
    for left, row in zip(projectors, eigenvalues, strict=True):
        for right, column in zip(projectors, eigenvalues, strict=True):
            solution += (left @ source @ right) / (power + column - row)[:, None, None]
    return solution
