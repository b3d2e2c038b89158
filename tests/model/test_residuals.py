"""The order of rows, and what whitening and scaling leave of the chi2."""

from dataclasses import replace

import numpy as np
import pytest

from n3fit.model.problem import EigenbasisChi2, PointChi2
from n3fit.model.residuals import plan_residuals, row_order
from n3fit.model.rows import LinearStack


@pytest.fixture
def observables(examples):
    xgrid = examples.XGRID
    from n3fit.model.folding import fold_observable

    linear = examples.make_observable("L", [examples.make_table("l", 3)])
    ratio = examples.make_observable(
        "R", [examples.make_table("a", 2, seed=1), examples.make_table("b", 2, seed=2)], "RATIO"
    )
    more = examples.make_observable("M", [examples.make_table("m", 4, seed=3)])
    return tuple(fold_observable(observable, xgrid) for observable in (linear, ratio, more))


@pytest.fixture
def problem(examples, observables):
    covariance = examples.random_covariance(9)
    values, vectors = np.linalg.eigh(covariance)
    whitening = vectors.T / np.sqrt(values)[:, np.newaxis]
    masks = examples.split_masks(2, 9, 6)
    data = np.random.default_rng(4).normal(size=(2, 9))
    small = examples.make_problem(2)
    return (
        replace(small, observables=observables, data=data, chi2=EigenbasisChi2(whitening, masks)),
        replace(small, observables=observables, data=data, chi2=PointChi2(covariance, masks)),
        covariance,
    )


def test_linear_rows_come_first(problem):
    linear, others = row_order(problem[0])
    assert linear.tolist() == [0, 1, 2, 5, 6, 7, 8]
    assert others.tolist() == [3, 4]


def planned_views(problem, other):
    """Give the views of the residuals of a random PDF, and the residuals themselves."""
    stack = LinearStack()
    planned = plan_residuals(problem, stack)
    blocks = [stack.blocks[view.linear].matrix for view in planned.views]
    pdf = np.random.default_rng(5).normal(size=blocks[0].shape[1])
    matrices = [matrix for observable in problem.observables if (matrix := observable.linear_matrix()) is not None]
    linear, others = row_order(problem)
    predictions = np.zeros(9)
    predictions[linear] = np.concatenate(matrices) @ pdf
    predictions[others] = other
    views = [block @ pdf + view.mixing @ other - view.data for block, view in zip(blocks, planned.views, strict=True)]
    return views, predictions - problem.data


def test_whitened_rows_give_the_chi2_of_any_predictions(problem):
    eigenbasis, _, covariance = problem
    (rows,), residuals = planned_views(eigenbasis, np.array([0.3, -0.2]))
    expected = [r @ np.linalg.solve(covariance, r) for r in residuals]
    np.testing.assert_allclose(np.sum(rows**2, axis=1), expected, rtol=1e-9)


def test_views_point_by_point(problem):
    _, points, covariance = problem
    (whitened, weighted, scaled), residuals = planned_views(points, np.array([0.3, -0.2]))
    sigma = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(scaled, residuals / sigma, rtol=1e-9)
    np.testing.assert_allclose(weighted / sigma, np.linalg.solve(covariance, residuals.T).T, rtol=1e-9)
    expected = [r @ np.linalg.solve(covariance, r) for r in residuals]
    np.testing.assert_allclose(np.sum(whitened**2, axis=1), expected, rtol=1e-9)
