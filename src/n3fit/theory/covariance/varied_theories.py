"""The theories of all variations, opened after a check that nothing is missing in any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from n3fit.data.commondata import CommonData
from n3fit.errors import TheoryError
from n3fit.paths import SearchPaths
from n3fit.theory.covariance.prescriptions import PointPrescription
from n3fit.theory.covariance.theories import TheoryId, check_variation_cards, variation_theories
from n3fit.theory.covariance.variation_tables import built_variations
from n3fit.theory.kfactors import kfactor_path
from n3fit.theory.theories import Theory, open_theory
from n3fit.theory.theory_folders import available_theories, theory_folders

MOST_LINES = 20
"""Largest number of lines of an error about missing theories and tables."""


@dataclass(frozen=True)
class DatasetTheory:
    """A data set of the fit after cuts, with its K-factors."""

    dataset: CommonData
    cfac: tuple[str, ...]


def open_variations(
    prescriptions: Sequence[PointPrescription],
    entries: Sequence[DatasetTheory],
    *,
    central: TheoryId,
    named: Mapping[str, TheoryId],
    paths: SearchPaths,
) -> dict[str, Theory]:
    """Return the theory of each variation, after a check that it has everything that the data sets need.

    Raises
    ------
    TheoryError
        Theories, tables or K-factors are missing, or a card has other scales than its variation; all are named.
    """
    built = built_variations(central, path=paths.theories) if prescriptions else {}
    identifiers = variation_theories(prescriptions, central, named, built=built)
    distinct = dict.fromkeys(identifiers.values())
    known = available_theories(paths.theories)
    absent = [identifier for identifier in distinct if str(identifier) not in known]
    problems = [_absent_line(absent, identifiers, paths)] if absent else []
    by_identifier: dict[TheoryId, Theory] = {}
    for identifier in distinct:
        if identifier not in absent:
            try:
                by_identifier[identifier] = open_theory(identifier, path=paths.theories)
                problems += _missing_lines(by_identifier[identifier], entries)
            except TheoryError as error:
                problems.append(error.message)
    opened = {name: by_identifier[other] for name, other in identifiers.items() if other in by_identifier}
    try:
        check_variation_cards(opened)
    except TheoryError as error:
        problems += error.message.splitlines()
    if problems:
        more = [f"and {len(problems) - MOST_LINES} more"] if len(problems) > MOST_LINES else []
        raise TheoryError(
            "\n".join(["theorycovmatconfig: the varied theories are not complete:", *problems[:MOST_LINES], *more]),
            hint="every variation needs a theory with the tables of all data sets; `n3fit theory get` fetches one, "
            "and others can be named under theorycovmatconfig.theories",
        )
    return opened


def _absent_line(absent: Sequence[TheoryId], identifiers: Mapping[str, TheoryId], paths: SearchPaths) -> str:
    """Return the line about theories that are in none of the folders."""
    variations = {other: [name for name, found in identifiers.items() if found == other] for other in absent}
    listed = ", ".join(f"{other} ({', '.join(names)})" for other, names in variations.items())
    return f"not found in {', '.join(str(folder) for folder in theory_folders(paths.theories))}: {listed}"


def _missing_lines(theory: Theory, entries: Sequence[DatasetTheory]) -> list[str]:
    """Return a line for each data set that lacks files in a theory."""
    lines = []
    for entry in entries:
        missing = missing_files(theory, entry.dataset, entry.cfac)
        if missing:
            lines.append(f"theory {theory.identifier}: {entry.dataset.name} lacks {', '.join(missing)}")
    return lines


def missing_files(theory: Theory, dataset: CommonData, cfac: Sequence[str]) -> list[str]:
    """Return the names of the tables and K-factors of a data set that a theory does not have."""
    missing = []
    for table in table_names(dataset):
        try:
            theory.table_path(table)
        except TheoryError:
            missing.append(table)
        for name in cfac:
            try:
                kfactor_path(theory.folder, name, table)
            except TheoryError:
                missing.append(f"CF_{name}_{table}.dat")
    return missing


def table_names(dataset: CommonData) -> list[str]:
    """Return the names of the tables of a data set."""
    return [table for operand in dataset.fk_names for table in operand]
