"""Everything that the page shows, gathered before anything is rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from n3fit.ensembles.ensemble import Ensemble
from n3fit.progress import ProgressReporter
from n3fit.report import tables
from n3fit.report.chi2_plots import chi2_figures
from n3fit.report.data_plots import data_figures
from n3fit.report.diagnostic_plots import diagnostic_figures
from n3fit.report.figures import PlottedFigure
from n3fit.report.pdf_contents import PdfContents, collect_pdfs
from n3fit.report.pictures import look
from n3fit.report.shown_fit import ShownFit
from n3fit.report.training_plots import training_figures
from n3fit.report.words import ranges
from n3fit.results.closure import ClosureEstimates, closure_estimates
from n3fit.results.describe import FitSummary


@dataclass(frozen=True, eq=False)
class FitOverview:
    """The numbers of one fit that stand at the top of the page.

    Parameters
    ----------
    shown : ShownFit
    summary : FitSummary
    title : str
        The runcard's description.
    used : int
        Replicas that means and bands are made of.
    seconds : float
    replica_ranges : str
    device : str
    certificate : mapping
        What the compression of the theory was certified for, empty when it was not compressed.
    replica_lines : list of ReplicaLine
    """

    shown: ShownFit
    summary: FitSummary
    title: str
    used: int
    seconds: float
    replica_ranges: str
    device: str
    certificate: Mapping[str, Any]
    replica_lines: list[tables.ReplicaLine]


@dataclass(frozen=True, eq=False)
class Contents:
    """All tables and figures of a page; ``reference`` is the label of the reference set, if any."""

    fits: tuple[FitOverview, ...]
    reference: str | None
    chi2_lines: list[tables.Chi2Line]
    loss_lines: list[tables.LossLine]
    chi2: list[PlottedFigure]
    closure: list[tuple[ShownFit, ClosureEstimates]]
    pdfs: PdfContents
    training: list[PlottedFigure]
    diagnostics: list[PlottedFigure]
    data: list[PlottedFigure]

    @property
    def figures(self) -> list[PlottedFigure]:
        """All figures, in the order of the page."""
        groups = [group.figures for group in (*self.pdfs.groups, *self.pdfs.comparison)]
        return [
            *self.chi2,
            *(figure for group in groups for figure in group),
            *self.pdfs.correlations,
            *self.training,
            *self.diagnostics,
            *self.data,
        ]


def collect_contents(fits: Sequence[ShownFit], reference: Ensemble | None, *, progress: ProgressReporter) -> Contents:
    """Make all tables and draw all figures.

    Raises
    ------
    DataError
        A fit folder is damaged.
    """
    with look():
        return Contents(
            fits=tuple(_overview(shown) for shown in fits),
            reference=None if reference is None else reference.label,
            chi2_lines=tables.chi2_lines(fits),
            loss_lines=tables.loss_lines(fits),
            chi2=chi2_figures(fits),
            closure=[(shown, estimates) for shown in fits if (estimates := _closure(shown)) is not None],
            pdfs=collect_pdfs(fits, reference, progress=progress),
            training=training_figures(fits),
            diagnostics=diagnostic_figures(fits),
            data=data_figures(fits),
        )


def _overview(shown: ShownFit) -> FitOverview:
    fit, summary = shown.fit, shown.fit.summary()
    environment = fit.manifest.environment
    certificate = environment.get("theory_compression")
    return FitOverview(
        shown=shown,
        summary=summary,
        title=fit.title,
        used=int(shown.fit.chosen.sum()),
        seconds=summary.timing.get("total", sum(summary.timing.values())),
        replica_ranges=ranges(fit.replicas.tolist()),
        device=str(environment.get("device", fit.manifest.platform.get("machine", "unknown"))),
        certificate=_certificates(certificate) if isinstance(certificate, Mapping) else {},
        replica_lines=tables.replica_lines(shown),
    )


def _certificates(record: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Tell for each compressed observable how many squares a point has and how large the errors are."""
    return {
        name: f"{entry['squares']:.0f} squares a point; errors at most {entry['relative']:.1e} relative, "
        f"{entry['uncertainty']:.1e} of the uncertainty"
        for name, entry in record.items()
    }


def _closure(shown: ShownFit) -> ClosureEstimates | None:
    """Give the estimators of a closure test, None for any other fit and when no replica is finite."""
    fit = shown.fit
    if fit.description.closure is None or not shown.fit.chosen.any():
        return None
    return closure_estimates(fit)
