"""eko's kernels on many Mellin points at once: anomalous dimensions, evolution kernels, matching elements.

Formulas of eko and ekore (arXiv:2202.02338), on arrays of points or in compiled loops over them.
Sectors: the singlet is the 2x2 space (Sigma, g); non-singlet modes are named ns+, ns- and nsV.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from n3fit.evolution.kernels import mellin_functions, truncated
from n3fit.evolution.kernels.scale_variations import combine_matching
from n3fit.typing import Complexes

NON_SINGLET_MODES = ("ns+", "ns-", "nsV")


def singlet_dimensions(order: int, points: Complexes, nf: int, *, polarised: bool = False) -> Complexes:
    """Compute the singlet anomalous dimensions (npoints, order, 2, 2) up to ``order`` loops (at most 3)."""
    return mellin_functions.singlet_dimensions(order, points.ravel(), nf, polarised=polarised)


def non_singlet_dimensions(order: int, points: Complexes, nf: int, *, polarised: bool = False) -> Complexes:
    """Compute the non-singlet anomalous dimensions (3 modes, npoints, order)."""
    return mellin_functions.non_singlet_dimensions(order, points.ravel(), nf, polarised=polarised)


def singlet_kernels(
    dimensions: Complexes, *, method: int, a_to: float, a_from: float, nf: int, iterations: int
) -> Complexes:
    """Compute eko's own singlet evolution kernels (npoints, 2, 2) for the couplings a = alpha_s / (4 pi)."""
    return np.asarray(compiled_loops().singlet_kernels(dimensions, method, a_to, a_from, nf, iterations))


def iterated_singlet_kernels(dimensions: Complexes, *, a_to: float, a_from: float, nf: int, steps: int) -> Complexes:
    """Compute the exact singlet kernels (npoints, 2, 2) in ``steps`` steps of fourth order."""
    return np.asarray(compiled_loops().iterated_singlet_kernels(dimensions, a_to, a_from, nf, steps))


def truncated_singlet_kernels(dimensions: Complexes, *, a_to: float, a_from: float, nf: int) -> Complexes:
    """Compute the truncated singlet kernels (npoints, 2, 2), without the defect of eko's own."""
    return truncated.truncated_singlet_kernels(dimensions, a_to=a_to, a_from=a_from, nf=nf)


def non_singlet_kernels(dimensions: Complexes, *, method: int, a_to: float, a_from: float, nf: int) -> Complexes:
    """Compute the non-singlet evolution kernels (3 modes, npoints)."""
    return mellin_functions.non_singlet_kernels(dimensions, method, a_to, a_from, nf)


def matching_elements(
    order: int,
    points: Complexes,
    *,
    singlet: bool,
    logarithm: float,
    coupling: float,
    inversion: str | None,
    nf: int,
    polarised: bool = False,
) -> Complexes:
    """Compute the matching matrices for the next heavy quark h.

    Parameters
    ----------
    order : int
        Powers of the coupling, at most 2.
    points : complex array
        Mellin points.
    singlet : bool
        Basis (g, Sigma, h+) if true, (V, h-) otherwise.
    logarithm : float
        Log of the squared ratio of matching scale and mass.
    coupling : float
        alpha_s / (4 pi) with the heavy quark active.
    inversion : str or None
        None for the matching, ``expanded`` or ``exact`` for its inverse.
    nf : int
        Flavours below the threshold.
    polarised : bool

    Returns
    -------
    (npoints, 3, 3) or (npoints, 2, 2)
    """
    flat, size = points.ravel(), 3 if singlet else 2
    if order == 0:
        return np.broadcast_to(np.eye(size, dtype=np.complex128), (len(flat), size, size)).copy()
    if singlet:
        elements = mellin_functions.singlet_matching(order, flat, logarithm, nf, polarised=polarised)
    else:
        elements = mellin_functions.non_singlet_matching(order, flat, logarithm, polarised=polarised)
    return combine_matching(elements, coupling, inversion=inversion)


def compiled_loops() -> ModuleType:
    """Return the module of the compiled loops; the import of numba takes a while."""
    from n3fit.evolution.kernels import compiled

    return compiled
