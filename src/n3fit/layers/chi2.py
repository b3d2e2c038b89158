"""Chi2 of every replica for training and for validation, from one set of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import operations as op
from n3fit.compression.point_split import correlated_groups, held_out_roots
from n3fit.layers.constant_layer import ConstantLayer
from n3fit.typing import Booleans, Floats, Integers

ROWS_OF_A_BLOCK = 80
"""About the number of rows of triangular matrices that are multiplied together, up to the last column of the block."""


class Residuals(ConstantLayer):
    """Subtract each replica's data: ``(batch, replica, rows)`` to the same shape.

    Parameters
    ----------
    data : (R, rows)
        Data of each replica, whitened or scaled like the predictions.
    """

    def __init__(self, data: Floats, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._data = np.array(data)

    def build(self, input_shape: Any) -> None:
        """Store the data as a constant."""
        self.data = self.constant("data", self._data, replica_axis=0)

    def call(self, predictions: Any) -> Any:
        return predictions - self.data


class MaskedSquares(ConstantLayer):
    """Sum the squares of some whitened residuals: ``(batch, replica, rows)`` to ``(batch, replica)``.

    Parameters
    ----------
    weights : (R, rows)
        One for the rows that are summed, zero for the others; other weights are allowed.
    """

    def __init__(self, weights: Floats | Booleans, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._mask = np.array(weights, dtype=np.float64)

    def build(self, input_shape: Any) -> None:
        """Store the mask as a constant."""
        self.mask = self.constant("mask", self._mask, replica_axis=0)

    def call(self, residuals: Any) -> Any:
        return op.sum(residuals * residuals * self.mask, axis=-1)


class ReducedSquares(ConstantLayer):
    """Chi2 of each replica in its reduced form: variables z ``(batch, replica, q)`` to ``(batch, replica)``.

    It is ``|K z - e|^2 + c``. Blocks of rows of K are kept without most of their zeros, see :class:`PointSplitChi2`.

    Parameters
    ----------
    roots : (R, q, q)
        K, upper triangular.
    targets : (R, q)
        e.
    constants : (R,)
        c.
    """

    def __init__(self, roots: NDArray[np.floating], targets: Floats, constants: Floats, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._roots = np.asarray(roots)
        self._targets = np.asarray(targets)
        self._constants = np.asarray(constants)

    def build(self, input_shape: Any) -> None:
        """Store the forms as constants."""
        size = self._roots.shape[-1]
        edges = np.linspace(0, size, 1 + max(1, round(size / ROWS_OF_A_BLOCK))).astype(int).tolist()
        self.starts = edges[:-1]
        self.blocks = [
            self.constant(f"rows_{start}", self._roots[:, start:stop, start:], replica_axis=0)
            for start, stop in pairwise(edges)
        ]
        self.targets = [
            self.constant(f"targets_{start}", self._targets[:, start:stop], replica_axis=0)
            for start, stop in pairwise(edges)
        ]
        self.constants = self.constant("constants", self._constants, replica_axis=0)

    def call(self, variables: Any) -> Any:
        total = self.constants
        for start, block, target in zip(self.starts, self.blocks, self.targets, strict=True):
            rows = op.einsum("rij,brj->bri", block, variables[..., start:]) - target
            total = total + op.sum(rows * rows, axis=-1)
        return total


class PointSplitChi2(ConstantLayer):
    """Chi2 of a split point by point: three transforms of the residuals r to two tensors ``(batch, replica)``.

    Points without correlation are in groups of their own, see :func:`correlated_groups`. The inputs are three for each
    group, ``(batch, replica, rows)`` each: the whitened residuals u with ``u^T u = r^T C^-1 r``, the weighted ones
    ``y = P r`` with P the inverse of C, and r. With the validation points V the block inverse gives the training
    chi2 as ``r_T^T (C_TT)^-1 r_T = u^T u - y_V^T (P_VV)^-1 y_V``: the large products are shared by all replicas, and
    only small ones differ. The subtracted term is the chi2 of the validation points given the training points, about
    one for each, so that nothing large cancels. The validation chi2 is ``r_V^T (C_VV)^-1 r_V``. Both small forms are
    sums of squares of ``K y_V`` and ``K' r_V`` with triangular K and K', of which blocks of rows are kept without most
    of their zeros: reading these matrices is what takes the time.

    Parameters
    ----------
    covariance : (rows, rows)
        C.
    masks : (R, rows) bool
        True for training.
    """

    def __init__(self, covariance: Floats, masks: Booleans, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._covariance = np.array(covariance)
        self._masks = np.array(masks, dtype=bool)

    def build(self, input_shape: Any) -> None:
        """Factorise the validation blocks of every replica, and store the factors as constants."""
        self.indices: list[Integers] = []
        self.conditional: list[list[Any]] = []
        self.marginal: list[list[Any]] = []
        for number, points in enumerate(correlated_groups(self._covariance)):
            covariance = self._covariance[np.ix_(points, points)]
            matrices = [np.linalg.inv(covariance), covariance]
            indices, roots = held_out_roots(matrices, self._masks[:, points], self.variable_dtype)
            self.indices.append(indices)
            self.conditional.append(self._row_blocks(f"conditional_{number}", roots[0]))
            self.marginal.append(self._row_blocks(f"marginal_{number}", roots[1]))

    def _row_blocks(self, name: str, roots: Floats) -> list[Any]:
        """Return blocks of rows of lower triangular matrices (R, v, v) as constants, up to their last column."""
        size = roots.shape[-1]
        edges = np.linspace(0, size, 1 + max(1, round(size / ROWS_OF_A_BLOCK))).astype(int).tolist()
        return [
            self.constant(f"{name}_rows_{start}", roots[:, start:stop, :stop], replica_axis=0)
            for start, stop in pairwise(edges)
        ]

    def call(self, transforms: Sequence[Any]) -> tuple[Any, Any]:
        whitened, weighted, residuals = transforms[::3], transforms[1::3], transforms[2::3]
        everything = [op.sum(rows * rows, axis=-1) for rows in whitened]
        conditional = map(_squares, self.conditional, weighted, self.indices)
        marginal = map(_squares, self.marginal, residuals, self.indices)
        return reduce(add, everything) - reduce(add, conditional), reduce(add, marginal)


def _squares(blocks: Sequence[Any], rows: Any, indices: Integers) -> Any:
    """Compute ``|root rows[indices]|^2`` of each replica, from blocks of rows of the root."""
    held_out = op.backend_function("take_along_axis", rows, indices[np.newaxis], axis=-1)
    squares = []
    for block in blocks:
        values = op.einsum("rij,brj->bri", block, held_out[..., : block.shape[-1]])
        squares.append(op.sum(values * values, axis=-1))
    return reduce(add, squares)
