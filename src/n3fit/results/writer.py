"""Writing a fit folder: prepared beside its place and moved there in one step."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from n3fit.errors import N3fitError, ResourceError
from n3fit.results.arrays import FitArrays, arrays_to_bytes, collect_arrays, select_replicas
from n3fit.results.chi2_csv import table_to_csv
from n3fit.results.chi2_tables import chi2_tables
from n3fit.results.closure_arrays import CLOSURE, closure_to_bytes, collect_closure
from n3fit.results.folder import ARRAYS, DESCRIPTION, RESIDUALS, FitFolder
from n3fit.results.manifest import make_manifest, package_versions
from n3fit.results.naming import MANIFEST, RUNCARD, check_fit_name, check_free
from n3fit.results.outcome import FitOutcome
from n3fit.results.points import points_to_csv, pseudodata_to_csv
from n3fit.results.records import ClosureRecord, DatasetRecord, FitDescription, PreprocessingRange, Status
from n3fit.results.replica import write_replica
from n3fit.results.residuals import WhitenedResiduals, make_residuals, residuals_to_bytes
from n3fit.storage import write_atomically
from n3fit.storage.files import resolve_folder
from n3fit.storage.json_files import to_json
from n3fit.storage.staging import move_into_place, stage


def write_fit_folder(
    outcome: FitOutcome,
    folder: Path,
    *,
    runcard_text: str,
    source: Path,
    parameters: Iterable[Mapping[str, Any]],
    theory: Mapping[str, Any],
    status: Status = "complete",
    environment: Mapping[str, Any] | None = None,
    force: bool = False,
) -> FitFolder:
    """Write a fit and read it back; the folder appears whole or not at all.

    The caller holds :func:`n3fit.storage.locks.lock_folder` and called
    :func:`n3fit.results.naming.prepare_folder` before training.

    Parameters
    ----------
    outcome : FitOutcome
        Also that of some of the replicas only, when the fit was interrupted.
    folder : Path
        Its parents are made if needed.
    runcard_text, source
        The runcard as the user wrote it, and its file.
    parameters
        The runcard's ``fitting.basis``: mappings with ``fl``, ``smallx``, ``largex`` and ``trainable``.
    theory
        ``id`` and ``card``.
    status
        ``interrupted`` when replicas are missing.
    environment
        Backend, device, precision and the like, for the manifest.
    force
        Replace a fit that is there.

    Raises
    ------
    CommandLineError
        The name of the fit cannot be that of a file.
    OutputExistsError
        The place was taken while the fit ran; the fit is kept beside it, as the message says.
    ResourceError
        The disk is full or the place cannot be written to; nothing is left there.
    """
    check_fit_name(outcome.name)
    target = resolve_folder(folder)
    arrays = collect_arrays(outcome)
    outcome = replace(outcome, finite=arrays.finite)
    residuals = make_residuals(
        outcome.datasets,
        central=outcome.central,
        predictions=outcome.predictions,
        experimental_covariance=outcome.experimental_covariance,
        t0_covariance=outcome.t0_covariance,
    )
    description = _describe(outcome, arrays, parameters=parameters, theory=theory)
    with stage(target) as staging:
        _write_contents(staging, outcome, arrays, residuals, description, runcard_text)
        manifest = make_manifest(staging, outcome, runcard=source.name, status=status, environment=environment or {})
        write_atomically(staging / MANIFEST, to_json(manifest.model_dump()))
        FitFolder.open(staging)  # what cannot be read back is not put in place
    put_in_place(staging, target, force=force)
    return FitFolder.open(folder)


def _describe(
    outcome: FitOutcome, arrays: FitArrays, *, parameters: Iterable[Mapping[str, Any]], theory: Mapping[str, Any]
) -> FitDescription:
    ranges = {entry.fl: entry for entry in map(PreprocessingRange.model_validate, parameters)}
    return FitDescription(
        name=outcome.name,
        fitbasis=outcome.fitbasis,
        flavours=outcome.flavours,
        q0=outcome.q0,
        epochs=outcome.epochs,
        datasets=tuple(
            DatasetRecord(
                name=dataset.name,
                variant=dataset.variant,
                experiment=dataset.experiment,
                process_type=dataset.process_type,
                start=dataset.slice.start,
                stop=dataset.slice.stop,
            )
            for dataset in outcome.datasets
        ),
        positivity_sets=tuple(outcome.positivity_losses),
        integrability_sets=tuple(outcome.integrability_losses),
        preprocessing=tuple(ranges[flavour] for flavour in outcome.flavours),
        theory=dict(theory),
        selection=select_replicas(outcome.positivity_passed, arrays.finite)[0],
        weights_file=outcome.weights_file,
        closure=ClosureRecord.model_validate(outcome.closure, from_attributes=True) if outcome.closure else None,
    )


def _write_contents(
    root: Path,
    outcome: FitOutcome,
    arrays: FitArrays,
    residuals: WhitenedResiduals,
    description: FitDescription,
    runcard_text: str,
) -> None:
    write_atomically(root / RUNCARD, runcard_text)
    write_atomically(root / "md5", hashlib.md5(runcard_text.encode(), usedforsecurity=False).hexdigest())
    write_atomically(root / DESCRIPTION, to_json(description.model_dump()))
    write_atomically(root / ARRAYS, arrays_to_bytes(arrays))
    write_atomically(root / RESIDUALS, residuals_to_bytes(residuals))
    if outcome.closure is not None:
        closure = collect_closure(
            outcome.closure, description.datasets, predictions=outcome.predictions, central=outcome.central
        )
        write_atomically(root / CLOSURE, closure_to_bytes(closure))
    write_atomically(root / "filter" / "points.csv", points_to_csv(outcome.datasets, arrays))
    tables = chi2_tables(residuals, arrays.selected)
    for level, table in tables.items():
        write_atomically(root / "tables" / f"chi2_{level}.csv", table_to_csv(table, outcome.replicas.tolist()))
    versions = package_versions()
    for index, replica in enumerate(outcome.replicas.tolist()):
        place = root / "nnfit" / f"replica_{replica}"
        write_replica(place, index, outcome=outcome, tables=tables, description=description, versions=versions)
        if outcome.pseudodata is not None:
            write_atomically(place / "pseudodata.csv", pseudodata_to_csv(outcome.datasets, outcome.pseudodata[index]))


def put_in_place(staging: Path, target: Path, *, force: bool) -> None:
    """Move the finished ``staging`` to ``target``; a fit that is replaced goes only when the new one stands."""
    try:
        check_free(target, force=force)
        move_into_place(staging, target)
    except (N3fitError, OSError) as error:
        kept = target.with_name(f"{target.name}.{secrets.token_hex(3)}.kept")
        staging.rename(kept)
        reason = error.message if isinstance(error, N3fitError) else f"{target}: {error.strerror or error}"
        kind = type(error) if isinstance(error, N3fitError) else ResourceError
        raise kind(
            f"{reason}; the fit is whole and kept in {kept}", hint=f"move {kept.name} where you want it"
        ) from error
