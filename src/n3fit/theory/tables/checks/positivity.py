"""Sign of the positivity observables for the toy PDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from n3fit.data.library_tables import TableUse
from n3fit.data.loading import load_commondata
from n3fit.theory.tables.checks.contents import TableContents
from n3fit.typing import Booleans

CHARM_XMAX = 0.1
"""Charm observables must be positive below this x.

The toy PDF has no charm at Q0, and what evolution and coefficient functions generate is slightly negative above.
"""

_CHARM = ("F2C", "XCQ", "XCB")


def check_signs(contents: Sequence[TableContents], uses: Iterable[TableUse]) -> list[TableContents]:
    """Check that the positivity observables of one table are positive for the toy PDF where they must be."""
    by_table = {use.tables[0]: use for use in uses if use.process.startswith("POS") and len(use.tables) == 1}
    return [_checked(table, by_table[table.name]) if table.name in by_table else table for table in contents]


def _checked(table: TableContents, use: TableUse) -> TableContents:
    if table.polarised or len(table.predictions) != use.points or not table.predictions.any():
        return table
    negative = [
        row
        for row in np.flatnonzero(_must_be_positive(use) & (table.predictions <= 0)).tolist()
        if row not in table.missing_rows
    ]
    if not negative:
        return table
    values = ", ".join(f"{table.predictions[row]:.1e} in row {row}" for row in negative[:3])
    more = f", ... ({len(negative)} in all)" if len(negative) > 3 else ""
    return replace(table, problems=(*table.problems, f"expected a positive observable, received {values}{more}"))


def _must_be_positive(use: TableUse) -> Booleans:
    """Return for each row whether the observable is positive for the toy PDF."""
    if not use.dataset.rpartition("_")[2].startswith(_CHARM):
        return np.ones(use.points, dtype=bool)
    return np.asarray(load_commondata(use.dataset).x < CHARM_XMAX)
