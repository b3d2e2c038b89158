"""Building of the tables of a theory from a folder of PineAPPL grids: resumable, in several processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from n3fit.defaults import BUILD_JOBS
from n3fit.errors import ResourceError, TheoryError
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.storage import sha256_of_file
from n3fit.storage.locks import lock_folder
from n3fit.theory.capabilities import check_evolution
from n3fit.theory.tables.grids.evolve import evolve_grid
from n3fit.theory.tables.grids.grid_files import GridFile, find_grids, read_grid, without_leftovers
from n3fit.theory.tables.grids.kfactor_files import copy_kfactors
from n3fit.theory.tables.grids.operators import GridOperators
from n3fit.theory.tables.grids.records import (
    complete_card,
    fingerprint_of,
    has_other_origin,
    is_finished,
    open_record,
    table_path,
    write_card,
    write_record,
)
from n3fit.theory.tables.grids.scales import GridScales
from n3fit.theory.tables.table_files import write_table
from n3fit.theory.theory_card import TheoryCard
from n3fit.worker_pool import run_tasks

_HINT = "the other tables are kept; correct this and start again"


@dataclass(frozen=True)
class GridTask:
    """A grid, and the table to make of it.

    Attributes
    ----------
    name : str
    path : Path
    sha256 : str
        Of the grid.
    fingerprint : str
        Of the table.
    output : Path
        The folder of the theory.
    """

    name: str
    path: Path
    sha256: str
    fingerprint: str
    output: Path


@dataclass(frozen=True)
class MadeTable:
    """A finished table: its entry in the manifest, and notes for the user."""

    entry: Mapping[str, Any]
    notes: tuple[str, ...]


def build_from_grids(
    card: TheoryCard,
    grids: Path,
    output: Path,
    *,
    card_mapping: Mapping[str, Any],
    jobs: int = BUILD_JOBS,
    resume: bool = True,
    progress: ProgressReporter | None = None,
    like_eko: bool = False,
) -> Path:
    """Evolve every grid of a folder into an FK table of a theory.

    A grid that cannot be used does not stop the others: all problems are reported together at the end. The manifest is
    written after each table, so that an interrupted build continues from there.

    Parameters
    ----------
    card : TheoryCard
    grids : Path
        Folder with grids (``*.pineappl.lz4``) and perhaps K-factors (``CF_*.dat``, there or in ``cfactor``).
    output : Path
        The folder of the theory, created if necessary.
    card_mapping : mapping
        All keys of the card's file.
    jobs : int
        Number of processes.
    resume : bool
        Whether to keep tables of the same card and grid.
    progress : ProgressReporter, optional
    like_eko : bool
        Use the kernels of eko 0.15.7 with their defects, for comparisons.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    TheoryError
        The card cannot be evolved, there are no grids, or some of them cannot be used; a line for each.
    OutputExistsError
        The folder contains another theory.
    ResourceError
        The disk is full, or the folder cannot be written to, or another process builds it.
    """
    if jobs < 1:
        raise TheoryError(f"jobs: expected 1 or more, received {jobs}")
    scales = GridScales.of_theory(card, card_mapping)
    check_evolution(scales.card, source="theory card")
    reporter = progress or NullReporter()
    files = find_grids(grids)
    complete = complete_card(card, card_mapping)
    start = partial(start_worker, scales, complete, like_eko=like_eko)
    with lock_folder(output), without_leftovers(output / "fastkernel"):
        record = open_record(output, card)
        write_card(output, complete)
        record["cfactors"], problems = copy_kfactors(grids, output)
        write_record(output, record)
        tasks, unusable = _tasks(files, record, complete, output, resume=resume, like_eko=like_eko)
        problems += unusable
        problems += _run(start, tasks, record, output, total=len(files), jobs=jobs, progress=reporter)
    if problems:
        count = len(problems)
        raise TheoryError(f"{count} of the files in {grids} cannot be used:\n  " + "\n  ".join(problems), hint=_HINT)
    return output


def _tasks(
    files: Sequence[GridFile],
    record: Mapping[str, Any],
    card: Mapping[str, Any],
    output: Path,
    *,
    resume: bool,
    like_eko: bool,
) -> tuple[list[GridTask], list[str]]:
    """Return the tables that are still to be made, those of large grids first, and a line for each unusable grid."""
    tasks: list[tuple[int, GridTask]] = []
    problems = []
    for file in files:
        try:
            sha256, size = sha256_of_file(file.path), file.path.stat().st_size
        except OSError as error:
            problems.append(f"{file.path}: cannot be read ({error.strerror or error})")
            continue
        fingerprint = fingerprint_of(card, sha256, like_eko=like_eko)
        if has_other_origin(file.name, record):
            problems.append(f"{file.path}: expected the name of a new table, the theory has one of another origin")
        elif not (resume and is_finished(output, file.name, record, fingerprint)):
            tasks.append((size, GridTask(file.name, file.path, sha256, fingerprint, output)))
    return [task for _, task in sorted(tasks, key=lambda entry: -entry[0])], problems


def _run(
    start: Callable[[], Callable[[GridTask], MadeTable]],
    tasks: Sequence[GridTask],
    record: dict[str, Any],
    output: Path,
    *,
    total: int,
    jobs: int,
    progress: ProgressReporter,
) -> list[str]:
    """Make the tables, record them, and return a line for each that could not be made."""
    problems = []
    done = total - len(tasks)
    progress.phase("evolving grids")
    progress.step("tables", done, total)
    for task, result in run_tasks(start, tasks, jobs=jobs):
        done += 1
        if isinstance(result, MadeTable):
            for note in result.notes:
                progress.message(f"{task.name}: {note}")
            record["tables"][task.name] = dict(result.entry)
            write_record(output, record)
        elif isinstance(result, ResourceError):
            raise result
        else:
            problems.append(str(result) if str(task.path) in result.message else f"{task.path}: {result}")
        progress.step("tables", done, total)
    return problems


def start_worker(scales: GridScales, card: Mapping[str, Any], *, like_eko: bool) -> Callable[[GridTask], MadeTable]:
    """Return the function that makes tables in a worker process."""
    return partial(make_table, operators=GridOperators(scales, like_eko=like_eko), card=card)


def make_table(task: GridTask, *, operators: GridOperators, card: Mapping[str, Any]) -> MadeTable:
    """Evolve a grid and write its table.

    Raises
    ------
    TheoryError
        The grid cannot be used.
    ResourceError
        The disk is full, or the folder cannot be written to.
    """
    metadata = {"theory_card": json.dumps(card, sort_keys=True), "grid_sha256": task.sha256}
    evolved = evolve_grid(read_grid(task.path), operators, metadata=metadata)
    path = table_path(task.output, task.name)
    write_table(evolved.table, path)
    entry = {
        "sha256": sha256_of_file(path),
        "bytes": path.stat().st_size,
        "rows": evolved.table.bins(),
        "grid": task.path.name,
        "grid_sha256": task.sha256,
        "fingerprint": task.fingerprint,
        "notes": list(evolved.notes),
    }
    return MadeTable(entry=entry, notes=evolved.notes)
