"""Variation of the factorisation scale in the evolution: schemes B and C of arXiv:1906.10698 and arXiv:2202.02338.

With k the squared factor of the scale, L = log(k), and anomalous dimensions gamma in powers of a = alpha_s / (4 pi):

- *exponentiated* (B): the equation is solved with a(k mu^2) at every scale mu, and the anomalous dimensions and
  matching elements are expanded in it;
- *expanded* (C): distributions are evolved to sqrt(k) Q, and brought back to Q by the inverse evolution expanded in
  a(k Q^2). Only the last step is varied.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.typing import Complexes


def beta_coefficients(nf: int) -> tuple[float, float]:
    """Return beta0 and beta1 of d a / d log(mu^2) = -beta0 a^2 - beta1 a^3 - ..., a = alpha_s / (4 pi).

    >>> beta_coefficients(4)[0] == 25 / 3
    True
    """
    return 11 - 2 * nf / 3, 102 - 38 * nf / 3


def vary_coefficients(coefficients: Sequence[Complexes], nf: int, logarithm: float) -> list[Complexes]:
    """Return the coefficients of a series in a(mu^2), of at most three terms from a^1, for one in a(k mu^2).

    Parameters
    ----------
    coefficients : sequence of arrays
    nf : int
        Active flavours of the coupling.
    logarithm : float
        L = log(k).
    """
    beta0, beta1 = beta_coefficients(nf)
    varied = list(coefficients)
    if len(varied) > 1:
        varied[1] = coefficients[1] + beta0 * logarithm * coefficients[0]
    if len(varied) > 2:
        varied[2] = (
            coefficients[2]
            + 2 * beta0 * logarithm * coefficients[1]
            + (beta1 * logarithm + beta0**2 * logarithm**2) * coefficients[0]
        )
    return varied


def expanded_evolution(
    dimensions: Sequence[Complexes], *, order: int, coupling: float, nf: int, logarithm: float
) -> Complexes:
    """Compute the evolution from sqrt(k) Q to Q, expanded in a(k Q^2) to the power ``order`` (at most 2).

    It is 1 + a L gamma0 + a^2 [L gamma1 + L^2 (beta0 gamma0 + gamma0 gamma0) / 2].

    Parameters
    ----------
    dimensions : sequence of (..., n, n)
        gamma0, gamma1.
    order : int
    coupling : float
        a(k Q^2).
    nf : int
    logarithm : float
        L = log(k).
    """
    first = dimensions[0]
    kernel = np.broadcast_to(np.eye(first.shape[-1], dtype=np.complex128), first.shape).copy()
    if order > 0:
        kernel += coupling * logarithm * first
    if order > 1:
        beta0, _beta1 = beta_coefficients(nf)
        kernel += coupling**2 * (logarithm * dimensions[1] + 0.5 * logarithm**2 * (beta0 * first + first @ first))
    return kernel


def combine_matching(elements: Sequence[Complexes], coupling: float, *, inversion: str | None) -> Complexes:
    """Compute the matching 1 + a A1 + a^2 A2 of elements (..., n, n), or its inverse.

    Parameters
    ----------
    elements : sequence of (..., n, n)
        A1, A2; at least one.
    coupling : float
    inversion : str or None
        None for the matching, ``expanded`` or ``exact`` for its inverse.
    """
    unity = np.eye(elements[0].shape[-1])
    if inversion == "expanded":
        kernel = unity - coupling * elements[0]
        if len(elements) > 1:
            kernel = kernel + coupling**2 * (elements[0] @ elements[0] - elements[1])
        return kernel
    kernel = unity + coupling * elements[0]
    if len(elements) > 1:
        kernel = kernel + coupling**2 * elements[1]
    return np.asarray(np.linalg.inv(kernel)) if inversion == "exact" else kernel
