"""The members of fits and PDF sets at any scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from n3fit.paths import PathLike, SearchPaths

if TYPE_CHECKING:
    from n3fit.api.fit_object import Fit
    from n3fit.ensembles import Ensemble
    from n3fit.lhapdf.pdf_sets import PDFSet
    from n3fit.results.ensembles import Members


def open_ensemble(
    source: Fit | PDFSet | PathLike,
    *,
    members: Members | Sequence[int] = "chosen",
    label: str | None = None,
    pdf_path: PathLike | None = None,
) -> Ensemble:
    """Return the ensemble of a fit or of a PDF set, whose members are available at any scale.

    In a notebook it shows a progress bar where reading or evolving the members takes longer than a second.

    Parameters
    ----------
    source : Fit, PDFSet, path or str
        A fit, a set, the folder of one of them, or the name of an LHAPDF set.
    members : str or sequence of int
        Replicas of a fit as in :func:`n3fit.api.evolve`; of a set ``central`` or numbers, else all.
    label : str, optional
        Name in legends; by default that of the fit or set.
    pdf_path : path, optional
        Folder with PDF sets, besides those that are always searched.

    Raises
    ------
    N3fitError
        There is no such fit, set or member, none passes, or a file is damaged.
    """
    from n3fit.api.fit_object import Fit
    from n3fit.api.notebook_ensemble import show_progress_of
    from n3fit.results.ensembles import open_ensemble as open_any

    folder = source.folder if isinstance(source, Fit) else source
    folders = SearchPaths.of(pdf_path=pdf_path).pdf_folders
    return show_progress_of(open_any(folder, members=members, label=label, paths=folders))
