"""Folding of FK tables onto one merged grid and onto the fitted flavours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.compression.forms import BilinearForms, ConstantForms, Forms, LinearForms
from n3fit.theory.compound import LINEAR_OPERATIONS, apply_operation
from n3fit.theory.fk_tables import FKTable
from n3fit.theory.flavours import EVOLUTION_BASIS, evolution_to_fk
from n3fit.theory.observables import Observable
from n3fit.typing import Floats, Indices

NODE_TOLERANCE = 1e-10
"""Nodes of different tables that differ by less than this, relatively, are one node."""


@dataclass(frozen=True)
class FoldedObservable:
    """An observable on the merged grid: its operation, and for each operand the forms of its tables."""

    name: str
    operation: str
    operands: tuple[tuple[Forms, ...], ...]
    ndata: int

    def linear_matrix(self) -> Floats | None:
        """Return the matrix (ndata, nx * F) of an observable linear in the PDF, None for any other."""
        if self.operation not in LINEAR_OPERATIONS:
            return None
        matrices = []
        for operand in self.operands:
            blocks = [forms.matrix for forms in operand if isinstance(forms, LinearForms)]
            if len(blocks) != len(operand):
                return None
            matrices.append(np.concatenate(blocks))
        return np.asarray(apply_operation(self.operation, matrices))


def merged_xgrid(tables: Sequence[FKTable]) -> Floats:
    """Return all nodes of the tables, ascending, each once."""
    nodes = np.sort(np.concatenate([table.xgrid for table in tables]))
    distinct = np.concatenate([[True], np.diff(nodes) > NODE_TOLERANCE * nodes[1:]])
    merged: Floats = nodes[distinct]
    return merged


def fold_observable(
    observable: Observable, xgrid: Floats, basis: tuple[str, ...] = EVOLUTION_BASIS
) -> FoldedObservable:
    """Return an observable in terms of the PDF in ``basis`` (of the PDF model) on the merged grid ``xgrid``."""
    to_fk = evolution_to_fk(basis)
    return FoldedObservable(
        name=observable.name,
        operation=observable.operation,
        operands=tuple(tuple(_fold_table(table, xgrid, to_fk) for table in operand) for operand in observable.operands),
        ndata=observable.ndata,
    )


def node_positions(xgrid: Floats, merged: Floats) -> Indices:
    """Return the positions of the nodes of a table on the merged grid.

    Raises
    ------
    ValueError
        A node is not on the merged grid.
    """
    positions = np.abs(np.log(merged)[np.newaxis] - np.log(xgrid)[:, np.newaxis]).argmin(axis=1)
    if not np.allclose(merged[positions], xgrid, rtol=10 * NODE_TOLERANCE, atol=0):
        raise ValueError("a node of the table is not on the merged grid")
    return positions


def _fold_table(table: FKTable, merged: Floats, to_fk: Floats) -> Forms:
    if table.constant:
        return ConstantForms(table.values)
    positions = node_positions(table.xgrid, merged)
    flavours = to_fk.shape[1]
    if not table.hadronic:
        folded = np.zeros((table.ndata, len(merged), flavours))
        folded[:, positions] = np.einsum("ncx,cf->nxf", table.values, to_fk[table.channels])
        return LinearForms(folded.reshape(table.ndata, -1))
    first = to_fk[table.channels[:, 0]]
    second = to_fk[table.channels[:, 1]]
    size = len(table.xgrid) * flavours
    forms = np.einsum("ncxy,cf,cg->nxfyg", table.values, first, second, optimize=True)
    forms = forms.reshape(table.ndata, size, size)
    return BilinearForms(0.5 * (forms + forms.transpose(0, 2, 1)), positions)
