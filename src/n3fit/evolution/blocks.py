"""Evolution operators as the few blocks that do not vanish in the FK basis.

In the FK basis evolution mixes only Sigma, g and the elements that a threshold couples to them; each of the other
elements evolves alone. About a dozen of the 196 blocks of an operator remain, and each is one matrix product for all
replicas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.theory.flavours import FK_BASIS, FK_TO_FLAVOUR, FLAVOUR_TO_FK
from n3fit.typing import Floats, Integers

_NEGLIGIBLE = 1e-12  # relative size of a vanishing block after the rotation


@dataclass(frozen=True, eq=False)
class BlockOperator:
    """An operator between distributions f (not x f) in the FK basis on the same nodes.

    Parameters
    ----------
    nf : int
        Active flavours of the result.
    rows, columns : (nblocks,)
        Indices into FK_BASIS of the result and of the argument.
    matrices : (nblocks, nx, nx)
    """

    nf: int
    rows: Integers
    columns: Integers
    matrices: Floats

    def apply(self, distributions: Floats) -> Floats:
        """Return evolved distributions for (R, 14, nx) in the FK basis, of the same shape."""
        result = np.zeros_like(distributions)
        for row, column, matrix in zip(self.rows, self.columns, self.matrices, strict=True):
            result[:, row] += distributions[:, column] @ matrix.T
        return fill_inactive(result, self.nf)


def active_elements(nf: int) -> list[int]:
    """Return the indices into FK_BASIS of the 2 nf + 1 independent elements of ``nf`` active flavours."""
    names = ["Sigma", "g", "V", *(f"{letter}{count**2 - 1}" for letter in "VT" for count in range(2, nf + 1))]
    return [FK_BASIS.index(name) for name in names]


def fill_inactive(distributions: Floats, nf: int) -> Floats:
    """Set the elements with quarks beyond ``nf``, (R, 14, nx) in place: T to Sigma, V to V, the photon to zero."""
    for letter, source in (("V", "V"), ("T", "Sigma")):
        for count in range(nf + 1, 7):
            target = FK_BASIS.index(f"{letter}{count**2 - 1}")
            distributions[:, target] = distributions[:, FK_BASIS.index(source)]
    distributions[:, FK_BASIS.index("photon")] = 0.0
    return distributions


def compress_operator(operator: Floats, *, nf_from: int, nf_to: int) -> BlockOperator:
    """Return the blocks of an operator in flavour space.

    Parameters
    ----------
    operator : (14, nx, 14, nx)
        For f, flavours in the order of EXPORT_PIDS.
    nf_from, nf_to : int
        Active flavours of the argument and of the result.
    """
    rows, columns = active_elements(nf_to), active_elements(nf_from)
    unit = np.zeros((len(columns), len(FK_BASIS), 1))
    unit[np.arange(len(columns)), columns, 0] = 1.0
    embedding = FK_TO_FLAVOUR @ fill_inactive(unit, nf_from)[:, :, 0].T
    dense = np.einsum("oa,ajbk,bi->oijk", FLAVOUR_TO_FK[rows], operator, embedding, optimize=True)
    size = np.abs(dense).max(axis=(2, 3))
    kept = np.argwhere(size > _NEGLIGIBLE * size.max())
    return BlockOperator(
        nf=nf_to,
        rows=np.array(rows)[kept[:, 0]],
        columns=np.array(columns)[kept[:, 1]],
        matrices=np.ascontiguousarray(dense[kept[:, 0], kept[:, 1]]),
    )
