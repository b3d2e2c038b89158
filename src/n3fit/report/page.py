"""The report of fits: one HTML file that needs nothing else, and its figures beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from n3fit.ensembles.ensemble import Ensemble
from n3fit.errors import CommandLineError
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.report.figure_rendering import render_figures
from n3fit.report.html import render_page
from n3fit.report.labelled_fit import label_fits
from n3fit.report.output import check_free, choose_page, figures_folder, write_report
from n3fit.report.page_contents import collect_contents
from n3fit.report.plotted_figure import file_name
from n3fit.report.runcard_contents import most_cores
from n3fit.results.folder import FitFolder


def make_report(
    fits: FitFolder | Sequence[FitFolder],
    *,
    reference: Ensemble | None = None,
    output: Path | None = None,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> Path:
    """Write the page of one or several fits, and the folder of its figures as PDF with their numbers as CSV.

    Parameters
    ----------
    fits : FitFolder or sequence of FitFolder
        PDFs at 100 GeV require the evolution operators of the theory, which are built for the first report.
    reference : Ensemble, optional
        The ensemble by which PDFs are divided; the first fit by default.
    output : Path, optional
        A file ``*.html``, or the folder for ``report.html``. By default the fit folder, for several fits a folder
        named after them in the working directory.
    force : bool
        Replace an existing report.
    progress : ProgressReporter, optional

    Returns
    -------
    Path
        The file of the page.

    Raises
    ------
    CommandLineError
        There is no fit.
    DataError
        A fit folder is damaged.
    OutputExistsError
        The report exists and ``force`` is false.
    ResourceError
        The files cannot be written.
    """
    folders = [fits] if isinstance(fits, FitFolder) else list(fits)
    if not folders:
        raise CommandLineError("report: expected at least one fit folder, received none")
    reporter = progress if progress is not None else NullReporter()
    labelled = label_fits(folders)
    together = Path("report_" + "_".join(file_name(fit.label) for fit in labelled)[:100])
    page = choose_page(output, folders[0].path if len(folders) == 1 else together)
    check_free(page, force=force)
    reporter.phase("drawing the figures")
    contents = collect_contents(labelled, reference, progress=reporter)
    reporter.phase("writing the report")
    files = render_figures(contents.figures, progress=reporter, most_cores=most_cores(folders))
    return write_report(page, render_page(contents, files, figures_folder(page).name), files, force=force)
