"""What the page shows of PDFs: at the initial scale and at 100 GeV, compared with each other and with a reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.moments import moments
from n3fit.ensembles.partons import Basis
from n3fit.errors import N3fitError
from n3fit.progress import ProgressReporter
from n3fit.report.correlation_plots import correlation_figure
from n3fit.report.distance_plots import distance_figures
from n3fit.report.ensemble_plots import pdf_figures
from n3fit.report.figures import PlottedFigure, with_distinct_names
from n3fit.report.luminosity_plots import luminosity_figures
from n3fit.report.shown_fit import ShownFit
from n3fit.results.ensembles import fit_ensemble

HIGH_SCALE = 100.0
"""The other scale in GeV at which PDFs are shown."""

_BASES: tuple[tuple[Basis, str], ...] = (("flavour", "flavours"), ("evolution", "evolution basis"))
ResultT = TypeVar("ResultT")


@dataclass(frozen=True, eq=False)
class FigureGroup:
    """Figures under one heading; ``opened`` tells whether the page shows them at once."""

    heading: str
    figures: list[PlottedFigure]
    opened: bool = False


@dataclass(frozen=True)
class MomentLine:
    """One integral: what is integrated, what a sum rule says, and (central value, deviation) of each ensemble."""

    formula: str
    kind: str
    expected: float | None
    values: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class MomentTable:
    """Sum rules and momentum fractions at one scale in GeV."""

    q: float
    labels: tuple[str, ...]
    lines: tuple[MomentLine, ...]


@dataclass(frozen=True, eq=False)
class PdfContents:
    """The part of the page about PDFs.

    Parameters
    ----------
    groups : list of FigureGroup
        PDFs by scale and basis.
    comparison : list of FigureGroup
        Distances and luminosities; empty unless there are two to compare.
    correlations : list of PlottedFigure
    moments : list of MomentTable
    notes : list of str
        Why something is missing.
    """

    groups: list[FigureGroup]
    comparison: list[FigureGroup]
    correlations: list[PlottedFigure]
    moments: list[MomentTable]
    notes: list[str]


def collect_pdfs(fits: Sequence[ShownFit], reference: Ensemble | None, *, progress: ProgressReporter) -> PdfContents:
    """Evolve the fits that have a chosen replica, and draw; what is impossible becomes a note."""
    contents = PdfContents([], [], [], [], [])
    ensembles: list[Ensemble] = []
    for shown in fits:
        if shown.fit.chosen.any():
            ensembles.append(fit_ensemble(shown.fit, label=shown.label))
        else:
            contents.notes.append(f"{shown.label}: no replica is finite, so it has no PDFs.")
    if not ensembles:
        return contents
    compared = ensembles if reference is None else [*ensembles, reference]
    start = max(ensemble.q0 for ensemble in ensembles)
    for q in (start, HIGH_SCALE):
        snapshots = _snapshots(compared, q, contents.notes)
        _add_scale(contents, snapshots, reference, q, opened=q == start)
        if q == start:
            contents.correlations.extend(_correlations(snapshots[: len(ensembles)]))
            _add_distances(contents, snapshots)
    if len(compared) > 1:
        draw = partial(luminosity_figures, compared, reference=reference, progress=progress)
        figures = _or_note(contents.notes, "luminosities", draw)
        if figures:
            contents.comparison.append(FigureGroup("Luminosities", figures, opened=True))
    return contents


def _snapshots(ensembles: Sequence[Ensemble], q: float, notes: list[str]) -> list[EnsembleOnGrid]:
    found = (_or_note(notes, "PDFs", partial(ensemble.at, q)) for ensemble in ensembles)
    return [snapshot for snapshot in found if snapshot is not None]


def _add_scale(
    contents: PdfContents, snapshots: Sequence[EnsembleOnGrid], reference: Ensemble | None, q: float, *, opened: bool
) -> None:
    """Add the figures and the moments of what can be had at a scale."""
    if not snapshots:
        return
    by_label = {snapshot.label: snapshot for snapshot in snapshots}
    divisor = by_label.get(reference.label) if reference is not None else None
    for basis, words in _BASES:
        figures = pdf_figures(snapshots, basis, reference=divisor)
        heading = f"Q = {q:g} GeV, {words}"
        contents.groups.append(FigureGroup(heading, figures, opened=opened and basis == "flavour"))
    columns = [moments(snapshot) for snapshot in snapshots]
    contents.moments.append(
        MomentTable(
            q=q,
            labels=tuple(by_label),
            lines=tuple(
                MomentLine(
                    formula=row[0].formula,
                    kind=row[0].kind,
                    expected=row[0].expected,
                    values=tuple((moment.central, moment.deviation) for moment in row),
                )
                for row in zip(*columns, strict=True)
            ),
        )
    )


def _correlations(snapshots: Sequence[EnsembleOnGrid]) -> list[PlottedFigure]:
    figures = (correlation_figure(snapshot) for snapshot in snapshots)
    return with_distinct_names([figure for figure in figures if figure is not None])


def _add_distances(contents: PdfContents, snapshots: Sequence[EnsembleOnGrid]) -> None:
    """Compare two ensembles of replicas; distances are not defined for anything else."""
    if len(snapshots) != 2 or any(snapshot.kind != "replicas" for snapshot in snapshots):
        return
    first, second = snapshots
    for basis, words in _BASES:
        figures = _or_note(contents.notes, "distances", partial(distance_figures, first, second, basis))
        if figures:
            contents.comparison.append(FigureGroup(f"Distances, {words}", figures, opened=True))


def _or_note(notes: list[str], what: str, make: Callable[[], ResultT]) -> ResultT | None:
    """Give what is made, or None and a note on the page why it cannot be made."""
    try:
        return make()
    except N3fitError as error:
        note = f"{what}: {error}"
        if note not in notes:
            notes.append(note)
        return None
