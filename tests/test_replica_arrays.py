"""Choosing and joining replicas of dataclasses of arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from n3fit.replica_arrays import SHARED, Chosen, join_replicas, take_replicas
from n3fit.typing import Floats


@dataclass(frozen=True, eq=False)
class Inner:
    losses: Floats


@dataclass(frozen=True, eq=False)
class Outer:
    inner: Inner
    weights: Floats
    absent: Floats | None = None
    epochs: Floats = field(default_factory=lambda: np.array([10.0, 20.0]), metadata=SHARED)


def make(*numbers: float) -> Outer:
    """Return replicas whose arrays have their numbers."""
    column = np.array(numbers)
    return Outer(Inner(10 * column), np.outer(column, [1.0, 2.0, 3.0]))


def numbers_of(arrays: Outer) -> list[float]:
    np.testing.assert_array_equal(arrays.inner.losses, 10 * arrays.weights[:, 0])
    np.testing.assert_array_equal(arrays.weights, np.outer(arrays.weights[:, 0], [1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(arrays.epochs, [10.0, 20.0])
    assert arrays.absent is None
    return list(arrays.weights[:, 0])


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([2, 0], [3, 1]),
        (np.array([True, False, True, False]), [1, 3]),
        ([True, False, False, True], [1, 4]),
        ([1, 1, -1], [2, 2, 4]),
        ([], []),
    ],
)
def test_replicas_are_taken_in_every_array_alike(chosen: Chosen, expected: list[float]) -> None:
    assert numbers_of(take_replicas(make(1, 2, 3, 4), chosen)) == expected


def test_joined_parts_follow_each_other() -> None:
    assert numbers_of(join_replicas([make(3), make(1, 2), make()])) == [3, 1, 2]


def test_parts_that_were_taken_join_to_the_whole() -> None:
    arrays = make(1, 2, 3, 4, 5)
    parts = [take_replicas(arrays, range(start, min(start + 2, 5))) for start in (0, 2, 4)]
    assert numbers_of(join_replicas(parts)) == [1, 2, 3, 4, 5]
