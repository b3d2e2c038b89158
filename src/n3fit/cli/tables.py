"""Results as lines of text: short, aligned and the same on a terminal and in a file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from n3fit.cli.reporters import format_seconds

if TYPE_CHECKING:
    from n3fit.api import CheckSummary, TheorySummary
    from n3fit.results.describe import Chi2Row, FitSummary
    from n3fit.theory.tables.check import CheckReport


def describe_fit(summary: FitSummary) -> list[str]:
    """Give chi2 by data set and in total, and how the replicas did."""
    rows = [_chi2_cells(row) for row in (*summary.datasets, summary.total)]
    lines = align(("data set", "points", "t0 chi2/n of the mean", "of the replicas"), rows, "<>>>")
    lines.insert(len(lines) - 1, "-" * max(map(len, lines)))
    replicas = f"replicas: {summary.passing} of {summary.replicas} pass positivity"
    if summary.finite < summary.replicas:
        replicas += f", {summary.replicas - summary.finite} stopped with numbers that are not finite"
    if summary.guarded:
        replicas += f", {summary.guarded} with a sum rule that could not be imposed"
    means = {
        "postfit": "those that postfit chose",
        "passing": "those that pass",
        "finite": "all that are finite",
        "none": "none",
    }
    lines.append(f"{replicas}; means over {means.get(summary.selection, summary.selection)}")
    best = f", best at epoch {summary.mean_best_epoch:.0f} on average" if math.isfinite(summary.mean_best_epoch) else ""
    lines.append(f"epochs: {summary.epochs}{best}")
    if summary.timing:
        lines.append("time: " + ", ".join(f"{name} {format_seconds(value)}" for name, value in summary.timing.items()))
    if summary.status != "complete":
        lines.append(f"the fit is {summary.status}")
    return lines


def describe_check(summary: CheckSummary) -> list[str]:
    """Give the data sets with their points, the penalties, and what the fit will need."""
    rows = [
        (row.name, row.variant or "", str(row.points_file), str(row.points_kept), str(row.tables))
        for row in summary.datasets
    ]
    lines = align(("data set", "variant", "in the file", "after cuts", "tables"), rows, "<<>>>")
    lines.append(f"points: {summary.points}")
    lines.append(f"positivity sets: {', '.join(summary.positivity) or 'none'}")
    lines.append(f"integrability sets: {', '.join(summary.integrability) or 'none'}")
    lines.append(f"free parameters of a replica: {summary.parameters}")
    lines.append(
        f"estimate: {summary.memory_mb:.0f} MB of memory, {summary.seconds_per_epoch:.3g} s per epoch,"
        f" {format_seconds(60 * summary.minutes)} in all"
    )
    return lines


def describe_theories(theories: Sequence[TheorySummary]) -> list[str]:
    """Give one line for each theory, or what to do when there is none."""
    if not theories:
        return ["no theories found; give their folder with --theory-path"]
    rows = [
        (str(theory.identifier), str(theory.order), f"{theory.q0:g}", str(theory.tables), theory.description)
        for theory in theories
    ]
    return align(("theory", "order", "Q0 [GeV]", "tables", "description"), rows, "<<>><")


def describe_theory_check(report: CheckReport) -> list[str]:
    """Give the worst deviation of each table, and whether the theory passed."""
    rows = [
        (row.name, str(row.points), f"{row.worst:.1e}", f"{row.x:.2g}", f"{row.q2:.4g}", "" if row.passed else "FAILED")
        for row in report.rows
    ]
    lines = align(("table", "points", "worst deviation", "at x", "Q2 [GeV2]", ""), rows, "<>>>><")
    failed = [row.name for row in report.rows if not row.passed]
    verdict = f"{len(failed)} of {len(rows)} failed: {', '.join(failed)}" if failed else f"all {len(rows)} passed"
    lines.append(f"{verdict} (tolerance {report.tolerance:.0e})")
    return lines


def align(header: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> list[str]:
    """Give a table as lines; ``sides`` has ``<`` or ``>`` for each column."""
    cells = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in cells
    ]


def _chi2_cells(row: Chi2Row) -> tuple[str, ...]:
    spread = f" +- {row.replicas_deviation:.3f}" if math.isfinite(row.replicas_deviation) else ""
    return row.name, str(row.points), _number(row.t0), _number(row.replicas_mean) + spread


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "-"
