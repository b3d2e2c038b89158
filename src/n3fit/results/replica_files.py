"""The files of the replicas of a fit folder, read; damaged replicas are named, and left out when that is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError, ResourceError
from n3fit.results.exportgrid import ExportGrid, read_exportgrid
from n3fit.results.manifest import check_present
from n3fit.results.records import FileRecord, Manifest, ReplicaInfo, read_record

Floats = NDArray[np.float64]
_HINT = "the fit folder is damaged; restore it or fit again"
_SKIP_HINT = "restore it, or leave this replica out with --skip-damaged"


@dataclass(frozen=True)
class ReplicaFiles:
    """What the folders of the replicas hold: R of them whole, the others ``damaged``, by number with what is wrong.

    ``infos`` has R entries; ``xgrid`` is (nx,), ``pdf`` (R, nx, 14).
    """

    replicas: tuple[int, ...]
    infos: tuple[ReplicaInfo, ...]
    xgrid: Floats
    pdf: Floats
    damaged: Mapping[int, str]


def replica_folder(path: Path, replica: int) -> Path:
    """Give the folder of a replica in the fit folder ``path``."""
    return path / "nnfit" / f"replica_{replica}"


def files_by_replica(manifest: Manifest) -> tuple[dict[str, FileRecord], dict[int, dict[str, FileRecord]]]:
    """Split the files of a fit into those of no replica, and those of each replica."""
    shared: dict[str, FileRecord] = {}
    by_replica: dict[int, dict[str, FileRecord]] = {replica: {} for replica in manifest.replicas}
    prefixes = {f"nnfit/replica_{replica}/": files for replica, files in by_replica.items()}
    for name, record in manifest.files.items():
        files = prefixes.get(name[: name.rfind("/") + 1], shared)
        files[name] = record
    return shared, by_replica


def read_replicas(
    path: Path,
    name: str,
    files: Mapping[int, Mapping[str, FileRecord]],
    *,
    skip: bool | Collection[int] = False,
    checksums: bool = False,
) -> ReplicaFiles:
    """Read json file and exportgrid of every replica.

    Parameters
    ----------
    path : Path
        The fit folder.
    name : str
        Name of the fit.
    files
        By replica, its files with size and checksum.
    skip : bool or collection of int
        Leave damaged replicas out: all, or these.
    checksums : bool
        Compare the content of the files with their checksums too.

    Raises
    ------
    DataError, ResourceError
        A replica is damaged and not to be left out, or none is left; the file is named.
    """
    infos: list[ReplicaInfo] = []
    grids: list[ExportGrid] = []
    damaged: dict[int, str] = {}
    for replica, own in files.items():
        try:
            check_present(path, own, checksums=checksums)
            folder = replica_folder(path, replica)
            info = read_record(folder / f"{name}.json", ReplicaInfo)
            grid = _read_grid(folder / f"{name}.exportgrid", replica, grids[0] if grids else None)
        except (DataError, ResourceError) as error:
            if skip is True or (skip is not False and replica in skip):
                damaged[replica] = error.message
                continue
            error.hint = _SKIP_HINT
            raise
        infos.append(info)
        grids.append(grid)
    if not grids:
        reasons = f"; {next(iter(damaged.values()))}" if damaged else ""
        raise DataError(f"{path}: holds no replica{' that is whole' if damaged else ''}{reasons}", hint=_HINT)
    return ReplicaFiles(
        replicas=tuple(grid.replica for grid in grids),
        infos=tuple(infos),
        xgrid=grids[0].xgrid,
        pdf=np.stack([grid.pdf for grid in grids]),
        damaged=damaged,
    )


def _read_grid(file: Path, replica: int, first: ExportGrid | None) -> ExportGrid:
    grid = read_exportgrid(file)
    if grid.replica != replica:
        raise DataError(f"{file}: replica: expected {replica}, received {grid.replica}", hint=_HINT)
    if first is not None and not np.array_equal(grid.xgrid, first.xgrid):
        raise DataError(f"{file}: xgrid: not that of replica {first.replica}", hint=_HINT)
    return grid
