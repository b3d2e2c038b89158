"""The forms of chi2: numbers of points, and the choice of replicas."""

import numpy as np
import pytest

from n3fit.model.chi2_forms import DataPart, DividedChi2, EigenbasisChi2, PointChi2, ReducedChi2, ReducedForms

MASKS = np.array([[True, True, False], [True, False, False], [False, False, False]])


@pytest.mark.parametrize("kind", [lambda: PointChi2(MASKS, np.eye(3)), lambda: EigenbasisChi2(MASKS, np.eye(3))])
def test_points_of_a_split(kind):
    chi2 = kind()
    assert chi2.training_points.tolist() == [2, 1, 0]
    assert chi2.validation_points.tolist() == [1, 2, 3]
    chosen = chi2.select(np.array([2, 0]))
    assert type(chosen) is type(chi2)
    assert chosen.training_points.tolist() == [0, 2]


@pytest.fixture
def divided():
    """Replicas 3 and 0 are fitted to data set 0, replicas 1 and 2 to data sets 0 and 1."""
    first = DataPart(np.array([3, 0]), (0,), PointChi2(np.array([[True, False], [True, True]]), np.eye(2)))
    second = DataPart(np.array([1, 2]), (0, 1), PointChi2(MASKS[:2], np.eye(3)))
    return DividedChi2((first, second))


def test_replicas_of_parts_are_in_their_own_order(divided):
    assert divided.training_points.tolist() == [2, 2, 1, 1]
    assert divided.validation_points.tolist() == [0, 1, 2, 1]


def test_parts_without_a_chosen_replica_are_left_out(divided):
    chosen = divided.select(np.array([2, 1, 2]))
    assert [part.datasets for part in chosen.parts] == [(0, 1)]
    assert chosen.parts[0].replicas.tolist() == [0, 1, 2]
    assert chosen.training_points.tolist() == [1, 2, 1]
    mixed = divided.select(np.array([3, 2]))
    assert [part.replicas.tolist() for part in mixed.parts] == [[0], [1]]
    assert mixed.training_points.tolist() == [1, 1]


def test_reduced_forms_are_chosen_together():
    forms = [
        ReducedForms(np.arange(12.0).reshape(3, 2, 2), np.arange(6.0).reshape(3, 2), np.arange(3.0), np.array(points))
        for points in ([5, 6, 7], [2, 3, 4])
    ]
    chosen = ReducedChi2(np.zeros((4, 2)), (1,), *forms).select(np.array([2, 0]))
    assert chosen.training_points.tolist() == [7, 5]
    assert chosen.validation_points.tolist() == [4, 2]
    np.testing.assert_array_equal(chosen.training.targets, [[4.0, 5.0], [0.0, 1.0]])
    assert chosen.nonlinear == (1,)
