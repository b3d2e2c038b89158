"""From a fit folder to an LHAPDF set: all replicas evolved at once from the initial scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from n3fit import __version__
from n3fit.defaults import Q_MAX
from n3fit.errors import FitError
from n3fit.evolution.evolver import GridEvolver
from n3fit.evolution.grids import Q_NODES, lhapdf_qgrid
from n3fit.lhapdf.set_folder import check_set_name, open_set_folder
from n3fit.lhapdf.writer import SetLayout, write_info, write_member
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.results.ensembles import Members, choose_replicas, read_theory_card
from n3fit.results.folder import FitFolder
from n3fit.results.layout import SETS_FOLDER
from n3fit.results.validphys_files import POSTFIT_LOG, write_validphys_files
from n3fit.storage.files import resolve_folder
from n3fit.storage.locks import lock_folder
from n3fit.typing import Floats

_BATCH = 100  # members evolved and written together: bounds the memory


def evolve_fit(
    folder: FitFolder | Path,
    *,
    name: str | None = None,
    output: Path | None = None,
    members: Members | Sequence[int] = "chosen",
    q_max: float = Q_MAX,
    q_nodes: int = Q_NODES,
    progress: ProgressReporter | None = None,
    force: bool = False,
) -> Path:
    """Write the LHAPDF set of a fit: member 0 is the mean of the replicas, the others are the replicas.

    The evolution is that of the theory of the fit; its operators are built once and kept in the cache. The same fit
    gives the same bytes.

    Parameters
    ----------
    folder : FitFolder or Path
    name : str, optional
        Name of the set; by default that of the fit.
    output : Path, optional
        Folder of PDF sets in which the set gets a folder of its own; by default ``postfit`` in the fit folder.
    members : str or sequence of int
        ``chosen``: the replicas that ``n3fit postfit`` chose, or without such a choice those that are finite and pass
        positivity. ``passing``: all that no veto excludes. ``finite``: all that are finite. ``central``: only member 0,
        the mean of the chosen ones. Or the numbers of the replicas.
    q_max : float
        Largest scale in GeV.
    q_nodes : int
        About how many nodes in Q.
    progress : ProgressReporter, optional
    force : bool
        Replace a set that is there.

    Returns
    -------
    Path
        The folder of the set.

    Raises
    ------
    CommandLineError
        A name, replica or grid is not valid.
    DataError, TheoryError
        The fit folder is damaged, or its theory cannot be evolved.
    FitError
        No replica of the fit is left.
    OutputExistsError, ResourceError
        The set is there already, or cannot be written.
    """
    fit = folder if isinstance(folder, FitFolder) else FitFolder.open(folder)
    set_name = name if name is not None else fit.name
    check_set_name(set_name)
    if members == "chosen" and fit.selection not in ("postfit", "passing"):
        raise FitError(
            f"{fit.path}: none of the {len(fit.replicas)} replicas passes positivity",
            hint="fit again, or evolve all finite replicas with --members finite",
        )
    chosen = choose_replicas(fit, members)
    card = read_theory_card(fit)
    layout = SetLayout(
        name=set_name,
        description=_describe(fit, len(chosen), central_only=members == "central"),
        card=card,
        xgrid=fit.xgrid,
        segments=lhapdf_qgrid(card, q_max=q_max, nodes=q_nodes),
    )
    grids = fit.pdf[np.isin(fit.replicas, chosen)]
    mean = grids.mean(axis=0, keepdims=True)
    grids = mean if members == "central" else np.concatenate([mean, grids])
    home = fit.path / SETS_FOLDER
    with open_set_folder((output or home) / set_name, force=force) as target:
        if target.path.parent == resolve_folder(home):
            _complete_for_validphys(fit, chosen)
        _write_members(target.staging, layout, grids, chosen, progress or NullReporter())
        write_info(target.staging, layout, members=len(grids))
    return target.path


def _complete_for_validphys(fit: FitFolder, chosen: Sequence[int]) -> None:
    """Write the links and vetoes beside a set of the fit, which validphys expects there, unless postfit wrote them."""
    with lock_folder(fit.path):
        if fit.postfit is None or not (fit.path / SETS_FOLDER / POSTFIT_LOG).is_file():
            write_validphys_files(fit, chosen if fit.postfit is None else fit.postfit.chosen)


def _write_members(
    folder: Path, layout: SetLayout, grids: Floats, replicas: Sequence[int], reporter: ProgressReporter
) -> None:
    """Evolve the mean and the replicas, (1 + R, nx, 14), and write the files of the members."""
    reporter.phase("preparing the evolution")
    evolver = GridEvolver(layout.card, layout.xgrid, layout.segments, progress=reporter)
    reporter.phase("evolving and writing the members")
    for first in range(0, len(grids), _BATCH):
        evolved = evolver.evolve(grids[first : first + _BATCH])
        for index in range(len(evolved[0])):
            number = first + index
            replica = replicas[number - 1] if number else None
            write_member(folder, layout, number, [values[index] for values in evolved], replica=replica)
            reporter.step("members", number + 1, len(grids))


def _describe(fit: FitFolder, replicas: int, *, central_only: bool) -> str:
    title = " ".join(fit.title.split()) or "PDF fit"
    order = "N" * int(fit.description.theory.get("card", {}).get("PTO", 0)) + "LO"
    members = f"mem=0: mean of {replicas} replicas"
    if not central_only:
        members += f"; mem=1-{replicas}: replicas"
    return (
        f"{title}; fit {fit.name}, theory {fit.description.theory.get('id')} ({order}). {members}. n3fit {__version__}"
    )
