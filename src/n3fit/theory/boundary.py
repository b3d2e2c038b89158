"""Observables of polarised fits: their unpolarised PDFs, which are known, are put in.

A polarised table may multiply a polarised by an unpolarised PDF, and an asymmetry is the ratio of a polarised and an
unpolarised cross-section. With the unpolarised PDFs put in, a table has fewer PDFs or none, and most asymmetries are
linear in the PDF that is fitted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from n3fit.theory.fk_tables import FKTable
from n3fit.theory.observables import Observable, PDFOnGrid
from n3fit.typing import Floats


def needs_boundary(observables: Iterable[Observable]) -> bool:
    """Return whether some table has an unpolarised PDF."""
    tables = (table for observable in observables for table in observable.tables)
    return any(not table.constant and not (table.polarised and all(table.polarised)) for table in tables)


def put_in_boundary(observable: Observable, boundary: PDFOnGrid) -> Observable:
    """Return an observable that depends on polarised PDFs only.

    Parameters
    ----------
    observable : Observable
    boundary : callable
        The unpolarised PDF: nodes (nx,) to x f(x, q0) in the FK basis, (nx, 14).
    """
    operands = tuple(tuple(_contract(table, boundary) for table in operand) for operand in observable.operands)
    if observable.operation == "RATIO" and all(table.constant for table in operands[1]):
        denominator = np.concatenate([table.values for table in operands[1]])
        return replace(observable, operation="NULL", operands=(_divide(operands[0], denominator),))
    return replace(observable, operands=operands)


def _contract(table: FKTable, boundary: PDFOnGrid) -> FKTable:
    """Return a table without its unpolarised PDFs."""
    if table.constant or (table.polarised and all(table.polarised)):
        return table
    pdf = boundary(table.xgrid)
    if not any(table.polarised):
        nothing = table.xgrid[:0]
        return replace(table, values=table.predict(pdf), channels=table.channels[:0], xgrid=nothing, polarised=())
    known = table.polarised.index(False)
    subscripts = "ncxy,xc->ncy" if known == 0 else "ncxy,yc->ncx"
    values = np.einsum(subscripts, table.values, pdf[:, table.channels[:, known]])
    return replace(table, values=values, channels=table.channels[:, 1 - known], polarised=(True,))


def _divide(tables: tuple[FKTable, ...], denominator: Floats) -> tuple[FKTable, ...]:
    """Return tables, whose rows follow each other, divided by as many numbers or by a single one."""
    count = sum(table.ndata for table in tables)
    numbers = np.broadcast_to(denominator, count)
    divided = []
    start = 0
    for table in tables:
        rows = numbers[start : start + table.ndata]
        divided.append(replace(table, values=table.values / rows.reshape(-1, *(1,) * (table.values.ndim - 1))))
        start += table.ndata
    return tuple(divided)
