"""Residuals of every replica to its data: whitened in the eigenbasis, in three views point by point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from n3fit.compression.folding import LinearRows
from n3fit.layers.chi2 import MaskedSquares, PointSplitChi2, Residuals
from n3fit.layers.observables import LinearMap
from n3fit.model.rows import LARGE_BLOCK, LinearStack, PlannedObservable, join_rows, plan_observable
from n3fit.model.spec import EigenbasisChi2, PointChi2, TrainingProblem
from n3fit.typing import Floats, Indices


@dataclass(frozen=True)
class View:
    """A linear image of the residuals T - D of all N points.

    Parameters
    ----------
    rows : (n,)
        Places of the view's rows among those of the split.
    linear : int or None
        Number in the LinearStack of the rows (n, nx * 8) from the data sets linear in the PDF; None if they are zero.
    mixing : (n, M) or None
        Acts on the M predictions of the other data sets; None if it is zero.
    data : (R, n)
        Image of the data of each replica.
    """

    rows: Indices
    linear: int | None
    mixing: Floats | None
    data: Floats


@dataclass(frozen=True)
class PlannedResiduals:
    """Views of the residuals whose linear rows wait in a LinearStack, and the data sets not linear in the PDF."""

    views: tuple[View, ...]
    nonlinear: tuple[PlannedObservable, ...]

    @property
    def rows(self) -> list[Indices]:
        """The rows of each view."""
        return [view.rows for view in self.views]

    def evaluate(self, pdf: Any, pieces: Sequence[Any], prefix: str) -> list[Any]:
        """Give each view, ``(1, R, n)``."""
        predictions = None
        if self.nonlinear:
            predictions = join_rows([planned.evaluate(pdf, pieces, prefix) for planned in self.nonlinear])
        found = []
        for number, view in enumerate(self.views):
            rows = None if view.linear is None else pieces[view.linear]
            if view.mixing is not None:
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


def row_order(problem: TrainingProblem) -> tuple[Indices, Indices]:
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


def mode_groups(whitening: Floats, others: Indices) -> list[Indices]:
    """Divide whitened rows into groups that have no point in common.

    Parameters
    ----------
    whitening : (N, N)
    others : (M,)
        Points of the data sets that are not linear in the PDF.

    Returns
    -------
    list of arrays of int
        Rows, ascending. Those of small groups are put together: the rows that see ``others``, and those that do not.
    """
    count = len(whitening)
    rows, points = np.nonzero(whitening)
    graph = coo_array((np.ones(len(rows)), (rows, count + points)), shape=(2 * count, 2 * count))
    _, labels = connected_components(graph, directed=False)
    labels = labels[:count]
    sees_others = np.any(whitening[:, others], axis=1)
    groups: list[Indices] = []
    small: dict[bool, list[Indices]] = {False: [], True: []}
    for label in np.unique(labels):
        group = np.flatnonzero(labels == label)
        if len(group) < LARGE_BLOCK:
            small[bool(sees_others[group].any())].append(group)
        else:
            groups.append(group)
    return groups + [np.sort(np.concatenate(together)) for together in small.values() if together]


def plan_residuals(problem: TrainingProblem, stack: LinearStack) -> PlannedResiduals:
    """Put the linear rows of all views on the stack.

    In the eigenbasis each group of correlated points is a view of its own: its rows see fewer nodes, and fewer data
    sets, than all rows together.
    """
    linear_points, other_points = row_order(problem)
    matrices = [matrix for observable in problem.observables if (matrix := observable.linear_matrix()) is not None]
    stacked = np.concatenate(matrices) if matrices else None
    nonlinear = [observable for observable in problem.observables if observable.linear_matrix() is None]
    chosen = [(matrix, np.arange(len(matrix))) for matrix in residual_views(problem)]
    if isinstance(problem.chi2, EigenbasisChi2):
        ((whitening, _),) = chosen
        chosen = [(whitening[rows], rows) for rows in mode_groups(whitening, other_points)]
    views = []
    for matrix, rows in chosen:
        linear, mixing = matrix[:, linear_points], matrix[:, other_points]
        views.append(
            View(
                rows=rows,
                linear=None if stacked is None or not linear.any() else stack.add(LinearRows(linear @ stacked)),
                mixing=mixing if mixing.any() else None,
                data=problem.data @ matrix.T,
            )
        )
    return PlannedResiduals(
        views=tuple(views), nonlinear=tuple(plan_observable(observable, stack) for observable in nonlinear)
    )


def split_chi2(views: Sequence[Any], rows: Sequence[Indices], problem: TrainingProblem, prefix: str) -> tuple[Any, Any]:
    """Give the training and the validation chi2, ``(1, R)`` each.

    Parameters
    ----------
    views : sequence of tensors
        From :meth:`PlannedResiduals.evaluate`.
    rows : sequence of arrays of int
        Those of each view.
    """
    training = problem.chi2.training
    if isinstance(problem.chi2, EigenbasisChi2):
        sums = [
            [
                MaskedSquares(mask[:, kept], name=f"{prefix}{name}_modes_{number}")(residuals)
                for number, (residuals, kept) in enumerate(zip(views, rows, strict=True))
            ]
            for name, mask in (("training", training), ("validation", ~training))
        ]
        return reduce(add, sums[0]), reduce(add, sums[1])
    correlation, _ = scaled_covariance(problem.chi2)
    layer = PointSplitChi2(correlation, training, name=f"{prefix}point_split")
    return layer(list(views))
