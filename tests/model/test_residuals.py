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


def test_whitened_rows_give_the_chi2_of_any_predictions(problem):
    eigenbasis, _, covariance = problem
    stack = LinearStack()
    planned = plan_residuals(eigenbasis, stack)
    pdf = np.random.default_rng(5).normal(size=stack.blocks[planned.linear].matrix.shape[1])
    other = np.array([0.3, -0.2])
    predictions = np.zeros(9)
    linear, others = row_order(eigenbasis)
    predictions[linear] = np.concatenate(
        [
            matrix @ pdf
            for matrix in (observable.linear_matrix() for observable in eigenbasis.observables)
            if matrix is not None
        ]
    )
    predictions[others] = other
    rows = stack.blocks[planned.linear].matrix @ pdf + planned.mixing @ other - planned.data
    expected = [r @ np.linalg.solve(covariance, r) for r in predictions - eigenbasis.data]
    np.testing.assert_allclose(np.sum(rows**2, axis=1), expected, rtol=1e-9)


def test_scaled_rows_are_divided_by_their_uncertainty(problem):
    _, points, covariance = problem
    stack = LinearStack()
    planned = plan_residuals(points, stack)
    sigma = np.sqrt(np.diag(covariance))
    order = np.concatenate(row_order(points))
    np.testing.assert_allclose(planned.data, (points.data / sigma)[:, order], rtol=1e-12)
    np.testing.assert_allclose(np.diag(planned.mixing), 1 / sigma[[3, 4]], rtol=1e-12)
    assert stack.blocks[planned.linear].matrix.shape[0] == 7
