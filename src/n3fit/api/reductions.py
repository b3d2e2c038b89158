"""Sets with fewer members: Hessian sets of replicas, and chosen replicas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.api.notebooks import shows_progress
from n3fit.defaults import COMPRESSED_REPLICAS, COMPRESSION_SEED, HESSIAN_DIRECTIONS
from n3fit.paths import PathLike, SearchPaths
from n3fit.progress import ProgressReporter

if TYPE_CHECKING:
    from n3fit.api.fit_object import Fit
    from n3fit.lhapdf.pdf_sets import PDFSet
    from n3fit.results.compressed_sets import CompressedSet
    from n3fit.results.hessian_sets import HessianSet
    from n3fit.results.reduction_sources import ReplicaSource


@shows_progress
def hessian(
    source: Fit | PDFSet | PathLike,
    *,
    directions: int = HESSIAN_DIRECTIONS,
    name: str | None = None,
    output: PathLike | None = None,
    scaled: bool = True,
    pdf_path: PathLike | None = None,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> HessianSet:
    """Write the Hessian set of the replicas of a fit or of a PDF set (arXiv:1505.06736).

    Parameters
    ----------
    source : Fit, PDFSet, path or str
        A fit, which is evolved with its theory; a set of replicas; the folder of one of them, or the name of a set.
    directions : int
        Number of error members: the principal directions of the covariance at the initial scale.
    name : str, optional
        Name of the set; by default that of ``source`` with ``_hessian_50`` for 50 directions.
    output : path, optional
        Folder of PDF sets for it; by default that of the user, which is always searched.
    scaled : bool
        Take the covariance in units of the standard deviation at each x and flavour, instead of that of x f.
    pdf_path : path, optional
        Folder with PDF sets, besides those that are always searched.
    force : bool
        Replace an existing set.
    progress : ProgressReporter, optional
        Receives phases, steps and messages; in notebooks a bar by default.

    Returns
    -------
    HessianSet
        The folder of the set, and its deviations from the replicas by flavour.

    Raises
    ------
    N3fitError
        There is no such fit or set of replicas, it has fewer directions, or the new set exists and ``force`` is false.
    """
    from n3fit.results.hessian_sets import write_hessian_set

    return write_hessian_set(
        _open(source, pdf_path), directions, output=_folder(output), name=name, scaled=scaled, force=force,
        progress=progress,
    )  # fmt: skip


@shows_progress
def compress(
    source: Fit | PDFSet | PathLike,
    *,
    replicas: int = COMPRESSED_REPLICAS,
    seed: int = COMPRESSION_SEED,
    name: str | None = None,
    output: PathLike | None = None,
    pdf_path: PathLike | None = None,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> CompressedSet:
    """Choose replicas with the statistics of all, and write their PDF set (arXiv:1504.06469).

    Parameters
    ----------
    source : Fit, PDFSet, path or str
        As in :func:`hessian`.
    replicas : int
        How many to choose, fewer than there are.
    seed : int
        The same seed gives the same choice.
    name : str, optional
        Name of the set; by default that of ``source`` with ``_compressed_100`` for 100 replicas.
    output, pdf_path, force, progress
        As in :func:`hessian`.

    Returns
    -------
    CompressedSet
        The folder of the set, the numbers of the chosen replicas, and their error functions beside those of random
        choices.

    Raises
    ------
    N3fitError
        There is no such fit or set of replicas, it has too few, or the new set exists and ``force`` is false.
    """
    from n3fit.results.compressed_sets import write_compressed_set

    return write_compressed_set(
        _open(source, pdf_path), replicas, output=_folder(output), seed=seed, name=name, force=force, progress=progress
    )


def _open(source: Fit | PDFSet | PathLike, pdf_path: PathLike | None) -> ReplicaSource:
    from n3fit.api.fit_object import Fit
    from n3fit.results.ensembles import find_source
    from n3fit.results.reduction_sources import replica_source

    folder = source.folder if isinstance(source, Fit) else source
    return replica_source(find_source(folder, SearchPaths.of(pdf_path=pdf_path).pdf_folders))


def _folder(output: PathLike | None) -> Path:
    from n3fit.lhapdf.pdf_sets import user_sets_folder

    return user_sets_folder() if output is None else Path(output)
