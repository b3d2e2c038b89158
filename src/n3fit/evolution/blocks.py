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
    dense = np.einsum("oa,ajbk,bi->oijk", FLAVOUR_TO_FK[rows], operator, _embedding(nf_from), optimize=True)
    positions = np.indices(dense.shape[:2]).reshape(2, -1)
    return _without_negligible(
        nf_to, np.array(rows)[positions[0]], np.array(columns)[positions[1]], dense.reshape(-1, *dense.shape[2:])
    )


def compress_sectors(constant: Floats, tensors: Floats, matrices: Floats, *, nf: int) -> BlockOperator:
    """Return the blocks of an operator at fixed ``nf`` that is given by the matrices of its sectors.

    In flavour space it is ``sum_m tensors[m, a, b] matrices[m, j, k] + constant[a, b] delta_jk``.

    Parameters
    ----------
    constant : (14, 14)
    tensors : (nsectors, 14, 14)
        Flavours in the order of EXPORT_PIDS.
    matrices : (nsectors, nx, nx)
    nf : int
        Active flavours.
    """
    elements = np.array(active_elements(nf))
    to_fk, embedding = FLAVOUR_TO_FK[elements], _embedding(nf)
    parts = to_fk @ np.concatenate([tensors, constant[None]]) @ embedding
    kept = np.argwhere((np.abs(parts) > _NEGLIGIBLE).any(axis=0))
    weights = parts[:, kept[:, 0], kept[:, 1]]  # (nsectors + 1, nblocks)
    blocks = np.tensordot(weights[:-1], matrices, (0, 0)) + weights[-1][:, None, None] * np.eye(matrices.shape[-1])
    return _without_negligible(nf, elements[kept[:, 0]], elements[kept[:, 1]], blocks)


def multiply_blocks(left: BlockOperator, right: BlockOperator) -> BlockOperator:
    """Compute the product of two operators, ``right`` acting first; its result has the flavours of ``left``."""
    products: dict[tuple[int, int], Floats] = {}
    for row, inner, matrix in zip(left.rows.tolist(), left.columns.tolist(), left.matrices, strict=True):
        for index in np.flatnonzero(right.rows == inner):
            place = (row, int(right.columns[index]))
            products[place] = products.get(place, 0.0) + matrix @ right.matrices[index]
    places = sorted(products)
    rows, columns = np.array(places).T
    return _without_negligible(left.nf, rows, columns, np.stack([products[place] for place in places]))


def _embedding(nf: int) -> Floats:
    """Return the matrix (14, 2 nf + 1) from the elements of ``nf`` flavours to flavours; other quarks vanish."""
    elements = active_elements(nf)
    unit = np.zeros((len(elements), len(FK_BASIS), 1))
    unit[np.arange(len(elements)), elements, 0] = 1.0
    return np.asarray(FK_TO_FLAVOUR @ fill_inactive(unit, nf)[:, :, 0].T)


def _without_negligible(nf: int, rows: Integers, columns: Integers, matrices: Floats) -> BlockOperator:
    """Return an operator without the blocks that vanish but for rounding."""
    size = np.abs(matrices).max(axis=(1, 2))
    kept = size > _NEGLIGIBLE * size.max()
    return BlockOperator(nf=nf, rows=rows[kept], columns=columns[kept], matrices=np.ascontiguousarray(matrices[kept]))
