"""Nodes for the integrals of the sum rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.typing import Floats

SMALLEST_X = 1e-9
"""Lower limit of the integrals; what lies below counts as zero by convention."""

STRETCH = 20.0
"""Weight of the linear part in the stretched variable u = log(x) + STRETCH * x."""


LEAST_NODES = 4
"""Number of nodes between neighbouring breaks, at least."""


def integration_nodes(count: int = 128, breaks: Sequence[float] | Floats = ()) -> tuple[Floats, Floats]:
    """Return nodes x and weights w so that ``sum(w * f(x))`` is the integral of f from SMALLEST_X to 1.

    Gauss-Legendre in u = log(x) + 20 x: logarithmic at small x, where x f(x) goes like a power, and linear at
    large x. With the default count the integrals of x^-a (1-x)^b NN(x, log x) are right to 1e-6 for the exponents
    of PDFs and networks of the usual size.

    Parameters
    ----------
    count : int
        Number of nodes; a few more with breaks.
    breaks : sequence of float
        Values of x at which f is not smooth: the intervals between them are integrated one by one.

    Returns
    -------
    nodes, weights : (count,) each
        Nodes ascending, inside the interval.
    """
    inside = np.array([value for value in breaks if SMALLEST_X < value < 1])
    edges = np.concatenate([[SMALLEST_X], np.unique(inside), [1.0]])
    edges = np.log(edges) + STRETCH * edges
    widths = np.diff(edges)
    counts = np.maximum(np.rint(count * widths / widths.sum()).astype(int), LEAST_NODES)
    stretched, steps = [], []
    for lower, width, number in zip(edges, widths, counts, strict=False):
        abscissae, weights = np.polynomial.legendre.leggauss(number)
        stretched.append(lower + 0.5 * width * (abscissae + 1))
        steps.append(0.5 * width * weights)
    nodes = _invert_stretching(np.concatenate(stretched))
    return nodes, np.concatenate(steps) * nodes / (1 + STRETCH * nodes)


def _invert_stretching(stretched: Floats) -> Floats:
    """Return x of u = log(x) + STRETCH x."""
    log_x = np.minimum(stretched, 0.0)
    # Newton's method: the function is convex and increasing in log(x), so it converges from anywhere
    for _ in range(60):
        log_x -= (log_x + STRETCH * np.exp(log_x) - stretched) / (1 + STRETCH * np.exp(log_x))
    nodes: Floats = np.exp(log_x)
    return nodes
