"""Transforms of the residuals: their order, and the chi2 that they give."""

from dataclasses import replace

import numpy as np
import pytest
from support import problems

from n3fit.compression.folding import fold_observable
from n3fit.model.chi2_forms import EigenbasisChi2, PointChi2
from n3fit.model.predictions import FormCollection
from n3fit.model.residual_plan import plan_residuals
from n3fit.model.whitening import mode_groups, points_by_linearity


@pytest.fixture
def observables():
    xgrid = problems.XGRID
    linear = problems.make_observable("L", [problems.make_table("l", 3)])
    ratio = problems.make_observable(
        "R", [problems.make_table("a", 2, seed=1), problems.make_table("b", 2, seed=2)], "RATIO"
    )
    more = problems.make_observable("M", [problems.make_table("m", 4, seed=3)])
    return tuple(fold_observable(observable, xgrid) for observable in (linear, ratio, more))


@pytest.fixture
def problem(observables):
    covariance = problems.random_covariance(9)
    values, vectors = np.linalg.eigh(covariance)
    whitening = vectors.T / np.sqrt(values)[:, np.newaxis]
    masks = problems.split_masks(2, 9, 6)
    data = np.random.default_rng(4).normal(size=(2, 9))
    small = problems.make_problem(2)
    return (
        replace(small, observables=observables, data=data, chi2=EigenbasisChi2(masks, whitening)),
        replace(small, observables=observables, data=data, chi2=PointChi2(masks, covariance)),
        covariance,
    )


def test_points_of_linear_data_sets(problem):
    linear, others = points_by_linearity(problem[0])
    assert linear.tolist() == [0, 1, 2, 5, 6, 7, 8]
    assert others.tolist() == [3, 4]


def test_points_of_ratios_and_hadronic_data_sets():
    linear, others = points_by_linearity(problems.make_problem(3, nonlinear=True))
    assert linear.tolist() == [*range(12), *range(19, 27)]
    assert others.tolist() == [*range(12, 19)]


def transformed(problem, other):
    """Return the transformed residuals of a random PDF, and the residuals."""
    forms = FormCollection()
    plan = plan_residuals(problem, forms)
    pdf = np.random.default_rng(5).normal(size=forms.blocks[0].matrix.shape[1])
    matrices = [matrix for observable in problem.observables if (matrix := observable.linear_matrix()) is not None]
    linear, others = points_by_linearity(problem)
    predictions = np.zeros(9)
    predictions[linear] = np.concatenate(matrices) @ pdf
    predictions[others] = other
    results = []
    for transform in plan.transforms:
        rows = -transform.data
        if transform.linear is not None:
            rows = rows + forms.blocks[transform.linear].matrix @ pdf
        if transform.mixing is not None:
            rows = rows + transform.mixing @ other
        results.append(rows)
    return results, predictions - problem.data


def test_whitened_rows_give_the_chi2_of_any_predictions(problem):
    eigenbasis, _, covariance = problem
    (rows,), residuals = transformed(eigenbasis, np.array([0.3, -0.2]))
    expected = [r @ np.linalg.solve(covariance, r) for r in residuals]
    np.testing.assert_allclose(np.sum(rows**2, axis=1), expected, rtol=1e-9)


def test_transforms_point_by_point(problem):
    _, points, covariance = problem
    (whitened, weighted, scaled), residuals = transformed(points, np.array([0.3, -0.2]))
    sigma = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(scaled, residuals / sigma, rtol=1e-9)
    np.testing.assert_allclose(weighted / sigma, np.linalg.solve(covariance, residuals.T).T, rtol=1e-9)
    expected = [r @ np.linalg.solve(covariance, r) for r in residuals]
    np.testing.assert_allclose(np.sum(whitened**2, axis=1), expected, rtol=1e-9)


@pytest.fixture
def correlated_in_blocks(problem):
    """The points 0 and 6, 3 and 4, 5 and 8 are correlated, 1, 2 and 7 with no other."""
    eigenbasis, _, _ = problem
    covariance = np.diag(np.arange(1.0, 10.0))
    for first, second in ((0, 6), (3, 4), (5, 8)):
        covariance[first, second] = covariance[second, first] = 0.5
    whitening = np.linalg.inv(np.linalg.cholesky(covariance))
    return replace(eigenbasis, chi2=replace(eigenbasis.chi2, whitening=whitening)), covariance


def test_groups_of_rows_that_have_no_point_in_common(correlated_in_blocks):
    problem, _ = correlated_in_blocks
    whitening = problem.chi2.whitening
    groups = [group.tolist() for group in mode_groups(whitening, np.array([3, 4]), smallest=256)]
    assert groups == [[0, 1, 2, 5, 6, 7, 8], [3, 4]]
    groups = [group.tolist() for group in mode_groups(whitening, np.array([3, 4]), smallest=2)]
    assert sorted(groups) == [[0, 6], [1, 2, 7], [3, 4], [5, 8]]


def test_transforms_by_groups_give_the_chi2(correlated_in_blocks):
    problem, covariance = correlated_in_blocks
    results, expected = transformed(problem, np.array([0.3, -0.2]))
    assert len(results) == 2
    plan = plan_residuals(problem, FormCollection())
    assert [transform.linear is None for transform in plan.transforms] == [False, True]
    assert [transform.mixing is None for transform in plan.transforms] == [True, False]
    assert sorted(np.concatenate(plan.rows).tolist()) == list(range(9))
    chi2 = sum(np.sum(rows**2, axis=1) for rows in results)
    np.testing.assert_allclose(chi2, [r @ np.linalg.solve(covariance, r) for r in expected], rtol=1e-9)
    # each replica's modes, group by group
    whitened = expected @ problem.chi2.whitening.T
    for rows, kept in zip(results, plan.rows, strict=True):
        np.testing.assert_allclose(rows, whitened[:, kept], rtol=1e-9)
