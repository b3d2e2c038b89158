"""The members of fits and PDF sets at any scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from n3fit.evolution.evolve import Members
    from n3fit.lhapdf.pdf_sets import PDFSet
    from n3fit.report.ensembles import Ensemble
    from n3fit.results import FitFolder


def open_ensemble(
    source: FitFolder | PDFSet | Path | str,
    *,
    members: Members | Sequence[int] = "passing",
    label: str | None = None,
    pdf_path: Path | None = None,
) -> Ensemble:
    """Give the ensemble of a fit or of a PDF set, whose members can be had at any scale.

    Parameters
    ----------
    source : FitFolder, PDFSet, path or str
        A fit, a set, the folder of one of them, or the name of an LHAPDF set.
    members : str or sequence of int
        Replicas of a fit as in :func:`n3fit.api.evolve`; of a set ``central`` or numbers, else all.
    label : str, optional
        What legends say; by default the name.
    pdf_path : Path, optional
        Folder with PDF sets, besides those that are always searched.

    Raises
    ------
    N3fitError
        There is no such fit, set or member, none passes, or a file is damaged.
    """
    from n3fit.report.ensembles import open_ensemble

    return open_ensemble(source, members=members, label=label, paths=[] if pdf_path is None else [pdf_path])
