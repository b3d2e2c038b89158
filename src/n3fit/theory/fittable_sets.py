"""The data sets of the data library that can be fitted with a theory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from n3fit.data.library_tables import TableUse, table_uses
from n3fit.data.own_tables import all_table_uses
from n3fit.theory.kfactors import kfactor_names
from n3fit.theory.theories import Theory


@dataclass(frozen=True)
class FittableSet:
    """A data set that a runcard can name with a theory.

    Attributes
    ----------
    name : str
    process : str
        Process type.
    points : int
        Number of points without cuts.
    variants : tuple of (str or None)
        Variants for which the theory has all tables; None stands for the data set without a variant.
    kfactors : tuple of str
        K-factors (``cfac``) that are there for all tables.
    """

    name: str
    process: str
    points: int
    variants: tuple[str | None, ...]
    kfactors: tuple[str, ...]


@dataclass(frozen=True)
class IncompleteSet:
    """A data set for which a theory has a part of the tables.

    Attributes
    ----------
    name, process, points
        As in :class:`FittableSet`.
    missing : tuple of str
        Tables that the theory lacks.
    problem : str
        What is wrong with a set whose tables are all there.
    """

    name: str
    process: str
    points: int
    missing: tuple[str, ...] = ()
    problem: str = ""


def fittable_sets(
    theory: Theory,
    *,
    rows: Mapping[str, int] | None = None,
    root: Path | None = None,
    data_path: Path | None = None,
) -> tuple[tuple[FittableSet, ...], tuple[IncompleteSet, ...]]:
    """Return the data sets for which a theory has all tables, and those for which it has some.

    Parameters
    ----------
    theory : Theory
    rows : mapping of str to int, optional
        Number of rows of each table that can be read, one for a denominator of all points. By default no table is read,
        and those that exist count.
    root : Path, optional
        Folder of data sets; default: the installed library, and the folders of data sets of the user.
    data_path : Path, optional
        A folder with data sets of the user, besides those that are always searched.

    Raises
    ------
    DataError
        There are no data sets in a folder of the user, or their metadata are wrong.
    """
    names = set(theory.table_names() if rows is None else rows)
    kfactors = kfactor_names(theory.folder)
    complete, incomplete = [], []
    every = all_table_uses(data_path) if root is None else table_uses(root)
    for _dataset, group in groupby(every, key=lambda use: use.dataset):
        uses = list(group)
        fitting = [use for use in uses if names.issuperset(use.tables) and not (rows and row_problem(use, rows))]
        if fitting:
            complete.append(_fittable(fitting, kfactors))
        elif any(names.intersection(use.tables) for use in uses):
            incomplete.append(_incomplete(uses, names, rows))
    return tuple(complete), tuple(incomplete)


def row_problem(use: TableUse, rows: Mapping[str, int]) -> str:
    """Return how the rows of the tables of a data set disagree with its points; empty if they agree.

    The tables of an operand have together as many rows as the data has points, or a single one that serves all points.
    """
    totals = []
    for operand in use.operands:
        total = sum(rows[name] + use.shifts.get(name, 0) for name in operand)
        totals.append(total)
        if total not in (1, use.points):
            return _describe(use, operand, total)
    return "" if use.points in totals else _describe(use, use.operands[0], totals[0])


def _describe(use: TableUse, operand: Sequence[str], total: int) -> str:
    tables = f"the tables {', '.join(operand)} have" if len(operand) > 1 else f"table {operand[0]} has"
    variant = f" ({use.variant})" if use.variant else ""
    return f"{tables} {total} rows, the data set {use.dataset}{variant} {use.points} points"


def _fittable(uses: Sequence[TableUse], kfactors: Mapping[str, frozenset[str]]) -> FittableSet:
    first = uses[0]
    available = frozenset.intersection(*(kfactors.get(name, frozenset()) for name in first.tables))
    return FittableSet(
        name=first.dataset,
        process=first.process,
        points=first.points,
        variants=tuple(use.variant for use in uses),
        kfactors=tuple(sorted(available)),
    )


def _incomplete(uses: Iterable[TableUse], names: set[str], rows: Mapping[str, int] | None) -> IncompleteSet:
    """Return the data set with the variant that lacks fewest tables."""
    lacking = [(use, tuple(name for name in use.tables if name not in names)) for use in uses]
    nearest, missing = min(lacking, key=lambda entry: len(entry[1]))
    problem = "" if missing or rows is None else row_problem(nearest, rows)
    return IncompleteSet(nearest.dataset, nearest.process, nearest.points, missing, problem)
