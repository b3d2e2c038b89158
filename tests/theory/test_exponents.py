"""Preprocessing exponents of a replica."""

from __future__ import annotations

import numpy as np

from n3fit.theory.exponents import ExponentRange

GLUON = ExponentRange("g", smallx=(0.75, 1.1), largex=(2.8, 5.7), trainable=False)


def test_exponents_are_uniform_in_their_ranges() -> None:
    drawn = np.array([GLUON.draw(7, replica) for replica in range(2000)])
    for values, (low, high) in zip(drawn.T, (GLUON.smallx, GLUON.largex), strict=True):
        assert low <= values.min() < values.max() <= np.float32(high)
        # four standard deviations of the mean of 2000 numbers, and of their standard deviation
        assert abs(values.mean() - 0.5 * (low + high)) < 4 * (high - low) / np.sqrt(12 * 2000)
        assert abs(values.std() / ((high - low) / np.sqrt(12)) - 1) < 0.06
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 4 / np.sqrt(2000)


def test_exponents_follow_from_seed_replica_and_flavour() -> None:
    other = ExponentRange("v", smallx=GLUON.smallx, largex=GLUON.largex, trainable=True)
    draws = [GLUON.draw(7, 3), GLUON.draw(7, 4), GLUON.draw(8, 3), other.draw(7, 3)]
    assert len(set(draws)) == 4
    assert GLUON.draw(7, 3) == draws[0]


def test_alpha_does_not_depend_on_whether_there_is_a_beta() -> None:
    scaled = ExponentRange("g", smallx=GLUON.smallx, largex=None, trainable=False)
    assert scaled.draw(7, 3) == (GLUON.draw(7, 3)[0], 0.0)


def test_exponents_are_numbers_of_single_precision() -> None:
    assert all(value == np.float32(value) for value in GLUON.draw(1, 1))
