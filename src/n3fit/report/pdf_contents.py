"""The part of the page about PDFs: at the initial scale and at 100 GeV, compared with each other and a reference."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from n3fit.defaults import HIGH_SCALE
from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.moments import moments
from n3fit.ensembles.partons import Basis
from n3fit.errors import DataError, N3fitError
from n3fit.lhapdf.pdf_sets import load_pdf_set
from n3fit.progress import ProgressReporter
from n3fit.report.correlation_plots import correlation_figure
from n3fit.report.distance_plots import distance_figures
from n3fit.report.labelled_fit import LabelledFit
from n3fit.report.luminosity_plots import luminosity_figures
from n3fit.report.pdf_plots import pdf_figures
from n3fit.report.plotted_figure import PlottedFigure, with_distinct_names
from n3fit.results.ensembles import fit_ensemble, open_ensemble
from n3fit.results.folder import FitFolder

_BASES: tuple[tuple[Basis, str], ...] = (("flavour", "flavours"), ("evolution", "evolution basis"))
ResultT = TypeVar("ResultT")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class FigureGroup:
    """Figures under one heading; the page shows them unfolded if ``opened``."""

    heading: str
    figures: list[PlottedFigure]
    opened: bool = False


@dataclass(frozen=True)
class MomentLine:
    """One integral: formula, kind, value of the sum rule, and (central value, deviation) of each ensemble."""

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
        Distances and luminosities; empty unless there are several ensembles.
    correlations : list of PlottedFigure
    moments : list of MomentTable
    notes : list of str
        Reasons why parts are missing.
    """

    groups: list[FigureGroup]
    comparison: list[FigureGroup]
    correlations: list[PlottedFigure]
    moments: list[MomentTable]
    notes: list[str]


def true_ensemble(fits: Sequence[FitFolder], paths: Sequence[Path] = ()) -> Ensemble | None:
    """Return the PDF of which closure tests have their data, if all fits are closure tests of the same one.

    Without its set, which is searched first in ``paths``, the result is None, with a warning.
    """
    names = {None if fit.description.closure is None else fit.description.closure.pdf_set for fit in fits}
    if len(names) != 1:
        return None
    (name,) = names
    if name is None:
        return None
    try:
        return open_ensemble(load_pdf_set(name, paths), members="central", label=f"{name}, the truth")
    except DataError as error:
        logger.warning("PDFs are not compared with the truth: %s", error)
        return None


def collect_pdfs(fits: Sequence[LabelledFit], reference: Ensemble | None, *, progress: ProgressReporter) -> PdfContents:
    """Draw the fits that have a chosen replica; parts that cannot be made are replaced by notes."""
    contents = PdfContents([], [], [], [], [])
    ensembles: list[Ensemble] = []
    for fit in fits:
        if fit.folder.chosen.any():
            ensembles.append(fit_ensemble(fit.folder, label=fit.label))
        else:
            contents.notes.append(f"{fit.label}: no replica is finite, so it has no PDFs.")
    if not ensembles:
        return contents
    compared = ensembles if reference is None else [*ensembles, reference]
    start = max(ensemble.q0 for ensemble in ensembles)
    for q in (start, HIGH_SCALE):
        at_scale = _evolve(compared, q, contents.notes)
        _add_scale(contents, at_scale, reference, q, opened=q == start)
        if q == start:
            contents.correlations.extend(_correlations(at_scale[: len(ensembles)]))
            _add_distances(contents, at_scale)
    if len(compared) > 1:
        draw = partial(luminosity_figures, compared, reference=reference, progress=progress)
        figures = _or_note(contents.notes, "luminosities", draw)
        if figures:
            contents.comparison.append(FigureGroup("Luminosities", figures, opened=True))
    return contents


def _evolve(ensembles: Sequence[Ensemble], q: float, notes: list[str]) -> list[EnsembleOnGrid]:
    """Return the ensembles that can be evolved to a scale."""
    found = (_or_note(notes, "PDFs", partial(ensemble.at, q)) for ensemble in ensembles)
    return [ensemble for ensemble in found if ensemble is not None]


def _add_scale(
    contents: PdfContents, ensembles: Sequence[EnsembleOnGrid], reference: Ensemble | None, q: float, *, opened: bool
) -> None:
    """Add the figures and the moments at a scale."""
    if not ensembles:
        return
    by_label = {ensemble.label: ensemble for ensemble in ensembles}
    divisor = by_label.get(reference.label) if reference is not None else None
    for basis, words in _BASES:
        figures = pdf_figures(ensembles, basis, reference=divisor)
        heading = f"Q = {q:g} GeV, {words}"
        contents.groups.append(FigureGroup(heading, figures, opened=opened and basis == "flavour"))
    contents.moments.append(_moment_table(ensembles, q))


def _moment_table(ensembles: Sequence[EnsembleOnGrid], q: float) -> MomentTable:
    # polarised and unpolarised PDFs have different integrals
    ensembles = [ensemble for ensemble in ensembles if ensemble.polarised == ensembles[0].polarised]
    rows = zip(*(moments(ensemble) for ensemble in ensembles), strict=True)
    return MomentTable(
        q=q,
        labels=tuple(ensemble.label for ensemble in ensembles),
        lines=tuple(
            MomentLine(
                formula=row[0].formula,
                kind=row[0].kind,
                expected=row[0].expected,
                values=tuple((moment.central, moment.deviation) for moment in row),
            )
            for row in rows
        ),
    )


def _correlations(ensembles: Sequence[EnsembleOnGrid]) -> list[PlottedFigure]:
    figures = (correlation_figure(ensemble) for ensemble in ensembles)
    return with_distinct_names([figure for figure in figures if figure is not None])


def _add_distances(contents: PdfContents, ensembles: Sequence[EnsembleOnGrid]) -> None:
    """Add the distances between two ensembles of replicas; they are undefined for other numbers and kinds."""
    if len(ensembles) != 2 or any(ensemble.kind != "replicas" for ensemble in ensembles):
        return
    first, second = ensembles
    for basis, words in _BASES:
        figures = _or_note(contents.notes, "distances", partial(distance_figures, first, second, basis))
        if figures:
            contents.comparison.append(FigureGroup(f"Distances, {words}", figures, opened=True))


def _or_note(notes: list[str], what: str, make: Callable[[], ResultT]) -> ResultT | None:
    """Return the result of ``make``, or None with a note of the error that it raises."""
    try:
        return make()
    except N3fitError as error:
        note = f"{what}: {error}"
        if note not in notes:
            notes.append(note)
        return None
