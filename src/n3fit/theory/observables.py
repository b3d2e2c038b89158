"""The theory of one data set: its tables, K-factors and the operation between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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
            np.concatenate([table.predict(pdf(prediction_nodes(table))) for table in operand], axis=-1)
            for operand in self.operands
        ]
        return np.asarray(apply_operation(self.operation, operands))


def prediction_nodes(table: FKTable) -> Floats:
    """Return the nodes at which a prediction needs the PDF; for a table without PDFs any node, to find their number."""
    return np.array([0.5]) if table.constant else table.xgrid


def load_observable(
    theory: Theory,
    name: str,
    fk_names: Sequence[Sequence[str]],
    operation: str,
    rows: NDArray[np.intp],
    ndata_file: int,
    *,
    conversion_factor: float = 1.0,
    normalization: Mapping[str, float] | None = None,
    shifts: Mapping[str, int] | None = None,
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
    normalization : mapping, optional
        Further factor by table.
    shifts : mapping, optional
        Number of points before the first row of a table for which there is no theory, by table.
    cfac : sequence of str
        Names of K-factors.

    Raises
    ------
    TheoryError
        A table is missing or broken, or the rows do not match the data.
    """
    operands, counts = [], []
    for position, names in enumerate(fk_names):
        parts = []
        for table_name in names:
            table = theory.load_table(table_name)
            factor = combined_kfactor(theory.folder, cfac, table_name, table.ndata)
            factor = factor * conversion_factor * (normalization or {}).get(table_name, 1.0)
            parts.append(_Part(table, factor, gap=int((shifts or {}).get(table_name, 0))))
        if operation.upper() == "RATIO" and position == 1:
            parts = _common_denominator(parts)
        operands.append(_select_rows(name, parts, rows, ndata_file))
        counts.append(sum(part.points for part in parts))
    if ndata_file not in counts:
        raise _rows_mismatch(name, parts, ndata_file)  # single rows everywhere
    observable = Observable(name, operation.upper(), tuple(operands))
    apply_operation(observable.operation, [np.ones(1)] * len(operands))
    return observable


@dataclass(frozen=True, eq=False)
class _Part:
    """A table of an operand, the factor of each row, and the number of points before it without theory."""

    table: FKTable
    factor: Floats
    gap: int

    @property
    def points(self) -> int:
        """Number of points for which the part stands."""
        return self.gap + self.table.ndata

    def select(self, rows: NDArray[np.intp]) -> FKTable:
        """Return rows of the table, each times its factor."""
        return self.table.select(rows, self.factor[rows])


def _common_denominator(parts: list[_Part]) -> list[_Part]:
    """Return the first row alone of a denominator that is one table whose other rows vanish: it divides all points."""
    if len(parts) != 1 or parts[0].table.ndata < 2 or parts[0].table.values[1:].any():
        return parts
    return [_Part(parts[0].table.select(np.array([0])), parts[0].factor[:1], gap=0)]


def _select_rows(name: str, parts: Sequence[_Part], rows: NDArray[np.intp], ndata_file: int) -> tuple[FKTable, ...]:
    """Keep ``rows`` of parts whose points follow each other."""
    total = sum(part.points for part in parts)
    if total == 1 and ndata_file > 1:
        return tuple(part.select(np.array([0])) for part in parts)
    if total != ndata_file:
        raise _rows_mismatch(name, parts, ndata_file)
    kept = []
    start = 0
    for part in parts:
        inside = rows[(rows >= start) & (rows < start + part.points)] - start - part.gap
        if (inside < 0).any():
            missing = inside[inside < 0] + start + part.gap
            raise TheoryError(
                f"{name}: there is no theory for {len(missing)} points before table {part.table.name}, the first of "
                f"them is {missing[0]}",
                hint="cut these points",
            )
        start += part.points
        if inside.size:
            kept.append(part.select(inside))
    return tuple(kept)


def _rows_mismatch(name: str, parts: Sequence[_Part], ndata_file: int) -> TheoryError:
    return TheoryError(
        f"{name}: the tables {', '.join(part.table.name for part in parts)} have "
        f"{sum(part.points for part in parts)} rows, the data {ndata_file} points",
        hint="data and theory must be of the same release",
    )
