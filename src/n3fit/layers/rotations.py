"""Rotations between flavour bases as a layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from n3fit.backends import operations as op
from n3fit.layers.constant_layer import ConstantLayer
from n3fit.typing import Floats


class FlavourRotation(ConstantLayer):
    """Rotate the last axis by a constant matrix: ``(batch, replica, x, F)`` to ``(batch, replica, x, G)``.

    Parameters
    ----------
    matrix : (G, F)
        As in ``new = matrix @ old``.
    """

    def __init__(self, matrix: Floats, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._matrix = np.array(matrix)

    def build(self, input_shape: Any) -> None:
        """Store the matrix as a constant."""
        self.matrix = self.constant("matrix", self._matrix)

    def call(self, pdf: Any) -> Any:
        return op.einsum("brxf,gf->brxg", pdf, self.matrix)
