"""The rows of the page's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from markupsafe import Markup

from n3fit.results.folder import FitFolder
from n3fit.results.summary import Chi2Row, FitSummary

Cue = Literal["good", "fair", "poor", "none"]


@dataclass(frozen=True)
class Chi2Line:
    """A line of the chi2 table: an experiment, one of its data sets, or the total."""

    kind: Literal["experiment", "dataset", "total"]
    row: Chi2Row
    deviations: float
    cue: Cue


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


def chi2_lines(fit: FitFolder, summary: FitSummary) -> list[Chi2Line]:
    """Give each experiment with its data sets below, in the order of the runcard, and the total."""
    rows = {row.name: row for row in summary.datasets}
    lines = []
    for experiment in summary.experiments:
        members = [dataset.name for dataset in fit.description.datasets if dataset.experiment == experiment.name]
        lines.append(_line("experiment", experiment))
        lines.extend(_line("dataset", rows[name]) for name in members)
    return [*lines, _line("total", summary.total)] if lines else []


def _line(kind: Literal["experiment", "dataset", "total"], row: Chi2Row) -> Chi2Line:
    deviations = chi2_deviations(row.t0, row.points)
    return Chi2Line(kind=kind, row=row, deviations=deviations, cue=chi2_cue(deviations))


def chi2_deviations(per_point: float, points: int) -> float:
    """Give how many standard deviations of a chi2 distribution, sqrt(2 / points), a value lies above 1."""
    return (per_point - 1) * float(np.sqrt(points / 2)) if points else float("nan")


def chi2_cue(deviations: float) -> Cue:
    """Sort a deviation: good below 2, fair below 5."""
    if not np.isfinite(deviations):
        return "none"
    return "good" if deviations < 2 else ("fair" if deviations < 5 else "poor")


def replica_lines(fit: FitFolder) -> list[ReplicaLine]:
    """Give a line for each replica."""
    arrays, total = fit.arrays, fit.chi2["total"]
    chi2 = total.per_point(total.t0_replicas)[:, 0] if total.names else np.full(arrays.replicas.size, np.nan)
    return [
        ReplicaLine(
            number=int(number),
            flags=_flags(fit, index),
            best_epoch=int(arrays.best_epoch[index]) + 1 if arrays.best_epoch[index] >= 0 else None,
            stop_epoch=int(arrays.stop_epoch[index]) + 1,
            training=float(arrays.training_chi2[index]),
            validation=float(arrays.validation_chi2[index]),
            chi2=float(chi2[index]),
            positivity=float(arrays.positivity_losses[index].max(initial=-np.inf)),
        )
        for index, number in enumerate(arrays.replicas)
    ]


def _flags(fit: FitFolder, index: int) -> tuple[str, ...]:
    arrays = fit.arrays
    said = (
        ("not finite", not arrays.finite[index]),
        ("vetoed by positivity", not arrays.positivity_passed[index]),
        ("no acceptable epoch", arrays.best_epoch[index] < 0),
        ("sum rule guarded", arrays.guarded[index]),
    )
    return tuple(text for text, true in said if true)


def breakable(name: str) -> Markup:
    """Escape a name and let it break after underscores on narrow screens."""
    return Markup("_<wbr>").join(name.split("_"))


def number(value: float, digits: int = 2) -> str:
    """Write a number for a table; a dash when it is not finite."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "–"


def signed(value: float) -> str:
    """Write a number with its sign, a true minus among them."""
    return f"{value:+.1f}".replace("-", "−") if np.isfinite(value) else "–"


def scientific(value: float) -> str:
    """Write a small or large number; a dash when it is not finite."""
    return f"{value:.1e}".replace("-", "−") if np.isfinite(value) else "–"


def duration(seconds: float) -> str:
    """Write seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def ranges(numbers: Sequence[int]) -> str:
    """Write replica numbers briefly: ``1–20, 25``."""
    groups: list[list[int]] = []
    for value in sorted(numbers):
        if groups and value == groups[-1][-1] + 1:
            groups[-1].append(value)
        else:
            groups.append([value])
    return ", ".join(str(group[0]) if len(group) == 1 else f"{group[0]}–{group[-1]}" for group in groups)
