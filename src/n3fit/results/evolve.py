"""From a fit folder to an LHAPDF set: all replicas evolved at once from the initial scale."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from n3fit import __version__
from n3fit.defaults import Q_MAX
from n3fit.errors import CommandLineError, FitError
from n3fit.evolution.evolver import GridEvolver
from n3fit.evolution.grids import Q_NODES, lhapdf_qgrid
from n3fit.lhapdf.set_folder import check_set_name, open_set_folder
from n3fit.lhapdf.writer import SetLayout, write_info, write_member
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.results.ensembles import Members, choose_replicas
from n3fit.results.evolution_theory import EvolutionTheory, other_theory, own_theory
from n3fit.results.folder import FitFolder
from n3fit.results.layout import POSTFIT_LOG, SETS_FOLDER
from n3fit.results.member_files import check_not_evolved, share_members
from n3fit.results.reader import read_fit_folder
from n3fit.results.validphys_files import write_validphys_files
from n3fit.storage.files import resolve_folder, sync_files
from n3fit.storage.locks import lock_folder
from n3fit.theory.theory_card import order_name
from n3fit.typing import Floats

_BATCH = 100  # members evolved and written together: bounds the memory
_WRITERS = 2  # threads: one formats numbers while the other writes; more would wait for each other


def evolve_fit(
    folder: FitFolder | Path,
    *,
    name: str | None = None,
    output: Path | None = None,
    theory: str | int | Path | None = None,
    settings: Sequence[str] = (),
    theory_path: Path | None = None,
    members: Members | Sequence[int] = "chosen",
    q_max: float = Q_MAX,
    q_nodes: int = Q_NODES,
    progress: ProgressReporter | None = None,
    force: bool = False,
) -> Path:
    """Write the LHAPDF set of a fit, evolved with its theory or another one; the same fit gives the same bytes.

    Member 0 is the mean of the replicas, the others are the replicas. The members of a set with the name of the fit, in
    its folder, are shared with ``nnfit/``, from where postfit takes them; see :mod:`n3fit.results.member_files`.

    Parameters
    ----------
    folder : FitFolder or Path
    name : str, optional
        Name of the set; by default that of the fit, followed by what differs in another theory.
    output : Path, optional
        Folder of PDF sets; by default ``postfit`` in the fit folder.
    theory, settings, theory_path : str, int or Path, sequence of str, Path
        Another theory and replacements of its keys, see :func:`n3fit.results.evolution_theory.other_theory`.
    members : str or sequence of int
        See :data:`n3fit.results.ensembles.Members`; or the numbers of the replicas.
    q_max, q_nodes : float, int
        Largest scale in GeV, and approximate number of nodes in Q.
    progress : ProgressReporter, optional
    force : bool
        Replace an existing set.

    Returns
    -------
    Path
        The folder of the set.

    Raises
    ------
    CommandLineError, FitError
        A name, replica or grid is not valid; no replica of the fit is left.
    DataError, TheoryError
        The fit folder is damaged, or its theory cannot be evolved.
    OutputExistsError, ResourceError
        The set exists already, or cannot be written.
    """
    fit = folder if isinstance(folder, FitFolder) else read_fit_folder(folder)
    check_set_name(name if name is not None else fit.name)
    chosen = replicas_to_evolve(fit, members)
    grids = _initial_members(fit, chosen, central_only=members == "central")
    another = theory is not None or settings
    evolution = (
        other_theory(fit, theory, settings=settings, path=theory_path) if another else own_theory(fit, path=theory_path)
    )
    home = fit.path / SETS_FOLDER
    inside = output is None or resolve_folder(output) == resolve_folder(home)
    layout = SetLayout(
        name=_set_name(fit, evolution, name, inside=inside),
        description=describe_fit_set(fit, evolution, _describe_members(len(chosen), central_only=members == "central")),
        card=evolution.card,
        xgrid=fit.xgrid,
        segments=lhapdf_qgrid(evolution.card, q_max=q_max, nodes=q_nodes),
        polarised=fit.description.polarised,
    )
    shared = inside and layout.name == fit.name and len(grids) > 1
    if shared and not force:
        check_not_evolved(fit.path, fit.name)
    with open_set_folder((output or home) / layout.name, force=force) as target:
        if inside:
            _complete_for_validphys(fit, chosen)
        write_members(target.staging, layout, grids, chosen, progress or NullReporter())
        write_info(target.staging, layout, members=len(grids))
        sync_files(target.staging)
        if shared:
            share_members(fit.path, layout.name, target.staging, chosen)
    return target.path


def _set_name(fit: FitFolder, evolution: EvolutionTheory, name: str | None, *, inside: bool) -> str:
    """Return the name of the set; in its folder, that of the fit is for the set of its own theory."""
    if name is None:
        name = evolution.set_name(fit.name)
        check_set_name(name)
    if inside and evolution.changes and name == fit.name:
        raise CommandLineError(
            f"{fit.path}: the set {name} is that of the theory of the fit",
            hint=f"choose another name with --name, such as {evolution.set_name(fit.name)}",
            ways=[["--name", evolution.set_name(fit.name)]],
        )
    return name


def replicas_to_evolve(fit: FitFolder, members: Members | Sequence[int]) -> list[int]:
    """Return the numbers of the replicas; by default none that fails positivity, unlike for means."""
    if members == "chosen" and fit.selection not in ("postfit", "passing"):
        raise FitError(
            f"{fit.path}: none of the {len(fit.replicas)} replicas passes positivity",
            hint="fit again, or evolve all finite replicas with --members finite",
            ways=[["--members", "finite"]],
        )
    return choose_replicas(fit, members)


def _initial_members(fit: FitFolder, replicas: Sequence[int], *, central_only: bool) -> Floats:
    """Return the mean of the replicas and, unless ``central_only``, the replicas, (1 + R, nx, 14)."""
    grids = fit.pdf[np.isin(fit.replicas, replicas)]
    mean: Floats = grids.mean(axis=0, keepdims=True)
    return mean if central_only else np.concatenate([mean, grids])


def _complete_for_validphys(fit: FitFolder, chosen: Sequence[int]) -> None:
    """Write the links and vetoes beside a set of the fit, which validphys expects there, unless postfit wrote them."""
    with lock_folder(fit.path):
        if fit.postfit is None or not (fit.path / SETS_FOLDER / POSTFIT_LOG).is_file():
            write_validphys_files(fit, chosen if fit.postfit is None else fit.postfit.chosen)


def write_members(
    folder: Path,
    layout: SetLayout,
    grids: Floats,
    replicas: Sequence[int],
    reporter: ProgressReporter,
) -> None:
    """Evolve the central member and R others, (1 + R, nx, 14), and write their files.

    Parameters
    ----------
    folder : Path
        In which the set is prepared.
    layout : SetLayout
    grids : (1 + R, nx, 14)
        x f(x, Q0) in the order of ``n3fit.theory.flavours.EXPORT_PIDS``.
    replicas : sequence of int
        The replicas of the fit that the R members are; empty if they are something else.
    reporter : ProgressReporter
    """
    reporter.phase("preparing the evolution")
    evolver = GridEvolver(layout.card, layout.xgrid, layout.segments, progress=reporter, polarised=layout.polarised)
    reporter.phase("evolving and writing the members")

    def write(number: int, values: Sequence[Floats]) -> None:
        write_member(folder, layout, number, values, replica=replicas[number - 1] if number and replicas else None)

    with ThreadPoolExecutor(_WRITERS) as writers:
        for first in range(0, len(grids), _BATCH):
            evolved = evolver.evolve(grids[first : first + _BATCH])
            members = [[values[index] for values in evolved] for index in range(len(evolved[0]))]
            for done, _ in enumerate(writers.map(write, range(first, first + len(members)), members), start=first + 1):
                reporter.step("members", done, len(grids))


def _describe_members(replicas: int, *, central_only: bool) -> str:
    members = f"mem=0: mean of {replicas} replicas"
    if not central_only:
        members += f"; mem=1-{replicas}: replicas"
    return f"{members}. n3fit {__version__}"


def describe_fit_set(fit: FitFolder, evolution: EvolutionTheory, members: str) -> str:
    """Return the description of a set: title, fit, theory, and ``members``."""
    title = " ".join(fit.title.split()) or ("polarised PDF fit" if fit.description.polarised else "PDF fit")
    order = order_name(int(fit.description.theory.get("card", {}).get("PTO", 0)))
    theory = f"theory {fit.description.theory.get('id')} ({order})"
    if evolution.changes:
        theory += f", {evolution.describe()}"
    return f"{title}; fit {fit.name}, {theory}. {members}"
