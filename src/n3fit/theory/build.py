"""Building a theory: its FK tables from coefficient functions and evolution, resumable and checked by hashes."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
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
from ruamel.yaml import YAML

from n3fit.errors import OutputExistsError, TheoryError
from n3fit.storage import atomic_path, sha256_of_file, write_atomically
from n3fit.theory.building.fk_writer import write_fk_table
from n3fit.theory.building.observables import TableSpecification, table_specifications
from n3fit.theory.building.rows import TABLE_PIDS, RowCalculator, Unit, is_provided, plan_units
from n3fit.theory.flavours import FK_BASIS, FK_PIDS
from n3fit.theory.interpolation import standard_xgrid
from n3fit.theory.theory_card import TheoryCard, reject_unknown_keys

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
"""Called as ``progress(what, done, total)``."""

FORMAT = 5
_PACKAGES = ("n3fit", "yadism", "eko", "pineappl", "nnpdf-data", "numpy", "scipy")
_POLL_SECONDS = 0.5
_MAX_JOBS = 16


def build_theory(
    output: Path,
    *,
    card: Mapping[str, Any] | None = None,
    jobs: int = 2,
    progress: Progress | None = None,
    resume: bool = True,
) -> Path:
    """Build the theory of the embedded data sets.

    The work is divided by virtuality; each finished piece is stored, and a build that was interrupted goes on from
    there. The manifest is written last: a folder without one is not a finished theory.

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

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    TheoryError
        The card is wrong, or a worker failed.
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
    fingerprint = _fingerprint(theory_card, tables)
    if resume and _is_finished(output, fingerprint):
        return output
    work = output / f".building-{fingerprint[:16]}"
    if not resume:
        shutil.rmtree(work, ignore_errors=True)
        (output / "manifest.json").unlink(missing_ok=True)
    units = plan_units(tables, theory_card)
    _compute_units(theory_card, tables, units, work, jobs=jobs, progress=progress)
    _write_tables(output, theory_card, tables, units, work, progress=progress)
    _write_card_and_manifest(output, theory_card, tables, fingerprint)
    shutil.rmtree(work, ignore_errors=True)
    return output


def _fingerprint(card: TheoryCard, tables: Sequence[TableSpecification]) -> str:
    """Give a hash of everything that the numbers depend on."""
    content = {
        "format": FORMAT,
        "card": asdict(card),
        "tables": [asdict(table) for table in tables],
        "versions": {name: importlib.metadata.version(name) for name in ("yadism", "eko", "nnpdf-data")},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _is_finished(output: Path, fingerprint: str) -> bool:
    """Say whether the folder holds this very theory, whole; refuse a folder that holds another one."""
    manifest = output / "manifest.json"
    if not manifest.exists():
        return False
    try:
        content = json.loads(manifest.read_text())
        found = content["fingerprint"]
        hashes = content["tables"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise TheoryError(f"{manifest}: not the manifest of a theory ({error})", hint="remove the folder") from error
    if found != fingerprint:
        raise OutputExistsError(
            f"{output}: holds another theory (other card or other versions)", hint="choose another folder"
        )
    return all(
        (output / "fastkernel" / f"{name}.pineappl.lz4").exists()
        and sha256_of_file(output / "fastkernel" / f"{name}.pineappl.lz4") == entry["sha256"]
        for name, entry in hashes.items()
    )


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


def _write_card_and_manifest(
    output: Path, card: TheoryCard, tables: Sequence[TableSpecification], fingerprint: str
) -> None:
    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(asdict(card), stream)
    write_atomically(output / "theory.yaml", stream.getvalue())
    entries = {}
    for table in tables:
        path = output / "fastkernel" / f"{table.name}.pineappl.lz4"
        entries[table.name] = {"sha256": sha256_of_file(path), "bytes": path.stat().st_size, "rows": len(table.rows)}
    manifest = {
        "format": FORMAT,
        "fingerprint": fingerprint,
        "card": asdict(card),
        "scheme": _SCHEMES[card.FNS],
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "card_sha256": sha256_of_file(output / "theory.yaml"),
        "tables": entries,
    }
    write_atomically(output / "manifest.json", json.dumps(manifest, indent=1) + "\n")


_SCHEMES = {
    "ZM-VFNS": "zero-mass, 4 flavours below the bottom threshold, 5 above",
    "FONLL-C": "FONLL for charm and bottom with fitted charm, no damping, distributions in coexisting flavour numbers",
}
