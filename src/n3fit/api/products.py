"""LHAPDF sets and report pages of fit folders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.api.notebooks import shows_progress
from n3fit.defaults import Q_MAX
from n3fit.paths import PathLike, SearchPaths, as_path
from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.results.ensembles import Members


@shows_progress
def evolve(
    folder: PathLike,
    *,
    name: str | None = None,
    output: PathLike | None = None,
    theory: str | int | PathLike | None = None,
    settings: Sequence[str] = (),
    theory_path: PathLike | None = None,
    members: Members | Sequence[int] = "chosen",
    q_max: float = Q_MAX,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> Path:
    """Write the LHAPDF set of a fit folder, and return its folder; see :func:`n3fit.results.evolve.evolve_fit`.

    Parameters
    ----------
    folder : path
        The fit folder.
    name : str, optional
        By default that of the fit, followed by what differs in another theory.
    output : path, optional
        Folder of PDF sets; by default ``postfit`` in the fit folder.
    theory : str, int or path, optional
        The card of another theory for the evolution: a number, a name or a file.
    settings : sequence of str
        Replacements in the card, such as ``alphas=0.119``; without ``theory`` in that of the fit.
    theory_path : path, optional
        Folder with theories.
    members : str or sequence of int
        ``chosen``, ``passing``, ``finite``, ``central``, or numbers of replicas.
    q_max : float
        Largest scale in GeV.
    force : bool
        Replace an existing set.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.

    Raises
    ------
    N3fitError
        The folder is not a complete fit, its theory cannot be evolved, or the set exists and ``force`` is false.
    """
    from n3fit.results.evolve import evolve_fit

    return evolve_fit(
        Path(folder),
        name=name,
        output=as_path(output),
        theory=os.fspath(theory) if isinstance(theory, os.PathLike) else theory,
        settings=settings,
        theory_path=as_path(theory_path),
        members=members,
        q_max=q_max,
        force=force,
        progress=progress,
    )


@shows_progress
def report(
    folders: PathLike | Sequence[PathLike],
    *,
    reference: PathLike | None = None,
    output: PathLike | None = None,
    pdf_path: PathLike | None = None,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> Path:
    """Write the HTML page of one fit folder or of several, with its figures beside it, and return its path.

    Parameters
    ----------
    folders : path or sequence of path
        Fit folders; several are compared.
    reference : path or str, optional
        An LHAPDF set by name or folder, or another fit folder, by which PDFs are divided. By default the true set of
        closure tests, else the first fit.
    output : Path, optional
        The page, a file ``*.html``, or the folder for it; see :func:`n3fit.report.page.make_report`.
    pdf_path : Path, optional
        Folder with LHAPDF sets, besides those that are always searched.
    force : bool
        Replace a report that is there.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.

    Raises
    ------
    N3fitError
        A folder is not a complete fit, there is no such reference, or the page exists and ``force`` is false.
    """
    from n3fit.report.page import make_report
    from n3fit.report.pdf_contents import true_ensemble
    from n3fit.results import read_fit_folder
    from n3fit.results.ensembles import open_ensemble

    paths = SearchPaths.of(pdf_path=pdf_path).pdf_folders
    several = [folders] if isinstance(folders, str | os.PathLike) else folders
    fits = [read_fit_folder(Path(folder)) for folder in several]
    return make_report(
        fits,
        reference=true_ensemble(fits, paths) if reference is None else open_ensemble(reference, paths=paths),
        output=as_path(output),
        force=force,
        progress=progress,
    )
