"""Residuals of every replica to its data: whitened in the eigenbasis, in three views point by point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from n3fit.layers.chi2 import MaskedSquares, PointSplitChi2, Residuals
from n3fit.layers.observables import LinearMap
from n3fit.model.folding import LinearRows
from n3fit.model.problem import EigenbasisChi2, PointChi2, TrainingProblem
from n3fit.model.rows import LinearStack, PlannedObservable, join_rows, plan_observable

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """A linear image of the residuals T - D of all N points.

    Parameters
    ----------
    linear : int or None
        Number in the LinearStack of the rows (n, nx * 8) from the data sets linear in the PDF.
    mixing : (n, M)
        Acts on the M predictions of the other data sets.
    data : (R, n)
        Image of the data of each replica.
    """

    linear: int | None
    mixing: Floats
    data: Floats


@dataclass(frozen=True)
class PlannedResiduals:
    """Views of the residuals whose linear rows wait in a LinearStack, and the data sets not linear in the PDF."""

    views: tuple[View, ...]
    nonlinear: tuple[PlannedObservable, ...]

    def evaluate(self, pdf: Any, pieces: Sequence[Any], prefix: str) -> list[Any]:
        """Give each view, ``(1, R, n)``."""
        predictions = None
        if self.nonlinear:
            predictions = join_rows([planned.evaluate(pdf, pieces, prefix) for planned in self.nonlinear])
        found = []
        for number, view in enumerate(self.views):
            rows = None if view.linear is None else pieces[view.linear]
            if predictions is not None:
                others = LinearMap(view.mixing, name=f"{prefix}nonlinear_rows_{number}")(predictions)
                rows = others if rows is None else rows + others
            found.append(Residuals(view.data, name=f"{prefix}residuals_{number}")(rows))
        return found


def residual_views(problem: TrainingProblem) -> list[Floats]:
    """Give the matrices (n, N) whose images of the residuals make chi2.

    In the eigenbasis there is one, the whitening. Point by point, with the residuals divided by their uncertainties
    and C their correlation matrix, there are three: ``L^-1`` with ``C = L L^T``, ``C^-1`` and one.
    """
    if isinstance(problem.chi2, EigenbasisChi2):
        return [problem.chi2.whitening]
    correlation, sigma = scaled_covariance(problem.chi2)
    factor = np.linalg.cholesky(correlation)
    whitening = solve_triangular(factor, np.diag(1 / sigma), lower=True)
    return [whitening, solve_triangular(factor, whitening, trans="T", lower=True), np.diag(1 / sigma)]


def scaled_covariance(chi2: PointChi2) -> tuple[Floats, Floats]:
    """Give the correlation matrix (N, N) and the uncertainties (N,)."""
    sigma = np.sqrt(np.diag(chi2.covariance))
    return chi2.covariance / np.outer(sigma, sigma), sigma


def row_order(problem: TrainingProblem) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the points of the data sets linear in the PDF, and those of the others."""
    points = np.arange(sum(observable.ndata for observable in problem.observables))
    edges = np.cumsum([0, *(observable.ndata for observable in problem.observables)])
    linear = [observable.linear_matrix() is not None for observable in problem.observables]
    blocks = [points[start:stop] for start, stop in pairwise(edges)]
    empty = points[:0]
    return (
        np.concatenate([empty, *(block for block, is_linear in zip(blocks, linear, strict=True) if is_linear)]),
        np.concatenate([empty, *(block for block, is_linear in zip(blocks, linear, strict=True) if not is_linear)]),
    )


def plan_residuals(problem: TrainingProblem, stack: LinearStack) -> PlannedResiduals:
    """Put the linear rows of all views on the stack."""
    linear_points, other_points = row_order(problem)
    matrices = [matrix for observable in problem.observables if (matrix := observable.linear_matrix()) is not None]
    stacked = np.concatenate(matrices) if matrices else None
    nonlinear = [observable for observable in problem.observables if observable.linear_matrix() is None]
    return PlannedResiduals(
        views=tuple(
            View(
                linear=None if stacked is None else stack.add(LinearRows(matrix[:, linear_points] @ stacked)),
                mixing=matrix[:, other_points],
                data=problem.data @ matrix.T,
            )
            for matrix in residual_views(problem)
        ),
        nonlinear=tuple(plan_observable(observable, stack) for observable in nonlinear),
    )


def split_chi2(views: Sequence[Any], problem: TrainingProblem, prefix: str) -> tuple[Any, Any]:
    """Give the training and the validation chi2, ``(1, R)`` each."""
    training = problem.chi2.training
    if isinstance(problem.chi2, EigenbasisChi2):
        (residuals,) = views
        return (
            MaskedSquares(training, name=f"{prefix}training_modes")(residuals),
            MaskedSquares(~training, name=f"{prefix}validation_modes")(residuals),
        )
    correlation, _ = scaled_covariance(problem.chi2)
    layer = PointSplitChi2(correlation, training, name=f"{prefix}point_split")
    return layer(list(views))
