"""The folders of the replicas: writing their files, and finding damaged ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.ensembles.integrability import INTEGRABILITY_FLAVOURS
from n3fit.errors import DataError, ResourceError
from n3fit.results.chi2 import Chi2Table
from n3fit.results.exportgrid import ExportgridFormat
from n3fit.results.fit_record import FitRecord
from n3fit.results.layout import replica_path
from n3fit.results.manifest import check_present
from n3fit.results.number_text import json_texts
from n3fit.results.records import FROM_RUNCARD, Exponents, FileRecord, Manifest, ReplicaInfo
from n3fit.results.replica_results import ReplicaResults
from n3fit.storage.json_files import finite_or_none, to_json
from n3fit.storage.staged_files import StagedFiles
from n3fit.storage.weights_template import WeightsTemplate
from n3fit.typing import Integers, Weights

INTEGRABILITY_ORDER = ("V", "T3", "V3", "T8", "V8")
"""Order of the integrability numbers in the files that validphys reads."""

_INTEGRABILITY_COLUMNS = [INTEGRABILITY_FLAVOURS.index(name) for name in INTEGRABILITY_ORDER]
_HINT = "the fit folder is damaged; restore it or fit again"
_SKIP_HINT = "restore it, or leave this replica out with --skip-damaged"


class ReplicaFiles:
    """Writes the files of the replicas of a fit into its folder.

    Parameters
    ----------
    files : StagedFiles
        Of the fit folder.
    record : FitRecord
    tables : mapping
        Of chi2, by level.
    timing, versions : mapping
        Seconds by phase; versions as in the manifest.
    """

    def __init__(
        self,
        files: StagedFiles,
        record: FitRecord,
        *,
        tables: Mapping[str, Chi2Table],
        timing: Mapping[str, float],
        versions: Mapping[str, str],
    ) -> None:
        self._files, self._record = files, record
        self._chi2, self._timing, self._versions = tables["total"].total_per_point(), timing, versions
        self._grids = ExportgridFormat(record.description.q0**2, record.results.xgrid)
        self._chi2_logs: dict[bytes, str] = {}
        self._different_epochs = bool(record.description.trials)
        self._weights = WeightsTemplate()

    def write(self, index: int, weights: Weights) -> None:
        """Write the files of the replica at ``index`` of the record.

        Raises
        ------
        ResourceError
            The folder cannot be written to.
        """
        description, results = self._record.description, self._record.results
        number = int(results.replicas[index])
        start = f"{replica_path(number)}/{description.name}"
        self._files.write(f"{start}.exportgrid", self._grids.text(number, results.pdf[index]))
        chi2 = float(self._chi2[index])
        info = replica_info(index, self._record, chi2=chi2, timing=self._timing, versions=self._versions)
        self._files.write(f"{start}.json", to_json(info.model_dump()))
        self._files.write(f"{replica_path(number)}/chi2exps.log", self._chi2_log(index))
        self._files.write(f"{replica_path(number)}/{description.weights_file}", self._weights.encode(weights))

    def _chi2_log(self, index: int) -> str:
        """Return the losses by epoch of a replica until it stopped, whichever replicas went on beside it."""
        training = self._record.results.training
        known = np.isfinite(training.training_history[index]) | np.isfinite(training.validation_history[index])
        rows = np.flatnonzero(known)
        if not self._different_epochs:  # those of trials were recorded at different epochs
            rows = np.arange(np.max(rows, initial=-1) + 1)
        key = rows.tobytes()
        if key not in self._chi2_logs:
            self._chi2_logs[key] = _chi2_log_rows(training.history_epochs[rows])
        return self._chi2_logs[key] % _chi2_log_cells(index, rows, self._record.results)


def replica_info(
    index: int,
    record: FitRecord,
    *,
    chi2: float,
    timing: Mapping[str, float],
    versions: Mapping[str, str],
) -> ReplicaInfo:
    """Return the description of the replica at ``index`` with the field's keys; ``versions`` are of the manifest.

    ``chi2`` is per point to the central data.
    """
    results, training = record.results, record.results.training
    number = int(results.replicas[index])
    trial = record.description.trial_of(number)
    return ReplicaInfo(
        replica=number,
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
        chi2=finite_or_none(chi2),
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
        hyperparameters=FROM_RUNCARD if trial is None else trial.hyperparameters,
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


def _chi2_log_rows(epochs: Integers) -> str:
    """Return the file of training and validation chi2 per point by epoch, counted from 1: ``%s`` for each number."""
    entry = {"training_loss": "%s", "validation_loss": ["%s"], "validation_chi2s": {"total": "%s"}}
    return to_json({epoch + 1: entry for epoch in epochs.tolist()}).replace('"%s"', "%s")


def _chi2_log_cells(index: int, rows: NDArray[np.intp], results: ReplicaResults) -> tuple[str, ...]:
    losses = json_texts(results.training.training_history[index, rows])
    validation = json_texts(results.training.validation_history[index, rows])
    return tuple(chain.from_iterable(zip(losses, validation, validation, strict=True)))


def _finite_tuple(values: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(finite_or_none(value) for value in values)
