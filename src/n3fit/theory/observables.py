"""The theory of one data set: its tables, K-factors and the operation between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import TheoryError
from n3fit.theory.compound import LINEAR_OPERATIONS, apply_operation
from n3fit.theory.fk_tables import FKTable
from n3fit.theory.kfactors import combined_kfactor
from n3fit.theory.theories import Theory
from n3fit.typing import Floats

PDFOnGrid = Callable[[Floats], Floats]
"""A PDF: nodes (nx,) to x f(x, q0) in the FK basis, (..., nx, 14)."""


@dataclass(frozen=True)
class Observable:
    """What predicts the kept points of one data set.

    Parameters
    ----------
    name : str
        Name of the data set.
    operation : str
        Operation between the operands, see ``n3fit.theory.compound``.
    operands : tuple of tuples of FKTable
        The rows of the tables of an operand follow each other; K-factors and conversion factors are in the tables.
        An operand has as many rows as the data has points, or a single one that serves all points.
    """

    name: str
    operation: str
    operands: tuple[tuple[FKTable, ...], ...]

    @property
    def tables(self) -> tuple[FKTable, ...]:
        """Every table, in the order of the operands."""
        return tuple(table for operand in self.operands for table in operand)

    @property
    def linear(self) -> bool:
        """Whether the prediction is linear in the PDF."""
        return self.operation in LINEAR_OPERATIONS and not any(table.hadronic for table in self.tables)

    @property
    def ndata(self) -> int:
        """Number of points."""
        return max(sum(table.ndata for table in operand) for operand in self.operands)

    def predict(self, pdf: PDFOnGrid) -> Floats:
        """Return the prediction for a PDF, (..., ndata)."""
        operands = [
            np.concatenate([table.predict(pdf(table.xgrid)) for table in operand], axis=-1) for operand in self.operands
        ]
        return np.asarray(apply_operation(self.operation, operands))


def load_observable(
    theory: Theory,
    name: str,
    fk_names: Sequence[Sequence[str]],
    operation: str,
    rows: NDArray[np.intp],
    ndata_file: int,
    *,
    conversion_factor: float = 1.0,
    normalization: dict[str, float] | None = None,
    cfac: Sequence[str] = (),
) -> Observable:
    """Read the tables of a data set and keep the rows of the points that the cuts keep.

    Parameters
    ----------
    theory : Theory
    name : str
        Name of the data set, for messages.
    fk_names : sequence of sequences of str
        Names of the tables, operand by operand.
    operation : str
        Operation between the operands.
    rows : (n,)
        Points kept, as positions in the data file.
    ndata_file : int
        Number of points in the data file.
    conversion_factor : float
        Multiplies every table (it cancels in ratios).
    normalization : dict, optional
        Further factor by table.
    cfac : sequence of str
        Names of K-factors.

    Raises
    ------
    TheoryError
        A table is missing or broken, or the rows do not match the data.
    """
    operands, counts = [], []
    for names in fk_names:
        tables, factors = [], []
        for table_name in names:
            table = theory.load_table(table_name)
            factor = combined_kfactor(theory.folder, cfac, table_name, table.ndata)
            tables.append(table)
            factors.append(factor * conversion_factor * (normalization or {}).get(table_name, 1.0))
        operands.append(_select_rows(name, tables, factors, rows, ndata_file))
        counts.append(sum(table.ndata for table in tables))
    if ndata_file not in counts:
        raise _rows_mismatch(name, tables, ndata_file)  # single rows everywhere
    observable = Observable(name, operation.upper(), tuple(operands))
    apply_operation(observable.operation, [np.ones(1)] * len(operands))
    return observable


def _select_rows(
    name: str, tables: Sequence[FKTable], factors: Sequence[Floats], rows: NDArray[np.intp], ndata_file: int
) -> tuple[FKTable, ...]:
    """Keep ``rows`` of tables whose rows follow each other, each times its factor."""
    total = sum(table.ndata for table in tables)
    if total == 1 and ndata_file > 1:
        first = np.array([0])
        return tuple(_scaled(table.select(first), factor[first]) for table, factor in zip(tables, factors, strict=True))
    if total != ndata_file:
        raise _rows_mismatch(name, tables, ndata_file)
    kept = []
    start = 0
    for table, factor in zip(tables, factors, strict=True):
        inside = rows[(rows >= start) & (rows < start + table.ndata)] - start
        start += table.ndata
        if inside.size:
            kept.append(_scaled(table.select(inside), factor[inside]))
    return tuple(kept)


def _scaled(table: FKTable, factor: Floats) -> FKTable:
    """Multiply every row of a table by its factor."""
    return replace(table, values=table.values * factor.reshape(-1, *(1,) * (table.values.ndim - 1)))


def _rows_mismatch(name: str, tables: Sequence[FKTable], ndata_file: int) -> TheoryError:
    return TheoryError(
        f"{name}: the tables {', '.join(table.name for table in tables)} have "
        f"{sum(table.ndata for table in tables)} rows, the data {ndata_file} points",
        hint="data and theory must be of the same release",
    )
