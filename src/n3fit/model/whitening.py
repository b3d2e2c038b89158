"""Linear transforms of the residuals with which chi2 is a sum of squares."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.linalg import solve_triangular
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from threadpoolctl import threadpool_limits

from n3fit.compression.point_split import correlated_groups
from n3fit.model.chi2_forms import EigenbasisChi2, PointChi2
from n3fit.model.spec import TrainingProblem
from n3fit.typing import Floats, Indices


@dataclass(frozen=True)
class RowTransform:
    """A linear transform of the residuals of some points.

    Parameters
    ----------
    matrix : (n, p)
    points : (p,)
        The points that it acts on, ascending.
    rows : (n,)
        Positions of its rows among those of the split.
    """

    matrix: Floats
    points: Indices
    rows: Indices


def residual_transforms(chi2: EigenbasisChi2 | PointChi2, others: Indices, *, smallest: int) -> list[RowTransform]:
    """Return the transforms of the residuals to what chi2 is computed from.

    In the eigenbasis there is one for each group of correlated points, its rows of the whitening. Point by point, with
    the residuals divided by their uncertainties and C the correlation matrix of a group, there are three for each of
    the :func:`correlated_groups`: ``L^-1`` with ``C = L L^T``, ``C^-1`` and one.

    Parameters
    ----------
    chi2 : EigenbasisChi2 or PointChi2
    others, smallest
        As for :func:`mode_groups`.
    """
    if isinstance(chi2, EigenbasisChi2):
        points = np.arange(chi2.whitening.shape[1])
        groups = mode_groups(chi2.whitening, others, smallest=smallest)
        return [RowTransform(chi2.whitening[rows], points, rows) for rows in groups]
    correlation, sigma = scaled_covariance(chi2)
    transforms = []
    for points in correlated_groups(correlation):
        with threadpool_limits(limits=1, user_api="blas"):  # several threads wait for each other in every column
            factor = np.linalg.cholesky(correlation[np.ix_(points, points)])
        scale = np.diag(1 / sigma[points])
        whitening = solve_triangular(factor, scale, lower=True)
        weighting = solve_triangular(factor, whitening, trans="T", lower=True)
        transforms += [RowTransform(matrix, points, points) for matrix in (whitening, weighting, scale)]
    return transforms


def scaled_covariance(chi2: PointChi2) -> tuple[Floats, Floats]:
    """Return the correlation matrix (N, N) and the uncertainties (N,)."""
    sigma = np.sqrt(np.diag(chi2.covariance))
    return chi2.covariance / np.outer(sigma, sigma), sigma


def points_by_linearity(problem: TrainingProblem) -> tuple[Indices, Indices]:
    """Return the points of the data sets linear in the PDF, and those of the others."""
    points = np.arange(sum(observable.ndata for observable in problem.observables))
    edges = np.cumsum([0, *(observable.ndata for observable in problem.observables)])
    linear = [observable.linear_matrix() is not None for observable in problem.observables]
    blocks = [points[start:stop] for start, stop in pairwise(edges)]
    empty = points[:0]
    return (
        np.concatenate([empty, *(block for block, is_linear in zip(blocks, linear, strict=True) if is_linear)]),
        np.concatenate([empty, *(block for block, is_linear in zip(blocks, linear, strict=True) if not is_linear)]),
    )


def mode_groups(whitening: Floats, others: Indices, *, smallest: int) -> list[Indices]:
    """Divide whitened rows into groups that have no point in common.

    Parameters
    ----------
    whitening : (N, N)
    others : (M,)
        Points of the data sets that are not linear in the PDF.
    smallest : int
        Number of rows below which groups are joined: those that depend on ``others``, and those that do not.

    Returns
    -------
    list of arrays of int
        Rows, ascending.
    """
    count = len(whitening)
    rows, points = np.nonzero(whitening)
    graph = coo_array((np.ones(len(rows)), (rows, count + points)), shape=(2 * count, 2 * count))
    _, labels = connected_components(graph, directed=False)
    labels = labels[:count]
    depends_on_others = np.any(whitening[:, others], axis=1)
    groups: list[Indices] = []
    small: dict[bool, list[Indices]] = {False: [], True: []}
    for label in np.unique(labels):
        group = np.flatnonzero(labels == label)
        if len(group) < smallest:
            small[bool(depends_on_others[group].any())].append(group)
        else:
            groups.append(group)
    return groups + [np.sort(np.concatenate(joined)) for joined in small.values() if joined]
