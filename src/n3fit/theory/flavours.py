"""The flavour bases and the rotations between them, in plain numpy.

Evolution basis: Sigma and V are the sums of q + qbar and q - qbar; the T and V combinations follow
arXiv:1410.8849, eq. (2.6): T3 = u+ - d+, T8 = u+ + d+ - 2 s+, T15 = u+ + d+ + s+ - 3 c+, and so on.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from n3fit.errors import TheoryError, did_you_mean
from n3fit.theory.bases import FITTING_BASES
from n3fit.typing import Floats

FK_BASIS = ("photon", "Sigma", "g", "V", "V3", "V8", "V15", "V24", "V35", "T3", "T8", "T15", "T24", "T35")
"""Names of the FK basis, in the order of the contraction with FK tables."""

FK_PIDS = (22, 100, 21, 200, 203, 208, 215, 224, 235, 103, 108, 115, 124, 135)
"""The same as the particle identifiers that FK tables use."""

EXPORT_LABELS = (
    "TBAR", "BBAR", "CBAR", "SBAR", "UBAR", "DBAR", "GLUON", "D", "U", "S", "C", "B", "T", "PHT",
)  # fmt: skip
"""Flavours of the exportgrid."""

EXPORT_PIDS = (-6, -5, -4, -3, -2, -1, 21, 1, 2, 3, 4, 5, 6, 22)
"""The same as PDG identifiers."""

_QUARKS = (2, 1, 3, 4, 5, 6)  # u d s c b t, the order in which the T and V combinations add quarks


def _flavours_to_fk() -> Floats:
    """Build the matrix from flavours (EXPORT_PIDS) to the FK basis."""
    matrix = np.zeros((len(FK_BASIS), len(EXPORT_PIDS)))
    column = {pid: index for index, pid in enumerate(EXPORT_PIDS)}
    row = {name: index for index, name in enumerate(FK_BASIS)}
    matrix[row["photon"], column[22]] = 1
    matrix[row["g"], column[21]] = 1
    for quark in _QUARKS:
        for sign, singlet in ((1, "Sigma"), (-1, "V")):
            matrix[row[singlet], column[quark]] = 1
            matrix[row[singlet], column[-quark]] = sign
    for letter, sign in (("T", 1), ("V", -1)):
        for count in range(2, 7):
            name = f"{letter}{count**2 - 1}"
            weights = [1.0] * (count - 1) + [1.0 - count]
            if count == 2:
                weights = [1.0, -1.0]
            for quark, weight in zip(_QUARKS, weights, strict=False):
                matrix[row[name], column[quark]] = weight
                matrix[row[name], column[-quark]] = sign * weight
    return matrix


def _read_only(matrix: Floats) -> Floats:
    matrix.setflags(write=False)
    return matrix


FLAVOUR_TO_FK = _read_only(_flavours_to_fk())
"""(14, 14): ``fk = FLAVOUR_TO_FK @ flavours``, flavours in the order of EXPORT_PIDS."""

FK_TO_FLAVOUR = _read_only(np.linalg.inv(FLAVOUR_TO_FK).astype(np.float64))
"""(14, 14): the inverse of FLAVOUR_TO_FK."""

# What each FK-basis element is in terms of the fitted flavours, at the initial scale with four active flavours:
# V15 = V24 = V35 = V and T24 = T35 = Sigma; see the module's docstring for the combinations.
_EVOL = MappingProxyType(
    {
        "Sigma": {"sng": 1.0}, "T24": {"sng": 1.0}, "T35": {"sng": 1.0}, "g": {"g": 1.0},
        "V": {"v": 1.0}, "V15": {"v": 1.0}, "V24": {"v": 1.0}, "V35": {"v": 1.0},
        "V3": {"v3": 1.0}, "V8": {"v8": 1.0}, "T3": {"t3": 1.0}, "T8": {"t8": 1.0}, "T15": {"t15": 1.0},
    }
)  # fmt: skip
# NN31IC fits charm itself: T15 = Sigma - 4 c+, with c+ = c + cbar
_NN31IC = MappingProxyType(
    {key: dict(value) for key, value in _EVOL.items() if key != "T15"} | {"T15": {"sng": 1.0, "cp": -4.0}}
)
_FLAVOUR_PIDS = MappingProxyType({"u": 2, "ubar": -2, "d": 1, "dbar": -1, "s": 3, "sbar": -3, "g": 21})


def fitting_to_fk(fitbasis: str, flavours: tuple[str, ...]) -> Floats:
    """Return the matrix from the fitted flavours to the FK basis, for four active flavours with fitted charm.

    Parameters
    ----------
    fitbasis : str
        EVOL, NN31IC or FLAVOUR.
    flavours : tuple of str
        The flavours in the order of the network's outputs, a permutation of those of the basis.

    Returns
    -------
    (14, F)

    Raises
    ------
    TheoryError
        An unknown basis, or flavours that are not those of the basis.
    """
    if fitbasis not in FITTING_BASES:
        raise TheoryError(
            f"fitting.fitbasis: expected one of {', '.join(FITTING_BASES)}, received {fitbasis!r}",
            hint=did_you_mean(fitbasis, FITTING_BASES),
        )
    if sorted(flavours) != sorted(FITTING_BASES[fitbasis]):
        raise TheoryError(
            f"fitting.basis: {fitbasis} needs the flavours {', '.join(FITTING_BASES[fitbasis])}, "
            f"received {', '.join(flavours)}"
        )
    column = {name: index for index, name in enumerate(flavours)}
    if fitbasis == "FLAVOUR":
        to_flavours = np.zeros((len(EXPORT_PIDS), len(flavours)))
        for name, pid in _FLAVOUR_PIDS.items():
            to_flavours[EXPORT_PIDS.index(pid), column[name]] = 1
        for pid in (4, -4):
            to_flavours[EXPORT_PIDS.index(pid), column["c"]] = 1
        return FLAVOUR_TO_FK @ to_flavours
    matrix = np.zeros((len(FK_BASIS), len(flavours)))
    for fk_name, combination in (_EVOL if fitbasis == "EVOL" else _NN31IC).items():
        for name, weight in combination.items():
            matrix[FK_BASIS.index(fk_name), column[name]] = weight
    return matrix


EVOLUTION_BASIS = ("Sigma", "g", "V", "V3", "V8", "T3", "T8", "T15")
"""The independent elements of the FK basis at the initial scale, with four flavours and c = cbar on average."""

EVOLUTION_TO_FK = _read_only(fitting_to_fk("EVOL", FITTING_BASES["EVOL"]))
"""(14, 8): from EVOLUTION_BASIS to FK_BASIS."""


def fitting_to_evolution(fitbasis: str, flavours: tuple[str, ...]) -> Floats:
    """Return the matrix (8, F) from the fitted flavours to EVOLUTION_BASIS; see :func:`fitting_to_fk`."""
    rows = [FK_BASIS.index(name) for name in EVOLUTION_BASIS]
    return fitting_to_fk(fitbasis, flavours)[rows]
