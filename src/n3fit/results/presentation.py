"""A fit in a few lines, for people at a Python prompt and in a notebook."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from n3fit.results.naming import format_replicas
from n3fit.results.summary import FitSummary

_SELECTIONS = {"postfit": "chosen by postfit", "passing": "pass positivity", "finite": "finite, none passes positivity"}


def describe_fit(summary: FitSummary, *, title: str, selected: Sequence[int], sets: Sequence[Path]) -> dict[str, str]:
    """Give what there is to say, by name; ``selected`` are the replicas that means are made of."""
    kind = _SELECTIONS.get(summary.selection, "finite")
    numbers = f" ({format_replicas(selected)})" if selected else ""
    lines = {
        "fit": summary.name,
        "description": title,
        "replicas": f"{summary.replicas}, {len(selected)} {kind}{numbers}",
        "chi2 per point": _chi2(summary),
        "PDF sets": ", ".join(entry.name for entry in sets) or "none yet",
        "folder": summary.path,
    }
    if summary.status != "complete":
        lines["status"] = summary.status
    return {name: value for name, value in lines.items() if value}


def to_html(lines: dict[str, str]) -> str:
    """Give the lines as a table; text of the user is escaped."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(value)}</td></tr>"
        for name, value in lines.items()
    )
    return f"<table>{rows}</table>"


def _chi2(summary: FitSummary) -> str:
    if not math.isfinite(summary.total.t0):
        return ""
    spread = f" +- {summary.total.replicas_deviation:.3f}" if math.isfinite(summary.total.replicas_deviation) else ""
    return (
        f"{summary.total.t0:.3f} of the mean, {summary.total.replicas_mean:.3f}{spread} of the replicas, "
        f"{summary.points} points"
    )
