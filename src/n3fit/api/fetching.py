"""Theories and PDF sets from servers: nothing is fetched but by these functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from n3fit.api.notebooks import shows_progress
from n3fit.paths import PathLike, as_path
from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.fetching import Fetched


@shows_progress
def get_theory(
    theoryid: int | str,
    *,
    output: PathLike | None = None,
    urls: Sequence[str] = (),
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> Fetched:
    """Fetch a theory, unless it is there already.

    Parameters
    ----------
    theoryid : int or str
        As in the runcard.
    output : Path, optional
        Folder for ``theory_<id>``; by default that of the user's theories.
    urls : sequence of str
        Addresses of folders of theories, or of the archive itself, in the order in which they are tried; by default
        those of $N3FIT_THEORY_URLS, else those of the profile of nnpdf.
    force : bool
        Replace the theory that is there.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.

    Raises
    ------
    TheoryError
        No address has it, or what came cannot be used.
    ResourceError
        A server cannot be reached or stopped (the next call continues), or the disk is full.
    """
    from n3fit.fetching.theories import fetch_theory

    return fetch_theory(theoryid, output=as_path(output), urls=urls, force=force, progress=progress)


@shows_progress
def get_pdf(
    name: str,
    *,
    output: PathLike | None = None,
    urls: Sequence[str] = (),
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> Fetched:
    """Fetch a PDF set, unless it is there already.

    Parameters
    ----------
    name : str
        Name of the set.
    output : Path, optional
        Folder for the folder of the set; by default that of the user's sets.
    urls : sequence of str
        Addresses of folders of sets, or of the archive itself, in the order in which they are tried; by default those
        of $N3FIT_PDF_URLS, else those of the profile of nnpdf.
    force : bool
        Replace the set that is there.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.

    Raises
    ------
    DataError
        No address has it, or what came cannot be used.
    ResourceError
        A server cannot be reached or stopped (the next call continues), or the disk is full.
    """
    from n3fit.fetching.pdf_sets import fetch_pdf_set

    return fetch_pdf_set(name, output=as_path(output), urls=urls, force=force, progress=progress)
