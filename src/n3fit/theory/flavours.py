"""The flavour bases and the rotations between them, in plain numpy.

Evolution basis: Sigma and V are the sums of q + qbar and q - qbar; the T and V combinations follow
arXiv:1410.8849, eq. (2.6): T3 = u+ - d+, T8 = u+ + d+ - 2 s+, T15 = u+ + d+ + s+ - 3 c+, and so on.
"""

from __future__ import annotations

from functools import cache

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


def fitting_to_fk(fitbasis: str, flavours: tuple[str, ...]) -> Floats:
    """Return the matrix from the fitted flavours to the FK basis at the initial scale.

    Parameters
    ----------
    fitbasis : str
        Name of a basis of :data:`n3fit.theory.bases.FITTING_BASES`.
    flavours : tuple of str
        The flavours in the order of the network's outputs: those of the basis, or some of them.

    Returns
    -------
    (14, F)

    Raises
    ------
    TheoryError
        An unknown basis, or flavours that are not of the basis.
    """
    if fitbasis not in FITTING_BASES:
        raise TheoryError(
            f"fitting.fitbasis: expected one of {', '.join(FITTING_BASES)}, received {fitbasis!r}",
            hint=did_you_mean(fitbasis, FITTING_BASES),
        )
    basis = FITTING_BASES[fitbasis]
    if not set(flavours) <= set(basis.flavours) or len(set(flavours)) < len(flavours):
        raise TheoryError(
            f"fitting.basis: expected flavours of {fitbasis}, each once, which are {', '.join(basis.flavours)}, "
            f"received {', '.join(flavours)}"
        )
    if basis.quarks:
        to_flavours = np.zeros((len(EXPORT_PIDS), len(flavours)))
        for column, name in enumerate(flavours):
            to_flavours[[EXPORT_PIDS.index(pid) for pid in basis.quarks[name]], column] = 1
        return FLAVOUR_TO_FK @ to_flavours
    matrix = np.zeros((len(FK_BASIS), len(flavours)))
    for element, combination in basis.combinations.items():
        for name, coefficient in combination.items():
            if name in flavours:
                matrix[FK_BASIS.index(element), flavours.index(name)] = coefficient
    return matrix


EVOLUTION_BASIS = ("Sigma", "g", "V", "V3", "V8", "T3", "T8", "T15")
"""The independent elements of the FK basis at the initial scale, with four flavours and V15 = V."""

CHARM_ASYMMETRIC_BASIS = (*EVOLUTION_BASIS, "V15")
"""The same where V15 differs from V."""


@cache
def evolution_to_fk(basis: tuple[str, ...]) -> Floats:
    """Return the matrix (14, F) from EVOLUTION_BASIS or CHARM_ASYMMETRIC_BASIS to FK_BASIS."""
    sources = {name: name for name in basis} | {"V24": "V", "V35": "V", "T24": "Sigma", "T35": "Sigma"}
    sources.setdefault("V15", "V")
    matrix = np.zeros((len(FK_BASIS), len(basis)))
    for element, source in sources.items():
        matrix[FK_BASIS.index(element), basis.index(source)] = 1
    return _read_only(matrix)


EVOLUTION_TO_FK = evolution_to_fk(EVOLUTION_BASIS)
"""(14, 8): from EVOLUTION_BASIS to FK_BASIS."""


def fitting_to_evolution(fitbasis: str, flavours: tuple[str, ...], basis: tuple[str, ...] = EVOLUTION_BASIS) -> Floats:
    """Return the matrix from the fitted flavours to the elements of ``basis``; see :func:`fitting_to_fk`."""
    rows = [FK_BASIS.index(name) for name in basis]
    return fitting_to_fk(fitbasis, flavours)[rows]
