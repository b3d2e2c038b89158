"""Draws of trials from an earlier scan."""

from __future__ import annotations

import math

import numpy as np
import pytest

from n3fit.errors import DataError
from n3fit.hyperopt.weighted_draws import weighted_draws
from n3fit.results.tries import Try


def make_try(tid: int, loss: float, status: str = "ok", state: int = 2) -> Try:
    return Try(tid=tid, state=state, status=status, loss=loss, parameters={})


SCAN = (make_try(0, 1.0), make_try(1, 2.0), make_try(2, 4.0), make_try(3, 0.5, "fail"), make_try(4, math.nan))


def test_probabilities() -> None:
    """1/loss = 1, 1/2, 1/4: their mean is 7/12, so r = 12/7, 6/7, 3/7; the failed trial counts in nothing."""
    weights = np.exp(4 * np.array([12 / 7, 6 / 7, 3 / 7]) ** 2)
    expected = weights / weights.sum()
    firsts = [weighted_draws(SCAN, 1, seed)[0].tid for seed in range(3000)]
    seconds = [weighted_draws(SCAN[1:3], 1, seed)[0].tid for seed in range(3000)]
    counts = np.bincount(firsts, minlength=3) / 3000
    assert np.abs(counts - expected).max() < 4 * np.sqrt(expected * (1 - expected) / 3000).max() + 1e-3
    # of losses 2 and 4 alone: r = 4/3, 2/3, and p = 1 / (1 + exp(-4 (16 - 4)/9)) = 0.99520...
    share = 1 / (1 + math.exp(-16 / 3))
    assert abs(np.mean(np.array(seconds) == 1) - share) < 5 * math.sqrt(share * (1 - share) / 3000)


def test_order_of_draws_without_replacement() -> None:
    """After the first draw the others have their own weights: the pair (0, 1) has p_0 p_1 / (1 - p_0)."""
    near = (make_try(0, 1.0), make_try(1, 1.1), make_try(2, 1.2))
    inverse = 1 / np.array([1.0, 1.1, 1.2])
    weights = np.exp(4 * (inverse / inverse.mean()) ** 2)
    p = weights / weights.sum()
    pairs = [tuple(trial.tid for trial in weighted_draws(near, 2, seed)) for seed in range(4000)]
    assert all(len(set(pair)) == 2 for pair in pairs)
    for first, second in [(0, 1), (1, 0), (2, 0)]:
        expected = p[first] * p[second] / (1 - p[first])
        found = np.mean([pair == (first, second) for pair in pairs])
        assert abs(found - expected) < 4 * math.sqrt(expected * (1 - expected) / 4000)


def test_seeded_and_nested() -> None:
    assert weighted_draws(SCAN, 3, 7) == weighted_draws(SCAN, 3, 7)
    assert weighted_draws(SCAN, 3, 7)[:2] == weighted_draws(SCAN, 2, 7)
    assert sorted(trial.tid for trial in weighted_draws(SCAN, 3, 7)) == [0, 1, 2]


def test_far_better_losses_do_not_overflow() -> None:
    tries = [make_try(index, 1000.0) for index in range(100)] + [make_try(100, 1e-3)]
    assert weighted_draws(tries, 1, 1)[0].tid == 100


def test_too_few() -> None:
    with pytest.raises(DataError, match="expected at least 4 trials that did not fail, received 3 of 5"):
        weighted_draws(SCAN, 4, 1)
    with pytest.raises(DataError, match="losses other than zero"):
        weighted_draws([make_try(0, 0.0)], 1, 1)
