"""Computation of the units of a build in one process or several; each finished unit is a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from n3fit.errors import N3fitError, TheoryError
from n3fit.progress import ProgressReporter
from n3fit.storage.arrays import SUFFIX, arrays_from_bytes, write_arrays
from n3fit.theory.tables.rows import RowCalculator, Unit, is_provided
from n3fit.theory.tables.sharing import SharedOperators
from n3fit.theory.tables.specifications import TableSpecification
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats
from n3fit.worker_pool import run_tasks


@dataclass(frozen=True)
class StoredRows:
    """The rows of one theory: a file for each unit that is computed.

    Attributes
    ----------
    card : TheoryCard
    folder : Path
        Folder of the files.
    """

    card: TheoryCard
    folder: Path

    def path(self, unit: Unit) -> Path:
        """Return the file of a unit; it may not exist yet."""
        return self.folder / f"unit_{unit.q2!r}{SUFFIX}"

    def load(self, unit: Unit) -> Floats:
        """Read the rows (nrows, nchannels, nx) of a unit.

        Raises
        ------
        TheoryError
            The file is missing or damaged.
        """
        path = self.path(unit)
        try:
            _, arrays = arrays_from_bytes(path.read_bytes())
        except (OSError, ValueError) as error:
            raise TheoryError(f"{path}: cannot be read ({error})", hint="remove this file and start again") from error
        return arrays["rows"]


@dataclass(frozen=True)
class UnitWork:
    """The units of theories that are built together.

    Attributes
    ----------
    theories : tuple of StoredRows
    tables : tuple of TableSpecification
    units : tuple of Unit
    xgrid : tuple of float
    """

    theories: tuple[StoredRows, ...]
    tables: tuple[TableSpecification, ...]
    units: tuple[Unit, ...]
    xgrid: tuple[float, ...]

    def missing(self) -> list[int]:
        """Return the numbers of the units that some theory lacks."""
        return [number for number, unit in enumerate(self.units) if self.lacking(unit)]

    def lacking(self, unit: Unit) -> list[StoredRows]:
        """Return the theories that provide a unit and do not have it yet."""
        return [
            theory
            for theory in self.theories
            if is_provided(self.tables[unit.rows[0][0]].rows[unit.rows[0][1]], theory.card)
            and not theory.path(unit).exists()
        ]


class UnitCalculator:
    """Calculator of units in one process: theories share what does not depend on them.

    Linear algebra has one thread, whose sums are always in the same order.

    Parameters
    ----------
    work : UnitWork
    """

    def __init__(self, work: UnitWork) -> None:
        self._work = work
        self._shared = SharedOperators(np.array(work.xgrid))
        self._calculators: dict[Path, RowCalculator] = {}

    def __call__(self, number: int) -> None:
        """Compute and store a unit for the theories that lack it."""
        unit = self._work.units[number]
        for theory in self._work.lacking(unit):
            if theory.folder not in self._calculators:
                self._calculators[theory.folder] = RowCalculator(theory.card, self._work.xgrid, shared=self._shared)
            with threadpool_limits(limits=1):
                values = self._calculators[theory.folder].rows(self._work.tables, unit)
            write_arrays(theory.path(unit), {"rows": values})


def compute_units(work: UnitWork, *, jobs: int, progress: ProgressReporter) -> None:
    """Compute the missing units.

    Parameters
    ----------
    work : UnitWork
    jobs : int
        Number of processes.
    progress : ProgressReporter

    Raises
    ------
    TheoryError, ResourceError
        As in the computation of a unit; finished units are kept.
    WorkerEndedError
        A worker process was killed.
    """
    missing = work.missing()
    total = len(work.units)
    done = total - len(missing)
    progress.step("rows", done, total)
    for outcome in _outcomes(work, missing, jobs):
        if isinstance(outcome, N3fitError):
            raise outcome
        done += 1
        progress.step("rows", done, total)


def _outcomes(work: UnitWork, numbers: Sequence[int], jobs: int) -> Iterator[N3fitError | None]:
    """Yield None, or the error of a worker, for each unit that is finished."""
    if jobs == 1:
        compute = UnitCalculator(work)
        for number in numbers:
            compute(number)
            yield None
    else:
        for _number, outcome in run_tasks(partial(UnitCalculator, work), numbers, jobs=jobs):
            yield outcome
