"""The page of a campaign: its runs, and what follows from all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n3fit.campaign.alphas_scan import AlphasScan
from n3fit.campaign.layout import TABLE
from n3fit.campaign.result import CampaignResult
from n3fit.campaign.table import RunRow
from n3fit.progress import ProgressReporter
from n3fit.report.alphas_plots import minima_figure, profile_figure
from n3fit.report.campaign_plots import ratio_figure, runs_figure
from n3fit.report.figure_rendering import render_figures
from n3fit.report.format_numbers import format_number
from n3fit.report.html import render_template
from n3fit.report.output import figures_folder, write_report
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.results.closure_statistics import ClosureStatistics


@dataclass(frozen=True, eq=False)
class CampaignContents:
    """All that the page shows; ``facts`` are the results of the analysis, by name."""

    title: str
    kind: str
    rows: tuple[RunRow, ...]
    facts: Mapping[str, str]
    problem: str
    closure: ClosureStatistics | None
    figures: list[PlottedFigure]
    table: str


def write_page(result: CampaignResult, page: Path, *, progress: ProgressReporter) -> Path:
    """Write the page and the folder of its figures, in place of those of an earlier call.

    Raises
    ------
    OutputExistsError, ResourceError
        Something else has their place, or the files cannot be written.
    """
    contents = collect_contents(result)
    files = render_figures(contents.figures, progress=progress)
    text = render_template("campaign.html.j2", contents, files, figures_folder(page).name)
    return write_report(page, text, files, force=True)


def collect_contents(result: CampaignResult) -> CampaignContents:
    """Return what the page shows."""
    analysis = result.analysis
    figures = []
    if analysis.alphas is not None:
        figures += alphas_figures(analysis.alphas)
    if analysis.closure is not None:
        figures.append(_closure_figure(analysis.closure))
    complete = [row for row in result.rows if row.chi2 is not None]
    if complete:
        columns = [
            np.array([getattr(row, key) if getattr(row, key) is not None else np.nan for row in complete])
            for key in ("chi2", "chi2_replicas", "chi2_deviation")
        ]
        figures.append(runs_figure([row.name for row in complete], *columns))
    return CampaignContents(
        title=result.title,
        kind=result.kind,
        rows=result.rows,
        facts=facts_of(result),
        problem="" if analysis.problem is None else str(analysis.problem),
        closure=analysis.closure,
        figures=figures,
        table=TABLE,
    )


def facts_of(result: CampaignResult) -> dict[str, str]:
    """Return the results of the analysis as text, by name."""
    analysis = result.analysis
    if analysis.closure is not None:
        total = analysis.closure.total
        verdict = "contains 1" if total.ratio.contains(1.0) else "does not contain 1"
        return {
            "Fits": str(analysis.closure.fits),
            "R_bv": f"{total.ratio.value:.3f} ± {total.ratio.deviation:.3f}",
            "Interval of 95 %": f"{total.ratio.low:.3f} to {total.ratio.high:.3f}, {verdict}",
            "ξ": f"{total.coverage.value:.2f}, {total.expected_coverage:.2f} expected from R_bv",
        }
    if analysis.alphas is not None:
        found = analysis.alphas.determination
        left_out = ", ".join(f"{count} {reason}" for reason, count in found.left_out.items())
        return {
            "αₛ(m_Z)": f"{found.value:.5f} ± {found.uncertainty:.5f}",
            "Errors of these two": f"{found.value_error:.5f} and {found.uncertainty_error:.5f}",
            "Median and 68 %": f"{found.median:.5f}, {found.low:.5f} to {found.high:.5f}",
            "Replicas": f"{int(found.accepted.sum())} of {len(found.replicas)}"
            + (f" (left out: {left_out})" if left_out else ""),
            "Minima outside of the scan": str(found.outside),
            "Data": str(analysis.alphas.points),
            "Mean χ² of the replicas": format_number(float(found.mean_curve.lowest[0]), 1),
        }
    return {}


def alphas_figures(scan: AlphasScan) -> list[PlottedFigure]:
    """Return the figures of a scan of alpha_s."""
    found = scan.determination
    parabolas, accepted = found.parabolas, found.accepted
    lowest = parabolas.lowest[accepted, np.newaxis]
    curves = np.stack(
        [parabolas.minimum[accepted], np.zeros(int(accepted.sum())), parabolas.curvature[accepted]], axis=1
    )
    profile = profile_figure(
        found.alphas,
        found.chi2[accepted] - lowest,
        curves,
        scan.central_chi2 - np.nanmin(scan.central_chi2),
        value=found.value,
        uncertainty=found.uncertainty,
    )
    limits = float(found.alphas[0]), float(found.alphas[-1])
    return [profile, minima_figure(found.minima, value=found.value, uncertainty=found.uncertainty, limits=limits)]


def _closure_figure(statistics: ClosureStatistics) -> PlottedFigure:
    rows = [row for row in statistics.rows if row.level in ("experiments", "total")]
    return ratio_figure(
        [row.name for row in rows],
        np.array([row.ratio.value for row in rows]),
        np.array([row.ratio.low for row in rows]),
        np.array([row.ratio.high for row in rows]),
    )
