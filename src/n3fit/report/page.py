"""The page: everything that fit folders tell, in one file that needs nothing else, and its figures beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from n3fit import __version__
from n3fit.ensembles.ensemble import Ensemble
from n3fit.errors import CommandLineError
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.report import words
from n3fit.report.contents import Contents, collect_contents
from n3fit.report.figures import file_name
from n3fit.report.output import check_free, choose_place, figures_folder, write_report
from n3fit.report.rendering import RenderedFigure, render_figures
from n3fit.report.shown_fit import show_fits
from n3fit.results.folder import FitFolder

_FILTERS = (
    words.breakable, words.number, words.signed, words.scientific, words.with_deviation, words.duration, words.percent,
)  # fmt: skip


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
        All that is needed; PDFs at 100 GeV take the evolution operators of the theory, built at the first time.
    reference : Ensemble, optional
        The PDF set that PDFs are divided by; the first fit by default.
    output : Path, optional
        A file ``*.html``, or the folder for ``report.html``. By default the fit folder, for several fits a folder
        named after them in the working directory.
    force : bool
        Replace a report that is there.
    progress : ProgressReporter, optional

    Returns
    -------
    Path
        The file of the page.

    Raises
    ------
    CommandLineError
        No fit is given.
    DataError
        A fit folder is damaged.
    OutputExistsError
        The report is there and ``force`` is not given.
    ResourceError
        The place cannot be written to.
    """
    folders = [fits] if isinstance(fits, FitFolder) else list(fits)
    if not folders:
        raise CommandLineError("report: expected at least one fit folder, received none")
    reporter = progress if progress is not None else NullReporter()
    shown = show_fits(folders)
    together = Path("report_" + "_".join(file_name(entry.label) for entry in shown)[:100])
    page = choose_place(output, folders[0].path if len(folders) == 1 else together)
    check_free(page, force=force)
    reporter.phase("drawing the figures")
    contents = collect_contents(shown, reference, progress=reporter)
    reporter.phase("writing the report")
    rendered = render_figures(contents.figures, progress=reporter)
    text = render_page(contents, rendered, figures_folder(page).name)
    return write_report(page, text, rendered, force=force)


def render_page(contents: Contents, rendered: Mapping[str, RenderedFigure], folder: str) -> str:
    """Give the page as text; ``folder`` is the name of the folder of figures beside it."""
    environment = Environment(
        loader=PackageLoader("n3fit.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    for function in _FILTERS:
        environment.filters[function.__name__] = function
    return environment.get_template("report.html.j2").render(
        contents=contents, rendered=rendered, folder=quote(folder), version=__version__
    )
