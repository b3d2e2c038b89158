"""The folders of the replicas: writing their files, and finding damaged ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.ensembles.integrability import INTEGRABILITY_FLAVOURS
from n3fit.errors import DataError, ResourceError
from n3fit.results.chi2 import Chi2Table
from n3fit.results.exportgrid import ExportGrid, exportgrid_text
from n3fit.results.fit_record import FitRecord
from n3fit.results.layout import replica_folder
from n3fit.results.manifest import check_present
from n3fit.results.records import Exponents, FileRecord, Manifest, ReplicaInfo
from n3fit.storage import write_atomically
from n3fit.storage.json_files import finite_or_none, to_json
from n3fit.storage.weights import write_weights
from n3fit.typing import Weights

INTEGRABILITY_ORDER = ("V", "T3", "V3", "T8", "V8")
"""Order of the integrability numbers in the files that validphys reads."""

_INTEGRABILITY_COLUMNS = [INTEGRABILITY_FLAVOURS.index(name) for name in INTEGRABILITY_ORDER]
_HINT = "the fit folder is damaged; restore it or fit again"
_SKIP_HINT = "restore it, or leave this replica out with --skip-damaged"


def write_replica(
    root: Path,
    index: int,
    record: FitRecord,
    weights: Weights,
    *,
    tables: Mapping[str, Chi2Table],
    timing: Mapping[str, float],
    versions: Mapping[str, str],
) -> None:
    """Write the files of the replica at ``index`` of the record into the fit folder ``root``.

    Raises
    ------
    ResourceError
        The folder cannot be written to.
    """
    description, results = record.description, record.results
    number = int(results.replicas[index])
    place = replica_folder(root, number)
    grid = ExportGrid(replica=number, q20=description.q0**2, xgrid=results.xgrid, pdf=results.pdf[index])
    write_atomically(place / f"{description.name}.exportgrid", exportgrid_text(grid))
    info = replica_info(index, record, tables=tables, timing=timing, versions=versions)
    write_atomically(place / f"{description.name}.json", to_json(info.model_dump()))
    write_atomically(place / "chi2exps.log", to_json(_chi2_log(index, record)))
    write_weights(place / description.weights_file, weights)


def replica_info(
    index: int,
    record: FitRecord,
    *,
    tables: Mapping[str, Chi2Table],
    timing: Mapping[str, float],
    versions: Mapping[str, str],
) -> ReplicaInfo:
    """Return the description of the replica at ``index`` with the field's keys; ``versions`` are of the manifest."""
    results, training = record.results, record.results.training
    return ReplicaInfo(
        replica=int(results.replicas[index]),
        preprocessing=tuple(
            Exponents(
                fl=entry.flavour,
                smallx=finite_or_none(results.alpha[index, column]),
                largex=finite_or_none(results.beta[index, column]),
                trainable=entry.trainable,
            )
            for column, entry in enumerate(record.description.preprocessing)
        ),
        stop_epoch=int(training.stop_epoch[index]) + 1,
        best_epoch=int(training.best_epoch[index]),
        erf_tr=finite_or_none(training.training_chi2[index]),
        erf_vl=finite_or_none(training.validation_chi2[index]),
        chi2=finite_or_none(tables["total"].total_per_point()[index]),
        pos_state="POS_PASS" if results.passing[index] else "POS_VETO",
        arc_lengths=_finite_tuple(results.arc_lengths[index]),
        integrability=_finite_tuple(results.integrability[index][_INTEGRABILITY_COLUMNS]),
        finite=bool(results.finite[index]),
        guarded=bool(results.guarded[index]),
        timing={
            "walltime": {phase: float(seconds) for phase, seconds in timing.items()},
            "cputime": {},
        },
        version=dict(versions),
    )


def files_by_replica(manifest: Manifest) -> tuple[dict[str, FileRecord], dict[int, dict[str, FileRecord]]]:
    """Return the files that belong to no replica, and those of each replica."""
    shared: dict[str, FileRecord] = {}
    by_replica: dict[int, dict[str, FileRecord]] = {replica: {} for replica in manifest.replicas}
    prefixes = {f"nnfit/replica_{replica}/": files for replica, files in by_replica.items()}
    for name, record in manifest.files.items():
        files = prefixes.get(name[: name.rfind("/") + 1], shared)
        files[name] = record
    return shared, by_replica


def find_damaged(
    path: Path,
    files: Mapping[int, Mapping[str, FileRecord]],
    *,
    skip: bool | Collection[int] = False,
    checksums: bool = False,
) -> dict[int, str]:
    """Check the files of every replica, and return the reason by number of each damaged one.

    Parameters
    ----------
    path : Path
        The fit folder.
    files : mapping
        By replica, its files with size and checksum.
    skip : bool or collection of int
        Replicas that may be damaged: all, or these.
    checksums : bool
        Compare the content of the files with their checksums too.

    Raises
    ------
    DataError, ResourceError
        Another replica is damaged, or every one is; the file is named.
    """
    damaged: dict[int, str] = {}
    for replica, own in files.items():
        try:
            check_present(path, own, checksums=checksums)
        except (DataError, ResourceError) as error:
            if skip is True or (skip is not False and replica in skip):
                damaged[replica] = error.message
                continue
            error.hint = _SKIP_HINT
            raise
    if len(damaged) == len(files):
        reasons = f"; {next(iter(damaged.values()))}" if damaged else ""
        raise DataError(f"{path}: contains no undamaged replica{reasons}", hint=_HINT)
    return damaged


def _chi2_log(index: int, record: FitRecord) -> dict[str, object]:
    """Return the training and validation chi2 per point of a replica by epoch, counted from 1."""
    training = record.results.training
    histories = (training.history_epochs, training.training_history[index], training.validation_history[index])
    return {
        str(epoch + 1): {
            "training_loss": loss,
            "validation_loss": [validation],
            "validation_chi2s": {"total": validation},
        }
        for epoch, loss, validation in zip(*(values.tolist() for values in histories), strict=True)
    }


def _finite_tuple(values: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(finite_or_none(value) for value in values)
