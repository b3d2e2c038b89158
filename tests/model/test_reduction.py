"""The reduced form of chi2 against chi2 itself, and when it is used."""

import numpy as np
import pytest
from support import problems

from n3fit.model import reduction
from n3fit.model.chi2_forms import DividedChi2, ReducedChi2
from n3fit.model.reduction import reduce_chi2


@pytest.fixture
def problem():
    plain = problems.make_problem(3, eigenbasis=False, nonlinear=True)
    return problems.divide_problem(plain, [([0, 1], [0, 2]), ([2], [0, 1, 3])])


def chi2_of_form(form, replica, variables):
    rows = form.roots[replica] @ variables - form.targets[replica]
    return rows @ rows + form.constants[replica]


def test_forms_are_chi2_for_any_variables(problem):
    reduced = reduce_chi2(problem, precision=np.finfo(np.float64).eps)
    chi2 = reduced.chi2
    random = np.random.default_rng(1)
    pdf = random.normal(size=len(chi2.basis))
    predictions = {i: random.normal(size=problem.observables[i].ndata) for i in chi2.nonlinear}
    variables = np.concatenate([pdf @ chi2.basis, *predictions.values()])
    for index, observable in enumerate(problem.observables):
        if index not in predictions:
            predictions[index] = observable.linear_matrix() @ pdf
    for part in problem.chi2.parts:
        own = problem.part(part)
        theory = np.concatenate([predictions[index] for index in part.datasets])
        for row, replica in enumerate(part.replicas):
            residuals = theory - own.data[row]
            for form, mask in ((chi2.training, part.chi2.training[row]), (chi2.validation, ~part.chi2.training[row])):
                covariance = part.chi2.covariance[np.ix_(mask, mask)]
                expected = residuals[mask] @ np.linalg.solve(covariance, residuals[mask])
                assert chi2_of_form(form, replica, variables) == pytest.approx(expected, rel=1e-9)


def test_roots_are_upper_triangular(problem):
    chi2 = reduce_chi2(problem, precision=1e-16).chi2
    for form in (chi2.training, chi2.validation):
        np.testing.assert_array_equal(form.roots, np.triu(form.roots))


def test_single_precision_stores_single_precision(problem):
    chi2 = reduce_chi2(problem, precision=float(np.finfo(np.float32).eps)).chi2
    assert chi2.training.roots.dtype == np.float32
    assert isinstance(chi2, ReducedChi2)


def test_linear_data_depend_on_few_combinations():
    """Rows that repeat others add no variable."""
    plain = problems.make_problem(2, eigenbasis=False)
    chi2 = reduce_chi2(problems.divide_problem(plain, [([0, 1], [0, 1])]), precision=1e-16).chi2
    stacked = np.concatenate([observable.linear_matrix() for observable in plain.observables])
    assert chi2.basis.shape == (stacked.shape[1], np.linalg.matrix_rank(stacked))
    np.testing.assert_allclose(chi2.basis.T @ chi2.basis, np.eye(chi2.basis.shape[1]), atol=1e-12)


@pytest.mark.parametrize(("limit", "value"), [("MOST_VARIABLES", 5), ("MOST_NUMBERS", 100)])
def test_larger_forms_are_not_used(problem, monkeypatch, limit, value):
    monkeypatch.setattr(reduction, limit, value)
    assert isinstance(reduce_chi2(problem, precision=1e-16).chi2, DividedChi2)
