"""Building a theory: its FK tables from coefficient functions and evolution, resumable and checked by hashes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import TheoryError
from n3fit.storage import atomic_path
from n3fit.theory.building.fk_writer import write_fk_table
from n3fit.theory.building.manifest import fingerprint_of, is_finished, read_manifest, write_card_and_manifest
from n3fit.theory.building.observables import TableSpecification, table_specifications
from n3fit.theory.building.rows import TABLE_PIDS, RowCalculator, Unit, is_provided, plan_units
from n3fit.theory.check import check_theory, record_check
from n3fit.theory.flavours import FK_BASIS, FK_PIDS
from n3fit.theory.interpolation import standard_xgrid
from n3fit.theory.theory_card import TheoryCard, reject_unknown_keys

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
"""Called as ``progress(what, done, total)``."""

_POLL_SECONDS = 0.5
_MAX_JOBS = 16


def build_theory(
    output: Path,
    *,
    card: Mapping[str, Any] | None = None,
    jobs: int = 2,
    progress: Progress | None = None,
    resume: bool = True,
    check: bool = True,
) -> Path:
    """Build the theory of the embedded data sets.

    The work is divided by virtuality; each finished piece is stored, and a build that was interrupted goes on from
    there. The manifest is written when all tables are: a folder without one is not a finished theory. At the end the
    theory is checked (:func:`n3fit.theory.check.check_theory`) and the manifest says how that went.

    Parameters
    ----------
    output : Path
        The theory's folder, made if needed.
    card : mapping, optional
        Keys of TheoryCard that differ from its defaults.
    jobs : int
        Processes.
    progress : callable, optional
    resume : bool
        If false, pieces and tables of an earlier build in ``output`` are computed again.
    check : bool
        Whether to check the theory at the end.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    TheoryError
        The card is wrong, a worker failed, or the finished theory did not pass its check.
    OutputExistsError
        ``output`` holds another finished theory.
    """
    if not 1 <= jobs <= _MAX_JOBS:
        raise TheoryError(f"jobs: expected 1 to {_MAX_JOBS}, received {jobs}")
    reject_unknown_keys(card or {}, source="theory card")
    theory_card = TheoryCard.from_mapping(card or {})
    if theory_card.nf0 != 4:
        raise TheoryError(f"theory card: nf0: tables have four flavours at Q0, received {theory_card.nf0}")
    tables = table_specifications()
    fingerprint = fingerprint_of(theory_card, tables)
    if not (resume and is_finished(output, fingerprint)):
        _build_tables(output, theory_card, tables, fingerprint, jobs=jobs, resume=resume, progress=progress)
    if check and "check" not in read_manifest(output):
        record_check(output, check_theory(output, progress))
    return output


def _build_tables(
    output: Path,
    card: TheoryCard,
    tables: Sequence[TableSpecification],
    fingerprint: str,
    *,
    jobs: int,
    resume: bool,
    progress: Progress | None,
) -> None:
    """Compute what is missing, write tables, card and manifest, and remove the pieces."""
    work = output / f".building-{fingerprint[:16]}"
    if not resume:
        shutil.rmtree(work, ignore_errors=True)
        (output / "manifest.json").unlink(missing_ok=True)
    units = plan_units(tables, card)
    _compute_units(card, tables, units, work, jobs=jobs, progress=progress)
    _write_tables(output, card, tables, units, work, progress=progress)
    write_card_and_manifest(output, card, tables, fingerprint)
    shutil.rmtree(work, ignore_errors=True)


def _unit_path(work: Path, number: int) -> Path:
    return work / f"unit_{number:04d}.npy"


def _compute_units(
    card: TheoryCard,
    tables: Sequence[TableSpecification],
    units: Sequence[Unit],
    work: Path,
    *,
    jobs: int,
    progress: Progress | None,
) -> None:
    """Compute the units that are not there yet, in ``jobs`` processes."""
    missing = [number for number in range(len(units)) if not _unit_path(work, number).exists()]
    if not missing:
        return

    def report() -> None:
        if progress is not None:
            progress("rows", sum(_unit_path(work, number).exists() for number in range(len(units))), len(units))

    report()
    if jobs == 1:
        _work_on_units(card, tables, units, missing, work, report)
        return
    with ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn")) as pool:
        pending: set[Future[None]] = {
            pool.submit(_work_on_units, card, tables, units, missing[first::jobs], work) for first in range(jobs)
        }
        while pending:
            done, pending = wait(pending, timeout=_POLL_SECONDS, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
            report()


def _work_on_units(
    card: TheoryCard,
    tables: Sequence[TableSpecification],
    units: Sequence[Unit],
    numbers: Sequence[int],
    work: Path,
    report: Callable[[], None] | None = None,
) -> None:
    """Compute and store units, one by one."""
    calculator = RowCalculator(card, standard_xgrid())
    for number in numbers:
        values = calculator.rows(tables, units[number])
        with atomic_path(_unit_path(work, number)) as temporary:
            np.save(temporary, values)
        if report is not None:
            report()


def _write_tables(
    output: Path,
    card: TheoryCard,
    tables: Sequence[TableSpecification],
    units: Sequence[Unit],
    work: Path,
    *,
    progress: Progress | None,
) -> None:
    """Gather the rows of each table and write it."""
    xgrid = standard_xgrid()
    values = [np.zeros((len(table.rows), len(TABLE_PIDS), len(xgrid))) for table in tables]
    for number, unit in enumerate(units):
        for (table_number, row), row_values in zip(unit.rows, np.load(_unit_path(work, number)), strict=True):
            values[table_number][row] = row_values
    pids: tuple[int, ...]
    for number, table in enumerate(tables):
        path = output / "fastkernel" / f"{table.name}.pineappl.lz4"
        if table.observable.startswith("initial"):
            pid = FK_PIDS[FK_BASIS.index(table.observable.split()[1])]
            nodes = np.array([table.rows[0].x])
            coefficients, pids = nodes.reshape(1, 1, 1), (pid,)
        else:
            first = int(np.argmax(np.any(values[number] != 0, axis=(0, 1))))
            coefficients, pids, nodes = values[number][:, :, first:], TABLE_PIDS, xgrid[first:]
        write_fk_table(path, coefficients, pids=pids, xgrid=nodes, q0=card.Q0, metadata=_metadata(table, card))
        if progress is not None:
            progress("tables", number + 1, len(tables))


def _metadata(table: TableSpecification, card: TheoryCard) -> dict[str, str]:
    absent = []
    if not table.observable.startswith("initial"):
        absent = [index for index, row in enumerate(table.rows) if not is_provided(row, card)]
    return {
        "rows_without_theory": json.dumps(absent),
        "dataset": table.dataset,
        "observable": table.observable,
        "process": json.dumps(asdict(table.process)),
        "theory": json.dumps(asdict(card)),
    }
