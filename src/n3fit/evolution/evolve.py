"""From a fit folder to an LHAPDF set: all replicas evolved at once from the initial scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from n3fit import __version__
from n3fit.defaults import Q_MAX
from n3fit.errors import CommandLineError, DataError, FitError
from n3fit.evolution.evolver import GridEvolver
from n3fit.evolution.grids import Q_NODES, lhapdf_qgrid
from n3fit.lhapdf.set_folder import check_set_name, open_set_folder
from n3fit.lhapdf.writer import SetLayout, write_info, write_member
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.results import FitFolder
from n3fit.results.naming import SETS_FOLDER
from n3fit.theory.theory_card import TheoryCard

Floats = NDArray[np.float64]
Members = Literal["passing", "finite", "central"]

_BATCH = 100  # members evolved and written together: bounds the memory


def evolve_fit(
    folder: FitFolder | Path,
    *,
    name: str | None = None,
    output: Path | None = None,
    members: Members | Sequence[int] = "passing",
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
        ``passing``: the replicas that ``n3fit postfit`` chose, or without such a choice those that are finite and
        pass positivity. ``finite``: all that are finite. ``central``: only member 0, the mean of the passing ones. Or
        the numbers of the replicas.
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
        A name, replica or grid that cannot be.
    DataError, TheoryError
        The fit folder is damaged, or its theory cannot be evolved.
    FitError
        No replica of the fit is left.
    OutputExistsError, ResourceError
        The set is there already, or cannot be written.
    """
    reporter = progress if progress is not None else NullReporter()
    fit = folder if isinstance(folder, FitFolder) else FitFolder.open(folder)
    set_name = name if name is not None else fit.name
    check_set_name(set_name)
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
    with open_set_folder((output or fit.path / SETS_FOLDER) / set_name, force=force) as target:
        reporter.phase("preparing the evolution")
        evolver = GridEvolver(card, fit.xgrid, layout.segments, progress=reporter.step)
        reporter.phase("evolving and writing the members")
        for first in range(0, len(grids), _BATCH):
            evolved = evolver.evolve(grids[first : first + _BATCH])
            for index in range(len(evolved[0])):
                number = first + index
                replica = chosen[number - 1] if number else None
                write_member(target.staging, layout, number, [values[index] for values in evolved], replica=replica)
                reporter.step("members", number + 1, len(grids))
        write_info(target.staging, layout, members=len(grids))
    return target.path


def choose_replicas(fit: FitFolder, members: Members | Sequence[int]) -> list[int]:
    """Give the numbers of the replicas that a set is made of, increasing.

    Raises
    ------
    CommandLineError
        Replicas that the fit does not have, or none.
    DataError
        A replica that was asked for by its number is not finite.
    FitError
        All replicas fail what is asked of them.
    """
    if isinstance(members, str):
        if members not in ("passing", "finite", "central"):
            raise CommandLineError(f"members: expected passing, finite, central or numbers, received {members!r}")
        wanted = fit.arrays.finite if members == "finite" else fit.passing
        numbers = [int(number) for number in fit.replicas[wanted]]
        if not numbers:
            condition = "is finite" if members == "finite" else "passes positivity"
            raise FitError(f"{fit.path}: none of the {len(fit.replicas)} replicas {condition}", hint="fit again")
    else:
        numbers = sorted({int(number) for number in members})
        unknown = sorted(set(numbers) - {int(number) for number in fit.replicas})
        if unknown or not numbers:
            raise CommandLineError(
                f"{fit.path}: expected replicas of the fit, {fit.replicas.min()} to {fit.replicas.max()}, "
                f"received {', '.join(map(str, unknown)) or 'none'}"
            )
    broken = [n for n, grid in zip(fit.replicas, fit.pdf, strict=True) if n in numbers and not np.isfinite(grid).all()]
    if broken:
        raise DataError(
            f"{fit.path}: the exportgrid of replica {', '.join(map(str, broken))} is not finite",
            hint="leave these replicas out",
        )
    return numbers


def read_theory_card(fit: FitFolder) -> TheoryCard:
    """Give the theory card that the fit was made with.

    Raises
    ------
    DataError
        The fit starts at another scale than its theory.
    TheoryError
        The card is not one of an evolution that we know.
    """
    source = f"{fit.path}: theory {fit.description.theory.get('id')}"
    card = TheoryCard.from_mapping(fit.description.theory.get("card", {}), source=source)
    if abs(card.Q0 - fit.description.q0) > 1e-6:
        raise DataError(f"{source}: starts at {card.Q0:g} GeV, but the fit at {fit.description.q0:g} GeV")
    return card


def _describe(fit: FitFolder, replicas: int, *, central_only: bool) -> str:
    title = " ".join(fit.title.split()) or "PDF fit"
    order = "N" * int(fit.description.theory.get("card", {}).get("PTO", 0)) + "LO"
    members = f"mem=0: mean of {replicas} replicas"
    if not central_only:
        members += f"; mem=1-{replicas}: replicas"
    return (
        f"{title}; fit {fit.name}, theory {fit.description.theory.get('id')} ({order}). {members}. n3fit {__version__}"
    )
