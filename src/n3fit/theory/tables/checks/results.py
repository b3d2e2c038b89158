"""Results of the check of a theory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from n3fit.theory.fittable_sets import FittableSet, IncompleteSet
from n3fit.typing import Floats

SIGN_FLOOR = 1e-2
"""Predictions that may vanish are compared relative to at least this fraction of the largest of their table."""


@dataclass(frozen=True)
class Reference:
    """Rows of a table, calculated without it.

    Attributes
    ----------
    method : str
        How they were calculated.
    rows : tuple of int
        Numbers of the rows.
    values : tuple of float
    places : tuple of str
        Kinematics of each row, for messages.
    may_vanish : bool
        Whether the observable may vanish or change its sign.
    terms : tuple of float
        Size of the largest of the terms that cancel in each row, relative to which it is compared; empty if none do.
    accuracy : float
        Multiple of the tolerance that passes.
    """

    method: str
    rows: tuple[int, ...]
    values: tuple[float, ...]
    places: tuple[str, ...]
    may_vanish: bool = False
    terms: tuple[float, ...] = ()
    accuracy: float = 1.0


@dataclass(frozen=True)
class CheckedTable:
    """Result of the check of one table.

    Attributes
    ----------
    name : str
    reference : str
        With what it was compared: ``grid``, ``coefficient functions``, ``evolved PDF`` or ``PDF at Q0``; empty for a
        table that was not compared.
    points : int
        Number of rows compared.
    worst : float
        Largest relative deviation; nan for a table that was not compared.
    place : str
        Where it is.
    problems : tuple of str
        Everything that is wrong with the table.
    notes : tuple of str
        What was not compared and why.
    missing_rows : tuple of int
        Rows that the table leaves out: the theory does not provide them.
    """

    name: str
    reference: str = ""
    points: int = 0
    worst: float = float("nan")
    place: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    missing_rows: tuple[int, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong with the table."""
        return not self.problems


@dataclass(frozen=True)
class CheckReport:
    """Results of the check of all tables of a theory.

    Attributes
    ----------
    rows : tuple of CheckedTable
    tolerance : float
        Largest relative deviation that passes.
    datasets : tuple of FittableSet
        Data sets that can be fitted with the theory.
    incomplete : tuple of IncompleteSet
        Data sets for which the theory has a part of the tables.
    unused_grids : tuple of str
        Grids without a table.
    """

    rows: tuple[CheckedTable, ...]
    tolerance: float
    datasets: tuple[FittableSet, ...] = ()
    incomplete: tuple[IncompleteSet, ...] = ()
    unused_grids: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every table passed."""
        return all(row.passed for row in self.rows)

    @property
    def compared(self) -> tuple[CheckedTable, ...]:
        """Tables that were compared with another calculation."""
        return tuple(row for row in self.rows if row.points)

    @property
    def points(self) -> int:
        """Number of rows compared."""
        return sum(row.points for row in self.rows)

    @property
    def worst(self) -> float:
        """Largest relative deviation; nan if no table was compared."""
        return max((row.worst for row in self.compared), key=_size, default=float("nan"))

    def record(self) -> dict[str, Any]:
        """Return the results of the tables for a manifest."""
        tables = [
            {
                "name": row.name, "reference": row.reference, "points": row.points, "worst": row.worst,
                "place": row.place, "passed": row.passed,
            }
            for row in self.rows
        ]  # fmt: skip
        return {
            "passed": self.passed, "tolerance": self.tolerance, "points": self.points, "worst": self.worst,
            "tables": tables,
        }  # fmt: skip


def compare(name: str, predictions: Floats, reference: Reference, *, tolerance: float) -> CheckedTable:
    """Compare the predictions of a table with a reference.

    Parameters
    ----------
    name : str
    predictions : (ndata,)
    reference : Reference
    tolerance : float
        Largest relative deviation that passes if the accuracy of the reference is 1.
    """
    tolerance *= reference.accuracy
    floor = SIGN_FLOOR * float(np.abs(predictions).max()) if reference.may_vanish else 0.0
    terms = reference.terms or (0.0,) * len(reference.rows)
    deviations = [
        _deviation(float(predictions[row]), value, max(floor, term))
        for row, value, term in zip(reference.rows, reference.values, terms, strict=True)
    ]
    worst, place = max(zip(deviations, reference.places, strict=True), key=lambda entry: _size(entry[0]))
    problems: tuple[str, ...] = ()
    if not worst <= tolerance:
        problems = (f"differs from its {reference.method} by {worst:.1e} at {place}, tolerance {tolerance:.0e}",)
    return CheckedTable(
        name, reference=reference.method, points=len(deviations), worst=worst, place=place, problems=problems
    )


def _deviation(prediction: float, value: float, floor: float) -> float:
    scale = max(abs(value), floor)
    if prediction == value:
        return 0.0
    return abs(prediction - value) / scale if scale else float("inf")


def _size(deviation: float) -> float:
    """Return a deviation for comparisons: nan counts as infinite."""
    return deviation if np.isfinite(deviation) else float("inf")
