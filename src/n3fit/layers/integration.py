"""Nodes for the integrals of the sum rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALLEST_X = 1e-9
"""Lower limit of the integrals; what lies below counts as zero by convention."""

STRETCH = 20.0
"""Weight of the linear part in the stretched variable u = log(x) + STRETCH * x."""


def integration_nodes(count: int = 128) -> tuple[Floats, Floats]:
    """Give nodes x and weights w so that ``sum(w * f(x))`` is the integral of f from SMALLEST_X to 1.

    Gauss-Legendre in u = log(x) + 20 x: logarithmic at small x, where x f(x) goes like a power, and linear at
    large x. With the default count the integrals of x^-a (1-x)^b NN(x, log x) are right to 1e-6 for the exponents
    of PDFs and networks of the usual size.

    Returns
    -------
    nodes, weights : (count,) each
        Nodes ascending, inside the interval.
    """
    abscissae, weights = np.polynomial.legendre.leggauss(count)
    lower, upper = np.log(SMALLEST_X) + STRETCH * SMALLEST_X, STRETCH
    stretched = 0.5 * (upper - lower) * abscissae + 0.5 * (upper + lower)
    log_x = np.minimum(stretched, 0.0)
    # Newton's method for log(x) + STRETCH x = u: convex and increasing in log(x), so it converges from anywhere
    for _ in range(60):
        log_x -= (log_x + STRETCH * np.exp(log_x) - stretched) / (1 + STRETCH * np.exp(log_x))
    nodes = np.exp(log_x)
    return nodes, 0.5 * (upper - lower) * weights * nodes / (1 + STRETCH * nodes)
