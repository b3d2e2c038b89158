"""Rows of the tables of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from n3fit.report.labelled_fit import LabelledFit
from n3fit.results.layout import format_replicas
from n3fit.typing import Floats

if TYPE_CHECKING:
    from n3fit.results.chi2 import Chi2Table

Cue = Literal["good", "fair", "poor", "none"]
Kind = Literal["experiment", "dataset", "total"]
_VETO_TEXTS = {"finite": "not finite", "positivity": "vetoed by positivity"}


@dataclass(frozen=True)
class Chi2Cell:
    """Chi2 of one fit for a group of points, per point; nan where undefined.

    Parameters
    ----------
    points : int
    t0, experimental : float
        Of the mean prediction, with the t0 and the experimental covariance.
    replicas_mean, replicas_deviation : float
        Mean and standard deviation of the t0 chi2 of the chosen replicas.
    phi : float
        Size of the PDF uncertainties in units of those of the data, arXiv:1410.8849, section 4.
    deviations : float
        Standard deviations of chi2 by which ``t0`` lies above 1.
    cue : str
        Category of ``deviations``, shown as a colour.
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
    """A row of the chi2 table: an experiment, a data set or the total; None in place of fits that do not have it."""

    kind: Kind
    name: str
    cells: tuple[Chi2Cell | None, ...]


@dataclass(frozen=True)
class LossLine:
    """Mean and standard deviation over the chosen replicas of a loss per point, for each fit."""

    name: str
    values: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Flag:
    """A remark on a replica: ``poor`` for faults, among them all vetoes, else ``fair``."""

    text: str
    cue: Cue


@dataclass(frozen=True)
class ReplicaLine:
    """A row of the table of replicas.

    ``best_epoch`` and ``stop_epoch`` count from 1; the former is None when no epoch is acceptable. ``training``,
    ``validation`` and ``chi2`` (to the central data, t0) are per point; ``positivity`` is the largest positivity loss.
    """

    number: int
    flags: tuple[Flag, ...]
    best_epoch: int | None
    stop_epoch: int
    training: float
    validation: float
    chi2: float
    positivity: float


@dataclass(frozen=True)
class TrialUse:
    """A row of the table of trials: a trial of a scan, its hyperparameters, and the replicas that have its network."""

    trial: int
    loss: float
    replicas: str
    hyperparameters: Mapping[str, Any]


def trial_uses(fit: LabelledFit) -> list[TrialUse]:
    """Return the trials whose networks the replicas of a fit have, the best one first."""
    numbers, trials = fit.folder.replicas.tolist(), fit.folder.description.trials
    return [
        TrialUse(
            trial=record.tid,
            loss=record.loss,
            replicas=format_replicas([number for number in numbers if number % len(trials) == place], dash="–"),
            hyperparameters=record.hyperparameters,
        )
        for place, record in enumerate(trials)
    ]


def chi2_lines(fits: Sequence[LabelledFit]) -> list[Chi2Line]:
    """Return each experiment followed by its data sets, in the order of the runcards, and the total."""
    sets: dict[str, dict[str, None]] = {}
    for fit in fits:
        for dataset in fit.folder.description.datasets:
            sets.setdefault(dataset.experiment, {})[dataset.name] = None
    lines = []
    for experiment, names in sets.items():
        lines.append(_chi2_line("experiment", experiment, fits))
        lines.extend(_chi2_line("dataset", name, fits) for name in names)
    return [*lines, _chi2_line("total", "total", fits)] if lines else []


def _chi2_line(kind: Kind, name: str, fits: Sequence[LabelledFit]) -> Chi2Line:
    level = {"experiment": "experiments", "dataset": "datasets", "total": "total"}[kind]
    return Chi2Line(
        kind=kind,
        name=name,
        cells=tuple(
            chi2_cell(fit.folder.chi2[level], name, fit.folder.chosen) if name in fit.folder.chi2[level].names else None
            for fit in fits
        ),
    )


def chi2_cell(table: Chi2Table, name: str, chosen: NDArray[np.bool_]) -> Chi2Cell:
    """Return one group of a table; ``chosen`` (R,) are the replicas to average over."""
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


def loss_lines(fits: Sequence[LabelledFit]) -> list[LossLine]:
    """Return training and validation chi2 per point, of each replica to its own pseudodata at its best epoch."""
    training = [fit.training.training_chi2[fit.folder.chosen] for fit in fits]
    validation = [fit.validation_chi2[fit.folder.chosen] for fit in fits]
    return [
        LossLine("training", tuple(mean_and_deviation(values) for values in training)),
        LossLine("validation", tuple(mean_and_deviation(values) for values in validation)),
    ]


def mean_and_deviation(values: Floats) -> tuple[float, float]:
    """Return mean and standard deviation of (R,); both nan if a number is not finite, the latter also if R is 1."""
    if not values.size or not np.isfinite(values).all():
        return np.nan, np.nan
    return float(values.mean()), float(values.std(ddof=1)) if values.size > 1 else np.nan


def chi2_deviations(per_point: float, points: int) -> float:
    """Return the standard deviations of a chi2 distribution, sqrt(2 / points), by which a value lies above 1."""
    return (per_point - 1) * float(np.sqrt(points / 2)) if points else float("nan")


def chi2_cue(deviations: float) -> Cue:
    """Return the category of a deviation: good below 2, fair below 5, else poor; none if not finite."""
    if not np.isfinite(deviations):
        return "none"
    return "good" if deviations < 2 else ("fair" if deviations < 5 else "poor")


def replica_lines(fit: LabelledFit) -> list[ReplicaLine]:
    """Return a row for each replica."""
    training, chi2 = fit.training, fit.folder.total_chi2
    losses = fit.folder.results.positivity_losses
    return [
        ReplicaLine(
            number=int(number),
            flags=_flags(fit, index),
            best_epoch=int(training.best_epoch[index]) + 1 if training.best_epoch[index] >= 0 else None,
            stop_epoch=int(training.stop_epoch[index]) + 1,
            training=float(training.training_chi2[index]),
            validation=float(fit.validation_chi2[index]),
            chi2=float(chi2[index]),
            positivity=float(losses[index].max(initial=-np.inf)),
        )
        for index, number in enumerate(fit.folder.replicas)
    ]


def _flags(fit: LabelledFit, index: int) -> tuple[Flag, ...]:
    """Return the vetoes of a replica and other remarks; none for a chosen replica without faults."""
    results, postfit = fit.folder.results, fit.folder.postfit
    number = int(results.replicas[index])
    vetoes = _vetoes(fit, index)
    flags = [Flag(_VETO_TEXTS.get(veto, f"postfit: {veto}"), "poor") for veto in vetoes]
    if results.training.best_epoch[index] < 0:
        flags.append(Flag("no acceptable epoch", "poor"))
    if results.guarded[index] and "sum rules" not in vetoes:
        flags.append(Flag("sum rule guarded", "fair"))
    if postfit is not None and number in postfit.passing and number not in postfit.chosen:
        flags.append(Flag("not chosen", "fair"))
    return tuple(flags)


def _vetoes(fit: LabelledFit, index: int) -> list[str]:
    """Return the names of the vetoes of a replica: those of postfit or, before it, of the end of the training."""
    results, postfit = fit.folder.results, fit.folder.postfit
    if postfit is None:
        faults = {"finite": not results.finite[index], "positivity": not results.positivity_passed[index]}
        return [veto for veto, applies in faults.items() if applies]
    return list(dict.fromkeys(entry.veto for entry in postfit.vetoes if entry.replica == results.replicas[index]))
