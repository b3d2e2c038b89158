"""Parton luminosities of proton-proton collisions.

L_ij(M, s) = 1/s times the integral over dx / x from tau to 1 of f_i(x, M) f_j(tau / x, M), tau = M^2 / s, with the
invariant mass M of the final state as the scale (arXiv:1002.4407, section on parton luminosities). The channels are
sums over the quarks q and antiquarks of all active flavours: gq of L_gi over both, qqbar of L_{q qbar} flavour by
flavour, qq of L_ij over all pairs of two quarks and all pairs of two antiquarks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from n3fit.ensembles.bands import Band
from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.node_polynomials import interpolation_matrix
from n3fit.errors import CommandLineError
from n3fit.progress import ProgressReporter
from n3fit.theory.flavours import EXPORT_PIDS
from n3fit.typing import Floats

ENERGY = 13_600.0
"""Centre-of-mass energy of the LHC since 2022, GeV."""

CHANNELS = ("gg", "gq", "qqbar", "qq")
LOWEST_MASS, HIGHEST_MASS, MASSES = 10.0, 4_000.0, 24

_GAUSS_NODES = 96
_GLUON = EXPORT_PIDS.index(21)
_QUARKS = [EXPORT_PIDS.index(pid) for pid in range(1, 7)]
_ANTIQUARKS = [EXPORT_PIDS.index(-pid) for pid in range(1, 7)]


@dataclass(frozen=True, eq=False)
class Luminosities:
    """Luminosities of an ensemble.

    Parameters
    ----------
    label : str
    masses : (nm,)
        Invariant masses in GeV.
    members : dict of (R, nm)
        By channel, in GeV^-2.
    bands : dict of Band
        By channel, (nm,) each; for replicas the central value is the mean of their luminosities.
    """

    label: str
    masses: Floats
    members: dict[str, Floats]
    bands: dict[str, Band]


def default_masses() -> Floats:
    """Return the invariant masses of the report in GeV."""
    return np.geomspace(LOWEST_MASS, HIGHEST_MASS, MASSES)


def luminosities(
    ensemble: Ensemble,
    *,
    energy: float = ENERGY,
    masses: Sequence[float] | Floats | None = None,
    progress: ProgressReporter | None = None,
) -> Luminosities:
    """Compute the luminosities of all members at the masses in the range of the ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    energy : float
        Centre-of-mass energy in GeV.
    masses : sequence of float, optional
        Invariant masses in GeV; :func:`default_masses` by default.
    progress : ProgressReporter, optional

    Raises
    ------
    CommandLineError
        No mass is below the energy and in the range of the ensemble.
    DataError, ResourceError, TheoryError
        The members cannot be read or evolved.
    """
    requested = np.asarray(default_masses() if masses is None else masses, dtype=np.float64)
    lowest = max(ensemble.q0, energy * np.sqrt(ensemble.x_min))
    reached = requested[(requested < energy) & (requested >= lowest) & (requested <= ensemble.q_max)]
    if not reached.size:
        raise CommandLineError(
            f"{ensemble.label}: masses: expected some below {energy:g} GeV and within "
            f"{lowest:g} to {ensemble.q_max:g} GeV, received {', '.join(f'{mass:g}' for mass in requested)}"
        )
    at_masses = ensemble.at_scales(reached.tolist(), progress=progress)
    members: dict[str, Floats] = {}
    bands: dict[str, Band] = {}
    by_mass = [
        channel_luminosities(on_grid, np.concatenate([on_grid.central[None], on_grid.members]), energy)
        for on_grid in at_masses
    ]
    for channel in CHANNELS:
        middle, values = np.split(np.stack([entry[channel] for entry in by_mass], axis=1), [1])
        middle = middle[0]
        if at_masses[0].kind == "replicas":
            middle = values.mean(axis=0)
        members[channel], bands[channel] = values, at_masses[0].band_of(values, middle)
    return Luminosities(ensemble.label, reached, members, bands)


def channel_luminosities(ensemble: EnsembleOnGrid, pdf: Floats, energy: float) -> dict[str, Floats]:
    """Compute the luminosities (R,) by channel of x f (R, nx, 14) at the nodes and the scale of ``ensemble``.

    With y = log x the integral is that of x f_i (y) x f_j (log tau - y) over M^2: at Gauss-Legendre nodes, which lie
    symmetrically, the second factor is the first in reverse order.
    """
    log_tau = 2.0 * np.log(ensemble.q / energy)
    roots, weights = _gauss_legendre()
    x = np.exp(0.5 * log_tau * (1.0 - roots))
    measure = -0.5 * log_tau * weights / ensemble.q**2
    values = np.moveaxis(interpolation_matrix(ensemble.x, x) @ pdf, 2, 0)  # (14, R, points)
    gluon, quarks, antiquarks = values[_GLUON], values[_QUARKS], values[_ANTIQUARKS]
    quark, antiquark = quarks.sum(axis=0), antiquarks.sum(axis=0)
    return {
        "gg": (gluon * gluon[:, ::-1]) @ measure,
        "gq": (gluon * (quark + antiquark)[:, ::-1]) @ measure,
        "qqbar": (quarks * antiquarks[:, :, ::-1]).sum(axis=0) @ measure,
        "qq": (quark * quark[:, ::-1] + antiquark * antiquark[:, ::-1]) @ measure,
    }


@cache
def _gauss_legendre() -> tuple[Floats, Floats]:
    """Compute the nodes and weights of the rule on [-1, 1], an eigenvalue problem that is solved once."""
    return np.polynomial.legendre.leggauss(_GAUSS_NODES)
