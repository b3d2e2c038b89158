"""The page: everything that the fit folder tells, in one file that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from n3fit.errors import OutputExistsError
from n3fit.report import tables
from n3fit.report.data_plots import data_over_theory
from n3fit.report.diagnostic_plots import diagnostic_pictures
from n3fit.report.pdf_plots import COMBINATIONS, overview, panels_of
from n3fit.report.pictures import Picture, look
from n3fit.report.training_plots import training_pictures
from n3fit.results.folder import FitFolder
from n3fit.storage import write_atomically

PAGE = "report.html"


def make_report(folder: FitFolder, *, output: Path | None = None, force: bool = False) -> Path:
    """Write the page of a fit, whole or not at all.

    Parameters
    ----------
    folder : FitFolder
        All that is needed; no network, data or theory.
    output : Path, optional
        The file; ``report.html`` in the fit folder by default.
    force : bool
        Replace a page that is there.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputExistsError
        The file is there and ``force`` is not given.
    ResourceError
        The file cannot be written.
    """
    target = output or folder.path / PAGE
    if target.is_dir():
        target = target / PAGE
    if target.exists() and not force:
        raise OutputExistsError(f"{target}: exists already", hint="replace it with --force, or name another file")
    write_atomically(target, render(folder))
    return target


def render(fit: FitFolder) -> str:
    """Give the page as text."""
    environment = Environment(
        loader=PackageLoader("n3fit.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    for function in (tables.breakable, tables.number, tables.signed, tables.scientific, tables.duration):
        environment.filters[function.__name__] = function
    return environment.get_template("report.html.j2").render(_context(fit))


def _context(fit: FitFolder) -> dict[str, Any]:
    summary = fit.summary()
    selected = bool(fit.arrays.selected.any())
    with look():
        return {
            "fit": fit,
            "title": fit.title,
            "summary": summary,
            "used": int(fit.arrays.selected.sum()),
            "seconds": summary.timing.get("total", sum(summary.timing.values())),
            "replica_ranges": tables.ranges(fit.replicas.tolist()),
            "chi2_lines": tables.chi2_lines(fit, summary),
            "replica_lines": tables.replica_lines(fit),
            "overview": overview(fit) if selected else None,
            "flavours": [(entry, panels_of(fit, entry)) for entry in COMBINATIONS] if selected else [],
            "training": training_pictures(fit),
            "diagnostics": diagnostic_pictures(fit),
            "data": _data_pictures(fit) if selected else [],
        }


def _data_pictures(fit: FitFolder) -> list[Picture]:
    pictures = (data_over_theory(fit, dataset) for dataset in fit.description.datasets)
    return [picture for picture in pictures if picture is not None]
