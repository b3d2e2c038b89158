"""Predictions: linear (deep-inelastic) and bilinear (hadronic) maps of the PDF, and operations between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from n3fit.backends import MetaLayer
from n3fit.backends import operations as op
from n3fit.compression.thin_products import thin_product
from n3fit.theory.compound import apply_operation
from n3fit.typing import Floats, Indices


class LinearMap(MetaLayer):
    """Apply a constant matrix to the PDF: ``(batch, replica, x, flavour)`` to ``(batch, replica, rows)``.

    The matrix may hold any number of FK tables, with the rotation of flavours and the whitening by a covariance
    folded in. It is applied as the product of thin matrices that takes the fewest operations, to the rounding of the
    layer's precision.

    Parameters
    ----------
    matrix : (rows, nx * flavours)
        Acts on the PDF with its last two axes flattened, flavours running fastest.
    """

    def __init__(self, matrix: Floats, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self._matrix = matrix

    def build(self, input_shape: Any) -> None:
        """Keep the factors of the transposed matrix as constants."""
        product = thin_product(self._matrix, float(np.finfo(self.variable_dtype).eps))
        self.start = product.start
        self.factors = [
            self.builder_helper(f"factor_{number}", factor.shape, self.init_constant(factor), trainable=False)
            for number, factor in enumerate(product.factors)
        ]

    def call(self, pdf: Any) -> Any:
        batch, replicas = pdf.shape[:2]
        rows = op.reshape(pdf, (batch, replicas, -1))[..., self.start :]
        for factor in self.factors:
            rows = op.tensor_product(rows, factor, axes=1)
        return rows


class BilinearMap(MetaLayer):
    """Apply a constant quadratic form per row: ``(batch, replica, x, flavour)`` to ``(batch, replica, rows)``.

    Parameters
    ----------
    forms : (rows, n * flavours, n * flavours)
        Acts on the PDF on some of its nodes, flattened, flavours running fastest.
    nodes : (n,)
        Positions of these nodes.
    """

    def __init__(self, forms: Floats, nodes: Indices, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self._forms = np.array(forms)
        self.nodes = tuple(int(node) for node in nodes)

    def build(self, input_shape: Any) -> None:
        """Keep the forms as a constant."""
        self.forms = self.builder_helper("forms", self._forms.shape, self.init_constant(self._forms), trainable=False)

    def call(self, pdf: Any) -> Any:
        batch, replicas = pdf.shape[:2]
        flat = op.reshape(op.gather(pdf, list(self.nodes), axis=2), (batch, replicas, -1))
        return op.einsum("nij,bri,brj->brn", self.forms, flat, flat)


class TableOperation(MetaLayer):
    """Combine predictions ``(batch, replica, rows)``, see ``n3fit.theory.compound``.

    Parameters
    ----------
    operation : str
        Such as ``RATIO``.
    """

    def __init__(self, operation: str, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self.operation = operation

    def call(self, predictions: Sequence[Any]) -> Any:
        return apply_operation(self.operation, list(predictions))
