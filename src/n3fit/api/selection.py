"""Choosing the replicas of a fit, and merging fits of the same runcard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.defaults import ARC_LENGTH_DEVIATIONS, CHI2_DEVIATIONS, INTEGRABILITY_LIMIT
from n3fit.paths import PathLike

if TYPE_CHECKING:
    from n3fit.api.fit_object import Fit
    from n3fit.results import Postfit


@dataclass(frozen=True)
class PostfitSummary:
    """The selection of a fit.

    ``selection`` is what ``file`` says; ``outdated`` are PDF sets in the fit folder that were made of other replicas,
    and ``pdf_set`` is the set of the chosen ones, None as long as there is none.
    """

    folder: Path
    file: Path
    selection: Postfit
    outdated: tuple[Path, ...]
    pdf_set: Path | None = None


def postfit(
    folder: PathLike,
    *,
    count: int | None = None,
    at_least: bool = False,
    chi2: float = CHI2_DEVIATIONS,
    arc_length: float = ARC_LENGTH_DEVIATIONS,
    integrability: float = INTEGRABILITY_LIMIT,
    skip_damaged: bool = False,
) -> PostfitSummary:
    """Choose the replicas of a fit folder that are good enough for its PDF set, and write ``postfit.json`` there.

    From then on the PDF set, the report and every mean over replicas are made of them. For validphys the choice is
    written into ``postfit/`` too, as links to the replicas and ``veto_count.json``. An earlier choice is replaced. The
    same choice gives the same bytes. After ``evolve`` the PDF set of the choice is put together from evolved replicas.

    Parameters
    ----------
    folder : path
        The fit folder.
    count : int, optional
        How many to choose: the first of those that pass, by number. All that pass by default.
    at_least : bool
        Choose all that pass, and require ``count`` of them.
    chi2, arc_length : float
        Standard deviations by which a replica may lie above the mean; see :mod:`n3fit.results.vetoes`.
    integrability : float
        Largest integrability number.
    skip_damaged : bool
        Exclude replicas with damaged files, from now on; they are named in ``postfit.json``.

    Returns
    -------
    PostfitSummary

    Raises
    ------
    TooFewReplicasError
        Fewer replicas pass than requested; the message counts the vetoes, the hint says how many more to fit.
    N3fitError
        There is no complete fit, it is being written, or a threshold is not positive.
    """
    from n3fit.lhapdf.set_folder import replicas_of_set
    from n3fit.results import Thresholds, choose_and_record
    from n3fit.results.layout import POSTFIT, SETS_FOLDER

    thresholds = Thresholds(chi2=chi2, arc_length=arc_length, integrability=integrability)
    path = Path(folder)
    fit, selection = choose_and_record(
        path, count=count, at_least=at_least, thresholds=thresholds, skip_damaged=skip_damaged
    )
    outdated = tuple(entry for entry in fit.pdf_sets if replicas_of_set(entry) not in ((), selection.chosen))
    own = path / SETS_FOLDER / fit.name
    made = own in fit.pdf_sets and own not in outdated
    return PostfitSummary(path, path / POSTFIT, selection, outdated, own if made else None)


def merge(folders: Sequence[PathLike], *, output: PathLike, force: bool = False) -> Fit:
    """Merge fits of the same runcard, such as replicas 1-60 from one machine and 61-120 from another.

    Parameters
    ----------
    folders : sequence of path
        Two fit folders or more; they are left as they are.
    output : path
        The folder of the merged fit.
    force : bool
        Replace a fit that is there.

    Returns
    -------
    Fit

    Raises
    ------
    CommandLineError
        The fits are of different runcards or inputs, are closure tests of an earlier version, or have a replica in
        common.
    N3fitError
        A folder is not a complete fit, or the place cannot be written to.
    """
    from n3fit.api.fit_object import Fit
    from n3fit.errors import CommandLineError
    from n3fit.results import merge_fits, prepare_folder, read_fit_folder
    from n3fit.storage.locks import lock_folder

    if len(folders) < 2:
        raise CommandLineError(f"expected two fit folders or more, received {len(folders)}")
    target = Path(output)
    with lock_folder(target):
        prepare_folder(target, force=force)
        fits = [read_fit_folder(Path(folder), checksums=True, use_postfit=False) for folder in folders]
        return Fit(merge_fits(fits, target, force=force))


def open_fit(folder: PathLike, *, skip_damaged: bool = False) -> Fit:
    """Read a fit folder; in a notebook it shows a small summary, and ``plot`` gives figures of its PDFs.

    Raises
    ------
    N3fitError
        The folder is not a complete fit; ``skip_damaged`` leaves out replicas whose files are damaged.
    """
    from n3fit.api.fit_object import Fit
    from n3fit.results import read_fit_folder

    return Fit(read_fit_folder(Path(folder), skip_damaged=skip_damaged))
