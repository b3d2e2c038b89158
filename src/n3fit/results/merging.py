"""Merging of fits of the same runcard with different replicas."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.data.fk_masks import FOLDER
from n3fit.errors import CommandLineError
from n3fit.results.chi2 import join_tables, table_to_csv, take_table_replicas
from n3fit.results.closure_arrays import check_joinable, closure_to_bytes, join_closure
from n3fit.results.fit_record import FitRecord, record_to_bytes
from n3fit.results.folder import FitFolder
from n3fit.results.layout import (
    ARRAYS,
    CLOSURE,
    DESCRIPTION,
    MANIFEST,
    RESIDUALS,
    RUNCARD,
    SETS_FOLDER,
    THEORY_COVARIANCE,
    fit_name,
    format_replicas,
    replica_folder,
)
from n3fit.results.manifest import describe_files
from n3fit.results.point_table import LEVELS
from n3fit.results.reader import read_fit_folder
from n3fit.results.records import FOLDER_FORMAT, Manifest, Status
from n3fit.results.replica_results import join_results, select_chosen
from n3fit.results.residual_table import COVARIANCES, WhitenedResiduals, residuals_to_bytes
from n3fit.results.theory_covariance import table_name
from n3fit.results.writer import put_in_place
from n3fit.storage import write_atomically
from n3fit.storage.files import resolve_folder
from n3fit.storage.json_files import to_json
from n3fit.storage.staging import stage

_SAME_HINT = "only fits of the same runcard, data and theory can be merged"


def check_mergeable(fits: Sequence[FitFolder]) -> None:
    """Check that fits can be merged.

    Raises
    ------
    CommandLineError
        Fits of different runcards or inputs, fits of nnpdf, closure tests of an earlier version, or the same replica
        twice.
    """
    first = fits[0]
    for fit in fits:
        if fit.absent:
            raise CommandLineError(f"{fit.path}: is a fit of nnpdf, to which no replicas are added", hint=_SAME_HINT)
        if fit.damaged:
            raise CommandLineError(
                f"{fit.path}: replicas {format_replicas(fit.damaged)} are damaged", hint="restore it"
            )
        check_joinable(fit)
    for fit in fits[1:]:
        difference = _difference(first, fit)
        if difference:
            raise CommandLineError(f"{fit.path}: {difference} are not those of {first.path}", hint=_SAME_HINT)
    numbers = [int(number) for fit in fits for number in fit.replicas]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice:
        raise CommandLineError(
            f"replicas {format_replicas(twice)} are in more than one of {', '.join(str(fit.path) for fit in fits)}",
            hint="fit replicas with other numbers, with --replicas",
        )


def merge_fits(
    fits: Sequence[FitFolder], folder: Path, *, status: Status | None = None, force: bool = False
) -> FitFolder:
    """Write the fit with the replicas of several fits; the folder appears complete or not at all.

    ``folder`` may be that of one of the fits: its PDF sets are kept then. The caller holds
    :func:`n3fit.storage.locks.lock_folder`. Without a ``status`` the result is complete when every part is.

    Raises
    ------
    CommandLineError
        The fits do not belong together; see :func:`check_mergeable`.
    OutputExistsError, ResourceError
        A fit is there and ``force`` is not given, or the place cannot be written to.
    """
    check_mergeable(fits)
    name, target = fit_name(folder), resolve_folder(folder)
    with stage(target) as staging:
        parts = sorted(fits, key=lambda fit: int(fit.replicas.min()))
        complete = all(fit.manifest.status == "complete" for fit in fits)
        _write(staging, name, parts, status or ("complete" if complete else "interrupted"))
        for fit in fits:
            if resolve_folder(fit.path) == target:
                for pdf_set in fit.pdf_sets:  # not the links of postfit: the choice is void
                    shutil.copytree(pdf_set, staging / SETS_FOLDER / pdf_set.name)
        read_fit_folder(staging, checksums=True)
    put_in_place(staging, target, force=force)
    return read_fit_folder(folder)


def _difference(first: FitFolder, second: FitFolder) -> str:
    """Return the name of what differs between two fits, empty if they can be merged."""
    ignored = {"name"}
    same = {
        "the runcard's keys": first.runcard_text == second.runcard_text,
        "data sets, basis, theory and scale": first.description.model_dump(exclude=ignored)
        == second.description.model_dump(exclude=ignored),
        "the checksums of the inputs": first.manifest.inputs == second.manifest.inputs,
        "the central data": all(
            np.array_equal(getattr(first.points, entry.name), getattr(second.points, entry.name), equal_nan=True)
            for entry in fields(first.points)
        ),
        "the nodes in x": np.array_equal(first.xgrid, second.xgrid),
    }
    return next((name for name, equal in same.items() if not equal), "")


def _write(root: Path, name: str, fits: Sequence[FitFolder], status: Status) -> None:
    joined = join_results([fit.results for fit in fits])
    order = np.argsort(joined.replicas)
    results = joined.take(order)
    residuals = _join_residuals(fits, order)
    description = fits[0].description.model_copy(update={"name": name})
    shared = [Path(RUNCARD), Path("md5")]
    if description.theory_covariance is not None:
        shared += [Path(THEORY_COVARIANCE), Path("tables", table_name(description.theory_covariance.columns))]
    for relative in shared:
        (root / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(fits[0].path / relative, root / relative)
    shutil.copytree(fits[0].path / FOLDER, root / FOLDER)
    write_atomically(root / DESCRIPTION, to_json(description.model_dump()))
    write_atomically(root / ARRAYS, record_to_bytes(FitRecord(description, fits[0].points, results)))
    write_atomically(root / RESIDUALS, residuals_to_bytes(residuals))
    if description.closure is not None:
        write_atomically(root / CLOSURE, closure_to_bytes(join_closure(fits, order)))
    chosen = select_chosen(results)[1]
    for level in LEVELS:
        table = take_table_replicas(join_tables([fit.chi2[level] for fit in fits]), order)
        text = table_to_csv(table.with_mean(residuals, level, chosen), results.replicas.tolist())
        write_atomically(root / "tables" / f"chi2_{level}.csv", text)
    for fit in fits:
        for replica in fit.replicas.tolist():
            _copy_replica(replica_folder(fit.path, replica), replica_folder(root, replica), fit.name, name)
    manifest = _join_manifests(root, fits, results.replicas)
    manifest = manifest.model_copy(update={"name": name, "status": status})
    write_atomically(root / MANIFEST, to_json(manifest.model_dump()))


def _copy_replica(source: Path, target: Path, old: str, new: str) -> None:
    """Copy the files of a replica; those named like the fit get its new name."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        if file.name == f"{old}.dat":
            continue  # an evolved replica belongs to a PDF set, not to the fit
        renamed = new + file.suffix if file.stem == old and file.suffix in (".json", ".exportgrid") else file.name
        shutil.copyfile(file, target / renamed)


def _join_residuals(fits: Sequence[FitFolder], order: NDArray[np.intp]) -> WhitenedResiduals:
    parts = [fit.residuals() for fit in fits]
    return WhitenedResiduals(
        groups=parts[0].groups,
        values={
            key: np.concatenate([part.values[key] for part in parts])[order] for key in product(COVARIANCES, LEVELS)
        },
    )


def _join_manifests(root: Path, fits: Sequence[FitFolder], replicas: NDArray[np.int64]) -> Manifest:
    """Return the manifest of the merged fit; what differs between the parts is under ``environment: parts``."""
    first = fits[0].manifest
    phases = dict.fromkeys(phase for fit in fits for phase in fit.manifest.timing)
    return first.model_copy(
        update={
            "format": FOLDER_FORMAT,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "replicas": tuple(replicas.tolist()),
            "timing": {phase: sum(fit.manifest.timing.get(phase, 0.0) for fit in fits) for phase in phases},
            "environment": {**first.environment, "parts": [part for fit in fits for part in _parts(fit)]},
            "files": describe_files(root),
        }
    )


def _parts(fit: FitFolder) -> list[Mapping[str, Any]]:
    """Return the origin of the replicas of a fit; a fit that was merged itself has several parts."""
    known = fit.manifest.environment.get("parts")
    if known is not None:
        return list(known)
    return [
        {
            "replicas": format_replicas(fit.replicas.tolist()),
            "created": fit.manifest.created,
            "versions": fit.manifest.versions,
            "platform": fit.manifest.platform,
            "environment": fit.manifest.environment,
        }
    ]
