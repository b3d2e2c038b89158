"""Trials drawn from an earlier scan, the better ones more often (``use_tries_from``)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.errors import DataError
from n3fit.results.tries import DONE, Try
from n3fit.seeds import generator

STEEPNESS = 4.0
"""Factor in the exponent of the probability."""


def weighted_draws(tries: Sequence[Try], number: int, seed: int) -> tuple[Try, ...]:
    """Draw trials without replacement, with probabilities proportional to exp(4 r^2), r = (1/loss) / mean(1/loss).

    Parameters
    ----------
    tries : sequence of Try
        A scan; those that failed, have not ended or have no finite loss are never drawn, nor part of the mean.
    number : int
        How many to draw.
    seed : int

    Returns
    -------
    tuple of Try
        In the order of the draws, so that the first n are the draws for ``number = n``.

    Raises
    ------
    DataError
        There are fewer than ``number`` such trials, or a loss is zero.
    """
    usable = [trial for trial in tries if trial.ended_well]
    if len(usable) < number:
        ended = sum(trial.state == DONE for trial in tries)
        raise DataError(
            f"use_tries_from: expected at least {number} trials that did not fail, received {len(usable)} of {ended}",
            hint="choose fewer trials, or a longer scan",
        )
    losses = np.array([trial.loss for trial in usable])
    if not losses.all():
        raise DataError("use_tries_from: expected losses other than zero, whose inverse is the weight, received 0")
    ratios = (1 / losses) / np.mean(1 / losses) if len(losses) else losses
    # the largest of log p + Gumbel noise have the distribution of draws one after the other without replacement
    keys = STEEPNESS * ratios**2 + generator(seed, "draws from a scan").gumbel(size=len(losses))
    return tuple(usable[index] for index in np.argsort(-keys, kind="stable")[:number])
