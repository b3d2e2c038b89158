"""eko's kernels on many Mellin points at once: anomalous dimensions, evolution kernels, matching elements.

Each function runs a compiled loop over eko's compiled functions (arXiv:2202.02338).
Sectors: the singlet is the 2x2 space (Sigma, g); non-singlet modes are named ns+, ns- and nsV.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from n3fit.errors import MissingExtraError
from n3fit.typing import Complexes

NON_SINGLET_MODES = ("ns+", "ns-", "nsV")


def singlet_dimensions(order: int, points: Complexes, nf: int, *, polarised: bool = False) -> Complexes:
    """Compute the singlet anomalous dimensions (npoints, order, 2, 2) up to ``order`` loops (at most 3)."""
    return np.asarray(compiled_loops(polarised).singlet_dimensions(order, points.ravel(), nf))


def non_singlet_dimensions(order: int, points: Complexes, nf: int, *, polarised: bool = False) -> Complexes:
    """Compute the non-singlet anomalous dimensions (3 modes, npoints, order)."""
    return np.asarray(compiled_loops(polarised).non_singlet_dimensions(order, points.ravel(), nf))


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
    return np.asarray(compiled_loops().truncated_singlet_kernels(dimensions, a_to, a_from, nf))


def non_singlet_kernels(dimensions: Complexes, *, method: int, a_to: float, a_from: float, nf: int) -> Complexes:
    """Compute the non-singlet evolution kernels (3 modes, npoints)."""
    return np.asarray(compiled_loops().non_singlet_kernels(dimensions, method, a_to, a_from, nf))


def matching_elements(
    order: int,
    points: Complexes,
    *,
    singlet: bool,
    logarithm: float,
    coupling: float,
    inversion: int,
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
    inversion : int
        eko's code: forward, exact inverse or expanded inverse.
    nf : int
        Flavours below the threshold.
    polarised : bool

    Returns
    -------
    (npoints, 3, 3) or (npoints, 2, 2)
    """
    loops = compiled_loops(polarised)
    matching = loops.singlet_matching if singlet else loops.non_singlet_matching
    # in unpolarised elements to this order the number of flavours does not occur
    flavours = (nf,) if polarised and singlet else ()
    return np.asarray(matching(order, points.ravel(), logarithm, coupling, inversion, *flavours))


def compiled_loops(polarised: bool = False) -> ModuleType:
    """Return the module of the compiled loops; the first call on a machine compiles them, which takes a minute.

    With ``polarised``, that of the anomalous dimensions and matching elements of polarised evolution.

    Raises
    ------
    MissingExtraError
        eko or numba is not installed.
    """
    try:
        from n3fit.evolution.kernels import compiled

        if polarised:
            from n3fit.evolution.kernels import compiled_polarised
    except ImportError as error:
        raise MissingExtraError("eko", "theory") from error
    return compiled_polarised if polarised else compiled
