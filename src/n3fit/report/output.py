"""The page and the folder of figures beside it: put in place together, completely or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from n3fit.errors import OutputExistsError
from n3fit.report.rendering import RenderedFigure
from n3fit.results.layout import is_fit_folder
from n3fit.storage import write_atomically
from n3fit.storage.locks import lock_folder
from n3fit.storage.staging import move_into_place, stage

PAGE = "report.html"
_SUFFIXES = (".pdf", ".csv")


def choose_place(output: Path | None, default: Path) -> Path:
    """Give the file of the page.

    Parameters
    ----------
    output : Path, optional
        What the user asked for: a file whose name ends with ``.html`` or ``.htm``, or a folder for ``report.html``.
    default : Path
        The folder without.
    """
    if output is not None and output.suffix.lower() in (".html", ".htm") and not output.is_dir():
        return output
    return (default if output is None else output) / PAGE


def figures_folder(page: Path) -> Path:
    """Give the folder of the figures of a page, beside it: ``report_figures`` for ``report.html``."""
    return page.with_name(f"{page.stem}_figures")


def check_free(page: Path, *, force: bool) -> None:
    """Refuse a place that is taken; with ``force`` a report is replaced, and anything else never.

    Raises
    ------
    OutputExistsError
    """
    folder = figures_folder(page)
    for path in (page, folder):
        if path.exists() and not force:
            raise OutputExistsError(f"{path}: exists already", hint="replace it with --force, or choose another place")
    if page.is_dir() or (folder.exists() and not _holds_figures(folder)):
        taken = page if page.is_dir() else folder
        raise OutputExistsError(
            f"{taken}: holds something else than a report, so it is not replaced, even with --force",
            hint="choose another place with --output",
        )


def write_report(page: Path, text: str, figures: Mapping[str, RenderedFigure], *, force: bool) -> Path:
    """Write the page and its figures beside their places, then move both there; give the file of the page.

    Raises
    ------
    OutputExistsError
        The place was taken meanwhile.
    ResourceError
        The place cannot be written to, or another process writes there; what was there stays.
    """
    with lock_folder(figures_folder(page)) as folder, stage(folder, product=page) as staging:
        target = folder.parent / page.name
        for name, figure in figures.items():
            (staging / f"{name}.pdf").write_bytes(figure.pdf)
            (staging / f"{name}.csv").write_text(figure.csv, encoding="utf-8")
        write_atomically(staging / page.name, text)
        check_free(page, force=force)
        (staging / page.name).replace(target)
        move_into_place(staging, folder)
    return target


def _holds_figures(folder: Path) -> bool:
    if not folder.is_dir() or is_fit_folder(folder):
        return False
    return all(path.is_file() and path.suffix in _SUFFIXES for path in folder.iterdir())
