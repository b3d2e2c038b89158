"""Groups of replicas that are divided when the memory does not suffice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.errors import ResourceError
from n3fit.fit.group_division import GroupDivision, divide_groups
from n3fit.progress import NullReporter


class Listener(NullReporter):
    """Reporter that keeps the messages."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def message(self, text: str) -> None:
        self.messages.append(text)


def train_all(groups, capacity: int, kind: type[Exception] = MemoryError):
    """Train with memory for some replicas; return those of each attempt, those trained, and the messages."""
    attempts, trained, listener = [], [], Listener()

    def train(slots):
        attempts.append(len(slots))
        if len(slots) > capacity:
            raise kind("no memory")
        return slots.tolist()

    division = GroupDivision([np.array(group) for group in groups], train, listener)
    while division.remaining:
        group = division.train_next()
        if group is not None:
            trained.append(group)
    return attempts, trained, listener.messages


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(1, 50))
def test_groups_are_divided_evenly_and_in_order(sizes, largest):
    groups = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    parts = divide_groups(groups, largest)
    assert np.concatenate(parts).tolist() == list(range(sum(sizes)))
    assert max(map(len, parts)) <= largest
    assert len(parts) == sum(-(-size // largest) for size in sizes)


def test_groups_that_fit_are_trained_as_they_are():
    assert train_all([[0, 1], [2]], 2) == ([2, 1], [[0, 1], [2]], [])


def test_every_failure_halves_the_groups_that_remain():
    attempts, trained, messages = train_all([range(10)], 3)
    assert attempts == [10, 5, 3, 2, 3, 2]
    assert trained == [[0, 1, 2], [3, 4], [5, 6, 7], [8, 9]]
    assert messages == [
        "10 replicas need more memory than there is: training at most 5 at a time instead",
        "5 replicas need more memory than there is: training at most 3 at a time instead",
    ]


def test_memory_for_not_even_one_replica():
    with pytest.raises(ResourceError, match="one replica needs more memory than there is: no memory") as caught:
        train_all([range(3)], 0)
    assert "more memory" in caught.value.hint
    assert caught.value.exit_code == 4


def test_other_errors_pass():
    with pytest.raises(ValueError, match="no memory"):
        train_all([range(3)], 2, ValueError)


def test_a_deferred_interruption_ends_the_division():
    """It may come while replicas are evaluated, which may need too much memory as well."""
    from n3fit.fit.groups import _train_one_after_the_other
    from n3fit.fit.interruptions import Interruptions

    def train(slots):
        interruptions.pending = KeyboardInterrupt("deferred")
        raise MemoryError

    interruptions = Interruptions()
    division = GroupDivision([np.arange(4)], train, Listener())
    with pytest.raises(KeyboardInterrupt, match="deferred"):
        _train_one_after_the_other(division, interruptions)
