"""Computing the rows of tables piece by piece, in one process or several; each finished piece is a file."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import numpy as np

from n3fit.errors import N3fitError, TheoryError
from n3fit.storage.arrays import SUFFIX, arrays_from_bytes, write_arrays
from n3fit.theory.tables.observables import TableSpecification
from n3fit.theory.tables.rows import RowCalculator, Unit
from n3fit.theory.theory_card import TheoryCard
from n3fit.typing import Floats

Failure = tuple[str, str]
"""Message and hint of an error in a worker."""

_POLL_SECONDS = 0.5
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class UnitWork:
    """The pieces of a build.

    Attributes
    ----------
    card : TheoryCard
    tables : tuple of TableSpecification
    units : tuple of Unit
    xgrid : tuple of float
    folder : Path
        Where the pieces are stored.
    """

    card: TheoryCard
    tables: tuple[TableSpecification, ...]
    units: tuple[Unit, ...]
    xgrid: tuple[float, ...]
    folder: Path

    def path(self, number: int) -> Path:
        """Give the file of a piece."""
        return self.folder / f"unit_{number:04d}{SUFFIX}"

    def missing(self) -> list[int]:
        """Give the numbers of the pieces that are not stored yet."""
        return [number for number in range(len(self.units)) if not self.path(number).exists()]

    def load(self, number: int) -> Floats:
        """Read the rows (nrows, nchannels, nx) of a stored piece.

        Raises
        ------
        TheoryError
            The file is missing or damaged.
        """
        path = self.path(number)
        try:
            _, arrays = arrays_from_bytes(path.read_bytes())
        except (OSError, ValueError) as error:
            raise TheoryError(f"{path}: cannot be read ({error})", hint="remove this file and start again") from error
        return arrays["rows"]

    def compute(self, numbers: Sequence[int], report: Callable[[], None] | None = None) -> None:
        """Compute and store pieces, one by one."""
        calculator = RowCalculator(self.card, np.array(self.xgrid))
        for number in numbers:
            values = calculator.rows(self.tables, self.units[number])
            write_arrays(self.path(number), {"rows": values})
            if report is not None:
                report()


def compute_units(work: UnitWork, *, jobs: int, report: Callable[[], None]) -> None:
    """Compute the pieces that are missing.

    Parameters
    ----------
    work : UnitWork
    jobs : int
        Processes.
    report : callable
        Called from time to time.

    Raises
    ------
    TheoryError
        What a worker raised, or that one died.
    """
    missing = work.missing()
    report()
    if not missing:
        return
    if jobs == 1:
        work.compute(missing, report)
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
            report()
        if not failures.empty():
            message, hint = failures.get()
            raise TheoryError(message, hint=hint)
        codes = sorted({worker.exitcode for worker in workers if worker.exitcode})
        if codes:
            raise TheoryError(
                f"theory build: a worker process ended with code {codes[0]}",
                hint="what is done is kept: start it again",
            )
    finally:
        for worker in workers:
            if worker.is_alive():
                worker.terminate()
                worker.join()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that start now use one thread for linear algebra, unless the user said otherwise."""
    absent = [name for name in _THREAD_VARIABLES if name not in os.environ]
    os.environ.update(dict.fromkeys(absent, "1"))
    try:
        yield
    finally:
        for name in absent:
            os.environ.pop(name, None)


def _work(work: UnitWork, numbers: Sequence[int], failures: SimpleQueue[Failure]) -> None:
    """Compute pieces in a worker; the parent process is the one that hears of an interruption."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        work.compute(numbers)
    except N3fitError as error:
        failures.put((error.message, error.hint))
