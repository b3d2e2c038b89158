"""Predictions: linear, bilinear and squared maps of the PDF, constants, and operations between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from n3fit.backends import operations as op
from n3fit.compression.squares_plan import SquaresPlan
from n3fit.compression.thin_products import ThinProduct
from n3fit.layers.constant_layer import ConstantLayer
from n3fit.theory.compound import apply_operation
from n3fit.typing import Floats, Indices


class LinearMap(ConstantLayer):
    """Apply a constant matrix: ``(batch, replica, ...)`` to ``(batch, replica, rows)``.

    Parameters
    ----------
    product : ThinProduct
        The matrix, as the product that takes the fewest operations. It acts on the tensor with all but its first two
        axes flattened: on the PDF ``(batch, replica, x, flavour)``, flavours running fastest.
    """

    def __init__(self, product: ThinProduct, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._product = product

    def build(self, input_shape: Any) -> None:
        """Store the factors as constants."""
        self.factors = [
            self.constant(f"factor_{number}", factor) for number, factor in enumerate(self._product.factors)
        ]

    def call(self, pdf: Any) -> Any:
        batch, replicas = pdf.shape[:2]
        rows = op.reshape(pdf, (batch, replicas, -1))[..., self._product.start :]
        for factor in self.factors:
            rows = op.tensor_product(rows, factor, axes=1)
        return rows


class BilinearMap(ConstantLayer):
    """Apply a constant quadratic form per row: ``(batch, replica, x, flavour)`` to ``(batch, replica, rows)``.

    Parameters
    ----------
    forms : (rows, n * flavours, n * flavours)
        Acts on the PDF on some of its nodes, flattened, flavours running fastest.
    nodes : (n,)
        Positions of these nodes.
    """

    def __init__(self, forms: Floats, nodes: Indices, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._forms = np.array(forms)
        self.nodes = tuple(int(node) for node in nodes)

    def build(self, input_shape: Any) -> None:
        """Store the forms as a constant."""
        self.forms = self.constant("forms", self._forms)

    def call(self, pdf: Any) -> Any:
        batch, replicas = pdf.shape[:2]
        flat = op.reshape(op.gather(pdf, list(self.nodes), axis=2), (batch, replicas, -1))
        return op.einsum("nij,bri,brj->brn", self.forms, flat, flat)


class SquaresMap(ConstantLayer):
    """Sum the squares of linear functionals of the PDF, each with a sign.

    ``(batch, replica, x, flavour)`` to ``(batch, replica, rows)``.

    Parameters
    ----------
    plan : SquaresPlan
        Functionals act on the PDF with its last two axes flattened, flavours running fastest.
    """

    def __init__(self, plan: SquaresPlan, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._plan = plan

    def build(self, input_shape: Any) -> None:
        """Store the factors of the products as constants."""
        self.bases: list[Any] = []
        self.functionals: list[list[Any]] = []
        self.signs: list[list[Any]] = []
        for number, group in enumerate(self._plan.groups):
            self.bases.append(None if group.basis is None else self.constant(f"basis_{number}", group.basis))
            runs = list(enumerate(group.runs))
            self.functionals.append([self.constant(f"functionals_{number}_{i}", run.functionals) for i, run in runs])
            self.signs.append([self.constant(f"signs_{number}_{i}", run.signs) for i, run in runs])
        self.order = self.constant("order", np.eye(len(self._plan.order))[self._plan.order])

    def call(self, pdf: Any) -> Any:
        batch, replicas = pdf.shape[:2]
        flat = op.reshape(pdf, (batch, replicas, -1))
        sums = []
        for group, basis, functionals, signs in zip(
            self._plan.groups, self.bases, self.functionals, self.signs, strict=True
        ):
            columns = flat[..., group.start :]
            if basis is not None:
                columns = op.tensor_product(columns, basis, axes=1)
            # the sums of one width are a product of their own: slices of a long one would cost more in the gradient
            for run, factor, sign in zip(group.runs, functionals, signs, strict=True):
                values = op.tensor_product(columns, factor, axes=1)
                squares = op.reshape(values * values * sign, (batch, replicas, run.rows, run.width))
                sums.append(op.sum(squares, axis=-1))
        return op.tensor_product(op.concatenate(sums, axis=-1), self.order, axes=1)


class ConstantRows(ConstantLayer):
    """Return predictions that do not depend on the PDF: ``(batch, replica, x, flavour)`` to ``(batch, replica, rows)``.

    Parameters
    ----------
    values : (rows,)
    """

    def __init__(self, values: Floats, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._values = np.array(values)

    def build(self, input_shape: Any) -> None:
        """Store the predictions as a constant."""
        self.values = self.constant("values", self._values)

    def call(self, pdf: Any) -> Any:
        return 0 * pdf[:, :, 0, :1] + self.values


class TableOperation(ConstantLayer):
    """Combine predictions ``(batch, replica, rows)``, see ``n3fit.theory.compound``.

    Parameters
    ----------
    operation : str
        Such as ``RATIO``.
    """

    def __init__(self, operation: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.operation = operation

    def call(self, predictions: Sequence[Any]) -> Any:
        return apply_operation(self.operation, list(predictions))
