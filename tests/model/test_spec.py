"""The training problem: replicas and parts of it."""

from dataclasses import replace

import numpy as np
from support import problems

from n3fit.model.chi2_forms import DataPart, PointChi2
from n3fit.model.spec import Penalty


def test_select_keeps_what_belongs_to_a_replica():
    problem = problems.make_problem(3)
    chosen = problem.select([2, 0])
    np.testing.assert_array_equal(chosen.data, problem.data[[2, 0]])
    np.testing.assert_array_equal(chosen.training_points, problem.training_points[[2, 0]])
    np.testing.assert_array_equal(chosen.validation_points, problem.validation_points[[2, 0]])
    assert chosen.positivity is problem.positivity
    assert chosen.observables == problem.observables


def test_penalties_of_each_replica_are_selected():
    shared = Penalty((), np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert shared.select(np.array([1])) is shared
    own = Penalty((), np.arange(6.0).reshape(3, 2), np.arange(6.0, 12.0).reshape(3, 2))
    problem = replace(problems.make_problem(3), positivity=own)
    np.testing.assert_array_equal(problem.select([2]).positivity.initial, [[4.0, 5.0]])
    np.testing.assert_array_equal(problem.select([2]).positivity.growth, [[10.0, 11.0]])


def test_a_part_has_the_points_of_its_data_sets():
    problem = problems.make_problem(3)
    counts = [observable.ndata for observable in problem.observables]
    last = len(counts) - 1
    chi2 = PointChi2(np.ones((2, counts[last]), dtype=bool), np.eye(counts[last]))
    part = problem.part(DataPart(np.array([2, 1]), (last,), chi2))
    assert part.observables == problem.observables[last:]
    np.testing.assert_array_equal(part.data, problem.data[[2, 1], sum(counts[:last]) :])
    assert part.training_points.tolist() == [counts[last]] * 2
