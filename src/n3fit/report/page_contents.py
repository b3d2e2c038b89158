"""Tables and figures of the page, collected before it is rendered."""

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
from n3fit.report.differences import Differences, find_differences
from n3fit.report.labelled_fit import LabelledFit
from n3fit.report.pdf_contents import PdfContents, collect_pdfs
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.positivity_plots import positivity_figures
from n3fit.report.style import plot_style
from n3fit.report.theory_covariance_plots import theory_covariance_figures
from n3fit.report.training_plots import training_figures
from n3fit.results.closure import ClosureEstimates, closure_estimates
from n3fit.results.describe import FitSummary
from n3fit.results.layout import format_replicas


@dataclass(frozen=True, eq=False)
class FitOverview:
    """The overview of one fit.

    Parameters
    ----------
    fit : LabelledFit
    summary : FitSummary
    seconds : float
        Duration of the fit.
    replica_ranges : str
        The replica numbers.
    device : str
    certificate : mapping of str to str
        By compressed observable, the bounds of the errors of the compression; empty without compression.
    replica_lines : list of ReplicaLine
    trial_lines : list of TrialUse
        The trials whose networks the replicas have; empty for a fit with the network of its runcard.
    """

    fit: LabelledFit
    summary: FitSummary
    seconds: float
    replica_ranges: str
    device: str
    certificate: Mapping[str, str]
    replica_lines: list[tables.ReplicaLine]
    trial_lines: list[tables.TrialUse]


@dataclass(frozen=True, eq=False)
class PageContents:
    """All tables and figures of a page; ``reference`` is the label of the reference ensemble, if any."""

    fits: tuple[FitOverview, ...]
    reference: str | None
    differences: Differences
    chi2_lines: list[tables.Chi2Line]
    loss_lines: list[tables.LossLine]
    chi2: list[PlottedFigure]
    closure: list[tuple[LabelledFit, ClosureEstimates]]
    theory_covariance: list[PlottedFigure]
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
            *self.theory_covariance,
            *(figure for group in groups for figure in group),
            *self.pdfs.correlations,
            *self.training,
            *self.diagnostics,
            *self.data,
        ]


def collect_contents(
    fits: Sequence[LabelledFit], reference: Ensemble | None, *, progress: ProgressReporter
) -> PageContents:
    """Build all tables and draw all figures.

    Raises
    ------
    DataError
        A fit folder is damaged.
    """
    with plot_style():
        return PageContents(
            fits=tuple(_overview(fit) for fit in fits),
            reference=None if reference is None else reference.label,
            differences=find_differences([fit.folder for fit in fits]),
            chi2_lines=tables.chi2_lines(fits),
            loss_lines=tables.loss_lines(fits),
            chi2=chi2_figures(fits),
            closure=[(fit, estimates) for fit in fits if (estimates := _closure(fit)) is not None],
            theory_covariance=theory_covariance_figures(fits),
            pdfs=collect_pdfs(fits, reference, progress=progress),
            training=training_figures(fits),
            diagnostics=[*diagnostic_figures(fits), *positivity_figures(fits)],
            data=data_figures(fits),
        )


def _overview(fit: LabelledFit) -> FitOverview:
    folder, summary = fit.folder, fit.folder.summary()
    environment = folder.manifest.environment
    certificate = environment.get("theory_compression")
    return FitOverview(
        fit=fit,
        summary=summary,
        seconds=summary.timing.get("total", sum(summary.timing.values())),
        replica_ranges=format_replicas(folder.replicas.tolist(), dash="–"),
        device=str(environment.get("device", folder.manifest.platform.get("machine", "unknown"))),
        certificate=_certificates(certificate) if isinstance(certificate, Mapping) else {},
        replica_lines=tables.replica_lines(fit),
        trial_lines=tables.trial_uses(fit),
    )


def _certificates(record: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return, for each compressed observable, the number of squares per point and the largest errors."""
    return {
        name: f"{entry['squares']:.0f} squares a point; errors at most {entry['relative']:.1e} relative, "
        f"{entry['uncertainty']:.1e} of the uncertainty"
        for name, entry in record.items()
    }


def _closure(fit: LabelledFit) -> ClosureEstimates | None:
    """Return the estimators of a closure test, None for any other fit and without chosen replicas."""
    if fit.folder.description.closure is None or not fit.folder.chosen.any():
        return None
    return closure_estimates(fit.folder)
