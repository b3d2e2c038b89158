"""Writing a fit folder: prepared beside its place and moved there in one step."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path

from n3fit.data.commondata import CommonData
from n3fit.errors import N3fitError, ResourceError
from n3fit.results.chi2 import chi2_tables, table_to_csv
from n3fit.results.closure_arrays import ClosureArrays, closure_to_bytes
from n3fit.results.filter_files import write_filter_files
from n3fit.results.fit_record import FitRecord, record_to_bytes
from n3fit.results.folder import FitFolder
from n3fit.results.layout import (
    ARRAYS,
    CLOSURE,
    DESCRIPTION,
    MANIFEST,
    RESIDUALS,
    RUNCARD,
    THEORY_COVARIANCE,
    check_fit_name,
    check_free,
    replica_folder,
)
from n3fit.results.manifest import Provenance, make_manifest, package_versions
from n3fit.results.point_table import points_to_csv, pseudodata_to_csv
from n3fit.results.reader import read_fit_folder
from n3fit.results.replica_files import write_replica
from n3fit.results.replica_results import select_chosen
from n3fit.results.residual_table import WhitenedResiduals, residuals_to_bytes
from n3fit.results.saved_split import ModeSplit, PointSplit, split_to_csv
from n3fit.results.split_files import write_split_tables
from n3fit.results.theory_covariance import StoredCovariance, covariance_to_bytes, write_table
from n3fit.storage import write_atomically
from n3fit.storage.files import resolve_folder
from n3fit.storage.json_files import to_json
from n3fit.storage.staging import move_into_place, stage
from n3fit.typing import Floats, Weights


def write_fit_folder(
    record: FitRecord,
    folder: Path,
    *,
    residuals: WhitenedResiduals,
    weights: Sequence[Weights],
    provenance: Provenance,
    closure: ClosureArrays | None = None,
    theory_covariance: StoredCovariance | None = None,
    datasets: Sequence[CommonData] = (),
    pseudodata: Floats | None = None,
    split: PointSplit | ModeSplit | None = None,
    force: bool = False,
) -> FitFolder:
    """Write a fit and read it back; the folder appears complete or not at all.

    The caller holds :func:`n3fit.storage.locks.lock_folder` and called
    :func:`n3fit.results.layout.prepare_folder` before training.

    Parameters
    ----------
    record : FitRecord
        Of R replicas; only the finished ones when the fit was interrupted.
    folder : Path
        Its parents are made if needed.
    residuals : WhitenedResiduals
    weights : sequence of R mappings
        By layer the arrays of each replica.
    provenance : Provenance
    closure : ClosureArrays, optional
        Of a closure test.
    theory_covariance : StoredCovariance, optional
    datasets : sequence of CommonData
        The data sets after cuts, whose kept points are written.
    pseudodata : (R, N), optional
        Written only if given.
    split : PointSplit or ModeSplit, optional
        The split of the same replicas, written beside the pseudodata.
    force : bool
        Replace an existing fit.

    Raises
    ------
    CommandLineError
        The name of the fit cannot be that of a file.
    OutputExistsError
        The place was taken while the fit ran; the fit is kept beside it, as the message says.
    ResourceError
        The disk is full or the place cannot be written to; nothing is left there.
    """
    check_fit_name(record.description.name)
    target = resolve_folder(folder)
    with stage(target) as staging:
        _write_contents(staging, record, residuals, weights, provenance)
        if closure is not None:
            write_atomically(staging / CLOSURE, closure_to_bytes(closure))
        if theory_covariance is not None:
            write_atomically(staging / THEORY_COVARIANCE, covariance_to_bytes(theory_covariance))
            write_table(staging / "tables", record.description.datasets, theory_covariance)
        write_filter_files(staging, datasets, closure=closure is not None)
        if pseudodata is not None:
            _write_pseudodata(staging, record, pseudodata, split, datasets)
        manifest = make_manifest(staging, record.description.name, record.results.replicas, provenance)
        write_atomically(staging / MANIFEST, to_json(manifest.model_dump()))
        read_fit_folder(staging)  # a folder that cannot be read back is not put in place
    put_in_place(staging, target, force=force)
    return read_fit_folder(folder)


def _write_pseudodata(
    root: Path,
    record: FitRecord,
    pseudodata: Floats,
    split: PointSplit | ModeSplit | None,
    datasets: Sequence[CommonData],
) -> None:
    description, numbers = record.description, record.results.replicas.tolist()
    for index, number in enumerate(numbers):
        place = replica_folder(root, number)
        write_atomically(place / "pseudodata.csv", pseudodata_to_csv(description.datasets, pseudodata[index]))
        if split is not None:
            write_atomically(place / "split.csv", split_to_csv(description.datasets, split, index))
    if split is not None:
        closure = description.closure is not None
        write_split_tables(root, numbers, split, pseudodata=pseudodata, datasets=datasets, closure=closure)


def _write_contents(
    root: Path,
    record: FitRecord,
    residuals: WhitenedResiduals,
    weights: Sequence[Weights],
    provenance: Provenance,
) -> None:
    description, text = record.description, provenance.runcard_text
    write_atomically(root / RUNCARD, text)
    write_atomically(root / "md5", hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())
    write_atomically(root / DESCRIPTION, to_json(description.model_dump()))
    write_atomically(root / ARRAYS, record_to_bytes(record))
    write_atomically(root / RESIDUALS, residuals_to_bytes(residuals))
    write_atomically(root / "filter" / "points.csv", points_to_csv(description.datasets, record.points))
    tables = chi2_tables(residuals, select_chosen(record.results)[1])
    for level, table in tables.items():
        text = table_to_csv(table, record.results.replicas.tolist())
        write_atomically(root / "tables" / f"chi2_{level}.csv", text)
    versions = package_versions()
    for index, arrays in enumerate(weights):
        write_replica(root, index, record, arrays, tables=tables, timing=provenance.timing, versions=versions)


def put_in_place(staging: Path, target: Path, *, force: bool) -> None:
    """Move the finished ``staging`` to ``target``; a fit that is replaced is removed only afterwards."""
    try:
        check_free(target, force=force)
        move_into_place(staging, target)
    except (N3fitError, OSError) as error:
        kept = target.with_name(f"{target.name}.{secrets.token_hex(3)}.kept")
        staging.rename(kept)
        reason = error.message if isinstance(error, N3fitError) else f"{target}: {error.strerror or error}"
        kind = type(error) if isinstance(error, N3fitError) else ResourceError
        raise kind(
            f"{reason}; the fit is complete and kept in {kept}", hint=f"move {kept.name} to a free place"
        ) from error
