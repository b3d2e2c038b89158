"""Tensors of predictions from folded observables, with few matrix products for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from n3fit.backends import Lambda
from n3fit.backends import operations as op
from n3fit.compression.folding import FoldedObservable
from n3fit.compression.forms import BilinearForms, ConstantForms, LinearForms, SumsOfSquares
from n3fit.compression.squares_plan import plan_squares
from n3fit.compression.thin_products import thin_product
from n3fit.layers.observables import BilinearMap, ConstantRows, LinearMap, SquaresMap, TableOperation

LARGE_BLOCK = 256
"""Number of linear forms from which on a block is a product of its own."""


@dataclass
class FormCollection:
    """Linear forms and sums of squares of all observables, collected first and evaluated together.

    Parameters
    ----------
    prefix : str
        First part of the names of the layers, so that a model may contain several collections.
    """

    prefix: str = ""
    blocks: list[LinearForms | SumsOfSquares] = field(default_factory=list)

    def add(self, block: LinearForms | SumsOfSquares) -> int:
        """Add a block and return its number, the position of its predictions in the result of :meth:`evaluate`."""
        self.blocks.append(block)
        return len(self.blocks) - 1

    def evaluate(self, pdf: Any) -> list[Any]:
        """Build the predictions of each block, ``(1, R, n)`` each, for PDFs ``(1, R, nx, F)``.

        A large block of linear forms is a product of its own, the small ones share one, and so do all squares: a slice
        of a product costs an operation on all of it in the gradient.
        """
        precision = rounding_error(pdf)
        predictions: dict[int, Any] = {}
        small: dict[int, LinearForms] = {}
        squares: dict[int, SumsOfSquares] = {}
        for index, block in enumerate(self.blocks):
            if isinstance(block, SumsOfSquares):
                squares[index] = block
            elif block.ndata < LARGE_BLOCK:
                small[index] = block
            else:
                product = thin_product(block.matrix, precision)
                predictions[index] = LinearMap(product, name=f"{self.prefix}linear_rows_{index}")(pdf)
        if small:
            product = thin_product(np.concatenate([block.matrix for block in small.values()]), precision)
            predictions |= self._slices(LinearMap(product, name=f"{self.prefix}linear_rows")(pdf), small)
        if squares:
            plan = plan_squares(list(squares.values()), precision)
            predictions |= self._slices(SquaresMap(plan, name=f"{self.prefix}sums_of_squares")(pdf), squares)
        return [predictions[index] for index in range(len(self.blocks))]

    def _slices(self, rows: Any, blocks: Mapping[int, LinearForms | SumsOfSquares]) -> dict[int, Any]:
        """Return the part of the rows that belongs to each of the blocks, which follow each other."""
        stops = np.cumsum([block.ndata for block in blocks.values()]).tolist()
        return {
            index: slice_rows(rows, stop - block.ndata, stop, f"{self.prefix}rows_{index}")
            for (index, block), stop in zip(blocks.items(), stops, strict=True)
        }


def rounding_error(tensor: Any) -> float:
    """Return the relative rounding error of the numbers in a tensor of a model."""
    return float(np.finfo(tensor.dtype).eps)


def slice_rows(rows: Any, start: int, stop: int, name: str) -> Any:
    """Return some rows of a tensor ``(1, R, n)``."""
    return Lambda(lambda tensor: tensor[..., start:stop], name=name)(rows)


def join_rows(blocks: Sequence[Any]) -> Any:
    """Return tensors ``(1, R, n)`` joined along the last axis."""
    return blocks[0] if len(blocks) == 1 else op.concatenate(list(blocks), axis=-1)


@dataclass(frozen=True)
class ObservablePlan:
    """An observable whose forms are in a FormCollection; each block is its number there, or bilinear or constant."""

    name: str
    operation: str
    operands: tuple[tuple[int | BilinearForms | ConstantForms, ...], ...]

    def evaluate(self, pdf: Any, predictions: Sequence[Any], prefix: str) -> Any:
        """Build the predictions ``(1, R, ndata)``.

        Parameters
        ----------
        pdf : tensor
        predictions : sequence of tensors
            From :meth:`FormCollection.evaluate`.
        prefix : str
            First part of the names of the layers.
        """
        operands = []
        for number, operand in enumerate(self.operands):
            names = [f"{prefix}{self.name}_{number}_{position}" for position in range(len(operand))]
            blocks = [
                predictions[block] if isinstance(block, int) else _evaluate_block(block, pdf, name)
                for block, name in zip(operand, names, strict=True)
            ]
            operands.append(join_rows(blocks))
        if self.operation == "NULL":
            return operands[0]
        return TableOperation(self.operation, name=f"{prefix}{self.name}_{self.operation}")(operands)


def _evaluate_block(block: BilinearForms | ConstantForms, pdf: Any, name: str) -> Any:
    """Build the predictions ``(1, R, n)`` of a block that is not in a FormCollection."""
    if isinstance(block, ConstantForms):
        return ConstantRows(block.values, name=name)(pdf)
    return BilinearMap(block.forms, block.nodes, name=name)(pdf)


def plan_observable(observable: FoldedObservable, forms: FormCollection) -> ObservablePlan:
    """Return the plan of an observable, and add its linear forms and sums of squares to ``forms``."""
    matrix = observable.linear_matrix()
    if matrix is not None:
        return ObservablePlan(observable.name, "NULL", ((forms.add(LinearForms(matrix)),),))
    operands = tuple(
        tuple(block if isinstance(block, BilinearForms | ConstantForms) else forms.add(block) for block in operand)
        for operand in observable.operands
    )
    return ObservablePlan(observable.name, observable.operation, operands)
