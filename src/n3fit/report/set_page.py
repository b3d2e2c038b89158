"""The page of ``n3fit chi2``: chi2 of PDF sets to the data of a runcard, and data compared with predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from n3fit.data.fit_data import FitData
from n3fit.progress import ProgressReporter
from n3fit.report.figure_rendering import render_figures
from n3fit.report.html import render_template
from n3fit.report.output import figures_folder, write_report
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.set_plots import set_figures
from n3fit.report.source import Source
from n3fit.report.style import plot_style
from n3fit.report.tables import Cue, chi2_cue, chi2_deviations
from n3fit.results.set_chi2 import SetChi2
from n3fit.results.set_predictions import SetPredictions

_KINDS = {"process": "experiment", "dataset": "dataset", "total": "total"}
"""Style of a row by level."""


@dataclass(frozen=True)
class SetCell:
    """Chi2 per point of one set: by covariance of the central member, and the colour of the first of them."""

    values: tuple[float, ...]
    cue: Cue


@dataclass(frozen=True)
class SetLine:
    """A row of the table, with a cell for each set."""

    kind: str
    name: str
    points: int
    cells: tuple[SetCell, ...]


@dataclass(frozen=True, eq=False)
class SetPageContents:
    """All that the page shows; ``facts`` are the origin of data, theory and covariance, by name."""

    title: str
    facts: Mapping[str, str]
    sources: tuple[Source, ...]
    covariances: tuple[str, ...]
    lines: tuple[SetLine, ...]
    figures: list[PlottedFigure]


def write_set_page(
    page: Path,
    *,
    title: str,
    facts: Mapping[str, str],
    data: FitData,
    predictions: Sequence[SetPredictions],
    chi2: Sequence[SetChi2],
    force: bool,
    progress: ProgressReporter,
) -> Path:
    """Write the page and the folder of its figures, and return the file of the page.

    Raises
    ------
    OutputExistsError
        The page exists and ``force`` is false.
    ResourceError
        The files cannot be written.
    """
    with plot_style():
        figures = set_figures(data, predictions)
    contents = SetPageContents(
        title=title,
        facts=facts,
        sources=tuple(Source(entry.label, index) for index, entry in enumerate(chi2)),
        covariances=tuple(dict.fromkeys(row.covariance for row in chi2[0].rows)),
        lines=set_lines(chi2),
        figures=figures,
    )
    files = render_figures(figures, progress=progress)
    text = render_template("chi2_of_sets.html.j2", contents, files, figures_folder(page).name)
    return write_report(page, text, files, force=force)


def set_lines(chi2: Sequence[SetChi2]) -> tuple[SetLine, ...]:
    """Return a row for each group of points."""
    groups = dict.fromkeys((row.level, row.name, row.points) for row in chi2[0].rows)
    return tuple(
        SetLine(
            kind=_KINDS[level],
            name=name,
            points=points,
            cells=tuple(
                _cell([row.central / points for row in entry.rows if (row.level, row.name) == (level, name)], points)
                for entry in chi2
            ),
        )
        for level, name, points in groups
    )


def _cell(values: Sequence[float], points: int) -> SetCell:
    return SetCell(tuple(values), chi2_cue(chi2_deviations(values[0], points)))
