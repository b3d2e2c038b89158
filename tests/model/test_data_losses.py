"""Chi2 of replicas that are fitted to different data sets, divided and reduced, against plain numpy."""

from dataclasses import replace

import numpy as np
import pytest
from support import problems

from n3fit.backends import MetaModel
from n3fit.model.chi2_forms import ReducedChi2
from n3fit.model.pdf_model import build_pdf_model, evaluate_pdf
from n3fit.model.reduction import reduce_chi2
from n3fit.model.training_model import TRAINING, VALIDATION, build_training_model

REPLICAS = [1, 2, 3, 4, 5]
PARTS = [([1, 3], [1, 2]), ([0, 2], [0, 2, 3]), ([4], [0, 1, 2, 3])]
"""Replicas in an order of their own, without one of the data sets, and one with all."""


def divided_problem(eigenbasis: bool = False, nonlinear: bool = True):
    problem = problems.make_problem(5, eigenbasis=False, nonlinear=nonlinear)
    parts = PARTS if nonlinear else [([0, 2, 4], [0]), ([1, 3], [0, 1])]
    divided = problems.divide_problem(problem, parts)
    return problems.in_eigenbasis(divided) if eigenbasis else divided


def losses_of(problem, replicas=REPLICAS):
    pdf_model = build_pdf_model(problems.make_architecture(), replicas)
    model: MetaModel = build_training_model(pdf_model, problem)
    losses = model.compute_losses()
    return evaluate_pdf(pdf_model, problem.xgrid), {name: losses[f"{name}_loss"] for name in (TRAINING, VALIDATION)}


def expected_losses(problem, pdf):
    """The losses of each part by itself, in the order of the replicas."""
    expected = {name: np.zeros(len(pdf)) for name in (TRAINING, VALIDATION)}
    for part in problem.chi2.parts:
        own = part_losses(problem, part, pdf)
        for name, values in expected.items():
            values[part.replicas] = own[name]
    return expected


def part_losses(problem, part, pdf):
    multipliers = {
        "positivity_penalty": problem.positivity.initial,
        "integrability_penalty": problem.integrability.initial,
    }
    return problems.plain_losses(problem.part(part), pdf[part.replicas], multipliers)


@pytest.mark.parametrize("reduced", [False, True], ids=["divided", "reduced"])
@pytest.mark.parametrize("nonlinear", [False, True], ids=["linear", "nonlinear"])
@pytest.mark.parametrize("eigenbasis", [True, False], ids=["eigenbasis", "points"])
def test_losses(eigenbasis, nonlinear, reduced, double_precision):
    problem = divided_problem(eigenbasis, nonlinear)
    used = reduce_chi2(problem, precision=np.finfo(np.float64).eps) if reduced else problem
    assert isinstance(used.chi2, ReducedChi2) == reduced
    pdf, found = losses_of(used)
    for name, values in expected_losses(problem, pdf).items():
        np.testing.assert_allclose(found[name], values, rtol=1e-8, err_msg=name)


@pytest.mark.parametrize("reduced", [False, True], ids=["divided", "reduced"])
def test_losses_in_single_precision(reduced):
    problem = divided_problem()
    used = reduce_chi2(problem, precision=np.finfo(np.float32).eps) if reduced else problem
    pdf, found = losses_of(used)
    for name, values in expected_losses(problem, pdf).items():
        np.testing.assert_allclose(found[name], values, rtol=2e-4, err_msg=name)


@pytest.mark.parametrize("reduced", [False, True], ids=["divided", "reduced"])
def test_some_replicas_of_a_divided_problem(reduced, double_precision):
    """Repeated ones too, as in a batch that is filled."""
    problem = divided_problem()
    used = reduce_chi2(problem, precision=np.finfo(np.float64).eps) if reduced else problem
    _, together = losses_of(used)
    rows = [4, 0, 3, 0]
    _, found = losses_of(used.select(rows), [REPLICAS[row] for row in rows])
    for name, values in found.items():
        np.testing.assert_allclose(values, together[name][rows], rtol=1e-9, err_msg=name)


def test_points_are_counted_by_part():
    problem = divided_problem()
    sizes = [observable.ndata for observable in problem.observables]
    reduced = reduce_chi2(problem, precision=1e-16)
    for used in (problem, reduced):
        total = used.training_points + used.validation_points
        for replicas, datasets in PARTS:
            assert total[replicas].tolist() == [sum(sizes[index] for index in datasets)] * len(replicas)
    np.testing.assert_array_equal(problem.training_points, reduced.training_points)
    np.testing.assert_array_equal(problem.select([2, 1]).training_points, problem.training_points[[2, 1]])


def test_data_of_other_parts_have_no_influence(double_precision):
    """What a replica is not fitted to may be anything."""
    problem = divided_problem()
    _, before = losses_of(problem)
    changed = problem.data.copy()
    changed[0, 12:16] += 100.0  # the ratio, which the first replica is not fitted to
    _, after = losses_of(reduce_chi2(replace(problem, data=changed), precision=1e-16))
    for name, values in after.items():
        np.testing.assert_allclose(values, before[name], rtol=1e-8, err_msg=name)
