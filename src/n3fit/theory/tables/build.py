"""Building of theories: their FK tables from coefficient functions and evolution, resumable and checked by hashes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.defaults import BUILD_JOBS
from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import standard_xgrid
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.theory.capabilities import check_building
from n3fit.theory.cards import check_keys
from n3fit.theory.flavours import FK_BASIS, FK_PIDS
from n3fit.theory.pineappl_files import MISSING_ROWS_KEY
from n3fit.theory.tables.channels import channel_pids
from n3fit.theory.tables.check import check_theory, record_check
from n3fit.theory.tables.fk_writer import round_coefficients, write_fk_table
from n3fit.theory.tables.manifest import fingerprint_of, is_finished, read_manifest, write_card_and_manifest
from n3fit.theory.tables.rows import is_provided, plan_units
from n3fit.theory.tables.specifications import TableSpecification, table_specifications
from n3fit.theory.tables.workers import StoredRows, UnitWork, compute_units
from n3fit.theory.theory_card import TheoryCard

_MAX_JOBS = 16


def build_theory(
    output: Path,
    *,
    card: Mapping[str, Any],
    tables: Sequence[TableSpecification] | None = None,
    jobs: int = BUILD_JOBS,
    progress: ProgressReporter | None = None,
    resume: bool = True,
    check: bool = True,
) -> Path:
    """Build the theory of a card for the embedded data sets.

    The work is divided by virtuality; each finished unit is stored, and an interrupted build continues from there. The
    manifest is written after all tables: a folder without one is not a finished theory. At the end the theory is
    checked (:func:`n3fit.theory.tables.check.check_theory`), and the result is recorded in the manifest.

    Parameters
    ----------
    output : Path
        The folder of the theory, created if necessary.
    card : mapping
        The keys of the card; those of TheoryCard that it lacks have their default values. The card file of the theory
        has all keys of both.
    tables : sequence of TableSpecification, optional
        Only these; by default all of :func:`n3fit.theory.tables.specifications.table_specifications`. A table is the
        same whichever others are built with it.
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
    folders = (output,) if check else ()
    build_theories({output: card}, tables=tables, jobs=jobs, progress=progress, resume=resume, checked=folders)
    return output


def build_theories(
    cards: Mapping[Path, Mapping[str, Any]],
    *,
    tables: Sequence[TableSpecification] | None = None,
    jobs: int = BUILD_JOBS,
    progress: ProgressReporter | None = None,
    resume: bool = True,
    checked: Collection[Path] = (),
) -> None:
    """Build several theories together: what they share, such as structure functions at equal masses, is computed once.

    Parameters
    ----------
    cards : mapping of Path to mapping
        The card of the theory in each folder.
    tables, jobs, progress, resume
        As for :func:`build_theory`, whose rules hold for each folder.
    checked : collection of Path
        Folders whose theories are checked at the end.

    Raises
    ------
    TheoryError, OutputExistsError
        As for :func:`build_theory`.
    """
    if not 1 <= jobs <= _MAX_JOBS:
        raise TheoryError(f"jobs: expected 1 to {_MAX_JOBS}, received {jobs}")
    reporter = progress or NullReporter()
    if tables is None:
        tables = table_specifications()
    plans = [_plan(output, card, tables) for output, card in cards.items()]
    unfinished = [plan for plan in plans if not (resume and is_finished(plan.output, plan.fingerprint))]
    if unfinished:
        _build_tables(unfinished, tables, jobs=jobs, resume=resume, progress=reporter)
    for plan in plans:
        if plan.output in checked and not read_manifest(plan.output).get("check", {}).get("passed"):
            record_check(plan.output, check_theory(plan.output, progress=reporter))


@dataclass(frozen=True)
class _Plan:
    """A theory to be built (``source``: all keys of its card), and the hash of what its numbers depend on."""

    output: Path
    source: Mapping[str, Any]
    card: TheoryCard
    fingerprint: str


def _plan(output: Path, card: Mapping[str, Any], tables: Sequence[TableSpecification]) -> _Plan:
    """Return the plan of one theory, after a check that it can be built."""
    check_keys(card, source="theory card")
    theory_card = TheoryCard.from_mapping(card)
    check_building(theory_card)
    return _Plan(output, card, theory_card, fingerprint_of(theory_card, tables))


def _build_tables(
    plans: Sequence[_Plan],
    tables: Sequence[TableSpecification],
    *,
    jobs: int,
    resume: bool,
    progress: ProgressReporter,
) -> None:
    """Compute the missing units, write tables, cards and manifests, and remove the units."""
    lowest = min((plan.card for plan in plans), key=lambda card: card.Q0)
    work = UnitWork(
        theories=tuple(StoredRows(plan.card, plan.output / f".building-{plan.fingerprint[:16]}") for plan in plans),
        tables=tuple(tables),
        units=plan_units(tables, lowest),
        xgrid=tuple(standard_xgrid().tolist()),
    )
    if not resume:
        for plan, theory in zip(plans, work.theories, strict=True):
            shutil.rmtree(theory.folder, ignore_errors=True)
            (plan.output / "manifest.json").unlink(missing_ok=True)
    compute_units(work, jobs=jobs, progress=progress)
    for plan, theory in zip(plans, work.theories, strict=True):
        _write_tables(plan.output, work, theory, progress=progress)
        write_card_and_manifest(plan.output, plan.source, plan.card, tables, plan.fingerprint)
        shutil.rmtree(theory.folder, ignore_errors=True)


def _write_tables(output: Path, work: UnitWork, theory: StoredRows, *, progress: ProgressReporter) -> None:
    """Write the tables of a theory from the rows of all units."""
    xgrid = np.array(work.xgrid)
    channels = channel_pids(theory.card)
    values = [np.zeros((len(table.rows), len(channels), len(xgrid))) for table in work.tables]
    for unit in plan_units(work.tables, theory.card):
        for (table_number, row), row_values in zip(unit.rows, theory.load(unit), strict=True):
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
            coefficients, pids, nodes = rounded[:, :, first:], channels, xgrid[first:]
        metadata = _metadata(table, theory.card)
        write_fk_table(path, coefficients, pids=pids, xgrid=nodes, q0=theory.card.Q0, metadata=metadata)
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
