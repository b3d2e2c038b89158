"""What can be said of a table without a second calculation: whether it is readable, complete and of the theory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from n3fit.data.library_tables import TableUse
from n3fit.errors import TheoryError
from n3fit.theory.fittable_sets import row_problem
from n3fit.theory.fk_tables import FKTable
from n3fit.theory.flavours import EXPORT_PIDS, FLAVOUR_TO_FK
from n3fit.theory.theories import Theory
from n3fit.theory.toy_pdf import les_houches_toy
from n3fit.typing import Floats

_SHOWN = 8


ALL_ZERO = "expected numbers, all are zero"
"""Problem of a table without any number, unless its observable vanishes."""


@dataclass(frozen=True, eq=False)
class TableContents:
    """A table reduced to its predictions for the toy PDF.

    Attributes
    ----------
    name : str
    predictions : (ndata,)
        Empty for a table that cannot be read.
    missing_rows : frozenset of int
        Rows that the theory does not provide.
    polarised : bool
        Whether one of the PDFs is polarised: the toy PDF is not one of them.
    problems : tuple of str
    """

    name: str
    predictions: Floats
    missing_rows: frozenset[int] = frozenset()
    polarised: bool = False
    problems: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether the file is an FK table of the theory."""
        return len(self.predictions) > 0


def read_contents(theory: Theory, name: str) -> TableContents:
    """Read a table and check the file, its numbers and its x-grid; nothing is raised for a broken table."""
    try:
        table = theory.load_table(name, cached=False, allow_zeros=True)
    except TheoryError as error:
        return TableContents(name, np.zeros(0), problems=(error.message,))
    return TableContents(
        name=name,
        predictions=table.predict((FLAVOUR_TO_FK @ les_houches_toy(EXPORT_PIDS, table.xgrid)).T),
        missing_rows=table.missing_rows,
        polarised=any(table.polarised),
        problems=tuple(_problems(table)),
    )


def check_rows(contents: Sequence[TableContents], uses: Iterable[TableUse]) -> list[TableContents]:
    """Compare the number of rows of the tables with the points of the data sets that use them.

    A table has a problem if none of the data sets agrees whose tables are all there: variants may have other tables.
    """
    rows = row_counts(contents)
    agreeing: set[str] = set()
    found: dict[str, str] = {}
    for use in uses:
        if not set(use.tables) <= set(rows):
            continue
        problem = row_problem(use, rows)
        if not problem:
            agreeing.update(use.tables)
        for name in use.tables:
            found.setdefault(name, problem)
    return [
        replace(table, problems=(*table.problems, found[table.name]))
        if found.get(table.name) and table.name not in agreeing
        else table
        for table in contents
    ]


def missing_tables(theory: Theory, names: Collection[str]) -> list[TableContents]:
    """Return the tables that the manifest of a theory names and that are not there."""
    return [
        TableContents(name, np.zeros(0), problems=("the table of the manifest is missing",))
        for name in sorted(set(theory.checksums) - set(names))
    ]


def row_counts(contents: Iterable[TableContents]) -> Mapping[str, int]:
    """Return the number of rows of the tables that can be read.

    A table whose rows vanish after the first has one: it is the denominator of all points of a ratio. In one that
    vanishes as a whole, such as FL at leading order, all rows count.
    """
    return {table.name: _row_count(table.predictions) for table in contents if table.readable}


def _row_count(predictions: Floats) -> int:
    return 1 if predictions[0] and not predictions[1:].any() else len(predictions)


def _problems(table: FKTable) -> list[str]:
    problems = [] if table.values.any() else [ALL_ZERO]
    broken = np.flatnonzero(~np.isfinite(table.values.reshape(table.ndata, -1)).all(axis=1)).tolist()
    if broken:
        problems.append(f"numbers that are not finite in the rows {_ranges(broken)}")
    nodes = table.xgrid
    if np.any(np.diff(nodes) <= 0) or nodes[0] <= 0 or nodes[-1] > 1:
        problems.append(f"expected different nodes in x from 0 to 1, received {nodes[0]:g} to {nodes[-1]:g}")
    outside = [row for row in table.missing_rows if not 0 <= row < table.ndata]
    if outside:
        problems.append(f"rows without theory that are not rows of the table: {_ranges(outside)}")
    return problems


def _ranges(rows: Sequence[int]) -> str:
    """Return row numbers as ranges such as ``0-3, 7``."""
    parts: list[list[int]] = []
    for row in rows:
        if parts and row == parts[-1][1] + 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in parts]
    return ", ".join(texts[:_SHOWN]) + (", ..." if len(texts) > _SHOWN else "")
