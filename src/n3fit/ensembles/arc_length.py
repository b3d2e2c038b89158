"""Arc lengths of PDF replicas, with which postfit finds oscillating replicas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from n3fit.theory.flavours import EVOLUTION_BASIS
from n3fit.typing import Floats

PDF = Callable[[Floats], Floats]
"""Function from x (N,) to x f(x, Q0) of every replica (R, N, F), the first flavours in EVOLUTION_BASIS."""

ARC_LENGTH_FLAVOURS = ("Sigma", "g", "V", "V3", "V8")

ARC_LENGTH_RANGE = (1e-7, 1.0)


def arc_length_nodes() -> Floats:
    """Return the nodes of the polygon: even in log x from 1e-7 to 0.1, and even in x from there to 1."""
    smallest, largest = ARC_LENGTH_RANGE
    return np.concatenate([np.geomspace(smallest, 0.1, 1001)[:-1], np.linspace(0.1, largest, 1001)])


def arc_lengths(pdf: PDF) -> Floats:
    """Compute the length of the curve of x f(x) over x, for each replica and flavour.

    It is the integral from 1e-7 to 1 of sqrt(1 + (d(x f)/dx)^2) dx, arXiv:1410.8849, sect. 3.3.1, here as the length
    of a polygon with :func:`arc_length_nodes`.

    Returns
    -------
    (R, 5)
        For ARC_LENGTH_FLAVOURS.
    """
    x = arc_length_nodes()
    values = pdf(x)[..., [EVOLUTION_BASIS.index(name) for name in ARC_LENGTH_FLAVOURS]]
    steps = np.hypot(np.diff(x)[np.newaxis, :, np.newaxis], np.diff(values, axis=1))
    lengths: Floats = steps.sum(axis=1)
    return lengths
