"""Fetching PDF sets of the LHAPDF format."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from n3fit.errors import DataError
from n3fit.fetching.archive import Limits
from n3fit.fetching.connection import Patience
from n3fit.fetching.places import pdf_places
from n3fit.fetching.resource import Fetched, Resource, check_name, fetch
from n3fit.lhapdf.pdf_sets import PDFSet, find_sets, user_sets_folder
from n3fit.progress import ProgressReporter

logger = logging.getLogger(__name__)


def fetch_pdf_set(
    name: str,
    *,
    output: Path | None = None,
    urls: Sequence[str] = (),
    force: bool = False,
    progress: ProgressReporter | None = None,
    patience: Patience | None = None,
    limits: Limits | None = None,
) -> Fetched:
    """Fetch a PDF set, unless it is found already.

    Parameters
    ----------
    name : str
        Name of the set.
    output : Path, optional
        Folder for the folder of the set; by default that of the user's sets, and all folders are searched before.
    urls : sequence of str
        Addresses instead of those of the environment and of the profile of nnpdf; see :func:`pdf_places`.
    force : bool
        Replace the set that is in the folder.
    progress, patience, limits
        As in :func:`n3fit.fetching.resource.fetch`.

    Raises
    ------
    CommandLineError
        The name is not one, or an address is not.
    DataError
        No address has it, what came cannot be used, or what is there already is broken.
    ResourceError
        A server cannot be reached or stopped, or the disk is full or cannot be written to.
    """
    check_name(name, "PDF set")
    places = pdf_places(urls)
    found = _find(name) if output is None else output / name
    if not force and found is not None and _is_set(found):
        _check_present(found)
        return Fetched(name=f"PDF set {name}", folder=found, present=True)
    resource = Resource(
        name=f"PDF set {name}",
        kind="PDF set",
        stem=name,
        suffix=".tar.gz",
        is_present=_is_set,
        check=check_set_folder,
        error=DataError,
    )
    folder = output if output is not None else user_sets_folder()
    fetched = fetch(resource, folder, places, force=force, progress=progress, patience=patience, limits=limits)
    first = _find(name)
    if output is None and first is not None and first.resolve() != fetched.folder:
        logger.warning("%s: a runcard finds the set in %s before the one that was fetched", name, first)
    return fetched


def check_set_folder(folder: Path) -> None:
    """Check that a set is complete: its ``.info`` file, a file for each member, and the content of the central one.

    Raises
    ------
    DataError
        It is not.
    """
    pdf = PDFSet(folder)
    missing = pdf.missing_members()
    if missing:
        raise DataError(
            f"{folder.name}: {len(missing)} of {pdf.members} members are missing, "
            f"the first is {pdf.member_path(missing[0]).name}"
        )
    pdf.read_member(0)


def _find(name: str) -> Path | None:
    return next((folder for folder in find_sets() if folder.name == name), None)


def _is_set(folder: Path) -> bool:
    return (folder / f"{folder.name}.info").is_file()


def _check_present(folder: Path) -> None:
    try:
        check_set_folder(folder)
    except DataError as error:
        raise DataError(
            f"{folder}: the PDF set is there, but cannot be used: {error.message}",
            hint="fetch it again with --force",
            ways=[["--force"]],
        ) from error
