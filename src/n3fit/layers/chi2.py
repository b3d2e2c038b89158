"""Chi2 of every replica for training and for validation, from one set of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import repeat
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from n3fit.backends import MetaLayer
from n3fit.backends import operations as op
from n3fit.typing import Booleans, Floats, Indices, Integers


class Residuals(MetaLayer):
    """Subtract each replica's data: ``(batch, replica, rows)`` to the same shape.

    Parameters
    ----------
    data : (R, rows)
        Data of each replica, whitened or scaled like the predictions.
    """

    def __init__(self, data: Floats, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self._data = np.array(data)

    def build(self, input_shape: Any) -> None:
        """Keep the data as a constant."""
        self.data = self.builder_helper(
            "data", self._data.shape, self.init_constant(self._data), trainable=False, replica_axis=0
        )

    def call(self, predictions: Any) -> Any:
        return predictions - self.data


class MaskedSquares(MetaLayer):
    """Sum the squares of some whitened residuals: ``(batch, replica, rows)`` to ``(batch, replica)``.

    Parameters
    ----------
    weights : (R, rows)
        One for the rows that count, zero for the others; other weights are allowed.
    """

    def __init__(self, weights: Floats | Booleans, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self._mask = np.array(weights, dtype=np.float64)

    def build(self, input_shape: Any) -> None:
        """Keep the mask as a constant."""
        self.mask = self.builder_helper(
            "mask", self._mask.shape, self.init_constant(self._mask), trainable=False, replica_axis=0
        )

    def call(self, residuals: Any) -> Any:
        return op.sum(residuals * residuals * self.mask, axis=-1)


class PointSplitChi2(MetaLayer):
    """Chi2 of a split point by point, from three views of the residuals r to two tensors ``(batch, replica)``.

    The inputs are, ``(batch, replica, rows)`` each, the whitened residuals u with ``u^T u = r^T C^-1 r``, the weighted
    ones ``y = P r`` with P the inverse of C, and r. With the validation points V the block inverse gives the training
    chi2 as ``r_T^T (C_TT)^-1 r_T = u^T u - y_V^T (P_VV)^-1 y_V``: the large products are shared by all replicas, and
    each has small ones of its own. What is subtracted is the chi2 of the validation points given the training points,
    about one for each, so that nothing large cancels. The validation chi2 is ``r_V^T (C_VV)^-1 r_V``. Both small forms
    are sums of squares of ``K y_V`` and ``K' r_V`` with triangular K and K'; points without correlation never meet in
    them.

    Parameters
    ----------
    covariance : (rows, rows)
        C.
    masks : (R, rows) bool
        True for training.
    """

    def __init__(self, covariance: Floats, masks: Booleans, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self._covariance = np.array(covariance)
        self._masks = np.array(masks, dtype=bool)

    def build(self, input_shape: Any) -> None:
        """Factorise the validation blocks of every replica and keep them as constants."""
        self.indices: list[Integers] = []
        self.conditional: list[Any] = []
        self.marginal: list[Any] = []
        for points in correlated_groups(self._covariance):
            covariance = self._covariance[np.ix_(points, points)]
            indices, roots = held_out_roots([np.linalg.inv(covariance), covariance], self._masks[:, points])
            number = len(self.indices)
            self.indices.append(points[indices])
            self.conditional.append(self._constant(f"conditional_{number}", roots[0]))
            self.marginal.append(self._constant(f"marginal_{number}", roots[1]))

    def _constant(self, name: str, value: Floats) -> Any:
        return self.builder_helper(name, value.shape, self.init_constant(value), trainable=False, replica_axis=0)

    def call(self, views: Sequence[Any]) -> tuple[Any, Any]:
        whitened, weighted, residuals = views
        conditional = map(_squares, self.conditional, repeat(weighted), self.indices)
        marginal = map(_squares, self.marginal, repeat(residuals), self.indices)
        return op.sum(whitened * whitened, axis=-1) - reduce(add, conditional), reduce(add, marginal)


def _squares(roots: Any, rows: Any, indices: Integers) -> Any:
    """Give ``|root rows[indices]|^2`` of each replica."""
    held_out = op.backend_function("take_along_axis", rows, indices[np.newaxis], axis=-1)
    values = op.einsum("rij,brj->bri", roots, held_out)
    return op.sum(values * values, axis=-1)


def correlated_groups(covariance: Floats, smallest: int = 256) -> list[Indices]:
    """Divide points into groups without correlation between them.

    Parameters
    ----------
    covariance : (n, n)
    smallest : int
        Groups are put together until they have at least so many points.

    Returns
    -------
    list of arrays of int
        The points of each group, ascending.
    """
    _, labels = connected_components(csr_array(covariance != 0), directed=False)
    groups: list[Indices] = []
    for label in np.argsort(-np.bincount(labels), kind="stable"):
        points = np.flatnonzero(labels == label)
        if groups and len(groups[-1]) < smallest:
            groups[-1] = np.sort(np.concatenate([groups[-1], points]))
        else:
            groups.append(points)
    return groups


def held_out_roots(matrices: Sequence[NDArray[np.floating]], masks: Booleans) -> tuple[Integers, list[Floats]]:
    """Factorise the inverse of the blocks of the held-out points, for each replica.

    Parameters
    ----------
    matrices : sequence of (n, n)
        Positive definite.
    masks : (R, n) bool
        False for what is held out.

    Returns
    -------
    indices : (R, v)
        The held-out points; replicas with fewer of them than others are filled up with point 0.
    roots : list of (R, v, v)
        For each matrix M the lower triangular K with ``K^T K = (M_VV)^-1``; zero where filled up.
    """
    held_out = [np.flatnonzero(~mask) for mask in masks]
    longest = max(1, *(len(points) for points in held_out))
    indices = np.zeros((len(masks), longest), dtype=np.int64)
    roots = [np.zeros((len(masks), longest, longest)) for _ in matrices]
    for replica, points in enumerate(held_out):
        count = len(points)
        indices[replica, :count] = points
        for matrix, root in zip(matrices, roots, strict=True):
            factor = np.linalg.cholesky(matrix[np.ix_(points, points)])
            root[replica, :count, :count] = solve_triangular(factor, np.eye(count), lower=True)
    return indices, roots
