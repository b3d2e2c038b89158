"""Writing a fit folder: prepared beside its place and moved there in one step."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
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
    replica_path,
)
from n3fit.results.manifest import Provenance, make_manifest, package_versions
from n3fit.results.number_text import number_texts
from n3fit.results.point_table import point_rows, points_to_csv
from n3fit.results.reader import read_fit_folder
from n3fit.results.replica_files import ReplicaFiles
from n3fit.results.replica_results import select_chosen
from n3fit.results.residual_table import WhitenedResiduals, residuals_to_bytes
from n3fit.results.saved_split import ModeSplit, PointSplit, SplitFormat
from n3fit.results.split_files import write_split_tables
from n3fit.results.theory_covariance import StoredCovariance, covariance_to_bytes, covariance_to_text, table_name
from n3fit.storage.files import resolve_folder
from n3fit.storage.json_files import to_json
from n3fit.storage.staged_files import StagedFiles
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
    with stage(target) as staging, StagedFiles(staging) as files:
        _write_contents(files, record, residuals, weights, provenance)
        if closure is not None:
            files.write(CLOSURE, closure_to_bytes(closure))
        if theory_covariance is not None:
            files.write(THEORY_COVARIANCE, covariance_to_bytes(theory_covariance))
            table = table_name(theory_covariance.covariance.sources)
            files.write(f"tables/{table}", covariance_to_text(record.description.datasets, theory_covariance))
        write_filter_files(files, datasets, closure=closure is not None)
        if pseudodata is not None:
            _write_pseudodata(files, record, pseudodata, split, datasets)
        manifest = make_manifest(files, record.description.name, record.results.replicas, provenance)
        files.write(MANIFEST, to_json(manifest.model_dump()))
        files.flush()
        fit = read_fit_folder(staging)  # a folder that cannot be read back is not put in place
    put_in_place(staging, target, force=force)
    return replace(fit, path=folder)


def _write_pseudodata(
    files: StagedFiles,
    record: FitRecord,
    pseudodata: Floats,
    split: PointSplit | ModeSplit | None,
    datasets: Sequence[CommonData],
) -> None:
    description, numbers = record.description, record.results.replicas.tolist()
    rows = point_rows(description.datasets, "pseudodata")
    splits = None if split is None else SplitFormat(description.datasets, split)
    for index, number in enumerate(numbers):
        files.write(f"{replica_path(number)}/pseudodata.csv", rows % tuple(number_texts(pseudodata[index])))
        if splits is not None:
            files.write(f"{replica_path(number)}/split.csv", splits.text(index))
    if split is not None:
        closure = description.closure is not None
        write_split_tables(files, numbers, split, pseudodata=pseudodata, datasets=datasets, closure=closure)


def _write_contents(
    files: StagedFiles,
    record: FitRecord,
    residuals: WhitenedResiduals,
    weights: Sequence[Weights],
    provenance: Provenance,
) -> None:
    description, text = record.description, provenance.runcard_text
    files.write(RUNCARD, text)
    files.write("md5", hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())
    files.write(DESCRIPTION, to_json(description.model_dump()))
    files.write(ARRAYS, record_to_bytes(record))
    files.write(RESIDUALS, residuals_to_bytes(residuals))
    files.write("filter/points.csv", points_to_csv(description.datasets, record.points))
    tables = chi2_tables(residuals, select_chosen(record.results)[1])
    for level, table in tables.items():
        files.write(f"tables/chi2_{level}.csv", table_to_csv(table, record.results.replicas.tolist()))
    replicas = ReplicaFiles(files, record, tables=tables, timing=provenance.timing, versions=package_versions())
    for index, arrays in enumerate(weights):
        replicas.write(index, arrays)


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
