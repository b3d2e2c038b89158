"""Chi2 of every replica for training and for validation, from one set of predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import MetaLayer
from n3fit.backends import operations as op

Floats = NDArray[np.float64]


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

    def __init__(self, weights: Floats | NDArray[np.bool_], **kwargs: Any) -> None:
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
    """Chi2 of a split point by point: ``(batch, replica, rows)`` to two tensors ``(batch, replica)``.

    With P the inverse of the one covariance C of all points and y = P r, the block inverse gives the training chi2
    as ``r_T^T (C_TT)^-1 r_T = r^T y - y_V^T (P_VV)^-1 y_V``: one product shared by all replicas, and a small one for
    each. What is subtracted is the chi2 of the validation points given the training points, about one for each, so
    that nothing large cancels. The validation chi2 is ``r_V^T (C_VV)^-1 r_V``.

    Parameters
    ----------
    precision : (rows, rows)
        P.
    masks : (R, rows) bool
        True for training.
    """

    def __init__(self, precision: Floats, masks: NDArray[np.bool_], **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self._precision = np.array(precision)
        self._masks = np.array(masks, dtype=bool)

    def build(self, input_shape: Any) -> None:
        """Factorise the validation blocks of every replica and keep them as constants.

        Replicas with fewer validation points than others are padded: a padding row points at row 0 and has weight
        zero.
        """
        covariance = np.linalg.inv(self._precision)
        held_out = [np.flatnonzero(~mask) for mask in self._masks]
        longest = max(1, *(len(rows) for rows in held_out))
        replicas = len(held_out)
        indices = np.zeros((replicas, longest), dtype=np.int64)
        correction = np.zeros((replicas, longest, longest))
        validation = np.zeros((replicas, longest, longest))
        for replica, rows in enumerate(held_out):
            count = len(rows)
            indices[replica, :count] = rows
            block = np.ix_(rows, rows)
            correction[replica, :count, :count] = np.linalg.inv(self._precision[block])
            validation[replica, :count, :count] = np.linalg.inv(covariance[block])
        self.indices = indices
        self.precision = self._constant("precision", self._precision, None)
        self.correction = self._constant("correction", correction, 0)
        self.validation = self._constant("validation", validation, 0)

    def _constant(self, name: str, value: Floats, replica_axis: int | None) -> Any:
        return self.builder_helper(
            name, value.shape, self.init_constant(value), trainable=False, replica_axis=replica_axis
        )

    def call(self, residuals: Any) -> tuple[Any, Any]:
        weighted = op.tensor_product(residuals, self.precision, axes=1)
        indices = self.indices[np.newaxis]
        held_weighted = op.backend_function("take_along_axis", weighted, indices, axis=-1)
        held_out = op.backend_function("take_along_axis", residuals, indices, axis=-1)
        total = op.sum(residuals * weighted, axis=-1)
        training = total - op.einsum("bri,rij,brj->br", held_weighted, self.correction, held_weighted)
        validation = op.einsum("bri,rij,brj->br", held_out, self.validation, held_out)
        return training, validation
