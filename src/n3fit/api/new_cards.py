"""New runcards for chosen data, theory and fitting basis."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.api.new_card_choices import check_data, check_sets_of_polarised, choose_basis, choose_data
from n3fit.defaults import EMBEDDED_THEORY, NEW_CARD_SEED
from n3fit.errors import OutputExistsError
from n3fit.paths import PathLike, as_path

if TYPE_CHECKING:
    from n3fit.runcard.data_presets import ChosenData
    from n3fit.runcard.new_card import NewCard
    from n3fit.theory.fittable_sets import FittableSet
    from n3fit.theory.theories import Theory

_SEEDS = ("trvlseed", "nnseed", "mcseed")


@dataclass(frozen=True)
class InitialRuncard:
    """A new runcard.

    Parameters
    ----------
    text : str
        The runcard.
    path : Path or None
        The file, if it was written.
    datasets : tuple of str
        The data sets, as ``NAME``, ``NAME:VARIANT`` or ``NAME:VARIANT:KFACTORS``.
    theory, basis : str
    seeds : mapping of str to int
    commands : tuple of str
        The next commands.
    """

    text: str
    path: Path | None
    datasets: tuple[str, ...]
    theory: str
    basis: str
    seeds: Mapping[str, int]
    commands: tuple[str, ...]


def init(
    *,
    data: Sequence[str] = (),
    like: str | None = None,
    theory: int | str | None = None,
    basis: str | None = None,
    t0: str | None = None,
    unpolarized: str | None = None,
    seed: int = NEW_CARD_SEED,
    theory_path: PathLike | None = None,
    data_path: PathLike | None = None,
    output: PathLike | None = None,
    force: bool = False,
) -> InitialRuncard:
    """Return a runcard in which every key has a comment, and write it to a file if there is one.

    Parameters
    ----------
    data : sequence of str
        Data sets: ``NAME``, ``NAME:VARIANT`` or ``NAME:VARIANT:KFACTORS``.
    like : str, optional
        A choice of data sets: ``small`` (the default without ``data``), ``dis``, ``dis_nnpdf40``, or the path of a
        runcard.
    theory : int or str, optional
        The theory; by default the one that comes with n3fit.
    basis : str, optional
        The fitting basis; by default EVOL for theories with fitted charm, NN31PC for others.
    t0, unpolarized : str, optional
        PDF sets: of the t0 covariance, and of the unpolarised PDF; polarised bases need both.
    seed : int
        Number from which the seeds follow.
    theory_path, data_path : path, optional
        Folders with theories and with data sets of the user, besides those that are always searched.
    output : path, optional
        The file.
    force : bool
        Replace an existing file.

    Raises
    ------
    CommandLineError
        The arguments do not fit together.
    MissingInputsError
        The theory has no tables of a data set, or a variant has to be chosen; every such data set is named.
    OutputExistsError
        The file exists.
    N3fitError
        There is no such theory or runcard.
    """
    from n3fit.theory.fittable_sets import fittable_sets
    from n3fit.theory.theories import open_theory

    path = as_path(output)
    if path is not None and path.exists() and not force:
        raise OutputExistsError(
            f"{path}: exists already", hint="choose another name, or --force to replace it", ways=[["--force"]]
        )
    chosen = choose_data(data, like)
    opened = open_theory(EMBEDDED_THEORY if theory is None else theory, path=as_path(theory_path))
    name = choose_basis(basis, opened.identifier, fitted_charm=opened.fitted_charm)
    check_sets_of_polarised(name, t0, unpolarized)
    places = {"--theory-path": theory_path, "--data-path": data_path}
    commands = _commands(
        path, [word for key, place in places.items() if place is not None for word in (key, str(place))]
    )
    fittable = fittable_sets(opened, data_path=as_path(data_path))[0]
    card = _make_card(chosen, opened, name, fittable, seed=seed, t0=t0, unpolarized=unpolarized, commands=commands)
    return _write(card, path, commands)


def _make_card(
    chosen: tuple[ChosenData, ...],
    theory: Theory,
    basis: str,
    sets: Sequence[FittableSet],
    *,
    seed: int,
    t0: str | None,
    unpolarized: str | None,
    commands: Sequence[str],
) -> NewCard:
    from n3fit.runcard.new_card import NewCard
    from n3fit.seeds import derive_seed

    fittable = {entry.name: entry for entry in sets}
    check_data(chosen, fittable, theory.identifier)
    return NewCard(
        datasets=chosen,
        theory=int(theory.identifier) if theory.identifier.isdecimal() else theory.identifier,
        basis=basis,
        available=frozenset(fittable),
        seeds={key: derive_seed(seed, "new runcard", name=key) for key in _SEEDS},
        kfactors={name: entry.kfactors for name, entry in fittable.items()},
        t0=t0,
        unpolarized=unpolarized,
        heading=("Runcard of n3fit.", "", *commands, "n3fit explain KEY"),
    )


def _write(card: NewCard, path: Path | None, commands: tuple[str, ...]) -> InitialRuncard:
    """Return the new runcard, checked as one that is read, and write it if it has a path."""
    from n3fit.runcard import parse_runcard
    from n3fit.storage.files import write_atomically

    text = card.write()
    parse_runcard(text, name=str(path or "runcard"))
    if path is not None:
        write_atomically(path, text)
    names = tuple(entry.text for entry in card.datasets)
    return InitialRuncard(text, path, names, str(card.theory), card.basis, card.seeds, commands)


def _commands(path: Path | None, options: Sequence[str]) -> tuple[str, ...]:
    card = str(path or "CARD.yml")
    fit = ["n3fit", "fit", card, "-r", "1-20", *options, "--postfit", "15", "--evolve", "--report"]
    return shlex.join(["n3fit", "check", card, *options]), shlex.join(fit)
