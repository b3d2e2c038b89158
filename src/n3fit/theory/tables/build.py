"""Building of a theory: its FK tables from coefficient functions and evolution, resumable and checked by hashes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.theory.capabilities import check_building
from n3fit.theory.flavours import FK_BASIS, FK_PIDS
from n3fit.theory.pineappl_files import MISSING_ROWS_KEY
from n3fit.theory.tables.check import check_theory, record_check
from n3fit.theory.tables.fk_writer import round_coefficients, write_fk_table
from n3fit.theory.tables.manifest import fingerprint_of, is_finished, read_manifest, write_card_and_manifest
from n3fit.theory.tables.rows import TABLE_PIDS, is_provided, plan_units
from n3fit.theory.tables.specifications import TableSpecification, table_specifications
from n3fit.theory.tables.workers import UnitWork, compute_units
from n3fit.theory.theory_card import TheoryCard, reject_unknown_keys

_MAX_JOBS = 16


def build_theory(
    output: Path,
    *,
    card: Mapping[str, Any] | None = None,
    jobs: int = 2,
    progress: ProgressReporter | None = None,
    resume: bool = True,
    check: bool = True,
) -> Path:
    """Build the theory of the embedded data sets.

    The work is divided by virtuality; each finished unit is stored, and an interrupted build continues from there. The
    manifest is written after all tables: a folder without one is not a finished theory. At the end the theory is
    checked (:func:`n3fit.theory.tables.check.check_theory`), and the result is recorded in the manifest.

    Parameters
    ----------
    output : Path
        The folder of the theory, created if necessary.
    card : mapping, optional
        Keys of TheoryCard that differ from its defaults.
    jobs : int
        Number of processes.
    progress : ProgressReporter, optional
    resume : bool
        If false, units and tables of an earlier build in ``output`` are computed again.
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
        ``output`` contains another finished theory.
    """
    if not 1 <= jobs <= _MAX_JOBS:
        raise TheoryError(f"jobs: expected 1 to {_MAX_JOBS}, received {jobs}")
    reject_unknown_keys(card or {}, source="theory card")
    theory_card = TheoryCard.from_mapping(card or {})
    check_building(theory_card)
    if theory_card.nf0 != 4:
        raise TheoryError(f"theory card: nf0: expected 4, received {theory_card.nf0}")
    reporter = progress or NullReporter()
    tables = table_specifications()
    fingerprint = fingerprint_of(theory_card, tables)
    if not (resume and is_finished(output, fingerprint)):
        _build_tables(output, theory_card, tables, fingerprint, jobs=jobs, resume=resume, progress=reporter)
    if check and "check" not in read_manifest(output):
        record_check(output, check_theory(output, progress=reporter))
    return output


def _build_tables(
    output: Path,
    card: TheoryCard,
    tables: Sequence[TableSpecification],
    fingerprint: str,
    *,
    jobs: int,
    resume: bool,
    progress: ProgressReporter,
) -> None:
    """Compute the missing units, write tables, card and manifest, and remove the units."""
    work = UnitWork(
        card=card,
        tables=tuple(tables),
        units=plan_units(tables, card),
        xgrid=tuple(standard_xgrid().tolist()),
        folder=output / f".building-{fingerprint[:16]}",
    )
    if not resume:
        shutil.rmtree(work.folder, ignore_errors=True)
        (output / "manifest.json").unlink(missing_ok=True)
    compute_units(work, jobs=jobs, progress=progress)
    _write_tables(output, work, progress=progress)
    write_card_and_manifest(output, card, tables, fingerprint)
    shutil.rmtree(work.folder, ignore_errors=True)


def _write_tables(output: Path, work: UnitWork, *, progress: ProgressReporter) -> None:
    """Write the tables from the rows of all units."""
    xgrid = np.array(work.xgrid)
    values = [np.zeros((len(table.rows), len(TABLE_PIDS), len(xgrid))) for table in work.tables]
    for number, unit in enumerate(work.units):
        for (table_number, row), row_values in zip(unit.rows, work.load(number), strict=True):
            values[table_number][row] = row_values
    pids: tuple[int, ...]
    for number, table in enumerate(work.tables):
        path = output / "fastkernel" / f"{table.name}.pineappl.lz4"
        if table.observable.startswith("initial"):
            pid = FK_PIDS[FK_BASIS.index(table.observable.split()[1])]
            nodes = np.array([table.rows[0].x])
            coefficients, pids = nodes.reshape(1, 1, 1), (pid,)
        else:
            rounded = round_coefficients(values[number], xgrid)
            first = int(np.argmax(np.any(rounded != 0, axis=(0, 1))))
            coefficients, pids, nodes = rounded[:, :, first:], TABLE_PIDS, xgrid[first:]
        metadata = _metadata(table, work.card)
        write_fk_table(path, coefficients, pids=pids, xgrid=nodes, q0=work.card.Q0, metadata=metadata)
        progress.step("tables", number + 1, len(work.tables))


def _metadata(table: TableSpecification, card: TheoryCard) -> dict[str, str]:
    absent = []
    if not table.observable.startswith("initial"):
        absent = [index for index, row in enumerate(table.rows) if not is_provided(row, card)]
    return {
        MISSING_ROWS_KEY: json.dumps(absent),
        "dataset": table.dataset,
        "observable": table.observable,
        "process": json.dumps(asdict(table.process)),
        "theory": json.dumps(asdict(card)),
    }
