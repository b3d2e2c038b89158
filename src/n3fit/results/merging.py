"""Putting fits of the same runcard together: more replicas, from another day or another machine."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import CommandLineError, DataError
from n3fit.results.arrays import PER_REPLICA, FitArrays, arrays_to_bytes, select_mean, select_replicas
from n3fit.results.chi2_csv import table_to_csv
from n3fit.results.chi2_tables import join_tables
from n3fit.results.folder import ARRAYS, DESCRIPTION, RESIDUALS, FitFolder
from n3fit.results.manifest import describe_files
from n3fit.results.naming import MANIFEST, RUNCARD, SETS_FOLDER, fit_name, format_replicas
from n3fit.results.records import Manifest, Status
from n3fit.results.replica_files import replica_folder
from n3fit.results.residuals import COVARIANCES, LEVELS, WhitenedResiduals, read_residuals, residuals_to_bytes
from n3fit.results.writer import put_in_place
from n3fit.storage import write_atomically
from n3fit.storage.files import resolve_folder
from n3fit.storage.json_files import to_json
from n3fit.storage.staging import stage

Floats = NDArray[np.float64]
_SAME_HINT = "only fits of the same runcard, data, theory and version of the folder can be put together"


def check_mergeable(fits: Sequence[FitFolder]) -> None:
    """Refuse fits that cannot be put together.

    Raises
    ------
    CommandLineError
        Fits of different runcards or inputs, closure tests, or the same replica twice.
    """
    first = fits[0]
    for fit in fits:
        if fit.description.closure is not None:
            raise CommandLineError(f"{fit.path}: is a closure test, and closure tests cannot be put together")
        if fit.damaged:
            raise CommandLineError(
                f"{fit.path}: replicas {format_replicas(fit.damaged)} are damaged", hint="restore it"
            )
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
    """Write the fit with the replicas of several fits; the folder appears whole or not at all.

    ``folder`` may be that of one of the fits: its PDF sets are kept then. The caller holds
    :func:`n3fit.storage.locks.lock_folder`. Without a ``status`` the whole is complete when every part is.

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
        if (target / SETS_FOLDER).is_dir() and any(resolve_folder(fit.path) == target for fit in fits):
            shutil.copytree(target / SETS_FOLDER, staging / SETS_FOLDER)
        FitFolder.open(staging, checksums=True)
    put_in_place(staging, target, force=force)
    return FitFolder.open(folder)


def _difference(first: FitFolder, second: FitFolder) -> str:
    """Name what tells two fits apart, empty if they can be put together."""
    ignored = {"name", "selection"}
    same = {
        "the runcard's keys": first.runcard_text == second.runcard_text,
        "data sets, basis, theory and scale": first.description.model_dump(exclude=ignored)
        == second.description.model_dump(exclude=ignored),
        "the checksums of the inputs": first.manifest.inputs == second.manifest.inputs,
        "the central data": all(
            np.array_equal(getattr(first.arrays, name), getattr(second.arrays, name), equal_nan=True)
            for name in ("x", "q2", "y", "central", "experimental_error", "t0_error")
        ),
        "the nodes in x": np.array_equal(first.xgrid, second.xgrid),
    }
    return next((name for name, equal in same.items() if not equal), "")


def _write(root: Path, name: str, fits: Sequence[FitFolder], status: Status) -> None:
    arrays = _join_arrays([fit.arrays for fit in fits])
    order = np.argsort(arrays.replicas)
    arrays = _reorder(arrays, order)
    kind, selected = select_replicas(arrays.positivity_passed, arrays.finite)
    arrays = select_mean(arrays, selected)
    residuals = _join_residuals(fits, order)
    description = fits[0].description.model_copy(update={"name": name, "selection": kind})
    for relative in (RUNCARD, "md5", "filter/points.csv"):
        (root / relative).parent.mkdir(exist_ok=True)
        shutil.copyfile(fits[0].path / relative, root / relative)
    write_atomically(root / DESCRIPTION, to_json(description.model_dump()))
    write_atomically(root / ARRAYS, arrays_to_bytes(arrays))
    write_atomically(root / RESIDUALS, residuals_to_bytes(residuals))
    for level in LEVELS:
        table = join_tables([fit.chi2[level] for fit in fits], order).with_mean(residuals, level, selected)
        write_atomically(root / "tables" / f"chi2_{level}.csv", table_to_csv(table, arrays.replicas.tolist()))
    for fit in fits:
        for replica in fit.replicas.tolist():
            _copy_replica(replica_folder(fit.path, replica), replica_folder(root, replica), fit.name, name)
    manifest = _join_manifests(root, fits, arrays.replicas)
    manifest = manifest.model_copy(update={"name": name, "status": status})
    write_atomically(root / MANIFEST, to_json(manifest.model_dump()))


def _copy_replica(source: Path, target: Path, old: str, new: str) -> None:
    """Copy the files of a replica; those named like the fit get its new name."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        renamed = new + file.suffix if file.stem == old and file.suffix in (".json", ".exportgrid") else file.name
        shutil.copyfile(file, target / renamed)


def _join_arrays(parts: Sequence[FitArrays]) -> FitArrays:
    epochs = max((part.history_epochs for part in parts), key=len)
    for part in parts:
        if not np.array_equal(part.history_epochs, epochs[: len(part.history_epochs)]):
            raise DataError("the fits recorded their losses at different epochs", hint=_SAME_HINT)

    def padded(values: Floats) -> Floats:
        return np.pad(values, ((0, len(epochs) - len(values)), (0, 0)), constant_values=np.nan)

    return replace(
        parts[0],
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in PER_REPLICA},
        history_epochs=epochs,
        history_training=np.concatenate([padded(part.history_training) for part in parts], axis=1),
        history_validation=np.concatenate([padded(part.history_validation) for part in parts], axis=1),
    )


def _reorder(arrays: FitArrays, order: NDArray[np.intp]) -> FitArrays:
    return replace(
        arrays,
        **{name: getattr(arrays, name)[order] for name in PER_REPLICA},
        history_training=arrays.history_training[:, order],
        history_validation=arrays.history_validation[:, order],
    )


def _join_residuals(fits: Sequence[FitFolder], order: NDArray[np.intp]) -> WhitenedResiduals:
    parts = [read_residuals(fit.path / RESIDUALS, fit.groups, fit.replicas.size) for fit in fits]
    return WhitenedResiduals(
        groups=parts[0].groups,
        values={
            key: np.concatenate([part.values[key] for part in parts])[order] for key in product(COVARIANCES, LEVELS)
        },
    )


def _join_manifests(root: Path, fits: Sequence[FitFolder], replicas: NDArray[np.int64]) -> Manifest:
    """Describe the joined fit; what is particular to each part is kept under ``environment: parts``."""
    first = fits[0].manifest
    stages = dict.fromkeys(stage for fit in fits for stage in fit.manifest.timing)
    return first.model_copy(
        update={
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "replicas": tuple(replicas.tolist()),
            "timing": {stage: sum(fit.manifest.timing.get(stage, 0.0) for fit in fits) for stage in stages},
            "environment": {**first.environment, "parts": [part for fit in fits for part in _parts(fit)]},
            "files": describe_files(root),
        }
    )


def _parts(fit: FitFolder) -> list[Mapping[str, Any]]:
    """Give where the replicas of a fit come from; a fit that was joined itself has several parts."""
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
