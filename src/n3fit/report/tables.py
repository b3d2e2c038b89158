"""The rows of the page's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from n3fit.report.shown_fit import ShownFit
from n3fit.results.chi2 import Chi2Table

Floats = NDArray[np.float64]
Cue = Literal["good", "fair", "poor", "none"]
Kind = Literal["experiment", "dataset", "total"]


@dataclass(frozen=True)
class Chi2Cell:
    """What one fit says about a group of points, all per point but ``deviations`` and ``phi``.

    ``t0``, ``experimental`` and ``deviations`` (standard deviations of chi2 by which ``t0`` lies above 1) belong to
    the mean prediction; ``replicas_mean`` and ``replicas_deviation`` to the t0 chi2 of the chosen replicas; ``phi``
    is the size of the PDF uncertainties in units of the data's, arXiv:1410.8849, section 4. nan where there is none.
    """

    points: int
    t0: float
    experimental: float
    replicas_mean: float
    replicas_deviation: float
    phi: float
    deviations: float
    cue: Cue


@dataclass(frozen=True)
class Chi2Line:
    """A line of the chi2 table: an experiment, one of its data sets, or the total; None for a fit without it."""

    kind: Kind
    name: str
    cells: tuple[Chi2Cell | None, ...]


@dataclass(frozen=True)
class LossLine:
    """Mean and standard deviation over the chosen replicas of a loss per point, for each fit."""

    name: str
    values: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ReplicaLine:
    """A line of the table of replicas; epochs count from 1, None where there is none.

    ``positivity`` is the loss of the worst positivity set.
    """

    number: int
    flags: tuple[str, ...]
    best_epoch: int | None
    stop_epoch: int
    training: float
    validation: float
    chi2: float
    positivity: float


def chi2_lines(fits: Sequence[ShownFit]) -> list[Chi2Line]:
    """Give each experiment with its data sets below, in the order of the runcards, and the total."""
    sets: dict[str, dict[str, None]] = {}
    for shown in fits:
        for dataset in shown.fit.description.datasets:
            sets.setdefault(dataset.experiment, {})[dataset.name] = None
    lines = []
    for experiment, names in sets.items():
        lines.append(_chi2_line("experiment", experiment, fits))
        lines.extend(_chi2_line("dataset", name, fits) for name in names)
    return [*lines, _chi2_line("total", "total", fits)] if lines else []


def _chi2_line(kind: Kind, name: str, fits: Sequence[ShownFit]) -> Chi2Line:
    level = {"experiment": "experiments", "dataset": "datasets", "total": "total"}[kind]
    return Chi2Line(
        kind=kind,
        name=name,
        cells=tuple(
            chi2_cell(shown.fit.chi2[level], name, shown.fit.chosen) if name in shown.fit.chi2[level].names else None
            for shown in fits
        ),
    )


def chi2_cell(table: Chi2Table, name: str, chosen: NDArray[np.bool_]) -> Chi2Cell:
    """Take one group out of a table; ``chosen`` (R,) are the replicas to average over."""
    column = table.names.index(name)
    points = int(table.points[column])
    t0, experimental = (float(table.per_point(values)[column]) for values in (table.t0, table.experimental))
    mean, deviation = mean_and_deviation(table.per_point(table.t0_replicas)[chosen, column])
    over_replicas, _ = mean_and_deviation(table.per_point(table.experimental_replicas)[chosen, column])
    deviations = chi2_deviations(t0, points)
    return Chi2Cell(
        points=points,
        t0=t0,
        experimental=experimental,
        replicas_mean=mean,
        replicas_deviation=deviation,
        phi=float(np.sqrt(max(over_replicas - experimental, 0.0))) if np.isfinite(over_replicas) else np.nan,
        deviations=deviations,
        cue=chi2_cue(deviations),
    )


def loss_lines(fits: Sequence[ShownFit]) -> list[LossLine]:
    """Give training and validation chi2 per point, each replica to its own pseudodata at its best epoch."""
    training = [shown.training.training_chi2[shown.fit.chosen] for shown in fits]
    validation = [shown.validation_chi2[shown.fit.chosen] for shown in fits]
    return [
        LossLine("training", tuple(mean_and_deviation(values) for values in training)),
        LossLine("validation", tuple(mean_and_deviation(values) for values in validation)),
    ]


def mean_and_deviation(values: Floats) -> tuple[float, float]:
    """Give mean and standard deviation of (R,); nan for what R is too small for, or when one is not finite."""
    if not values.size or not np.isfinite(values).all():
        return np.nan, np.nan
    return float(values.mean()), float(values.std(ddof=1)) if values.size > 1 else np.nan


def chi2_deviations(per_point: float, points: int) -> float:
    """Give how many standard deviations of a chi2 distribution, sqrt(2 / points), a value lies above 1."""
    return (per_point - 1) * float(np.sqrt(points / 2)) if points else float("nan")


def chi2_cue(deviations: float) -> Cue:
    """Sort a deviation: good below 2, fair below 5."""
    if not np.isfinite(deviations):
        return "none"
    return "good" if deviations < 2 else ("fair" if deviations < 5 else "poor")


def replica_lines(shown: ShownFit) -> list[ReplicaLine]:
    """Give a line for each replica."""
    fit = shown.fit
    results, training, chi2 = fit.results, fit.results.training, fit.total_chi2
    return [
        ReplicaLine(
            number=int(number),
            flags=_flags(shown, index),
            best_epoch=int(training.best_epoch[index]) + 1 if training.best_epoch[index] >= 0 else None,
            stop_epoch=int(training.stop_epoch[index]) + 1,
            training=float(training.training_chi2[index]),
            validation=float(shown.validation_chi2[index]),
            chi2=float(chi2[index]),
            positivity=float(results.positivity_losses[index].max(initial=-np.inf)),
        )
        for index, number in enumerate(results.replicas)
    ]


def _flags(shown: ShownFit, index: int) -> tuple[str, ...]:
    results, postfit = shown.fit.results, shown.fit.postfit
    number = int(results.replicas[index])
    said = [
        ("not finite", not results.finite[index]),
        ("vetoed by positivity", not results.positivity_passed[index]),
        ("no acceptable epoch", results.training.best_epoch[index] < 0),
        ("sum rule guarded", results.guarded[index]),
    ]
    if postfit is not None:
        told = ("finite", "positivity", "sum rules")  # said above
        vetoes = dict.fromkeys(entry.veto for entry in postfit.vetoes if entry.replica == number)
        said += [(f"postfit: {veto}", True) for veto in vetoes if veto not in told]
        said.append(("not needed", number in postfit.passing and number not in postfit.chosen))
    return tuple(text for text, true in said if true)
