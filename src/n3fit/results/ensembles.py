"""Ensembles of fits, and of fits or PDF sets named by a user."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from n3fit.ensembles.ensemble import Ensemble
from n3fit.ensembles.replica_ensemble import ReplicaEnsemble
from n3fit.ensembles.set_ensemble import SetEnsemble
from n3fit.errors import CommandLineError, DataError, FitError, TheoryError
from n3fit.lhapdf.pdf_sets import PDFSet, load_pdf_set
from n3fit.paths import PathLike
from n3fit.results.folder import FitFolder
from n3fit.results.layout import MANIFEST
from n3fit.results.nnpdf_fit import is_nnpdf_fit
from n3fit.results.reader import read_fit_folder
from n3fit.theory.capabilities import check_evolution, check_evolution_keys
from n3fit.theory.theory_card import TheoryCard

Members = Literal["chosen", "passing", "finite", "central"]
"""Replicas of a fit.

``chosen``: those that ``n3fit postfit`` chose, without postfit those that are finite and pass positivity; ``passing``:
those that no veto excludes; ``finite``: all that are finite; ``central``: only the mean of the chosen ones.
"""


def fit_ensemble(
    fit: FitFolder, *, members: Members | Sequence[int] = "chosen", label: str | None = None
) -> ReplicaEnsemble:
    """Return the replicas of a fit, to be evolved with its theory.

    Without a theory that can be evolved only the initial scale is within reach. Arguments as :func:`open_ensemble`.
    """
    grids = fit.pdf[np.isin(fit.replicas, choose_replicas(fit, members))]
    central = isinstance(members, str) and members == "central"
    return ReplicaEnsemble(
        label or fit.name,
        q0=fit.description.q0,
        xgrid=fit.xgrid,
        pdf=grids.mean(axis=0, keepdims=True) if central else grids,
        kind="central" if central else "replicas",
        card=_evolving_card(fit),
        polarised=fit.description.polarised,
    )


def open_ensemble(
    source: FitFolder | PDFSet | PathLike,
    *,
    members: Members | Sequence[int] = "chosen",
    label: str | None = None,
    paths: Sequence[Path] = (),
) -> Ensemble:
    """Return the ensemble of a fit or of a PDF set.

    Parameters
    ----------
    source : FitFolder, PDFSet, path or str
        A fit, a set, the folder of one of them, or the name of an LHAPDF set or of its member.
    members : str or sequence of int
        Replicas of a fit: :data:`Members`, or numbers. Of a set ``central`` or numbers, else all.
    label : str, optional
        Name in legends; by default that of the fit or set.
    paths : sequence of Path
        Folders in which sets are looked for first.

    Raises
    ------
    CommandLineError, DataError, FitError, ResourceError
        There is no such fit, set or member, none passes, or a file is damaged.
    """
    found = find_source(source, paths)
    if isinstance(found, FitFolder):
        return fit_ensemble(found, members=members, label=label)
    return SetEnsemble(found, members=_set_members(members), label=label)


def find_source(source: FitFolder | PDFSet | PathLike, paths: Sequence[Path] = ()) -> FitFolder | PDFSet:
    """Return the fit or the PDF set that a user names; raises the errors of :func:`open_ensemble`."""
    if isinstance(source, FitFolder | PDFSet):
        return source
    folder = Path(source).expanduser()
    if (folder / f"{folder.resolve().name}.info").is_file():
        return PDFSet(folder.resolve())
    member = len(folder.parts) == 2 and folder.name.isdecimal() and not folder.exists()  # such as SET/3
    written = (folder / MANIFEST).is_file() or is_nnpdf_fit(folder)
    if written or isinstance(source, Path) or (len(folder.parts) > 1 and not member):
        return read_fit_folder(folder)
    return load_pdf_set(str(source), paths)


def choose_replicas(fit: FitFolder, members: Members | Sequence[int]) -> list[int]:
    """Return the numbers of replicas of a fit, increasing.

    Raises
    ------
    CommandLineError
        Replicas that the fit does not have, or none.
    DataError
        A replica requested by its number is not finite.
    FitError
        No replica fulfils the condition.
    """
    if isinstance(members, str):
        if members not in get_args(Members):
            raise CommandLineError(
                f"members: expected chosen, passing, finite, central or numbers, received {members!r}"
            )
        masks = {"passing": fit.passing, "finite": fit.results.finite}
        wanted = masks.get(members, fit.chosen)
        numbers = [int(number) for number in fit.replicas[wanted]]
        if not numbers:
            condition = "passes" if members == "passing" else "is finite"
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
    """Return the theory card that the fit was made with.

    Raises
    ------
    DataError
        The fit starts at another scale than its theory.
    TheoryError
        The card describes an evolution that is not implemented.
    """
    source = f"{fit.path}: theory {fit.description.theory.get('id')}"
    settings = fit.description.theory.get("card", {})
    check_evolution_keys(settings, source=source)
    card = TheoryCard.from_mapping(settings, source=source)
    check_evolution(card, source=source)
    if abs(card.Q0 - fit.description.q0) > 1e-6:
        raise DataError(f"{source}: starts at {card.Q0:g} GeV, but the fit at {fit.description.q0:g} GeV")
    return card


def _set_members(members: Members | Sequence[int]) -> Literal["all", "central"] | Sequence[int]:
    """Return the members of a PDF set: it has no vetoes, so that all of its replicas are chosen."""
    if isinstance(members, str):
        return "central" if members == "central" else "all"
    return members


def _evolving_card(fit: FitFolder) -> TheoryCard | None:
    """Return the theory card of a fit, or None when it is not one that can be evolved from the scale of the fit."""
    if not fit.description.theory.get("card"):
        return None
    try:
        return read_theory_card(fit)
    except (TheoryError, DataError):
        return None
