"""The folder of one replica."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from n3fit.results.chi2_tables import Chi2Table
from n3fit.results.exportgrid import ExportGrid, exportgrid_text
from n3fit.results.outcome import FitOutcome
from n3fit.results.records import Exponents, FitDescription, ReplicaInfo
from n3fit.storage import write_atomically
from n3fit.storage.json_files import to_json
from n3fit.storage.weights import write_weights


def write_replica(
    place: Path,
    index: int,
    *,
    outcome: FitOutcome,
    tables: Mapping[str, Chi2Table],
    description: FitDescription,
    versions: Mapping[str, str],
) -> None:
    """Write the files of the replica at ``index`` into the folder ``place``.

    Raises
    ------
    ResourceError
        The place cannot be written to.
    """
    number = int(outcome.replicas[index])
    grid = ExportGrid(replica=number, q20=outcome.q0**2, xgrid=outcome.xgrid, pdf=outcome.pdf[index])
    write_atomically(place / f"{outcome.name}.exportgrid", exportgrid_text(grid))
    info = replica_info(index, outcome=outcome, tables=tables, description=description, versions=versions)
    write_atomically(place / f"{outcome.name}.json", to_json(info.model_dump()))
    write_atomically(place / "chi2exps.log", to_json(_chi2_log(index, outcome, tables["experiments"])))
    write_weights(place / description.weights_file, outcome.weights[index])


def replica_info(
    index: int,
    *,
    outcome: FitOutcome,
    tables: Mapping[str, Chi2Table],
    description: FitDescription,
    versions: Mapping[str, str],
) -> ReplicaInfo:
    """Describe the replica at ``index`` with the field's keys; ``versions`` are those of the manifest."""
    total = tables["total"]
    chi2 = total.per_point(total.t0_replicas)[index, 0] if total.names else np.nan
    return ReplicaInfo(
        replica=int(outcome.replicas[index]),
        preprocessing=tuple(
            Exponents(
                fl=entry.fl,
                smallx=_finite(outcome.alpha[index, column]),
                largex=_finite(outcome.beta[index, column]),
                trainable=entry.trainable,
            )
            for column, entry in enumerate(description.preprocessing)
        ),
        stop_epoch=int(outcome.stop_epoch[index]),
        best_epoch=int(outcome.best_epoch[index]),
        erf_tr=_finite(outcome.training_chi2[index]),
        erf_vl=_finite(outcome.validation_chi2[index]),
        chi2=_finite(chi2),
        pos_state="POS_PASS" if outcome.positivity_passed[index] and outcome.finite[index] else "POS_VETO",
        arc_lengths=_finite_tuple(outcome.arc_lengths[index]),
        integrability=_finite_tuple(outcome.integrability[index]),
        finite=bool(outcome.finite[index]),
        guarded=bool(outcome.guarded[index]),
        timing={"walltime": {stage: float(seconds) for stage, seconds in outcome.timing.items()}},
        version=dict(versions),
    )


def _chi2_log(index: int, outcome: FitOutcome, experiments: Chi2Table) -> dict[str, object]:
    """Give the losses per point by epoch and the chi2 per point of each experiment to the central data."""
    t0 = experiments.per_point(experiments.t0_replicas)[index]
    experimental = experiments.per_point(experiments.experimental_replicas)[index]
    return {
        "replica": int(outcome.replicas[index]),
        "epochs": outcome.history.epochs,
        "training": outcome.history.training[:, index],
        "validation": outcome.history.validation[:, index],
        "experiments": {
            name: {"points": experiments.points[column], "t0": t0[column], "experimental": experimental[column]}
            for column, name in enumerate(experiments.names)
        },
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _finite_tuple(values: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(_finite(value) for value in values)
