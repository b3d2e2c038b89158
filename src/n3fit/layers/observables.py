"""Predictions: linear (deep-inelastic) and bilinear (hadronic) maps of the PDF, and operations between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.backends import MetaLayer
from n3fit.backends import operations as op
from n3fit.theory.operations import apply_operation

Floats = NDArray[np.float64]


class LinearMap(MetaLayer):
    """Apply a constant matrix to the PDF: ``(batch, replica, x, flavour)`` to ``(batch, replica, rows)``.

    The matrix may hold any number of FK tables, with the rotation of flavours and the whitening by a covariance
    folded in: one matrix product for all of them.

    Parameters
    ----------
    matrix : (rows, nx * flavours)
        Acts on the PDF with its last two axes flattened, flavours running fastest.
    """

    def __init__(self, matrix: Floats, **kwargs: Any) -> None:
        super().__init__(trainable=False, **kwargs)
        self._matrix = np.ascontiguousarray(matrix.T)

    def build(self, input_shape: Any) -> None:
        """Keep the transposed matrix as a constant."""
        self.matrix = self.builder_helper(
            "matrix", self._matrix.shape, self.init_constant(self._matrix), trainable=False
        )

    def call(self, pdf: Any) -> Any:
        batch, replicas = pdf.shape[:2]
        return op.tensor_product(op.reshape(pdf, (batch, replicas, -1)), self.matrix, axes=1)


class BilinearMap(MetaLayer):
    """Apply a constant quadratic form per row: ``(batch, replica, x, flavour)`` to ``(batch, replica, rows)``.

    Parameters
    ----------
    forms : (rows, n * flavours, n * flavours)
        Acts on the PDF on some of its nodes, flattened, flavours running fastest.
    nodes : (n,)
        Positions of these nodes.
    """

    def __init__(self, forms: Floats, nodes: NDArray[np.intp], **kwargs: Any) -> None:
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


class SumsOfSquares(MetaLayer):
    """Sum the squares of linear functionals of the PDF, each with a sign.

    ``(batch, replica, x, flavour)`` to ``(batch, replica, rows)``.

    Parameters
    ----------
    functionals : (K, nx * flavours)
        Act on the PDF with its last two axes flattened, flavours running fastest.
    signs : (K,)
        1, -1, or 0 for a functional that only fills up.
    widths : (rows,)
        Number of functionals of each sum; those of one sum follow each other. The sums of equal width are made
        together by a product of their own, so sort them.
    positions : (rows,)
        Where each sum goes in the output: a permutation.
    """

    def __init__(
        self,
        functionals: Floats,
        signs: Floats,
        widths: NDArray[np.int64],
        positions: NDArray[np.int64],
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=False, **kwargs)
        if not np.sum(widths) == len(signs) == len(functionals):
            raise ValueError(
                f"widths must add up to the number of signs and of functionals, received {np.sum(widths)}, "
                f"{len(signs)} and {len(functionals)}"
            )
        edges = [0, *(np.flatnonzero(np.diff(widths)) + 1).tolist(), len(widths)]
        self.runs = tuple((last - first, int(widths[first])) for first, last in pairwise(edges))
        ends = np.cumsum([rows * width for rows, width in self.runs])[:-1]
        self._functionals = [np.ascontiguousarray(block.T) for block in np.split(np.asarray(functionals), ends)]
        self._signs = np.split(np.asarray(signs), ends)
        self._order = np.eye(len(widths))[np.asarray(positions)]

    def build(self, input_shape: Any) -> None:
        """Keep functionals, signs and order as constants."""
        self.functionals = [self._constant(f"functionals_{i}", block) for i, block in enumerate(self._functionals)]
        self.signs = [self._constant(f"signs_{i}", block) for i, block in enumerate(self._signs)]
        self.order = self._constant("order", self._order)

    def _constant(self, name: str, value: Floats) -> Any:
        return self.builder_helper(name, value.shape, self.init_constant(value), trainable=False)

    def call(self, pdf: Any) -> Any:
        batch, replicas = pdf.shape[:2]
        flat = op.reshape(pdf, (batch, replicas, -1))
        sums = []
        # the sums of one width make a product of their own: cutting one long product would cost more in the gradient
        for (rows, width), functionals, signs in zip(self.runs, self.functionals, self.signs, strict=True):
            values = op.tensor_product(flat, functionals, axes=1)
            squares = op.reshape(values * values * signs, (batch, replicas, rows, width))
            sums.append(op.sum(squares, axis=-1))
        return op.tensor_product(op.concatenate(sums, axis=-1), self.order, axes=1)


class TableOperation(MetaLayer):
    """Combine predictions ``(batch, replica, rows)``, see ``n3fit.theory.operations``.

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
