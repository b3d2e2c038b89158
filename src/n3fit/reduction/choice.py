"""The choice of replicas whose statistics are nearest to those of all (arXiv:1504.06469).

The figure of merit is the mean of the error functions, each divided by its median over random choices of the same size.
The search starts from the best of the random choices. In each generation a few of its replicas are exchanged in several
ways, and the best result is kept if it is better: the mutations of the genetic algorithm of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from n3fit.defaults import RANDOM_CHOICES
from n3fit.errors import CommandLineError
from n3fit.progress import NullReporter, ProgressReporter
from n3fit.reduction.error_functions import ErrorFunctions
from n3fit.seeds import generator
from n3fit.typing import Floats, Indices

FEWEST = 4
"""Replicas of the smallest choice, for which kurtosis and correlations are defined."""

_MUTANTS = 16  # of a generation
_MOST_EXCHANGED = 3
_GENERATIONS, _PATIENCE = 3000, 300


@dataclass(frozen=True, eq=False)
class Choice:
    """A choice among R replicas.

    Parameters
    ----------
    places : (n,)
        The chosen ones, counted from 0, increasing.
    errors : (6,)
        Its error functions, in the order of :data:`n3fit.reduction.error_functions.ESTIMATORS`.
    merit : float
        Mean of its error functions, each over the median of random choices.
    random_errors : (1000, 6)
        Error functions of random choices of the same size.
    random_merits : (1000,)
    generations : int
        Length of the search.
    """

    places: Indices
    errors: Floats
    merit: float
    random_errors: Floats
    random_merits: Floats
    generations: int


def check_count(replicas: int, count: int) -> None:
    """Check that ``count`` of ``replicas`` can be chosen.

    Raises
    ------
    CommandLineError
        ``count`` is not smaller than ``replicas``, or below four.
    """
    if FEWEST <= count < replicas:
        return
    if replicas > FEWEST:
        expected, hint = f"{FEWEST} to {replicas - 1}", "choose another number with -n"
    else:
        expected, hint = f"more than {FEWEST} replicas to choose from", "fit more replicas"
    raise CommandLineError(f"compression: expected {expected}, received {count} of {replicas} replicas", hint=hint)


def find_choice(errors: ErrorFunctions, count: int, *, seed: int, progress: ProgressReporter | None = None) -> Choice:
    """Choose ``count`` of the replicas; the same seed gives the same choice.

    Raises
    ------
    CommandLineError
        See :func:`check_count`.
    """
    check_count(errors.replicas, count)
    reporter = progress or NullReporter()
    tried = _random_choices(errors.replicas, count, generator(seed, "random choices of replicas"))
    random_errors = np.concatenate([errors(part) for part in np.array_split(tried, RANDOM_CHOICES // _MUTANTS)])
    scale = np.median(random_errors, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    random_merits = (random_errors / scale).mean(axis=1)
    best, lowest = tried[random_merits.argmin()], float(random_merits.min())
    random = generator(seed, "exchange of replicas")
    improved = generation = 0
    while generation - improved < _PATIENCE and generation < _GENERATIONS:
        generation += 1
        mutants = _exchange(best, errors.replicas, random)
        merits = (errors(mutants) / scale).mean(axis=1)
        if merits.min() < lowest:
            best, lowest, improved = mutants[merits.argmin()], float(merits.min()), generation
        reporter.step("generations", generation, _GENERATIONS)
    best = np.sort(best)
    return Choice(
        places=best,
        errors=errors(best[None])[0],
        merit=lowest,
        random_errors=random_errors,
        random_merits=random_merits,
        generations=generation,
    )


def _random_choices(replicas: int, count: int, random: np.random.Generator) -> Indices:
    """Return choices (1000, n)."""
    shuffled = np.argsort(random.random((RANDOM_CHOICES, replicas)), axis=1, kind="stable")
    return np.sort(shuffled[:, :count], axis=1)


def _exchange(best: Indices, replicas: int, random: np.random.Generator) -> Indices:
    """Return copies of a choice (n,) in which one to three replicas are exchanged, (16, n)."""
    outside = np.setdiff1d(np.arange(replicas), best)
    mutants = np.repeat(best[None], _MUTANTS, axis=0)
    most = min(_MOST_EXCHANGED, len(best), len(outside))
    for mutant in mutants:
        number = int(random.integers(1, most + 1))
        leaving = random.choice(len(best), number, replace=False)
        mutant[leaving] = random.choice(outside, number, replace=False)
        mutant.sort()
    return mutants
