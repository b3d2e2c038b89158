"""The few numbers by which a fit is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from n3fit.results.chi2_tables import Chi2Table


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
    """What the command prints at the end of a fit.

    ``selection`` tells the replicas that means are made of: ``passing`` positivity, else ``finite``, else ``none``.
    ``mean_best_epoch`` runs over the replicas that have one, counted from 1; nan without any.
    """

    name: str
    path: str
    status: str
    replicas: int
    passing: int
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


def chi2_rows(table: Chi2Table, selected: NDArray[np.bool_]) -> tuple[Chi2Row, ...]:
    """Give a table per point, line by line; ``selected`` (R,) are the replicas to average over."""
    by_replica = table.per_point(table.t0_replicas)[selected]
    t0, experimental = table.per_point(table.t0), table.per_point(table.experimental)
    return tuple(
        Chi2Row(
            name=name,
            points=int(table.points[column]),
            t0=float(t0[column]),
            experimental=float(experimental[column]),
            replicas_mean=float(by_replica[:, column].mean()) if selected.any() else np.nan,
            replicas_deviation=float(by_replica[:, column].std(ddof=1)) if selected.sum() > 1 else np.nan,
        )
        for column, name in enumerate(table.names)
    )
