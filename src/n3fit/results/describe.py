"""The summary of a fit: chi2 and counts of replicas, as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n3fit.results.chi2 import Chi2Table
from n3fit.results.layout import format_replicas
from n3fit.results.records import FitDescription, Manifest
from n3fit.results.replica_results import ReplicaResults
from n3fit.typing import Booleans

_SELECTIONS = {"postfit": "chosen by postfit", "passing": "pass positivity", "finite": "finite, none passes positivity"}


@dataclass(frozen=True)
class Chi2Row:
    """Chi2 per point of one data set, experiment or of everything; nan where there is none.

    ``t0`` and ``experimental`` belong to the mean prediction, the others are mean and standard deviation of the t0
    chi2 over the replicas that the mean is made of.
    """

    name: str
    points: int
    t0: float
    experimental: float
    replicas_mean: float
    replicas_deviation: float


@dataclass(frozen=True)
class FitSummary:
    """The summary that the command prints at the end of a fit.

    ``passing`` counts the replicas that no veto excludes, ``chosen`` those that means are made of; ``selection`` names
    the latter: ``postfit``, else ``passing``, else ``finite``, else ``none``.
    ``mean_best_epoch`` runs over the replicas that have one, counted from 1; nan without any.
    """

    name: str
    path: str
    status: str
    replicas: int
    passing: int
    chosen: int
    finite: int
    guarded: int
    selection: str
    points: int
    datasets: tuple[Chi2Row, ...]
    experiments: tuple[Chi2Row, ...]
    total: Chi2Row
    epochs: int
    mean_best_epoch: float
    timing: Mapping[str, float]


def summarise(
    path: Path,
    manifest: Manifest,
    description: FitDescription,
    results: ReplicaResults,
    chi2: Mapping[str, Chi2Table],
    *,
    passing: Booleans,
    chosen: Booleans,
    selection: str,
) -> FitSummary:
    """Return the summary of a fit; ``passing`` and ``chosen`` are masks (R,) over its replicas."""
    best = results.training.best_epoch
    best = best[best >= 0]
    total = chi2_rows(chi2["total"], chosen)
    return FitSummary(
        name=description.name,
        path=str(path),
        status=manifest.status,
        replicas=len(results.replicas),
        passing=int(passing.sum()),
        chosen=int(chosen.sum()),
        finite=int(results.finite.sum()),
        guarded=int(results.guarded.sum()),
        selection=selection,
        points=int(chi2["total"].points.sum()),
        datasets=chi2_rows(chi2["datasets"], chosen),
        experiments=chi2_rows(chi2["experiments"], chosen),
        total=total[0] if total else Chi2Row("total", 0, np.nan, np.nan, np.nan, np.nan),
        epochs=description.epochs,
        mean_best_epoch=float(best.mean() + 1) if best.size else np.nan,
        timing=dict(manifest.timing),
    )


def chi2_rows(table: Chi2Table, chosen: Booleans) -> tuple[Chi2Row, ...]:
    """Return a table per point, line by line; ``chosen`` (R,) are the replicas to average over."""
    by_replica = table.per_point(table.t0_replicas)[chosen]
    t0, experimental = table.per_point(table.t0), table.per_point(table.experimental)
    return tuple(
        Chi2Row(
            name=name,
            points=int(table.points[column]),
            t0=float(t0[column]),
            experimental=float(experimental[column]),
            replicas_mean=float(by_replica[:, column].mean()) if chosen.any() else np.nan,
            replicas_deviation=float(by_replica[:, column].std(ddof=1)) if chosen.sum() > 1 else np.nan,
        )
        for column, name in enumerate(table.names)
    )


def describe_fit(summary: FitSummary, *, title: str, chosen: Sequence[int], sets: Sequence[Path]) -> dict[str, str]:
    """Return the lines of a short description, by name; ``chosen`` are the replicas that means are made of."""
    kind = _SELECTIONS.get(summary.selection, "finite")
    numbers = f" ({format_replicas(chosen)})" if chosen else ""
    lines = {
        "fit": summary.name,
        "description": title,
        "replicas": f"{summary.replicas}, {len(chosen)} {kind}{numbers}",
        "chi2 per point": _chi2(summary),
        "PDF sets": ", ".join(entry.name for entry in sets) or "none yet",
        "folder": summary.path,
    }
    if summary.status != "complete":
        lines["status"] = summary.status
    return {name: value for name, value in lines.items() if value}


def _chi2(summary: FitSummary) -> str:
    if not math.isfinite(summary.total.t0):
        return ""
    spread = f" +- {summary.total.replicas_deviation:.3f}" if math.isfinite(summary.total.replicas_deviation) else ""
    return (
        f"{summary.total.t0:.3f} of the mean, {summary.total.replicas_mean:.3f}{spread} of the replicas, "
        f"{summary.points} points"
    )
