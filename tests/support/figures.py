"""Figures of the report in tests."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from n3fit.report.plotted_figure import PlottedFigure


def by_name(figures: Sequence[PlottedFigure]) -> dict[str, PlottedFigure]:
    """Return figures by their names, in their order."""
    return {figure.name: figure for figure in figures}


def save(figures: Sequence[PlottedFigure]) -> None:
    """Save figures as SVG, since some errors of matplotlib occur only then."""
    for figure in figures:
        figure.figure.savefig(BytesIO(), format="svg")
