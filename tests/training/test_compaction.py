"""When finished replicas leave the batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.training.compaction import COMPILATION, CompactionRule, fitting_size, slots_of_batch


@pytest.mark.parametrize(
    ("size", "needed", "expected"),
    [(100, 51, 100), (100, 50, 50), (100, 26, 50), (100, 25, 25), (100, 13, 13), (100, 12, 13), (100, 1, 1), (1, 1, 1)],
)
def test_sizes_are_halves(size, needed, expected):
    assert fitting_size(size, needed) == expected


@given(size=st.integers(1, 1000), data=st.data())
def test_few_sizes_that_hold_all(size, data):
    needed = data.draw(st.integers(1, size))
    fitting = fitting_size(size, needed)
    assert needed <= fitting <= size
    assert fitting == size or fitting < 2 * needed
    # on the ladder, wherever one starts
    assert fitting_size(fitting_size(size, data.draw(st.integers(needed, size))), needed) == fitting
    assert len({fitting_size(size, count) for count in range(1, size + 1)}) <= 1 + int(np.ceil(np.log2(size)))


def test_the_batch_shrinks_only_where_it_pays():
    """Half of ten replicas have finished; what surely remains is the patience of the one that waited least."""
    active = np.arange(10) < 5
    waited = np.array([40, 30, 90, 99, 31, 0, 0, 0, 0, 0])
    saved_epochs, saved_replicas = 70, 5
    threshold = COMPILATION / (saved_epochs * saved_replicas)
    for operations, expected in ((1.01 * threshold, 5), (0.99 * threshold, 10), (0.0, 10)):
        assert CompactionRule(1000, 100, operations).size_for(active, waited, 99) == expected
    # the last epochs bound what remains
    assert CompactionRule(1000, 100, 1.01 * threshold).size_for(active, waited, 930) == 10
    assert CompactionRule(1000, 100, 1.01 * threshold).size_for(active, waited, 929) == 5


def test_nobody_left_needs_no_batch():
    assert CompactionRule(1000, 100, 1e30).size_for(np.zeros(4, dtype=bool), np.zeros(4, dtype=int), 3) == 4


def test_finished_replicas_fill_the_batch_up():
    active = np.array([False, True, False, True, False, True])
    assert slots_of_batch(active, 3).tolist() == [1, 3, 5]
    assert slots_of_batch(active, 4).tolist() == [0, 1, 3, 5]
    assert slots_of_batch(active, 6).tolist() == list(range(6))


def test_replicas_with_epochs_and_patience_of_their_own():
    """The replica that certainly continues longest decides: 40 epochs, those that remain to the last one."""
    active = np.array([True, True, False, False])
    waited = np.array([70, 0, 0, 0])
    epochs, patience = np.array([1000, 140, 9000, 9000]), np.array([100, 500, 9000, 9000])
    for saved, expected in ((1.01, 2), (0.99, 4)):
        rule = CompactionRule(epochs, patience, saved * COMPILATION / (40 * 2))
        assert rule.size_for(active, waited, 99) == expected
    chosen = rule.select(np.array([3, 1]))
    assert (chosen.epochs.tolist(), chosen.patience.tolist()) == ([9000, 140], [9000, 500])
    assert CompactionRule(10, 5, 1.0).select(np.array([0])) == CompactionRule(10, 5, 1.0)
