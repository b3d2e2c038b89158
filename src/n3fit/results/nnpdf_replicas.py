"""The replicas in a fit folder that nnpdf wrote: numbers from JSON files or ``.fitinfo``, PDFs from exportgrids."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.ensembles.arc_length import arc_lengths
from n3fit.ensembles.integrability import INTEGRABILITY_FLAVOURS
from n3fit.ensembles.node_polynomials import interpolation_matrix
from n3fit.errors import DataError, N3fitError
from n3fit.results.exportgrid import ExportGrid, read_exportgrid
from n3fit.results.layout import replica_folder
from n3fit.results.replica_files import INTEGRABILITY_ORDER
from n3fit.results.replica_results import ReplicaResults
from n3fit.storage.json_files import read_json, read_text
from n3fit.theory.flavours import EVOLUTION_BASIS, FK_BASIS, FLAVOUR_TO_FK
from n3fit.training.record import TrainingRecord
from n3fit.typing import Floats

_INTEGRABILITY = len(INTEGRABILITY_ORDER)
_ORDER = [INTEGRABILITY_ORDER.index(name) for name in INTEGRABILITY_FLAVOURS]


@dataclass(frozen=True, eq=False)
class NNPDFReplica:
    """One replica.

    Parameters
    ----------
    number : int
    epochs : int
        Number of epochs of its training; ``best_epoch`` counts from 0.
    best_epoch : int
    training, validation, chi2 : float
        Per point.
    positivity : bool
    integrability : (5,)
        In the order of the files.
    exponents : mapping
        (alpha, beta) by flavour; empty when the folder does not have them.
    versions : mapping of str to str
    seconds : float
        Duration of the fit.
    grid : ExportGrid
    """

    number: int
    epochs: int
    best_epoch: int
    training: float
    validation: float
    chi2: float
    positivity: bool
    integrability: Floats
    exponents: Mapping[str, tuple[float, float]]
    versions: Mapping[str, str]
    seconds: float
    grid: ExportGrid


def fit_files_name(fit: Path) -> str | None:
    """Return the name in the files of the replicas, which is that of the fit even in a renamed folder."""
    for suffix in ("json", "fitinfo", "exportgrid"):
        for path in sorted(fit.glob(f"nnfit/replica_*/*.{suffix}")):
            return path.stem
    return None


def read_nnpdf_replicas(fit: Path, name: str) -> tuple[list[NNPDFReplica], dict[int, str]]:
    """Read the replicas of a fit, and return the reason by number of those that have not finished or are damaged.

    Raises
    ------
    DataError
        None can be read, or their exportgrids do not have the same nodes.
    """
    numbers = sorted(
        int(match[1])
        for path in fit.glob("nnfit/replica_*")
        if (match := re.fullmatch(r"replica_(\d{1,9})", path.name))
    )
    replicas: list[NNPDFReplica] = []
    damaged: dict[int, str] = {}
    for number in numbers:
        try:
            replicas.append(_read_replica(fit, name, number))
        except N3fitError as error:
            damaged[number] = error.message
    if not replicas:
        reason = f"; {next(iter(damaged.values()))}" if damaged else ""
        raise DataError(f"{fit}: contains no finished replica{reason}", hint="finish the fit, or restore its files")
    first = replicas[0].grid
    for replica in replicas:
        if not np.array_equal(replica.grid.xgrid, first.xgrid) or replica.grid.q20 != first.q20:
            raise DataError(f"{fit}: replica {replica.number} has another grid than replica {replicas[0].number}")
    return replicas, damaged


def collect_results(
    replicas: Sequence[NNPDFReplica], flavours: Sequence[str], *, positivity_sets: int
) -> ReplicaResults:
    """Return the results of replicas: losses of penalties are nan, there are no predictions and training histories.

    Arc lengths are those of the PDFs: the numbers in the files of nnpdf are of another quantity.
    """

    def column(attribute: str) -> Floats:
        return np.array([getattr(replica, attribute) for replica in replicas], dtype=np.float64)

    count = len(replicas)
    missing = (np.nan, np.nan)
    exponents = np.array([[replica.exponents.get(name, missing) for name in flavours] for replica in replicas])
    exponents = exponents.reshape(count, len(flavours), 2)
    training, validation = column("training"), column("validation")
    nothing = np.zeros((count, 0))
    xgrid = replicas[0].grid.xgrid
    pdf = np.stack([replica.grid.pdf for replica in replicas])

    def interpolate(x: Floats) -> Floats:
        values: Floats = interpolation_matrix(xgrid, x) @ pdf @ FLAVOUR_TO_FK.T
        return values[..., [FK_BASIS.index(name) for name in EVOLUTION_BASIS]]

    return ReplicaResults(
        replicas=np.array([replica.number for replica in replicas], dtype=np.int64),
        alpha=exponents[..., 0],
        beta=exponents[..., 1],
        training=TrainingRecord(
            stop_epoch=column("epochs").astype(np.int64) - 1,
            best_epoch=column("best_epoch").astype(np.int64),
            training_chi2=training,
            validation_chi2=validation,
            finite=np.isfinite(training) & np.isfinite(validation),
            training_history=nothing,
            validation_history=nothing,
            history_epochs=np.zeros(0, dtype=np.int64),
        ),
        positivity_passed=np.array([replica.positivity for replica in replicas]),
        guarded=np.zeros(count, dtype=np.bool_),
        positivity_losses=np.full((count, positivity_sets), np.nan),
        integrability_losses=nothing,
        arc_lengths=arc_lengths(interpolate),
        integrability=column("integrability")[:, _ORDER],
        predictions=nothing,
        pdf=pdf,
        xgrid=xgrid,
    )


def _read_replica(fit: Path, name: str, number: int) -> NNPDFReplica:
    folder = replica_folder(fit, number)
    grid = read_exportgrid(folder / f"{name}.exportgrid")
    path = folder / f"{name}.json"
    old = path.with_suffix(".fitinfo")
    content = _read_fitinfo(old) if old.is_file() and not path.is_file() else read_json(path)
    try:
        timing = content.get("timing") or {}
        return NNPDFReplica(
            number=number,
            epochs=int(content["stop_epoch"]),
            best_epoch=int(content["best_epoch"]),
            training=_number(content["erf_tr"]),
            validation=_number(content["erf_vl"]),
            chi2=_number(content["chi2"]),
            positivity=content["pos_state"] == "POS_PASS",
            integrability=_numbers(content["integrability"], _INTEGRABILITY),
            exponents={
                str(entry["fl"]): (_number(entry.get("smallx")), _number(entry.get("largex", 0.0)))
                for entry in content.get("preprocessing") or []
            },
            versions={str(key): str(value) for key, value in (content.get("version") or {}).items()},
            seconds=float((timing.get("walltime") or {}).get("Total", np.nan)),
            grid=grid,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path}: not the description of a replica ({error})") from error


def _read_fitinfo(path: Path) -> dict[str, Any]:
    """Read the description of a replica from before JSON: epochs, losses and positivity, arc lengths, integrability."""
    lines = [line.split() for line in read_text(path).splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) < 2 or len(lines[0]) < 5:
        raise DataError(f"{path}: expected epochs, three losses and the state of positivity in the first line")
    epochs, validation, training, chi2, positivity = lines[0][:5]
    return {
        "stop_epoch": epochs,
        "best_epoch": int(epochs) - 1,
        "erf_vl": float(validation),
        "erf_tr": float(training),
        "chi2": float(chi2),
        "pos_state": positivity,
        "integrability": [float(word) for word in lines[2]] if len(lines) > 2 else [None] * _INTEGRABILITY,
    }


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)


def _numbers(values: Any, count: int) -> Floats:
    result = np.array([_number(value) for value in values])
    if result.shape != (count,):
        raise ValueError(f"expected {count} numbers, received {len(result)}")
    return result
