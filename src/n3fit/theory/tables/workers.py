"""Computation of the units of a build in one process or several; each finished unit is a file."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from n3fit.errors import N3fitError, TheoryError
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.storage.arrays import SUFFIX, arrays_from_bytes, write_arrays
from n3fit.theory.tables.rows import RowCalculator, Unit, is_provided
from n3fit.theory.tables.sharing import SharedOperators
from n3fit.theory.tables.specifications import TableSpecification
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

Failure = tuple[type[N3fitError], str, str]
"""Class, message and hint of an error in a worker."""

_POLL_SECONDS = 0.5
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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
        return [number for number, unit in enumerate(self.units) if self._lacking(unit)]

    def report(self, progress: ProgressReporter) -> None:
        """Report the number of units that all theories have."""
        progress.step("rows", len(self.units) - len(self.missing()), len(self.units))

    def compute(self, numbers: Sequence[int], *, progress: ProgressReporter) -> None:
        """Compute and store units, one by one, for the theories that lack them.

        Linear algebra has one thread, whose sums are always in the same order.
        """
        shared = SharedOperators(np.array(self.xgrid))
        calculators: dict[Path, RowCalculator] = {}
        for number in numbers:
            unit = self.units[number]
            for theory in self._lacking(unit):
                if theory.folder not in calculators:
                    calculators[theory.folder] = RowCalculator(theory.card, self.xgrid, shared=shared)
                with threadpool_limits(limits=1):
                    values = calculators[theory.folder].rows(self.tables, unit)
                write_arrays(theory.path(unit), {"rows": values})
            self.report(progress)

    def _lacking(self, unit: Unit) -> list[StoredRows]:
        """Return the theories that provide a unit and do not have it yet."""
        return [
            theory
            for theory in self.theories
            if is_provided(self.tables[unit.rows[0][0]].rows[unit.rows[0][1]], theory.card)
            and not theory.path(unit).exists()
        ]


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
        A worker failed; finished units are kept.
    """
    missing = work.missing()
    work.report(progress)
    if not missing:
        return
    if jobs == 1:
        work.compute(missing, progress=progress)
        return
    context = get_context("spawn")
    failures: SimpleQueue[Failure] = context.SimpleQueue()
    workers = [
        context.Process(target=_work, args=(work, missing[first::jobs], failures), daemon=True)
        for first in range(min(jobs, len(missing)))
    ]
    try:
        with _one_thread_each():
            for worker in workers:
                worker.start()
        while any(worker.is_alive() for worker in workers) and failures.empty():
            for worker in workers:
                worker.join(_POLL_SECONDS / len(workers))
            work.report(progress)
        if not failures.empty():
            kind, message, hint = failures.get()
            raise kind(message, hint=hint)
        codes = sorted({worker.exitcode for worker in workers if worker.exitcode})
        if codes:
            raise TheoryError(
                f"theory build: a worker process ended with code {codes[0]}",
                hint="start it again; finished units are kept",
            )
    finally:
        for worker in workers:
            if worker.is_alive():
                worker.terminate()
                worker.join()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Limit new processes to one thread for linear algebra, unless the environment sets another number."""
    absent = [name for name in _THREAD_VARIABLES if name not in os.environ]
    os.environ.update(dict.fromkeys(absent, "1"))
    try:
        yield
    finally:
        for name in absent:
            os.environ.pop(name, None)


def _work(work: UnitWork, numbers: Sequence[int], failures: SimpleQueue[Failure]) -> None:
    """Compute units in a worker process; only the parent process handles interruptions."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        work.compute(numbers, progress=NullReporter())
    except N3fitError as error:
        failures.put((type(error), error.message, error.hint))
