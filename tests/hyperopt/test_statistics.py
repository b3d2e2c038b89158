"""Statistics over replicas and folds, and how many replicas count."""

import numpy as np
import pytest

from n3fit.hyperopt.statistics import best_replicas, smallest_values, statistic_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [("average", 7 / 3), ("average_best", 7 / 3), ("best_worst", 4.0), ("std", 1.247219128924647)],
)
def test_statistics(name, expected):
    assert statistic_of(name, np.array([1.0, 2.0, 4.0])) == pytest.approx(expected, rel=1e-12)


def test_unknown_statistic():
    with pytest.raises(KeyError):
        statistic_of("median", np.ones(2))


def test_counts_follow_floating_point_numbers():
    """(1 - 0.85) * 20 is 3.0000000000000004."""
    values = np.arange(20.0)[::-1]
    assert len(best_replicas(values, 0.85)) == 17
    assert smallest_values(values, 0.85).tolist() == [0.0, 1.0, 2.0, 3.0]


def test_best_replicas_are_those_with_the_smallest_loss():
    assert best_replicas(np.array([4.0, np.nan, 1.0, 2.0]), 0.75).tolist() == [2, 3, 0]


def test_all_replicas_count_with_proportion_one():
    values = np.array([3.0, 1.0])
    assert best_replicas(values, 1.0).tolist() == [1, 0]
    assert smallest_values(values, 1.0).tolist() == [1.0]
