"""Linear transforms of the residuals with which chi2 is a sum of squares."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.linalg import solve_triangular
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from n3fit.model.spec import EigenbasisChi2, PointChi2, TrainingProblem
from n3fit.typing import Floats, Indices


def residual_transforms(chi2: EigenbasisChi2 | PointChi2) -> list[Floats]:
    """Return the matrices (n, N) that transform the residuals to what chi2 is computed from.

    In the eigenbasis there is one, the whitening. Point by point, with the residuals divided by their uncertainties
    and C their correlation matrix, there are three: ``L^-1`` with ``C = L L^T``, ``C^-1`` and one.
    """
    if isinstance(chi2, EigenbasisChi2):
        return [chi2.whitening]
    correlation, sigma = scaled_covariance(chi2)
    factor = np.linalg.cholesky(correlation)
    whitening = solve_triangular(factor, np.diag(1 / sigma), lower=True)
    return [whitening, solve_triangular(factor, whitening, trans="T", lower=True), np.diag(1 / sigma)]


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
