"""Files of the report: the page and the folder of figures beside it, written together, completely or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from n3fit.errors import OutputExistsError
from n3fit.report.figure_files import FigureFiles
from n3fit.results.layout import is_fit_folder
from n3fit.storage import write_atomically
from n3fit.storage.locks import lock_folder
from n3fit.storage.staging import move_into_place, stage

PAGE = "report.html"
_SUFFIXES = (".pdf", ".csv")


def choose_page(output: Path | None, default: Path) -> Path:
    """Return the file of the page.

    Parameters
    ----------
    output : Path, optional
        A file whose name ends with ``.html`` or ``.htm``, or a folder for ``report.html``.
    default : Path
        The folder when there is no ``output``.
    """
    if output is not None and output.suffix.lower() in (".html", ".htm") and not output.is_dir():
        return output
    return (default if output is None else output) / PAGE


def figures_folder(page: Path) -> Path:
    """Return the folder of the figures of a page, beside it: ``report_figures`` for ``report.html``."""
    return page.with_name(f"{page.stem}_figures")


def check_free(page: Path, *, force: bool) -> None:
    """Check that the page and its folder of figures do not exist, or with ``force`` that they are a report.

    Raises
    ------
    OutputExistsError
    """
    folder = figures_folder(page)
    for path in (page, folder):
        if path.exists() and not force:
            raise OutputExistsError(
                f"{path}: exists already", hint="replace it with --force, or choose another place", ways=[["--force"]]
            )
    if page.is_dir() or (folder.exists() and not _is_figures_folder(folder)):
        taken = page if page.is_dir() else folder
        raise OutputExistsError(
            f"{taken}: expected a report, found other files, which are not replaced, not even with --force",
            hint="choose another place with --output",
        )


def write_report(page: Path, text: str, files: Mapping[str, FigureFiles], *, force: bool) -> Path:
    """Write the page and its figures to a staging folder, then move both into place; return the file of the page.

    Raises
    ------
    OutputExistsError
        Another process has written a report there meanwhile.
    ResourceError
        The files cannot be written, or another process is writing them; existing files are kept.
    """
    with lock_folder(figures_folder(page)) as folder, stage(folder, product=page) as staging:
        target = folder.parent / page.name
        for name, figure in files.items():
            (staging / f"{name}.pdf").write_bytes(figure.pdf)
            (staging / f"{name}.csv").write_text(figure.csv, encoding="utf-8")
        write_atomically(staging / page.name, text)
        check_free(page, force=force)
        (staging / page.name).replace(target)
        move_into_place(staging, folder)
    return target


def _is_figures_folder(folder: Path) -> bool:
    if not folder.is_dir() or is_fit_folder(folder):
        return False
    return all(path.is_file() and path.suffix in _SUFFIXES for path in folder.iterdir())
