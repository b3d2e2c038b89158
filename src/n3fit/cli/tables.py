"""The summary of a fit as lines of text, the same on a terminal and in a file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from n3fit.cli.formatting import align, format_number
from n3fit.durations import format_seconds

if TYPE_CHECKING:
    from n3fit.api import Chi2Row, FitSummary

_SELECTIONS = {
    "postfit": "the {chosen} that postfit chose",
    "passing": "those that pass",
    "finite": "all that are finite",
    "none": "none",
}


def describe_fit(summary: FitSummary) -> list[str]:
    """Return chi2 by data set and in total, and the state of the replicas."""
    rows = [_chi2_cells(row) for row in (*summary.datasets, summary.total)]
    lines = align(("data set", "points", "t0 chi2/n of the mean", "of the replicas"), rows, "<>>>")
    lines.insert(len(lines) - 1, "-" * max(map(len, lines)))
    vetoes = "" if summary.selection == "postfit" else " positivity"
    replicas = f"replicas: {summary.passing} of {summary.replicas} pass{vetoes}"
    if summary.finite < summary.replicas:
        replicas += f", {summary.replicas - summary.finite} stopped with numbers that are not finite"
    if summary.guarded:
        replicas += f", {summary.guarded} with a sum rule that could not be imposed"
    lines.append(f"{replicas}; means over {_SELECTIONS[summary.selection].format(chosen=summary.chosen)}")
    best = f", best at epoch {summary.mean_best_epoch:.0f} on average" if math.isfinite(summary.mean_best_epoch) else ""
    lines.append(f"epochs: {summary.epochs}{best}")
    if summary.timing:
        lines.append("time: " + ", ".join(f"{name} {format_seconds(value)}" for name, value in summary.timing.items()))
    if summary.status != "complete":
        lines.append(f"the fit is {summary.status}")
    return lines


def _chi2_cells(row: Chi2Row) -> tuple[str, ...]:
    spread = f" +- {row.replicas_deviation:.3f}" if math.isfinite(row.replicas_deviation) else ""
    return row.name, str(row.points), format_number(row.t0), format_number(row.replicas_mean) + spread
