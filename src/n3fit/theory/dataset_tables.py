"""Checks of the FK tables that the metadata of a data set name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from n3fit.data.checks.findings import Finding
from n3fit.data.library_tables import TableUse, table_uses_of_set
from n3fit.data.own_data import METADATA
from n3fit.errors import TheoryError, did_you_mean
from n3fit.theory.compound import OPERATIONS
from n3fit.theory.fittable_sets import row_problem
from n3fit.theory.theories import Theory


def check_tables_of_set(folder: Path, theory: Theory | None = None, *, observable: str | None = None) -> list[Finding]:
    """Return what is wrong with the tables of a set: their operation, and with a theory that they are there.

    Parameters
    ----------
    folder : Path
        The folder of the set, whose metadata are otherwise correct.
    theory : Theory, optional
        Its tables are read: they must have a row for each point.
    observable : str, optional
        Check only this one.
    """
    uses = table_uses_of_set(folder)
    if observable is not None:
        uses = [use for use in uses if use.dataset.upper() == f"{folder.name}_{observable}".upper()]
    return [finding for use in uses for finding in _findings(use, folder / METADATA, theory)]


def _findings(use: TableUse, metadata: Path, theory: Theory | None) -> Iterator[Finding]:
    where = f"{metadata}: {use.dataset}" + (f", variant {use.variant}" if use.variant else "")
    if use.operation not in OPERATIONS:
        hint = did_you_mean(use.operation, OPERATIONS)
        yield Finding(where, f"operation: expected one of {', '.join(OPERATIONS)}, received {use.operation}", hint)
    elif len(use.operands) not in OPERATIONS[use.operation][1]:
        counts = " or ".join(map(str, sorted(OPERATIONS[use.operation][1])))
        yield Finding(
            where, f"FK_tables: expected {counts} lists of tables for {use.operation}, received {len(use.operands)}"
        )
    if theory is None:
        return
    missing = [name for name in use.tables if theory.find_table(name) is None]
    for name in missing:
        yield Finding(
            where,
            f"FK_tables: expected the table {name} in {theory.folder / 'fastkernel'}, which is not there",
            did_you_mean(name, theory.table_names()) or "build it from a PineAPPL grid: `n3fit theory build --grids`",
        )
    if missing:
        return
    try:
        rows = {name: theory.load_table(name).ndata for name in use.tables}
    except TheoryError as error:
        yield Finding(where, error.message, error.hint)
        return
    problem = row_problem(use, rows)
    if problem:
        yield Finding(where, problem, "tables and data must have the same points in the same order")
