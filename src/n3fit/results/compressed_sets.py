"""Compressed sets: replicas chosen such that they have the statistics of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n3fit import __version__
from n3fit.ensembles.bands import band_of
from n3fit.lhapdf.set_folder import check_set_name, open_set_folder
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.reduction import (
    ESTIMATORS,
    Choice,
    DeviationRow,
    ErrorFunctions,
    choice_points,
    deviation_rows,
    find_choice,
    take_samples,
)
from n3fit.reduction.choice import check_count
from n3fit.results.layout import format_replicas
from n3fit.results.reduction_sources import ReducedSet, ReplicaSource
from n3fit.storage.files import sync_files

_TOTAL = "total"


@dataclass(frozen=True)
class ErrorFunctionRow:
    """An error function of the chosen replicas, beside median and 68 % interval of random choices of the same size."""

    name: str
    chosen: float
    median: float
    low: float
    high: float


@dataclass(frozen=True)
class CompressedSet:
    """A set of chosen replicas.

    Attributes
    ----------
    folder, source : Path, str
        Of the set, and the name of the fit or set that it was made of.
    replicas : int
        Of the original.
    chosen : tuple of int
        Numbers of the replicas of the fit, or of the members of the set.
    seed, generations : int
        Of the search, and its length.
    q : float
        The initial scale in GeV.
    errors : tuple of ErrorFunctionRow
        The last one is the mean of the others in units of their medians.
    best_random : float
        The smallest such mean of random choices.
    rows : tuple of DeviationRow
        By flavour.
    """

    folder: Path
    source: str
    replicas: int
    chosen: tuple[int, ...]
    seed: int
    generations: int
    q: float
    errors: tuple[ErrorFunctionRow, ...]
    best_random: float
    rows: tuple[DeviationRow, ...]


def write_compressed_set(
    source: ReplicaSource,
    count: int,
    *,
    output: Path,
    seed: int,
    name: str | None = None,
    force: bool = False,
    progress: ProgressReporter | None = None,
) -> CompressedSet:
    """Write a set of ``count`` replicas with the statistics of all; see :mod:`n3fit.reduction.choice`.

    Parameters
    ----------
    source : ReplicaSource
    count : int
        How many replicas to choose.
    output : Path
        Folder of PDF sets.
    seed : int
        Of the choice.
    name : str, optional
        By default that of the source, ``_compressed_`` and the number of replicas.
    force : bool
        Replace an existing set.
    progress : ProgressReporter, optional

    Raises
    ------
    CommandLineError
        The name is not one of a set, or ``count`` is not smaller than the number of replicas.
    DataError, TheoryError
        A member is damaged, or the fit cannot be evolved.
    OutputExistsError, ResourceError
        The set exists already, or cannot be written.
    """
    reporter = progress or NullReporter()
    set_name = f"{source.name}_compressed_{count}" if name is None else name
    check_set_name(set_name)
    check_count(len(source.numbers), count)
    with open_set_folder(output / set_name, force=force) as target:
        ensemble = source.at_initial_scale(choice_points(source.x_min), reporter)
        samples = take_samples(ensemble)
        reporter.phase("choosing replicas")
        choice = find_choice(ErrorFunctions(samples), count, seed=seed, progress=reporter)
        numbers = tuple(int(source.numbers[place]) for place in choice.places)
        members = samples.members[choice.places]
        rows = deviation_rows(samples, band_of(members, members.mean(axis=0), "replicas"))
        entries = {"ChosenReplicas": list(numbers), "ChoiceSeed": seed}
        reduced = ReducedSet(set_name, _describe(source, numbers, seed), entries)
        source.write_choice(target.staging, reduced, choice.places, reporter)
        sync_files(target.staging)
    return CompressedSet(
        target.path, source.name, len(source.numbers), numbers, seed, choice.generations, ensemble.q,
        _error_rows(choice), float(choice.random_merits.min()), rows,
    )  # fmt: skip


def _describe(source: ReplicaSource, numbers: Sequence[int], seed: int) -> str:
    return (
        f"{len(numbers)} of {len(source.numbers)} replicas of {source.name} with the statistics of all "
        f"(arXiv:1504.06469; seed {seed}: {format_replicas(numbers)}), mem=0: their mean; "
        f"mem=1-{len(numbers)}: replicas; n3fit {__version__}"
    )


def _error_rows(choice: Choice) -> tuple[ErrorFunctionRow, ...]:
    values = [*choice.errors.tolist(), choice.merit]
    random = np.column_stack([choice.random_errors, choice.random_merits])
    low, median, high = np.percentile(random, [16, 50, 84], axis=0).tolist()
    return tuple(map(ErrorFunctionRow, (*ESTIMATORS, _TOTAL), values, median, low, high))
