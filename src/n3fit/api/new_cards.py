"""New runcards for chosen data, theory and fitting basis."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.errors import CommandLineError, MissingInputsError, OutputExistsError, TheoryError, did_you_mean
from n3fit.paths import PathLike, as_path

if TYPE_CHECKING:
    from n3fit.runcard.data_presets import ChosenData
    from n3fit.theory.fittable_sets import FittableSet

SMALL = "small"
"""The choice of data sets of a runcard for which nothing is chosen."""

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
    seed: int = 1,
    theory_path: PathLike | None = None,
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
    theory_path : path, optional
        Folder with theories.
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
    from n3fit.runcard import parse_runcard
    from n3fit.runcard.new_card import NewCard
    from n3fit.seeds import derive_seed
    from n3fit.storage.files import write_atomically
    from n3fit.theory.fittable_sets import fittable_sets
    from n3fit.theory.theories import open_theory
    from n3fit.theory.theory_folders import EMBEDDED_THEORY

    path = as_path(output)
    if path is not None and path.exists() and not force:
        raise OutputExistsError(
            f"{path}: exists already", hint="choose another name, or --force to replace it", ways=[["--force"]]
        )
    chosen = _choose_data(data, like)
    identifier = EMBEDDED_THEORY if theory is None else theory
    opened = open_theory(identifier, path=as_path(theory_path))
    name = _choose_basis(basis, opened.identifier, fitted_charm=opened.fitted_charm)
    _check_sets_of_polarised(name, t0, unpolarized)
    fittable, _ = fittable_sets(opened)
    _check_data(chosen, {entry.name: entry for entry in fittable}, opened.identifier)
    seeds = {key: derive_seed(seed, "new runcard", name=key) for key in _SEEDS}
    options = ["--theory-path", str(theory_path)] if theory_path is not None else []
    commands = _commands(path, options)
    card = NewCard(
        datasets=chosen,
        theory=int(opened.identifier) if opened.identifier.isdecimal() else opened.identifier,
        basis=name,
        available=frozenset(entry.name for entry in fittable),
        seeds=seeds,
        kfactors={entry.name: entry.kfactors for entry in fittable},
        t0=t0,
        unpolarized=unpolarized,
        heading=("Runcard of n3fit.", "", *commands, "n3fit explain KEY"),
    )
    text = card.write()
    parse_runcard(text, name=str(path or "runcard"))
    if path is not None:
        write_atomically(path, text)
    names = tuple(entry.text for entry in chosen)
    return InitialRuncard(text, path, names, opened.identifier, name, seeds, commands)


def _commands(path: Path | None, options: Sequence[str]) -> tuple[str, ...]:
    card = str(path or "CARD.yml")
    fit = ["n3fit", "fit", card, "-r", "1-20", *options, "--postfit", "15", "--evolve", "--report"]
    return shlex.join(["n3fit", "check", card, *options]), shlex.join(fit)


def _choose_data(data: Sequence[str], like: str | None) -> tuple[ChosenData, ...]:
    """Return the data sets of the arguments, each once."""
    from n3fit.runcard.data_presets import PRESETS, ChosenData

    chosen = list(PRESETS[SMALL]) if not data and like is None else []
    if like is not None:
        chosen += PRESETS[like] if like in PRESETS else _data_of_card(like, tuple(PRESETS))
    chosen += [ChosenData.parse(text) for entry in data for text in entry.split(",")]
    twice = sorted({entry.name for entry in chosen if [other.name for other in chosen].count(entry.name) > 1})
    if twice:
        raise CommandLineError(f"expected every data set once, received {', '.join(twice)} again")
    return tuple(chosen)


def _data_of_card(like: str, presets: Sequence[str]) -> list[ChosenData]:
    from n3fit.runcard import read_runcard
    from n3fit.runcard.data_presets import ChosenData

    path = Path(like)
    if not path.is_file() and path.suffix not in (".yml", ".yaml"):
        raise CommandLineError(
            f"--like: expected one of {', '.join(presets)} or a runcard, received {like!r}",
            hint=did_you_mean(like, presets),
        )
    return [ChosenData(entry.dataset, entry.variant, entry.cfac) for entry in read_runcard(path).dataset_inputs]


def _choose_basis(basis: str | None, theory: str, *, fitted_charm: bool) -> str:
    from n3fit.runcard.new_card import bases_for
    from n3fit.theory.bases import FITTING_BASES

    suited = bases_for(fitted_charm=fitted_charm)
    if basis is None or basis in suited:
        return basis or suited[0]
    if basis not in FITTING_BASES:
        raise CommandLineError(
            f"--basis: expected one of {', '.join(FITTING_BASES)}, received {basis!r}",
            hint=did_you_mean(basis, FITTING_BASES),
        )
    charm = "fitted charm" if fitted_charm else "no fitted charm"
    raise TheoryError(
        f"theory {theory} has {charm}, the basis {basis} is for theories with{'out' if fitted_charm else ''} it",
        hint=f"--basis with one of {', '.join(suited)}",
    )


def _check_sets_of_polarised(basis: str, t0: str | None, unpolarized: str | None) -> None:
    from n3fit.theory.bases import FITTING_BASES

    polarised = FITTING_BASES[basis].polarised
    if polarised and (t0 is None or unpolarized is None):
        raise CommandLineError(
            f"--basis: {basis} is polarised and needs a polarised t0 set and an unpolarised PDF set",
            hint="name them with --t0 SET and --unpolarized SET",
        )
    if not polarised and unpolarized is not None:
        raise CommandLineError(
            f"--unpolarized: expected no such set in the unpolarised basis {basis}, received {unpolarized}",
            hint="leave the option out, or choose a POLARIZED basis",
        )


def _check_data(chosen: Sequence[ChosenData], fittable: Mapping[str, FittableSet], theory: str) -> None:
    """Check that the theory has the tables of all data sets, in the variants that are chosen.

    Raises
    ------
    MissingInputsError
        It has not, or a data set has no data without a variant.
    """
    measured = [name for name, entry in fittable.items() if not entry.process.startswith(("POS_", "INTEG"))]
    lines = []
    for entry in chosen:
        if entry.name in fittable:
            lines.append(_problem_of(entry, fittable[entry.name]))
        else:
            near = did_you_mean(entry.name, measured)
            text = f"{entry.name}: theory {theory} has no tables of this data set"
            lines.append(f"{text} ({near})" if near else text)
    if any(entry.name not in fittable for entry in chosen):
        lines.append(f"theory {theory} has: {', '.join(measured)}")
    if any(lines):
        raise MissingInputsError("\n".join(line for line in lines if line))


def _problem_of(chosen: ChosenData, entry: FittableSet) -> str:
    """Return what is wrong with a data set, nothing if a fit can have it."""
    variants = [name for name in entry.variants if name is not None]
    if chosen.variant is None and None not in entry.variants:
        choices = " or ".join(f"{chosen.name}:{name}" for name in variants)
        return f"{chosen.name}: expected a variant, received none: {choices}"
    # several variants that are applied one after another are checked when the data are read
    if chosen.variant is not None and not set(chosen.variant.split("+")) <= set(variants):
        return f"{chosen.name}: expected one of the variants {', '.join(variants)}, received {chosen.variant}"
    lacking = sorted(set(chosen.cfac) - set(entry.kfactors))
    if lacking:
        return (
            f"{chosen.name}: expected K-factors that the theory has ({', '.join(entry.kfactors) or 'none'}), "
            f"received {', '.join(lacking)}"
        )
    return ""
