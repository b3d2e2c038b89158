"""The result of the check of a theory as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from n3fit.cli.formatting import align

if TYPE_CHECKING:
    from n3fit.api import CheckedTable, CheckReport, FittableSet, IncompleteSet


def describe_theory_check(report: CheckReport, *, list_data: bool = False) -> list[str]:
    """Return the worst deviation of each table, the data sets that can be fitted, and the verdict."""
    lines = []
    if report.compared:
        rows = [
            (row.name, row.reference, str(row.points), f"{row.worst:.1e}", row.place, "" if row.passed else "FAILED")
            for row in report.compared
        ]
        lines += align(("table", "compared with", "points", "worst deviation", "at", ""), rows, "<<>><<")
    left_out = [f"{row.name} {len(row.missing_rows)}" for row in report.rows if row.missing_rows]
    if left_out:
        lines.append(f"rows without theory: {', '.join(left_out)}")
    lines += _describe_notes(report.rows)
    if report.unused_grids:
        lines.append(f"grids without a table: {', '.join(report.unused_grids)}")
    lines += [f"FAILED {row.name}: {'; '.join(row.problems)}" for row in report.rows if not row.passed]
    lines += _list_sets(report.datasets) if list_data else _count_sets(report.datasets)
    lines += [_describe_incomplete(dataset) for dataset in report.incomplete]
    return [*lines, _verdict(report)]


def _verdict(report: CheckReport) -> str:
    failed = [row.name for row in report.rows if not row.passed]
    tolerance = f"(tolerance {report.tolerance:.0e})"
    if failed:
        return f"{len(failed)} of {len(report.rows)} failed: {', '.join(failed)} {tolerance}"
    others = len(report.rows) - len(report.compared)
    rest = f", {others} of them not compared" if others else ""
    return f"all {len(report.rows)} passed{rest} {tolerance}"


def _describe_notes(rows: Iterable[CheckedTable]) -> list[str]:
    """Return the notes on the tables, those with the same note together."""
    tables: dict[str, list[str]] = {}
    for row in rows:
        for note in row.notes:
            tables.setdefault(note, []).append(row.name)
    return [f"{note}: {', '.join(names)}" for note, names in sorted(tables.items())]


def _count_sets(datasets: Sequence[FittableSet]) -> list[str]:
    """Return the number of data sets by the kind of process."""
    kinds: dict[str, list[int]] = {}
    for dataset in datasets:
        kinds.setdefault(dataset.process.split("_")[0], []).append(dataset.points)
    counts = ", ".join(f"{kind} {len(points)} ({sum(points)} points)" for kind, points in sorted(kinds.items()))
    return [f"data sets that it can fit: {counts or 'none'}"]


def _list_sets(datasets: Sequence[FittableSet]) -> list[str]:
    rows = [
        (
            dataset.name,
            dataset.process,
            str(dataset.points),
            ", ".join(variant or "(none)" for variant in dataset.variants),
            ", ".join(dataset.kfactors),
        )
        for dataset in datasets
    ]
    return align(("data set", "process", "points", "variants", "K-factors"), rows, "<<><<")


def _describe_incomplete(dataset: IncompleteSet) -> str:
    reason = dataset.problem or f"lacks {', '.join(dataset.missing)}"
    return f"cannot fit {dataset.name} ({dataset.points} points): {reason}"
