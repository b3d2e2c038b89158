"""Data sets, fitting basis and PDF sets of a new runcard, chosen from the arguments and checked with its theory."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from n3fit.errors import CommandLineError, MissingInputsError, TheoryError, did_you_mean

if TYPE_CHECKING:
    from n3fit.runcard.data_presets import ChosenData
    from n3fit.theory.fittable_sets import FittableSet

logger = logging.getLogger(__name__)

SMALL = "small"
"""The choice of data sets of a runcard for which nothing is chosen."""


def choose_data(data: Sequence[str], like: str | None) -> tuple[ChosenData, ...]:
    """Return the data sets of the arguments.

    Raises
    ------
    CommandLineError
        A data set appears twice, or there is no such choice.
    """
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
    from n3fit.data.library import current_name
    from n3fit.runcard import read_runcard
    from n3fit.runcard.data_presets import ChosenData

    path = Path(like)
    if not path.is_file() and path.suffix not in (".yml", ".yaml"):
        raise CommandLineError(
            f"--like: expected one of {', '.join(presets)} or a runcard, received {like!r}",
            hint=did_you_mean(like, presets),
        )
    entries = read_runcard(path).dataset_inputs
    left = sorted({key for entry in entries for key in entry.model_fields_set - {"dataset", "variant", "cfac", "sys"}})
    if left:
        logger.warning("%s: these keys of data sets are not taken over: %s", path, ", ".join(left))
    return [
        ChosenData(*current_name(entry.dataset, entry.variant, entry.sys), cfac=tuple(entry.cfac)) for entry in entries
    ]


def choose_basis(basis: str | None, theory: str, *, fitted_charm: bool) -> str:
    """Return the fitting basis, by default the usual one for theories with or without fitted charm.

    Raises
    ------
    CommandLineError
        There is no such basis.
    TheoryError
        The theory is not one for it.
    """
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


def check_sets_of_polarised(basis: str, t0: str | None, unpolarized: str | None) -> None:
    """Check that a polarised basis has the PDF sets that it needs, and an unpolarised one no other.

    Raises
    ------
    CommandLineError
    """
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


def check_data(chosen: Sequence[ChosenData], fittable: Mapping[str, FittableSet], theory: str) -> None:
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
