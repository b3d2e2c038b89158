"""Folding FK tables onto one merged grid and onto the fitted flavours, in plain numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.theory.compound import apply_operation
from n3fit.theory.fk_tables import FKTable
from n3fit.theory.flavours import EVOLUTION_BASIS, EVOLUTION_TO_FK
from n3fit.theory.observables import Observable
from n3fit.typing import Floats, Indices, Integers

NODE_TOLERANCE = 1e-10
"""Nodes of different tables that differ by less than this, relatively, are one node."""


@dataclass(frozen=True)
class LinearRows:
    """Rows linear in the PDF: ``matrix`` (n, nx * 8) on the merged grid."""

    matrix: Floats

    @property
    def ndata(self) -> int:
        """Number of rows."""
        return len(self.matrix)

    def predict(self, pdf: Floats) -> Floats:
        """Give the rows (..., n) for PDFs (..., nx, 8)."""
        return _flat(pdf) @ self.matrix.T


@dataclass(frozen=True)
class BilinearRows:
    """Rows bilinear in the PDF: ``forms`` (n, k * 8, k * 8), symmetric, on ``nodes`` (k,) of the merged grid."""

    forms: Floats
    nodes: Indices

    @property
    def ndata(self) -> int:
        """Number of rows."""
        return len(self.forms)

    def predict(self, pdf: Floats) -> Floats:
        """Give the rows (..., n) for PDFs (..., nx, 8)."""
        chosen = _flat(pdf[..., self.nodes, :])
        return np.stack([np.sum((chosen @ form) * chosen, axis=-1) for form in self.forms], axis=-1)


@dataclass(frozen=True)
class SquareRows:
    """Rows that are sums of squares of linear functionals, some with the sign -1.

    Parameters
    ----------
    functionals : (K, nx * 8)
        On the merged grid; those of a row follow each other.
    signs : (K,)
        1 or -1.
    counts : (n,)
        Number of functionals of each row, at least one.
    """

    functionals: Floats
    signs: Floats
    counts: Integers

    @property
    def ndata(self) -> int:
        """Number of rows."""
        return len(self.counts)

    def predict(self, pdf: Floats) -> Floats:
        """Give the rows (..., n) for PDFs (..., nx, 8)."""
        squares = (_flat(pdf) @ self.functionals.T) ** 2 * self.signs
        starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        rows: Floats = np.add.reduceat(squares, starts, axis=-1)
        return rows


Rows = LinearRows | BilinearRows | SquareRows


@dataclass(frozen=True)
class FoldedObservable:
    """An observable on the merged grid: its operation and the blocks of rows of each operand."""

    name: str
    operation: str
    operands: tuple[tuple[Rows, ...], ...]
    ndata: int

    def linear_matrix(self) -> Floats | None:
        """Give the one matrix (ndata, nx * 8) of an observable linear in the PDF, None for any other."""
        if self.operation not in ("NULL", "ADD", "SMT"):
            return None
        matrices = []
        for operand in self.operands:
            blocks = [rows.matrix for rows in operand if isinstance(rows, LinearRows)]
            if len(blocks) != len(operand):
                return None
            matrices.append(np.concatenate(blocks))
        return np.asarray(apply_operation(self.operation, matrices))


def _flat(pdf: Floats) -> Floats:
    """Flatten nodes and flavours, flavours running fastest."""
    return pdf.reshape(*pdf.shape[:-2], -1)


def merged_xgrid(tables: Sequence[FKTable]) -> Floats:
    """Give all nodes of the tables, ascending, each once."""
    nodes = np.sort(np.concatenate([table.xgrid for table in tables]))
    distinct = np.concatenate([[True], np.diff(nodes) > NODE_TOLERANCE * nodes[1:]])
    merged: Floats = nodes[distinct]
    return merged


def fold_observable(observable: Observable, xgrid: Floats) -> FoldedObservable:
    """Express an observable by the PDF in EVOLUTION_BASIS on the merged grid."""
    return FoldedObservable(
        name=observable.name,
        operation=observable.operation,
        operands=tuple(tuple(_fold_table(table, xgrid) for table in operand) for operand in observable.operands),
        ndata=observable.ndata,
    )


def node_positions(xgrid: Floats, merged: Floats) -> Indices:
    """Give the positions of the nodes of a table on the merged grid.

    Raises
    ------
    ValueError
        A node is not on the merged grid.
    """
    positions = np.abs(np.log(merged)[np.newaxis] - np.log(xgrid)[:, np.newaxis]).argmin(axis=1)
    if not np.allclose(merged[positions], xgrid, rtol=10 * NODE_TOLERANCE, atol=0):
        raise ValueError("a node of the table is not on the merged grid")
    return positions


def _fold_table(table: FKTable, merged: Floats) -> Rows:
    positions = node_positions(table.xgrid, merged)
    flavours = len(EVOLUTION_BASIS)
    if not table.hadronic:
        folded = np.zeros((table.ndata, len(merged), flavours))
        folded[:, positions] = np.einsum("ncx,cf->nxf", table.values, EVOLUTION_TO_FK[table.channels])
        return LinearRows(folded.reshape(table.ndata, -1))
    first = EVOLUTION_TO_FK[table.channels[:, 0]]
    second = EVOLUTION_TO_FK[table.channels[:, 1]]
    size = len(table.xgrid) * flavours
    forms = np.einsum("ncxy,cf,cg->nxfyg", table.values, first, second, optimize=True)
    forms = forms.reshape(table.ndata, size, size)
    return BilinearRows(0.5 * (forms + forms.transpose(0, 2, 1)), positions)
